"""A user's table of adsorption free energies (CSV), wide or tidy.

Wide: ``site,*OH,*O,*OOH`` with optional ``*OH_sd`` ... columns. Tidy:
``site,species,free_energy_eV`` with an optional ``sd_eV``. Values in eV against H2O and H2 at
U = 0 V vs RHE. A site with several positions has columns ``*OH@Fe``, ``*O2*@Co-Fe`` and, for
what neighbours do to each other, ``*O@Co+*OH@Fe``; its positions are the metals of its notation,
or the cell ``positions`` (Fe-Fe, Fe-cluster). Lines that start with # are comments. Columns for
``adatom stability`` (docs/stability.md) may stand beside: ``formation``, ``empty_2H``,
``without_Fe``, ``without_Fe_2H``.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

from adatom.errors import AdatomError, EnergyTableError, NotationError
from adatom.provenance import EnergySource
from adatom.reactions.energy_names import canonical_energy_name, positions_named
from adatom.reactions.mechanism import BARE
from adatom.sites.notation import parse_site
from adatom.thermo.free_energies import FreeEnergies

DEFAULT_SD_EV = 0.20
"""Standard deviation of a table that gives none: the usual error of GGA adsorption energies
(Wellendorff et al., Surf. Sci. 2015, 640, 36, 10.1016/j.susc.2015.03.023)."""
LARGEST_EV = 10.0
"""No adsorption free energy of a working site is larger; kJ/mol are."""
DEFAULT_FORMATION_SD_EV = 0.30
"""Standard deviation of a formation energy against bulk metals given without one: bulk metals
and localised d states err differently in GGA (a stated default, not a measurement)."""
MAX_BYTES = 20_000_000
"""Larger tables are refused unread."""

_HOLE = re.compile(r"formation|empty(_\d+H)|without(_[A-Z][a-z]?)+(_\d+H)?")
"""Columns that are no adsorbates: E_f, and holes against the empty hole and bulk metals."""
_TIDY = {"site", "species", "free_energy_eV"}


def read_free_energies(
    path: Path, *, required: Sequence[str], optional: Sequence[str] | None = ()
) -> list[FreeEnergies]:
    """Read a table; every site must have all ``required`` states, may have the ``optional`` ones.

    ``optional`` None reads every state that is given.
    Raises :class:`~adatom.errors.EnergyTableError` with file, line and column of what is wrong.
    """
    rows, ignored = _rows(path)
    sites: dict[str, dict[str, tuple[float, float | None]]] = {}
    positions: dict[str, tuple[str, ...]] = {}
    for line, site, state, value, sd, named in rows:
        positions[site] = named
        known = sites.setdefault(site, {})
        if state in known:
            raise EnergyTableError(f"{path}, line {line}: {state} of site '{site}' is given twice")
        known[state] = (value, sd)
    if not sites:
        raise EnergyTableError(
            f"{path}: no sites; expected a header such as site,*OH,*O,*OOH and rows"
        )
    _refuse_repeated(path, sites)
    notes = (f"columns not used: {', '.join(ignored)}",) if ignored else ()
    result = []
    for site, states in sites.items():
        where = _positions(path, site, positions[site], states)
        single = where == (BARE,)
        missing = [s for s in required if s not in states] if single else []
        if missing:
            raise EnergyTableError(
                f"{path}: site '{site}' has no {', '.join(missing)};"
                f" this reaction needs {', '.join(required)}"
            )
        everything = optional is None or not single
        wanted = (*required, *(states if everything else optional or ()))
        used = [s for s in dict.fromkeys(wanted) if s in states]
        defaulted = [s for s in used if states[s][1] is None]
        uncertainty = "standard deviations given in the table"
        if defaulted:
            parts = [f"{_default_sd_eV(s)} eV for {s}" for s in defaulted]
            uncertainty = f"stated default sd {', '.join(parts)}"
        result.append(
            FreeEnergies(
                label=site,
                values_eV={s: states[s][0] for s in used},
                sd_eV={s: _default_sd_eV(s) if (sd := states[s][1]) is None else sd for s in used},
                source=EnergySource(
                    "table", f"free energies from {path.name}", uncertainty=uncertainty, notes=notes
                ),
                positions=where,
            )
        )
    return result


def free_energies_csv(values_eV: Mapping[str, Mapping[str, float]], sd_eV: float, note: str) -> str:
    """A wide table that :func:`read_free_energies` reads: label -> adsorbate -> eV, one sd."""
    states = list(dict.fromkeys(state for values in values_eV.values() for state in values))
    text = io.StringIO()
    text.write(f"# {note}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["site", *states, *(f"{state}_sd" for state in states)])
    for label, values in values_eV.items():
        cells = [f"{values[state]:.4f}" if state in values else "" for state in states]
        writer.writerow([label, *cells, *(sd_eV if cell else "" for cell in cells)])
    return text.getvalue()


_Row = tuple[int, str, str, float, float | None, tuple[str, ...]]
"""Line, site, energy, value, sd, positions of the site as its row names them."""


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """Lines with their numbers, without comments and empty ones."""
    if not path.is_file():
        raise EnergyTableError(f"energies file {path} does not exist")
    if path.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; split it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EnergyTableError(f"{path} is not a UTF-8 text table: {error}") from error
    except OSError as error:
        raise EnergyTableError(f"{path} cannot be read: {error.strerror}") from error
    lines = [
        (n, row)
        for n, row in enumerate(text.splitlines(keepends=True), 1)
        if row.strip() and row[0] != "#"
    ]
    reader = csv.reader((row for _, row in lines), strict=True)
    table: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.append((lines[reader.line_num - 1][0], cells))
    except csv.Error as error:
        raise EnergyTableError(f"{path}: not a comma-separated table: {error}") from error
    if not table:
        raise EnergyTableError(f"{path} is empty; expected a header such as site,*OH,*O,*OOH")
    return table


def _rows(path: Path) -> tuple[list[_Row], list[str]]:
    table = _cells(path)
    header = [cell.strip() for cell in table[0][1]]
    if len(header) == 1 and (";" in header[0] or "\t" in table[0][1][0].strip()):
        raise EnergyTableError(
            f"{path}, line {table[0][0]}: cells are separated by semicolons or tabs; save it with"
            " commas between cells and points in numbers"
        )
    if "site" not in header:
        raise EnergyTableError(
            f"{path}, line {table[0][0]}: no column 'site'; expected site,*OH,*O,*OOH"
            f" or site,species,free_energy_eV, found {','.join(header)}"
        )
    repeated = next((c for c in header if header.count(c) > 1), None)
    if repeated is not None:
        raise EnergyTableError(f"{path}: column '{repeated}' is given twice")
    records = []
    for line, cells in table[1:]:
        if len(cells) != len(header):
            raise EnergyTableError(
                f"{path}, line {line}: {len(cells)} cells, the header has {len(header)}"
                " (decimal commas? use points)"
            )
        records.append((line, dict(zip(header, (" ".join(c.split()) for c in cells), strict=True))))
    if set(header) >= _TIDY:
        return _tidy(path, records), sorted(set(header) - _TIDY - {"sd_eV", "positions"})
    return _wide(path, header, records)


def _tidy(path: Path, records: list[tuple[int, dict[str, str]]]) -> list[_Row]:
    rows = []
    for line, cells in records:
        state = _state(cells["species"])
        value = _number(path, line, "free_energy_eV", cells["free_energy_eV"])
        sd_text = cells.get("sd_eV", "")
        sd = _deviation(path, line, "sd_eV", sd_text) if sd_text else None
        rows.append((line, _label(path, line, cells), state, value, sd, _named(cells)))
    return rows


def _wide(
    path: Path, header: list[str], records: list[tuple[int, dict[str, str]]]
) -> tuple[list[_Row], list[str]]:
    states = {}
    for column in header:
        if column.startswith("*") and not column.endswith("_sd"):
            try:
                states[column] = canonical_energy_name(column)
            except AdatomError as error:
                raise EnergyTableError(
                    f"{path}: column '{column}' is no adsorbate; a standard deviation ends in _sd"
                    f" ({error})"
                ) from None
    states |= {c: _state(c) for c in header if c in ("H", "O", "OH", "OOH") or _HOLE.fullmatch(c)}
    deviations = {c[:-3]: c for c in header if c.endswith("_sd")}
    orphan = next((c for c in deviations if c not in states), None)
    if orphan is not None:
        raise EnergyTableError(f"{path}: column '{orphan}_sd' has no column '{orphan}'")
    rows = []
    seen: dict[str, int] = {}
    for line, cells in records:
        label = _label(path, line, cells)
        if label in seen:
            raise EnergyTableError(
                f"{path}, line {line}: site '{label}' is repeated (first on line {seen[label]})"
            )
        seen[label] = line
        for column, state in states.items():
            if cells[column] == "":
                continue
            value = _number(path, line, column, cells[column])
            sd_column = deviations.get(column)
            sd_text = cells[sd_column] if sd_column else ""
            sd = _deviation(path, line, f"{column}_sd", sd_text) if sd_text else None
            rows.append((line, label, state, value, sd, _named(cells)))
    used = {"site", "positions", *states, *deviations.values()}
    return rows, [c for c in header if c not in used]


def _state(text: str) -> str:
    if _HOLE.fullmatch(text):
        return text
    return canonical_energy_name(text if text.startswith("*") else f"*{text}")


def _named(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Cell ``positions``, for example Fe-Co or Fe-cluster."""
    return tuple(p for p in cells.get("positions", "").split("-") if p)


def _positions(
    path: Path, site: str, named: tuple[str, ...], states: Mapping[str, object]
) -> tuple[str, ...]:
    """Positions of a site whose energies name some: its column, or the metals of its notation."""
    spoken = {p for state in states for p in positions_named(state)}
    if not spoken:
        return (BARE,)
    found = named
    if len(found) == 1:
        raise EnergyTableError(
            f"{path}: site '{site}' has one position, {found[0]}; name two or more (Fe-Co), or give"
            " its energies without @"
        )
    if not found:
        try:
            found = parse_site(site).metals
        except NotationError:
            raise EnergyTableError(
                f"{path}: site '{site}' has energies on {', '.join(sorted(spoken))}; a column"
                " 'positions' must list its positions, for example Fe-Co or Fe-Fe"
            ) from None
    unknown = sorted(spoken - set(found))
    if unknown:
        raise EnergyTableError(
            f"{path}: site '{site}' has the positions {'-'.join(found)}, not {unknown[0]}; name"
            " its positions in a column 'positions'"
        )
    plain = [s for s in states if not positions_named(s) and not _HOLE.fullmatch(s)]
    if plain:
        raise EnergyTableError(
            f"{path}: site '{site}' gives {plain[0]} beside energies on its positions; say on"
            f" which one, for example {plain[0]}@{found[0]}"
        )
    return found


def _default_sd_eV(state: str) -> float:
    return DEFAULT_FORMATION_SD_EV if _HOLE.fullmatch(state) else DEFAULT_SD_EV


def _label(path: Path, line: int, cells: dict[str, str]) -> str:
    if not cells["site"]:
        raise EnergyTableError(f"{path}, line {line}: the site has no name")
    return cells["site"]


def _number(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise EnergyTableError(
            f"{path}, line {line}, column {column}: expected a number in eV, got '{text}'"
        ) from None
    if not isfinite(value):
        raise EnergyTableError(
            f"{path}, line {line}, column {column}: {text} is not a finite energy;"
            " give a value or remove the site"
        )
    if abs(value) > LARGEST_EV:
        raise EnergyTableError(
            f"{path}, line {line}, column {column}: {value:g} is too large for a free energy in"
            " eV against H2O and H2 (kJ/mol? divide by 96.485; meV? by 1000; total energies"
            " belong in a folder)"
        )
    return value


def _deviation(path: Path, line: int, column: str, text: str) -> float:
    value = _number(path, line, column, text)
    if value < 0:
        raise EnergyTableError(
            f"{path}, line {line}, column {column}: a standard deviation cannot be negative,"
            f" got {text}"
        )
    return value


def _refuse_repeated(path: Path, sites: dict[str, dict[str, tuple[float, float | None]]]) -> None:
    seen: dict[object, str] = {}
    for label in sites:
        try:
            key: object = parse_site(label).key
        except NotationError:
            key = label
        if key in seen:
            raise EnergyTableError(f"{path}: '{label}' and '{seen[key]}' are the same site")
        seen[key] = label
