"""Electronic structure of one state of a site: what was found, and what is missing and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.formula import Formula

from adatom.energies.dband import DBand, DStates, d_bands
from adatom.energies.work_function import WorkFunction
from adatom.errors import AdatomError
from adatom.provenance import EnergySource
from adatom.sites.notation import METALS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRAY_E = 0.05
"""A maximum away from all nuclei that holds more electrons is told."""


@dataclass(frozen=True)
class BaderCharges:
    """Bader charges and moments of all atoms."""

    charges_e: np.ndarray
    """Nuclear charge minus electrons of the region, positive for electrons given away, (atoms,)."""
    errors_e: np.ndarray | None
    """Change on a grid twice as coarse, shape (atoms,); None where there is no such grid."""
    moments_bohr: np.ndarray | None
    """Spin density integrated over the same regions, shape (atoms,); they sum to the total."""
    stray_e: float
    """Most electrons at one maximum that belongs to no nucleus."""


@dataclass(frozen=True)
class ChargeTransfer:
    """What an adsorbed molecule took from the site."""

    atoms: tuple[int, ...]
    formula: str
    electrons: float
    """Those on the adsorbed molecule beyond those of the free, neutral one: minus its charge."""
    error: float | None
    """Sum of the grid errors of its atoms."""


@dataclass(frozen=True)
class ElectronicStructure:
    """Electronic structure of one structure; a quantity that is None stands in ``missing``."""

    label: str
    structure: Atoms
    source: EnergySource
    fermi_eV: float | None
    total_moment_bohr: float | None
    window_eV: tuple[float, float]
    """Of the moments of the d bands, from the Fermi level."""
    d_states: tuple[DStates, ...] = ()
    """One per metal atom."""
    d_bands: tuple[DBand, ...] = ()
    """Up, down and both for each metal atom (both alone where spins are one)."""
    sphere_moments_bohr: np.ndarray | None = None
    """Moments within the program's spheres around the atoms, shape (atoms,); what lies between
    the spheres is left out."""
    bader: BaderCharges | None = None
    transfer: ChargeTransfer | None = None
    work_function: WorkFunction | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    """Quantity -> why it is absent and what would give it."""

    @property
    def metals(self) -> tuple[int, ...]:
        """Indices of the metal atoms."""
        return metal_indices(self.structure)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the key names."""
        symbols = self.structure.get_chemical_symbols()
        bader, work = self.bader, self.work_function
        return {
            "label": self.label,
            "source": self.source.as_dict(),
            "fermi_level_eV": self.fermi_eV,
            "total_moment_bohr": self.total_moment_bohr,
            "d_bands": [
                {
                    "atom": b.atom,
                    "symbol": symbols[b.atom],
                    "spin": b.spin,
                    "centre_eV_vs_fermi": b.centre_eV,
                    "width_eV": b.width_eV,
                    "filling": b.filling,
                    "states_in_window": b.states,
                }
                for b in self.d_bands
            ],
            "d_band_window_eV_vs_fermi": list(self.window_eV),
            "d_states": [
                {
                    "atom": s.atom,
                    "energies_eV_vs_fermi": s.energies_eV.tolist(),
                    "states": s.states.tolist(),
                }
                for s in self.d_states
            ],
            "atoms": [
                {
                    "atom": i,
                    "symbol": symbol,
                    "bader_charge_e": _at(bader.charges_e if bader else None, i),
                    "bader_charge_grid_error_e": _at(bader.errors_e if bader else None, i),
                    "bader_moment_bohr": _at(bader.moments_bohr if bader else None, i),
                    "sphere_moment_bohr": _at(self.sphere_moments_bohr, i),
                }
                for i, symbol in enumerate(symbols)
            ],
            "bader_stray_e": bader.stray_e if bader else None,
            "charge_transfer": None
            if self.transfer is None
            else {
                "molecule": self.transfer.formula,
                "atoms": list(self.transfer.atoms),
                "electrons_gained": self.transfer.electrons,
                "grid_error_e": self.transfer.error,
            },
            "work_function": None
            if work is None
            else {
                "top_eV": work.top_eV,
                "top_error_eV": work.top_error_eV,
                "bottom_eV": work.bottom_eV,
                "bottom_error_eV": work.bottom_error_eV,
                "field_V_per_angstrom": work.field_V_A,
                "vacuum_angstrom": work.vacuum_A,
                "dipole": work.treatment,
                "heights_angstrom": work.heights_A.tolist(),
                "potential_eV_vs_fermi": work.potential_eV.tolist(),
            },
            "missing": dict(self.missing),
        }

    def plot(self) -> "Figure":
        """A figure with one panel per quantity found."""
        from adatom.plot.electronic import electronic_figure

        return electronic_figure(self)


def _at(values: np.ndarray | None, i: int) -> float | None:
    return None if values is None else float(values[i])


def metal_indices(atoms: Atoms) -> tuple[int, ...]:
    """Atoms that can stand as the metal of a site."""
    return tuple(i for i, symbol in enumerate(atoms.get_chemical_symbols()) if symbol in METALS)


def find_adsorbate(text: str, atoms: Atoms) -> tuple[int, ...]:
    """Atoms of an adsorbed molecule, from its formula or from indices.

    A formula such as ``O2`` names the last atoms of the structure; ``31,32`` names atoms, counted
    from 0. Raises :class:`~adatom.errors.AdatomError` when the last atoms are others, or an index
    does not exist.
    """
    n = len(atoms)
    if text.replace(",", "").replace(" ", "").isdigit():
        indices = tuple(int(part) for part in text.split(",") if part.strip())
        if len(set(indices)) != len(indices) or not all(i < n for i in indices):
            raise AdatomError(
                f"adsorbate '{text}': expected different atoms between 0 and {n - 1} (counted"
                " from 0)"
            )
        return indices
    try:
        wanted = Formula(text.lstrip("*")).count()
    except ValueError:
        wanted = {}
    if not wanted or sum(wanted.values()) > n:
        raise AdatomError(
            f"adsorbate '{text}': expected a formula such as O2, or atoms such as 31,32"
        )
    indices = tuple(range(n - sum(wanted.values()), n))
    found = [atoms.symbols[i] for i in indices]
    if {s: found.count(s) for s in found} != wanted:
        raise AdatomError(
            f"adsorbate '{text}': the last atoms of the structure are {' '.join(found)}; name its"
            " atoms by number (counted from 0), for example --adsorbate 31,32"
        )
    return indices


def bands_in_window(
    states: Sequence[DStates], atoms: Atoms, window_eV: tuple[float, float]
) -> tuple[tuple[DBand, ...], dict[str, str]]:
    """Bands of every atom, and why some have none (aluminium has no d states)."""
    bands: list[DBand] = []
    missing: dict[str, str] = {}
    for entry in states:
        try:
            bands.extend(d_bands(entry, window_eV))
        except AdatomError as error:
            missing[f"d band of {atoms.symbols[entry.atom]} {entry.atom}"] = str(error)
    return tuple(bands), missing


def charge_transfer(bader: BaderCharges, atoms: Atoms, adsorbate: Sequence[int]) -> ChargeTransfer:
    """Electrons that an adsorbed molecule holds beyond those of the free, neutral one."""
    chosen = list(adsorbate)
    error = None if bader.errors_e is None else float(bader.errors_e[chosen].sum())
    formula = str(Formula.from_list([atoms.symbols[i] for i in chosen]).format("hill"))
    return ChargeTransfer(tuple(chosen), formula, -float(bader.charges_e[chosen].sum()), error)


def cautions(result: ElectronicStructure) -> tuple[str, ...]:
    """Sentences a reader must see beside the numbers."""
    lines = [f"{quantity}: {why}" for quantity, why in result.missing.items()]
    bader = result.bader
    if bader is not None and abs(bader.stray_e) > STRAY_E:
        lines.append(
            f"a density maximum without a nucleus holds {bader.stray_e:.2f} e, counted with the"
            " nearest atom; its charge means little"
        )
    for band in result.d_bands:
        full = 10.0 if band.spin == "both" else 5.0
        if abs(band.states - full) > 0.1 * full:
            lines.append(
                f"atom {band.atom}, spin {band.spin}: {band.states:.1f} of {full:g} d states lie"
                " in the window and the projection"
            )
    work = result.work_function
    if work is not None and max(work.top_error_eV, work.bottom_error_eV) > 0.1:
        lines.append(
            "the vacuum levels are uncertain by more than 0.1 eV; use a dipole correction"
            " (--dipole-layer with gpaw, LDIPOL and IDIPOL = 3 with VASP) or a higher cell"
        )
    return (*lines, *((result.source.caution,) if result.source.caution else ()))
