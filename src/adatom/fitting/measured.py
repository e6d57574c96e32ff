"""Measured polarization curves: read from a table, and checked before anything is fitted.

The table says what it holds in its header: potentials against the RHE and corrected for iR by the
user, currents per geometric area, cathodic negative, optionally their standard deviation.
"""

import csv
import io
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from adatom.curves import PolarizationCurve, require_monotonic
from adatom.errors import CurveError
from adatom.prediction.curves import LARGEST_POTENTIAL_V
from adatom.reactions.network import Network

REQUIRED = ("potential_V_rhe", "current_density_mA_cm2")
OPTIONAL = "sd_mA_cm2"
EXPECTED = (
    f"the columns {','.join(REQUIRED)} and optionally {OPTIONAL} (V vs RHE after iR correction,"
    " mA per geometric cm2, cathodic negative)"
)
MAX_BYTES = 5_000_000
"""Larger files are refused unread."""
MAX_POINTS = 5000
"""More add nothing but time: neighbours of a slow sweep are averaged instead."""
LARGEST_PLATEAU = 1.5
"""Times the Levich current of the reactant: beyond it the file and its description disagree."""
FLAT = 0.1
"""A plateau changes less than this, relative, over the last fifth of the potentials."""


@dataclass(frozen=True)
class MeasuredCurve:
    """A curve with the standard deviation of its currents, where that is known."""

    curve: PolarizationCurve
    sd_mA_cm2: np.ndarray | None
    """(P,), positive."""


def read_curve(path: Path, *, electrolyte: str, rotation_rpm: float | None) -> MeasuredCurve:
    """One sweep from a CSV file with named columns; lines that start with # are comments.

    Raises :class:`~adatom.errors.CurveError` with file and line of what is wrong.
    """
    rows = _rows(path)
    line, header = rows[0]
    names = [name.strip() for name in header]
    allowed = {*REQUIRED, OPTIONAL}
    if len(set(names)) < len(names) or not set(REQUIRED) <= set(names) <= allowed:
        raise CurveError(f"{path}, line {line}: expected {EXPECTED}, got {','.join(names)[:120]}")
    values = np.array([_numbers(path, at, names, row) for at, row in rows[1:]])
    if len(values) > MAX_POINTS:
        raise CurveError(
            f"{path} has {len(values)} points, at most {MAX_POINTS} are taken; average neighbours"
        )
    if len(values) < 2:
        raise CurveError(f"{path} has {len(values)} points; a curve needs at least two")
    column = {name: values[:, n] for n, name in enumerate(names)}
    potentials, currents = (column[name] for name in REQUIRED)
    try:
        require_monotonic(potentials)
    except CurveError as error:
        raise CurveError(
            f"{path}: {error}; give one sweep direction only, without repeats"
        ) from None
    sd = column.get(OPTIONAL)
    if sd is not None and not (sd > 0).all():
        at = rows[1 + int(np.argmin(sd))][0]
        raise CurveError(f"{path}, line {at}: {OPTIONAL} must be positive, got {sd.min():g}")
    curve = PolarizationCurve(
        label=path.stem,
        potential_V_rhe=potentials,
        current_density_mA_cm2=currents,
        electrolyte=electrolyte,
        rotation_rpm=rotation_rpm,
        provenance={"file": str(path), "iR": "corrected by the user before"},
    )
    if sd is not None:
        sd.flags.writeable = False
    return MeasuredCurve(curve, sd)


def require_plausible(
    curve: PolarizationCurve, network: Network, levich_limit_mA_cm2: float | None
) -> None:
    """Raise :class:`~adatom.errors.CurveError` for units or signs that cannot be meant.

    ``levich_limit_mA_cm2`` is the magnitude that the transported reactant allows; None without.
    """
    potentials, currents = curve.potential_V_rhe, curve.current_density_mA_cm2
    farthest = float(np.abs(potentials).max())
    if farthest > LARGEST_POTENTIAL_V:
        raise CurveError(
            f"{curve.label}: potentials must lie within {LARGEST_POTENTIAL_V:g} V of the RHE, got"
            f" {farthest:g} V; in mV?"
        )
    if not np.isfinite(currents).all():
        raise CurveError(f"{curve.label}: currents must be finite numbers, mA/cm2")
    reduction = network.electrons > 0
    driven = -currents if reduction else currents
    largest = float(driven[np.argmax(np.abs(driven))])
    if largest <= 0:
        raise CurveError(
            f"{curve.label}: {network.name} is {'a reduction' if reduction else 'an oxidation'},"
            f" whose currents are {'negative' if reduction else 'positive'} (cathodic negative);"
            f" the largest here is {-largest if reduction else largest:g} mA/cm2"
        )
    if levich_limit_mA_cm2 is None:
        return
    ordered = driven[np.argsort(-potentials if reduction else potentials)]
    tail = ordered[-max(2, len(ordered) // 5) :]
    flat = np.ptp(tail) < FLAT * largest
    if flat and 0.1 < 1e3 * largest / levich_limit_mA_cm2 < LARGEST_PLATEAU:
        raise CurveError(
            f"{curve.label}: the plateau of {largest:.2g} is a thousandth of the"
            f" {levich_limit_mA_cm2:.2f} mA/cm2 that diffusion allows; in A? expected mA/cm2"
        )
    if largest > LARGEST_PLATEAU * levich_limit_mA_cm2:
        raise CurveError(
            f"{curve.label}: {largest:.3g} mA/cm2 is {largest / levich_limit_mA_cm2:.1f} times the"
            f" Levich limit of {levich_limit_mA_cm2:.2f} mA/cm2; check rotation, electrolyte, area"
            " and unit (mA per geometric cm2)"
        )


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is neither empty nor a comment."""
    if not path.is_file():
        raise CurveError(f"curve file {path} does not exist")
    if path.stat().st_size > MAX_BYTES:
        raise CurveError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; is it one curve?")
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(io.StringIO(text), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CurveError(f"{path}: not a CSV file: {error}") from None
    kept = [(n, r) for n, r in rows if any(c.strip() for c in r) and not r[0].startswith("#")]
    if not kept:
        raise CurveError(f"{path} is empty; expected {EXPECTED}")
    return kept


def _numbers(path: Path, line: int, names: list[str], row: list[str]) -> list[float]:
    if len(row) != len(names):
        raise CurveError(f"{path}, line {line}: expected {len(names)} values, got {len(row)}")
    values = []
    for name, cell in zip(names, row, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise CurveError(f"{path}, line {line}: {name} must be a number, got '{cell[:40]}'")
        values.append(value)
    return values
