"""``adatom energies vibrations``: normal modes and the thermal terms that follow from them."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from adatom.cli.options import (
    JsonOption,
    output_files,
    put_json,
    put_plot,
    require_image,
    temperature_K,
)
from adatom.cli.output import require_writable
from adatom.cli.terminal import progress_bar, wide_console
from adatom.energies.engines import ENGINES, engine
from adatom.energies.minima import relaxed_vibrations
from adatom.energies.store import Store
from adatom.energies.structures import Subject, subjects
from adatom.energies.vibrations import (
    DISPLACEMENT_A,
    LOW_FREQUENCY_CM1,
    Vibrations,
)
from adatom.errors import AdatomError
from adatom.species import parse_species
from adatom.thermo.adsorption_terms import AdsorptionTerms, adsorption_terms
from adatom.thermo.vibrational import ThermalTerms, harmonic_terms, ideal_gas_terms
from adatom.units import ROOM_TEMPERATURE_K

REFERENCES = ("H2", "H2O")


def vibrations_(
    subject: Annotated[
        str, typer.Argument(help="Site (FeN4@graphene), molecule (H2O) or structure file.")
    ],
    adsorbate: Annotated[
        list[str] | None, typer.Option(help="Adsorbate on it, for example *OH; may be repeated.")
    ] = None,
    engine_name: Annotated[
        str, typer.Option("--engine", help=f"One of: {', '.join(ENGINES)}.")
    ] = "chgnet",
    temperature: Annotated[str, typer.Option(help="With its unit: 298.15K or 25C.")] = (
        f"{ROOM_TEMPERATURE_K}K"
    ),
    cutoff_cm1: Annotated[
        float, typer.Option("--cutoff", help="Modes below count at it in heat and entropy, cm^-1.")
    ] = LOW_FREQUENCY_CM1,
    displacement_A: Annotated[
        float, typer.Option("--displacement", help="Of the finite differences, A.")
    ] = DISPLACEMENT_A,
    max_force: Annotated[float, typer.Option(help="Of the relaxed structure, eV/A.")] = 0.01,
    database: Annotated[
        Path, typer.Option(help="ASE database; an interrupted run resumes from it.")
    ] = Path("adatom.db"),
    plot: Annotated[Path | None, typer.Option(help="Draw the modes (.png, .pdf).")] = None,
    json_file: JsonOption = None,
) -> None:
    """Modes of adsorbate and metals (or a molecule), zero-point energy, entropy, free energy.

    Of a built site with adsorbates the bare site, H2 and H2O are computed too: the file that
    --json writes then serves `adatom predict --thermal FILE`.
    """
    kelvin = temperature_K(temperature)
    require_image(plot)
    require_writable(output_files(plot, json_file), inputs=[Path(subject), database])
    groups = _groups(subject, adsorbate or [])
    chosen = engine(engine_name)
    store = Store(database)
    found: list[Vibrations] = []
    notes: list[str] = []
    with progress_bar("displacements") as progress:
        for starts in groups:
            one, left = relaxed_vibrations(
                starts, chosen, max_force_eV_A=max_force, max_steps=1000, cutoff_cm1=cutoff_cm1,
                displacement_A=displacement_A, store=store,
                progress=lambda done, total: progress(done, total, None),
            )  # fmt: skip
            found.append(one)
            notes += left
    terms: list[ThermalTerms | None] = []
    refused: list[str] = []
    for one in found:
        try:
            terms.append(_terms(one, kelvin, cutoff_cm1))
        except AdatomError as error:
            terms.append(None)
            refused.append(str(error))
    together: AdsorptionTerms | None = None
    if len(found) > len(adsorbate or []) + 1 and not refused:
        by_name = {v.label if v.state == "gas" else v.state: v for v in found}
        together = adsorption_terms(
            subject, {s: by_name[s] for s in adsorbate or []}, by_name["*"],
            {gas: by_name[gas] for gas in REFERENCES}, temperature_K=kelvin, cutoff_cm1=cutoff_cm1,
        )  # fmt: skip
    put_plot(plot, _Drawn(found))
    content = {
        "site": subject,
        "temperature_K": kelvin,
        "low_frequency_cutoff_cm-1": cutoff_cm1,
        "vibrations": [
            {**v.as_dict(), "thermal": None if t is None else t.as_dict()}
            for v, t in zip(found, terms, strict=True)
        ],
        "notes": notes,
        "refused": refused,
        "adsorption_terms": None if together is None else together.as_dict(),
    }
    put_json(json_file, content)
    if json_file != "-":
        _print(subject, found, terms, together, kelvin)
    for sentence in (*notes, *refused):
        typer.echo(sentence, err=True)


class _Drawn:
    """Several structures in one picture."""

    def __init__(self, found: list[Vibrations]) -> None:
        self.found = found

    def plot(self) -> Any:
        from adatom.plot.vibrations import plot_vibrations

        return plot_vibrations(self.found)


def _groups(subject: str, adsorbates: list[str]) -> list[list[Subject]]:
    """Starts of every structure to compute, the references last."""
    if not adsorbates:
        return [subjects(subject)]
    if len(set(adsorbates)) < len(adsorbates):
        raise AdatomError("an --adsorbate is named twice")
    first = [subjects(subject, a) for a in adsorbates]
    if Path(subject).exists():  # the file holds one adsorbate and no bare site
        return first
    of_water = all(e in ("H", "O") for a in adsorbates for e, _ in parse_species(a).atoms)
    references = [subjects(gas) for gas in REFERENCES] if of_water else []
    return [subjects(subject), *first, *references]


def _terms(found: Vibrations, kelvin: float, cutoff_cm1: float) -> ThermalTerms:
    if found.state == "gas":
        return ideal_gas_terms(found, temperature_K=kelvin)
    return harmonic_terms(found, temperature_K=kelvin, cutoff_cm1=cutoff_cm1)


def _print(
    subject: str,
    found: list[Vibrations],
    terms: list[ThermalTerms | None],
    together: AdsorptionTerms | None,
    kelvin: float,
) -> None:
    table = Table(title=f"{subject}, {found[0].engine}, {kelvin:.2f} K")
    for column in ("state", "modes / cm-1", "ZPE / eV", "heat / eV", "TS / eV", "sum / eV",
                   "noise / cm-1"):  # fmt: skip
        table.add_column(column)
    for one, term in zip(found, terms, strict=True):
        modes = " ".join(f"{-f:.0f}i" if f < 0 else f"{f:.0f}" for f in one.frequencies_cm1)
        values = ("refused",) * 3
        if term is not None:
            ts = term.temperature_K * term.entropy_eV_K
            values = (f"{term.heat_eV:.3f}", f"{ts:.3f}", f"{term.free_energy_eV:.3f}")
        name = one.label if one.state == "gas" else one.state
        zero_point = f"{one.zero_point_energy_eV:.3f}"
        table.add_row(name, modes, zero_point, *values, f"{max(one.noise_cm1, default=0.0):.0f}")
    wide_console().print(table)
    if together is not None:
        typer.echo(together.recorded)
