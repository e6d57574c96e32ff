"""Thermal terms from computed vibrations: harmonic on a site, ideal gas for molecules.

A site holds harmonic oscillators only (Cramer, Essentials of Computational Chemistry, 2nd ed.,
Wiley 2004, chapter 10). Modes below a cutoff are raised to it in heat and entropy, whose harmonic
values diverge towards zero (Ribeiro et al., J. Phys. Chem. B 2011, 115, 14556, 10.1021/jp205508z);
the zero-point energy keeps the computed wavenumbers. Soft imaginary modes count as modes at the
cutoff without zero-point energy.
"""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from ase import Atoms
from ase.thermochemistry import IdealGasThermo

from adatom.energies.vibrations import CM1_PER_EV, LOW_FREQUENCY_CM1, Vibrations
from adatom.errors import AdatomError
from adatom.units import BOLTZMANN_EV_K, ROOM_TEMPERATURE_K

BAR_PA = 1.0e5
SAME_PLACE_A = 0.1
"""Two atoms that a rotation brings closer than this coincide (symmetry number)."""


@dataclass(frozen=True)
class ThermalTerms:
    """What turns an electronic energy into a free energy, at one temperature."""

    temperature_K: float
    zero_point_energy_eV: float
    heat_eV: float
    """Integral of the heat capacity from 0 K; with pressure times volume for a gas."""
    entropy_eV_K: float
    raised_modes: int = 0
    """Modes computed below the cutoff and counted at it."""
    pressure_Pa: float | None = None
    """Of an ideal gas."""
    symmetry_number: int | None = None

    @property
    def free_energy_eV(self) -> float:
        """Zero-point energy + heat - T S: Helmholtz on a site, Gibbs for a gas, eV."""
        return self.zero_point_energy_eV + self.heat_eV - self.temperature_K * self.entropy_eV_K

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "temperature_K": self.temperature_K,
            "zero_point_energy_eV": self.zero_point_energy_eV,
            "heat_eV": self.heat_eV,
            "entropy_eV_K": self.entropy_eV_K,
            "T_times_entropy_eV": self.temperature_K * self.entropy_eV_K,
            "free_energy_eV": self.free_energy_eV,
            "modes_raised_to_cutoff": self.raised_modes,
            "pressure_Pa": self.pressure_Pa,
            "symmetry_number": self.symmetry_number,
        }


def harmonic_terms(
    found: Vibrations,
    *,
    temperature_K: float = ROOM_TEMPERATURE_K,
    cutoff_cm1: float = LOW_FREQUENCY_CM1,
    saddle: bool = False,
) -> ThermalTerms:
    """Thermal terms of harmonic oscillators.

    ``saddle`` leaves the one unstable mode of a transition state out. Raises
    :class:`~adatom.errors.AdatomError` when a minimum has an unstable mode, or a saddle another
    number of them than one.
    """
    if not (np.isfinite(cutoff_cm1) and cutoff_cm1 > 0):
        raise AdatomError(f"the low-frequency cutoff must be positive, got {cutoff_cm1} cm^-1")
    unstable = found.unstable_cm1(cutoff_cm1)
    if len(unstable) != int(saddle):
        modes = ", ".join(f"{f:.0f}i" for f in unstable) or "none"
        raise AdatomError(
            f"{found.label} {found.state}: a {'saddle' if saddle else 'minimum'} has"
            f" {int(saddle)} imaginary modes, found {modes} cm^-1; free energies are refused:"
            " relax further, or displace along the mode and relax again"
        )
    kept = found.frequencies_cm1[~np.isin(-found.frequencies_cm1, unstable)]
    energies = np.maximum(kept, cutoff_cm1) / CM1_PER_EV
    x = energies / (BOLTZMANN_EV_K * temperature_K)
    occupied = 1.0 / np.expm1(x)
    return ThermalTerms(
        temperature_K=temperature_K,
        zero_point_energy_eV=found.zero_point_energy_eV,
        heat_eV=float((energies * occupied).sum()),
        entropy_eV_K=float(BOLTZMANN_EV_K * (x * occupied - np.log1p(-np.exp(-x))).sum()),
        raised_modes=int((kept < cutoff_cm1).sum()),
    )


def ideal_gas_terms(
    found: Vibrations,
    *,
    temperature_K: float = ROOM_TEMPERATURE_K,
    pressure_Pa: float = BAR_PA,
    unpaired_electrons: int | None = None,
) -> ThermalTerms:
    """Thermal terms of a molecule as an ideal gas (rigid rotor, harmonic oscillator).

    ``unpaired_electrons`` defaults to the initial moments of the structure, 2 for O2. Raises
    :class:`~adatom.errors.AdatomError` for an imaginary mode or atoms that are no free molecule.
    """
    atoms = found.atoms
    expected = {1: 3}.get(len(atoms), 5 if _is_linear(atoms) else 6)
    if found.rigid_modes != expected:
        raise AdatomError(f"{found.label}: not a free molecule of which every atom was displaced")
    if found.imaginary_cm1:
        modes = ", ".join(f"{f:.0f}i" for f in found.imaginary_cm1)
        raise AdatomError(f"{found.label}: imaginary modes {modes} cm^-1; relax the molecule first")
    if unpaired_electrons is None:
        unpaired_electrons = round(abs(float(atoms.get_initial_magnetic_moments().sum())))
    geometry = {3: "monatomic", 5: "linear", 6: "nonlinear"}[expected]
    sigma = symmetry_number(atoms)
    gas = IdealGasThermo(
        found.frequencies_cm1 / CM1_PER_EV, geometry, atoms=atoms, symmetrynumber=sigma,
        spin=unpaired_electrons / 2.0, vib_selection="exact",
    )  # fmt: skip
    zero_point = float(gas.get_ZPE_correction())
    return ThermalTerms(
        temperature_K=temperature_K,
        zero_point_energy_eV=zero_point,
        heat_eV=float(gas.get_enthalpy(temperature_K, verbose=False)) - zero_point,
        entropy_eV_K=float(gas.get_entropy(temperature_K, pressure_Pa, verbose=False)),
        pressure_Pa=pressure_Pa,
        symmetry_number=sigma,
    )


def water_vapour_pressure_Pa(temperature_K: float) -> float:
    """Pressure at which water vapour is in equilibrium with the liquid, Pa.

    Wagner and Pruss, J. Phys. Chem. Ref. Data 2002, 31, 387, 10.1063/1.1461829, equation 2.5,
    between the triple and the critical point; outside it
    :class:`~adatom.errors.AdatomError` is raised.
    """
    critical_K, critical_Pa = 647.096, 22.064e6
    if not 273.16 <= temperature_K < critical_K:
        raise AdatomError(
            f"liquid water at {temperature_K:g} K: expected between 273.16 and {critical_K} K"
        )
    t = 1.0 - temperature_K / critical_K
    exponent = (
        -7.85951783 * t + 1.84408259 * t**1.5 - 11.7866497 * t**3
        + 22.6807411 * t**3.5 - 15.9618719 * t**4 + 1.80122502 * t**7.5
    )  # fmt: skip
    return float(critical_Pa * np.exp(critical_K / temperature_K * exponent))


def symmetry_number(atoms: Atoms) -> int:
    """Rotations that bring a molecule onto itself: 2 for H2O, 12 for CH4, 1 for CO.

    Of a linear molecule those about its axis are not counted.
    """
    if len(atoms) == 1:
        return 1
    x = atoms.positions - atoms.get_center_of_mass()
    kinds = atoms.numbers
    if _is_linear(atoms):
        return 2 if _same(x, -x, kinds) else 1
    frame = _independent_triple(x)
    found: list[np.ndarray] = []
    candidates = [np.flatnonzero(kinds == kinds[i]) for i in frame]
    for images in permutations(range(len(atoms)), 3):
        if any(i not in c for i, c in zip(images, candidates, strict=True)):
            continue
        rotation = _rotation(x[frame], x[list(images)])
        if _same(x @ rotation.T, x, kinds) and not any(
            np.allclose(rotation, r, atol=0.1) for r in found
        ):
            found.append(rotation)
    return max(len(found), 1)


def _is_linear(atoms: Atoms) -> bool:
    x = atoms.positions - atoms.positions.mean(axis=0)
    sizes = np.linalg.svd(x, compute_uv=False)
    return len(atoms) > 1 and bool(sizes[1] < 1e-2 * sizes[0])


def _independent_triple(x: np.ndarray) -> list[int]:
    """Three atoms that, with the centre of mass, fix an orientation."""
    best = max(
        permutations(range(len(x)), 3),
        key=lambda t: np.linalg.svd(x[list(t)], compute_uv=False)[1],
    )
    return list(best)


def _rotation(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Proper rotation that best takes ``start`` to ``end`` (Kabsch 1976), shape (3, 3)."""
    u, _, v = np.linalg.svd(start.T @ end)
    sign = np.sign(np.linalg.det(v.T @ u.T))
    return np.asarray(v.T @ np.diag([1.0, 1.0, sign]) @ u.T)


def _same(x: np.ndarray, y: np.ndarray, kinds: np.ndarray) -> bool:
    apart = np.linalg.norm(x[:, None] - y[None], axis=-1)
    apart[kinds[:, None] != kinds[None]] = np.inf
    return bool((apart.min(axis=1) < SAME_PLACE_A).all())
