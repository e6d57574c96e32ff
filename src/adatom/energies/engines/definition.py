"""What an engine is, and the initial magnetic moments that engines with spin try."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from ase import Atoms
from ase.data import atomic_numbers, ground_state_magnetic_moments


@dataclass(frozen=True)
class Engine:
    """One way of computing an energy, and everything that defines its numbers."""

    name: str
    description: str
    """One line for people."""
    versions: dict[str, str]
    """Packages that determine the energy, with their installed versions."""
    settings: dict[str, Any]
    """Physical and numerical settings, part of the key under which results are stored."""
    citations: tuple[str, ...]
    calculator: Callable[[Atoms], Any]
    """Makes an ASE calculator for these atoms (which may carry initial magnetic moments)."""
    max_force_eV_A: float = 0.05
    """A relaxation stops when no force is larger."""
    max_steps: int = 300
    """A relaxation stops after so many steps, converged or not; 0 is a single point."""
    spin_resolved: bool = False
    """Whether several initial magnetic moments are tried, the lowest kept."""
    prerelax: str | None = None
    """The engine that relaxes the structure first, or None."""
    window_eV: float = 0.5
    """Minima of ``prerelax`` higher than this above its lowest are not pursued."""


def versions_of(packages: Sequence[str]) -> dict[str, str]:
    """Installed versions of these packages and of ASE."""
    return {package: metadata.version(package) for package in (*packages, "ase")}


def initial_moments(atoms: Atoms) -> list[list[float]]:
    """Starting magnetic moments (Bohr magnetons, one list per trial) to try on a site.

    High spin is Hund's rule of the free metal atom, low spin two electrons fewer unpaired;
    a pair is also tried with its moments opposed. Metals that are closed shells as free atoms
    (Zn, Pd) are also tried with two unpaired electrons: without a moment to begin with, a
    density never polarises, and an adsorbed radical would come out too high.
    """
    metals = list(atoms.info.get("metals", []))
    hund = [float(ground_state_magnetic_moments[atomic_numbers[atoms.symbols[m]]]) for m in metals]
    high = [moment or 2.0 for moment in hund]
    low = [max(m - 2.0, m % 2.0) for m in hund]
    trials = [high, low]
    if len(metals) == 2:
        trials.append([high[0], -high[1]])
    unique: list[list[float]] = []
    for moments in trials:
        full = [0.0] * len(atoms)
        for m, value in zip(metals, moments, strict=True):
            full[m] = value
        if full not in unique:
            unique.append(full)
    return unique
