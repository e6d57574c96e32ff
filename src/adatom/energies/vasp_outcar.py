"""What an OUTCAR says of a finished run: Fermi level, moments, valences, how it was set up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adatom.errors import EnergyTableError

MAX_BYTES = 2_000_000_000
"""Larger files are refused unread."""
_FLAGS = ("LDIPOL", "LNONCOLLINEAR", "LVHAR", "LVTOT")
_NUMBERS = ("ISPIN", "IDIPOL", "NKPTS", "NELECT", "ENCUT", "ISMEAR", "SIGMA")
_SETTING = re.compile(
    rf"\b({'|'.join(_FLAGS)})\s*=\s*([TF])\b"
    rf"|\b({'|'.join(_NUMBERS)})\s*=\s*([-+]?\d[\d.]*(?:[eE][-+]?\d+)?|[-+]?\.\d+)"
)
_VALENCE = re.compile(r"ZVAL\s*=\s*([\d.]+)")
_LAST = {
    "version": re.compile(r"^ (vasp\.\S+)"),
    "counts": re.compile(r"ions per type =\s*([\d ]+)"),
    "fermi": re.compile(r"E-fermi\s*:\s*(\S+)"),
    "total": re.compile(r"number of electron\s+\S+\s+magnetization\s+(\S+)"),
    "loop": re.compile(r"(Iteration +\d+\( *\d+\)|aborting loop because EDIFF is reached)"),
    "end": re.compile(r"(General timing and accounting)"),
}
"""What is read of the last line that matches."""


@dataclass(frozen=True)
class Outcar:
    """One finished and converged run."""

    version: str
    fermi_eV: float
    valences: np.ndarray
    """Valence electrons of each atom's pseudopotential, shape (atoms,)."""
    moments_bohr: np.ndarray | None
    """Within the spheres of the last step, shape (atoms,); None without spin or LORBIT."""
    total_moment_bohr: float | None
    numbers: dict[str, float]
    """Settings by VASP's name."""
    flags: dict[str, bool]


def read_outcar(path: Path) -> Outcar:
    """Read an OUTCAR line by line.

    Raises :class:`~adatom.errors.EnergyTableError` naming the file: unfinished, not converged,
    spin-orbit coupling, no valences.
    """
    if path.stat().st_size > MAX_BYTES:
        raise EnergyTableError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
    last: dict[str, str] = {}
    per_type: list[float] = []
    settings: dict[str, str] = {}
    moments: list[float] | None = None
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if "=" in line:
                    for flag, truth, name, number in _SETTING.findall(line):
                        settings.setdefault(flag or name, truth or number)
                for key, pattern in _LAST.items():
                    if (match := pattern.search(line)) is not None:
                        last[key] = match.group(1)
                if "POMASS" in line and (match := _VALENCE.search(line)) is not None:
                    per_type.append(float(match.group(1)))
                elif line.strip() == "magnetization (x)":
                    moments = _moment_table(file)
        fermi = float(last.get("fermi", "nan"))
        counts = [int(part) for part in last.get("counts", "").split()]
        total = float(last["total"]) if "total" in last else None
        numbers = {k: float(v) for k, v in settings.items() if k in _NUMBERS}
    except (ValueError, IndexError) as error:
        raise EnergyTableError(f"{path}: cannot be read as an OUTCAR ({error})") from error
    flags = {k: v == "T" for k, v in settings.items() if k in _FLAGS}
    _require_finished(path, last, flags)
    if not np.isfinite(fermi) or not counts or len(per_type) < len(counts):
        raise EnergyTableError(f"{path}: no Fermi level or no valences (ZVAL); is it complete?")
    valences = np.repeat(per_type[: len(counts)], counts)
    if moments is not None and len(moments) != len(valences):
        raise EnergyTableError(f"{path}: {len(moments)} moments for {len(valences)} atoms")
    return Outcar(
        version=last.get("version", ""),
        fermi_eV=fermi,
        valences=valences,
        moments_bohr=None if moments is None else np.array(moments),
        total_moment_bohr=total if numbers.get("ISPIN") == 2 else None,
        numbers=numbers,
        flags=flags,
    )


def _require_finished(path: Path, last: dict[str, str], flags: dict[str, bool]) -> None:
    if "end" not in last:
        raise EnergyTableError(f"{path}: the run has not finished (no timing at its end); rerun it")
    if not last.get("loop", "").startswith("aborting"):
        raise EnergyTableError(f"{path}: the last electronic loop is not converged; raise NELM")
    if flags.get("LNONCOLLINEAR"):
        raise EnergyTableError(f"{path}: non-collinear spins; only collinear runs are read")


def _moment_table(file: Iterator[str]) -> list[float]:
    """The last column of the rows between two rules of dashes."""
    rows: list[float] = []
    started = False
    for line in file:
        parts = line.split()
        if line.startswith("---"):
            if started:
                break
            started = True
        elif started and parts and parts[0].isdigit():
            rows.append(float(parts[-1]))
        elif started:
            break  # one atom: no closing rule
    return rows
