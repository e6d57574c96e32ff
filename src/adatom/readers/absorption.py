"""Absorption scans in text files: XDI, labelled columns (.xmu, .dat, .csv) and Athena projects.

The order of columns differs between files, so the labels decide: those of XDI (``Column.2: i0``)
or the last line before the numbers.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from adatom.readers import athena
from adatom.readers.detection import refuse_foreign
from adatom.readers.source import Source, open_source
from adatom.readers.spectrum import MAX_POINTS, AbsorptionSpectrum, bragg_energy_eV, ordered

ROLES = ("energy", "angle", "i0", "itrans", "irefer", "ifluor", "mu", "mufluor", "murefer")
"""What a column can be, in the words of XDI."""
UNITS = {"eV": 1.0, "keV": 1e3}
_ROLE_OF = {
    "energy": "energy", "e": "energy", "en": "energy", "ev": "energy", "kev": "energy",
    "photonenergy": "energy", "angle": "angle",
    "i0": "i0", "io": "i0", "monitor": "i0",
    "itrans": "itrans", "it": "itrans", "i1": "itrans", "trans": "itrans",
    "irefer": "irefer", "ir": "irefer", "iref": "irefer", "i2": "irefer",
    "ifluor": "ifluor", "if": "ifluor", "iff": "ifluor", "fluor": "ifluor",
    "fluorescence": "ifluor",
    "mu": "mu", "xmu": "mu", "mue": "mu", "mutrans": "mu", "absorption": "mu", "abs": "mu",
    "lni0it": "mu", "lni0i1": "mu", "norm": "mu", "normtrans": "mu", "flat": "mu",
    "mufluor": "mufluor", "normfluor": "mufluor", "ffi0": "mufluor", "ifi0": "mufluor",
    "murefer": "murefer", "normrefer": "murefer", "lnitiref": "murefer",
}  # fmt: skip
_COLUMN = re.compile(r"[#%*!;\s]*Column\.(\d{1,3}):\s*(\S+)\s*([^|\s]*)", re.IGNORECASE)
_FIELD = re.compile(r"[#%*!;\s]*([A-Za-z]\w*\.?\w*):\s*(.*?)\s*")
_MARKS = "#%*!;"
_SPLIT = re.compile(r"[,;\s]+")
_DECIMAL_COMMAS = re.compile(r"(?:[-+]?\d+,\d+(?:[eE][-+]?\d+)?[;\s]+)+[-+]?\d+(?:,\d+)?\S*")
"""Numbers such as 7112,5 apart by blanks, tabs or semicolons."""
_UNIT = re.compile(r"[\[(]\s*(k?eV)\s*[\])]|[_ ](k?eV)$", re.IGNORECASE)


def read_spectra(
    path: Path | str, *, columns: Mapping[str, str] | None = None, energy_unit: str | None = None
) -> tuple[AbsorptionSpectrum, ...]:
    """Read the scans of a file: one of a text file, all of an Athena project.

    ``columns`` maps a name of :data:`ROLES` to a label of the file or a column number from 1;
    ``energy_unit`` is eV or keV where the file does not say. Raises
    :class:`~adatom.errors.RecordingError` with file, line, what was expected and the remedy.
    """
    source = open_source(Path(path))
    if athena.recognises(source):
        if columns or energy_unit:
            raise source.refuse(
                "an Athena project says itself what its columns are; leave out --column and"
                " --energy-unit"
            )
        return athena.read(source)
    refuse_foreign(source)
    return (_read_columns(source, columns or {}, energy_unit),)


def _read_columns(
    source: Source, columns: Mapping[str, str], energy_unit: str | None
) -> AbsorptionSpectrum:
    header, table, first = _table(source)
    labels, units = _labels(header, table.shape[1])
    roles = _roles(source, labels, columns, table.shape[1], first)
    notes: list[str] = []
    fields = _fields(header)
    data = {role: table[:, place] for role, place in roles.items()}
    d_spacing = _number(fields.get("mono.d_spacing", ""))
    energy = _energy(source, data, units.get(roles.get("energy", -1)), energy_unit, d_spacing,
                     notes)  # fmt: skip
    mu, mode, reference = _absorption(source, data, energy)
    if {"itrans", "ifluor"} <= set(data):
        notes.append("transmission taken; name i0 and ifluor with --column for fluorescence")
    energy, (mu_, i0, reference) = ordered(source, energy, [mu, data.get("i0"), reference], notes)
    assert mu_ is not None
    name = fields.get("sample.name") or fields.get("name") or source.path.stem
    is_xdi = "XDI/" in source.head[:40]
    return AbsorptionSpectrum(
        source.path, name, energy, mu_, mode, i0, reference,
        element=_symbol(fields.get("element.symbol") or fields.get("atom", "")),
        edge=(fields.get("element.edge") or fields.get("edge", "")).upper() or None,
        d_spacing_angstrom=d_spacing,
        header="\n".join(header),
        file_format="XDI" if is_xdi else "columns of text",
        sha256=source.sha256,
        notes=tuple(notes),
    )  # fmt: skip


def _table(source: Source) -> tuple[list[str], np.ndarray, int]:
    """Header lines, numbers (N, C), and the number of the first row of numbers."""
    header: list[str] = []
    rows: list[list[float]] = []
    first = 0
    for number, line in enumerate(source.lines):
        text = line.strip()
        if not text:
            continue
        if text[0] in _MARKS:
            if not rows:
                header.append(line)
            continue
        if _DECIMAL_COMMAS.fullmatch(text):
            raise source.refuse(
                f"decimal commas in '{text[:40]}'; save the numbers with decimal points", number
            )
        try:
            row = [float(cell) for cell in _SPLIT.split(text.rstrip(",;"))]
        except ValueError:
            if rows:
                raise source.refuse(
                    f"expected numbers, got '{text[:40]}'; mend or delete the row", number
                ) from None
            header.append(line)
            continue
        if rows and len(row) != len(rows[0]):
            raise source.refuse(f"{len(row)} numbers, expected {len(rows[0])}", number)
        if not rows:
            first = number
        rows.append(row)
        if len(rows) > MAX_POINTS:
            raise source.refuse(f"more than {MAX_POINTS} rows; rebin the scan", number)
    if not rows or len(rows[0]) < 2:
        raise source.refuse("no rows of at least two numbers: expected energy and absorption")
    return header, np.array(rows), first


def _labels(header: list[str], count: int) -> tuple[dict[int, str], dict[int, str]]:
    """Labels and units of the columns, by place from 0."""
    named = [m for line in header for m in [_COLUMN.match(line)] if m]
    if named:
        labels = {int(m[1]) - 1: m[2] for m in named if 0 < int(m[1]) <= count}
        return labels, {int(m[1]) - 1: m[3] for m in named}
    for line in reversed(header):
        words = [w for w in re.split(r"[,;\t]|\s+", line.strip(_MARKS + " \t,;")) if w]
        if len(words) == count:
            found = {place: _UNIT.search(word) for place, word in enumerate(words)}
            units = {place: str(m[1] or m[2]) for place, m in found.items() if m}
            labels = {place: _UNIT.sub("", word) for place, word in enumerate(words)}
            units |= {p: w for p, w in labels.items() if w.lower() in ("ev", "kev")}
            return labels, units
    return {}, {}


def _roles(
    source: Source, labels: dict[int, str], columns: Mapping[str, str], count: int, first: int
) -> dict[str, int]:
    """Place of the column of each role; the first column of a name wins."""
    roles: dict[str, int] = {}
    for role, wanted in columns.items():
        if role not in ROLES:
            raise source.refuse(
                f"'{role}' is no kind of column; expected one of {', '.join(ROLES)}"
            )
        by_label = [place for place, label in labels.items() if label == wanted]
        place = int(wanted) - 1 if wanted.isdecimal() else by_label[0] if by_label else -1
        if not 0 <= place < count:
            raise source.refuse(
                f"no column '{wanted}' for {role}; there are {count}:"
                f" {', '.join(labels.values()) or 'without labels'}"
            )
        roles[role] = place
    if columns:
        return roles
    for place, label in sorted(labels.items()):
        role = _ROLE_OF.get(re.sub(r"[^a-z0-9]", "", label.lower()), "")
        if role:
            roles.setdefault(role, place)
    if roles:
        return roles
    if count == 2:
        return {"energy": 0, "mu": 1}
    raise source.refuse(
        f"{count} columns without labels that say which is which; name them, for example"
        " --column energy=1 --column i0=2 --column itrans=3",
        first,
    )


def _energy(
    source: Source,
    data: Mapping[str, np.ndarray],
    unit: str | None,
    stated: str | None,
    d_spacing: float | None,
    notes: list[str],
) -> np.ndarray:
    if "energy" not in data:
        if "angle" not in data:
            raise source.refuse("no column of energies; name it with --column energy=NUMBER")
        if d_spacing is None:
            raise source.refuse("angles, but no Mono.d_spacing in the header; add it")
        notes.append(f"energies from angles with d = {d_spacing:g} angstrom")
        return bragg_energy_eV(data["angle"], d_spacing)
    known = {name.lower(): name for name in UNITS}
    if stated is not None and stated.lower() not in known:
        raise source.refuse(f"energy unit '{stated}', expected eV or keV")
    name = known.get((stated or unit or "eV").lower(), "eV")
    if UNITS[name] != 1.0:
        notes.append("energies in keV are converted to eV")
    return data["energy"] * UNITS[name]


def _absorption(
    source: Source, data: Mapping[str, np.ndarray], energy: np.ndarray
) -> tuple[np.ndarray, str, np.ndarray | None]:
    """Absorption, how it was measured, and that of the reference where there is one."""
    reference = data.get("murefer")
    if reference is None and "irefer" in data and "itrans" in data:
        ratio = data["itrans"] / np.where(data["irefer"] > 0, data["irefer"], np.nan)
        reference = np.log(np.where(ratio > 0, ratio, np.nan))
        reference = reference if np.isfinite(reference).all() else None
    if "mu" in data:
        found, mode = data["mu"], "as given"
    elif "mufluor" in data:
        found, mode = data["mufluor"], "fluorescence"
    elif "itrans" in data or "ifluor" in data:
        if "i0" not in data:
            raise source.refuse(
                "no column of I0, without which there is no absorption; export it, or name it with"
                " --column i0=NUMBER"
            )
        detector = "itrans" if "itrans" in data else "ifluor"
        for role in ("i0", detector):
            wrong = np.flatnonzero(~(data[role] > 0.0))
            if wrong.size:
                raise source.refuse(
                    f"{role} is {data[role][wrong[0]]:g} at {energy[wrong[0]]:.2f} eV, expected"
                    " positive counts; the shutter was closed, or the column is another"
                )
        ratio = data["i0"] / data[detector]
        found, mode = (
            (np.log(ratio), "transmission") if detector == "itrans" else (1 / ratio, "fluorescence")
        )
    else:
        raise source.refuse(
            "no column of absorption (mu) or of intensities (i0 with itrans or ifluor); name them,"
            " for example --column i0=2 --column itrans=3"
        )
    if not np.isfinite(found).all():
        raise source.refuse("absorption must be finite numbers; delete the broken rows")
    return found, mode, reference


def _fields(header: list[str]) -> dict[str, str]:
    """``Element.symbol: Fe`` or ``%atom: Fe`` of the header, names in lower case."""
    found: dict[str, str] = {}
    for line in header:
        match = _FIELD.fullmatch(line)
        if match and match[2]:
            found.setdefault(match[1].lower(), match[2])
    return found


def _symbol(text: str) -> str | None:
    return text.strip().capitalize() if re.fullmatch(r"[A-Za-z]{1,2}", text.strip()) else None


def _number(text: str) -> float | None:
    match = re.match(r"[-+]?\d+\.?\d*", text.strip())
    return float(match[0]) if match and float(match[0]) > 0 else None
