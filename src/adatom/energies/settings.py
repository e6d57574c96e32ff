"""Settings of a finished calculation, and in what those of several calculations differ."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

PLANE_WAVES = "plane waves"
"""Basis of the codes that have a cutoff."""

Value = str | float | bool | tuple[int, ...]


@dataclass(frozen=True)
class CalculationSettings:
    """What defines the energy of one finished calculation; None is unknown, never a default."""

    code: str | None = None
    functional: str | None = None
    hubbard_u_eV: Mapping[str, float] | None = None
    """Element -> U - J, for every element of the calculation; 0 without a correction."""
    hubbard_scheme: str | None = None
    """Which correction and shells, where a U is not 0; empty without one."""
    cutoff_eV: float | None = None
    """Kinetic-energy cutoff, where the basis is plane waves."""
    basis: str | None = None
    """``plane waves``, or which orbitals or grid."""
    kpoints: tuple[int, int, int] | None = None
    """Divisions of the reciprocal lattice vectors."""
    kpoints_gamma: bool | None = None
    """Whether the mesh contains the zone centre."""
    spin_polarised: bool | None = None
    dispersion: str | None = None
    """Correction for dispersion; ``none`` without one."""
    smearing: str | None = None
    """Kind and width of the occupations; recorded, not compared."""
    pseudopotentials: Mapping[str, str] | None = None
    """Element -> name of its pseudopotential."""
    charge_e: float | None = None
    """Charge of the cell, elementary charges."""
    solvation: str | None = None
    """Implicit solvent; ``none`` without one."""
    dipole_correction: str | None = None
    """Direction of the dipole correction; ``none`` without one."""

    def completed_by(self, other: "CalculationSettings") -> "CalculationSettings":
        """These settings, what is unknown in them taken from ``other``."""
        known = {k: v for k, v in vars(self).items() if v is not None}
        return replace(other, **known)


@dataclass(frozen=True)
class Compared:
    """One kind of difference: how it is named, read and whether it holds for gases too."""

    name: str
    """What ``--allow`` calls it."""
    title: str
    values: Callable[[CalculationSettings], Mapping[str, Value] | None]
    """Values that must agree, by element or under one empty key; None when unknown."""
    for_gases: bool = True
    """Whether the reference molecules must agree as well."""
    unit: str = ""

    def text(self, value: Value) -> str:
        """A value for people, with its unit."""
        if isinstance(value, bool):
            return "on" if value else "off"
        return f"{value:g}{self.unit}" if isinstance(value, float) else str(value)


def _single(field: str, digits: int | None = None) -> Callable[[CalculationSettings], Any]:
    def values(settings: CalculationSettings) -> Mapping[str, Value] | None:
        value = getattr(settings, field)
        if value is None:
            return None
        return {"": value if digits is None else round(value, digits)}

    return values


def _hubbard(settings: CalculationSettings) -> Mapping[str, Value] | None:
    if settings.hubbard_u_eV is None:
        return None
    values: dict[str, Value] = {k: round(u, 3) for k, u in settings.hubbard_u_eV.items()}
    if any(settings.hubbard_u_eV.values()) and settings.hubbard_scheme:
        values["scheme"] = settings.hubbard_scheme
    return values


def _kpoints(settings: CalculationSettings) -> Mapping[str, Value] | None:
    if settings.kpoints is None:
        return None
    mesh = "x".join(str(n) for n in settings.kpoints)
    if settings.kpoints_gamma is False:
        mesh += " off Gamma"
    return {"": mesh}


COMPARED: tuple[Compared, ...] = (
    Compared("code", "code", _single("code")),
    Compared("functional", "functional", _single("functional")),
    Compared("hubbard_u", "Hubbard U", _hubbard, unit=" eV"),
    Compared("cutoff", "plane-wave cutoff", _single("cutoff_eV", 1), unit=" eV"),
    Compared("basis", "basis", _single("basis")),
    Compared("kpoints", "k-points", _kpoints, for_gases=False),
    Compared("spin", "spin polarisation", _single("spin_polarised")),
    Compared("dispersion", "dispersion", _single("dispersion")),
    Compared("pseudopotentials", "pseudopotential", lambda s: s.pseudopotentials),
    Compared("charge", "charge of the cell", _single("charge_e", 2), unit=" e"),
    Compared("solvation", "solvation", _single("solvation")),
    Compared("dipole", "dipole correction", _single("dipole_correction"), for_gases=False),
)
"""What is compared. Not compared: smearing (energies are extrapolated to zero width)."""


def differences(
    settings: Mapping[str, CalculationSettings], gases: Iterable[str]
) -> list[tuple[str, str]]:
    """Name and description of every setting that differs between files.

    ``settings`` are by file, ``gases`` those of reference molecules. A value by element is
    compared among the files that contain the element.
    """
    molecules = set(gases)
    found = []
    for compared in COMPARED:
        groups: dict[str, dict[Value, list[str]]] = {}
        for file, one in settings.items():
            if file in molecules and not compared.for_gases:
                continue
            for key, value in (compared.values(one) or {}).items():
                groups.setdefault(key, {}).setdefault(value, []).append(file)
        for key, by_value in groups.items():
            if len(by_value) > 1:
                parts = "; ".join(
                    f"{compared.text(value)} in {', '.join(files)}"
                    for value, files in by_value.items()
                )
                title = f"{compared.title} {key}".strip()
                found.append((compared.name, f"{title}: {parts}"))
    return found


def unknown_settings(
    settings: Mapping[str, CalculationSettings], gases: Iterable[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """What cannot be compared: by file what only others record, and what no file records."""
    molecules = set(gases)
    by_file: dict[str, list[str]] = {}
    nowhere = []
    for compared in COMPARED:
        files = [f for f in settings if compared.for_gases or f not in molecules]
        silent = [f for f in files if compared.values(settings[f]) is None]
        if compared.name == "cutoff":  # other bases have none
            silent = [f for f in silent if settings[f].basis in (None, PLANE_WAVES)]
            if not silent:
                continue
        if len(silent) == len(files):
            nowhere.append(compared.name)
        else:
            for file in silent:
                by_file.setdefault(file, []).append(compared.name)
    return by_file, nowhere
