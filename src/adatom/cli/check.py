"""``adatom energies check``: may the energies of a folder be subtracted?"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adatom.cli.options import JsonOption, output_files, put_json
from adatom.cli.output import require_writable
from adatom.cli.terminal import wide_console
from adatom.energies.check import ALLOWABLE, SiteCheck, check_folder
from adatom.energies.folder import read_calculation, require_consistent
from adatom.energies.settings import COMPARED, PLANE_WAVES, CalculationSettings
from adatom.errors import EnergyTableError
from adatom.thermo.sources import ADSORBATES

_COLUMNS = ("code", "functional", "hubbard_u", "cutoff", "kpoints", "spin", "dispersion")


def check(
    folder: Annotated[Path, typer.Argument(help="Folder of finished calculations.")],
    allow: Annotated[
        list[str] | None,
        typer.Option(help=f"Accept a difference, by its name: {', '.join(ALLOWABLE)}."),
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Compare settings, cells and compositions of the states of each site and of its gases.

    Ends with exit code 2 when something differs that was not allowed, or a run is unfinished.
    """
    if not folder.is_dir():
        raise EnergyTableError(f"{folder} is no folder of finished calculations")
    require_writable(output_files(json_file))
    declared = read_calculation(folder).declared
    checks = check_folder(folder, adsorbates=ADSORBATES, allow=allow or (), declared=declared)
    put_json(json_file, check_json(checks, folder))
    if json_file != "-":
        for one in checks:
            _print(one)
    require_consistent(checks, folder)


def check_json(checks: Sequence[SiteCheck], folder: Path) -> dict[str, Any]:
    """The result as plain data, units in the key names."""
    return {
        "folder": str(folder),
        "consistent": not any(one.refused for one in checks),
        "sites": {
            one.label: {
                "calculations": {
                    state: {
                        "file": one.files[state],
                        "energy_eV": found.energy_eV,
                        "max_force_eV_A": found.max_force_eV_A,
                        "settings": asdict(one.settings[state]),
                        "notes": list(found.notes),
                    }
                    for state, found in one.calculations.items()
                },
                "differences": [asdict(problem) for problem in one.problems],
                "allowed": sorted({p.name for p in one.problems if p.allowed}),
                "unknown_everywhere": list(one.unknown),
                "cautions": list(one.cautions),
                "files_not_used": list(one.ignored),
            }
            for one in checks
        },
    }


def _print(one: SiteCheck) -> None:
    table = Table(title=one.label)
    for column in ("state", "file", "energy / eV", *_COLUMNS):
        table.add_column(column, overflow="fold")
    for state, found in one.calculations.items():
        cells = [_cell(name, one.settings[state]) for name in _COLUMNS]
        words = [state, one.files[state], f"{found.energy_eV:.6f}", *cells]
        table.add_row(*(Text(word) for word in words))
    console = wide_console()
    console.print(table)
    for problem in one.problems:
        verdict = "allowed" if problem.allowed else "refused"
        console.print(Text(f"{verdict} ({problem.name}): {problem.text}"))
    if one.unknown:
        names = ", ".join(one.unknown)
        console.print(Text(f"unknown in every file, not compared: {names}"))
    for caution in one.cautions:
        console.print(Text(f"caution: {caution}"))
    if one.ignored:
        console.print(Text(f"files not used: {', '.join(one.ignored)}"))


def _cell(name: str, settings: CalculationSettings) -> str:
    (compared,) = (c for c in COMPARED if c.name == name)
    if name == "cutoff" and settings.basis not in (None, PLANE_WAVES):
        return str(settings.basis)
    values = compared.values(settings)
    if values is None:
        return "unknown"
    if name == "hubbard_u":
        set_ = [f"{k} {v:g}" for k, v in values.items() if isinstance(v, float) and v]
        return ", ".join(set_) or "none"
    return ", ".join(compared.text(value) for value in values.values())
