"""Centre, width and filling of a metal atom's d band, from its projected density of states.

With the projected density rho(E), energies from the Fermi level and integrals over a stated
window (Hammer and Norskov, Adv. Catal. 2000, 45, 71, 10.1016/S0360-0564(02)45013-4):

    centre  = int E rho / int rho
    width   = sqrt(int (E - centre)^2 rho / int rho)      (second central moment, not 4 times it)
    filling = occupied share of int rho
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from adatom.errors import AdatomError

DEFAULT_WINDOW_EV = (-10.0, 5.0)
"""Below the deepest d states of a metal on N-doped carbon, above its antibonding ones."""

Spin = Literal["up", "down", "both"]


@dataclass(frozen=True)
class DStates:
    """The d states of one atom, spread over energies; arrays of shape (spins, n)."""

    atom: int
    energies_eV: np.ndarray
    """From the Fermi level."""
    states: np.ndarray
    """Number of d states at each energy; about five a spin in all (ten where spins are one)."""
    occupied: np.ndarray
    """How many of ``states`` are occupied."""


@dataclass(frozen=True)
class DBand:
    """Moments of the d states of one atom within an energy window."""

    atom: int
    spin: Spin
    centre_eV: float
    """From the Fermi level, occupied and empty states alike."""
    width_eV: float
    """Square root of the second central moment."""
    filling: float
    """Occupied share, 0 to 1."""
    states: float
    """d states within the window; far from five a spin, the window or the projection cuts."""


def states_from_density(atom: int, energies_eV: np.ndarray, density: np.ndarray) -> DStates:
    """States on a grid of energies, from a density of states.

    ``energies_eV``, shape (n,), rise from below to above the Fermi level at zero; ``density``,
    shape (spins, n), is in states per eV. Each point stands for half the interval to either
    neighbour (trapezoidal rule), occupied as far as that lies below zero.
    """
    if len(energies_eV) < 2 or not (np.diff(energies_eV) > 0).all():
        raise AdatomError("the energies of a density of states must rise")
    middles = 0.5 * (energies_eV[1:] + energies_eV[:-1])
    lower = np.concatenate([energies_eV[:1], middles])
    upper = np.concatenate([middles, energies_eV[-1:]])
    states = density * (upper - lower)
    below = np.clip(-lower / (upper - lower), 0.0, 1.0)
    return DStates(atom, np.broadcast_to(energies_eV, states.shape), states, states * below)


def d_bands(
    states: DStates, window_eV: tuple[float, float] = DEFAULT_WINDOW_EV
) -> tuple[DBand, ...]:
    """Moments of each spin, and of both together.

    Raises :class:`~adatom.errors.AdatomError` for a window that is empty or holds no d states.
    """
    low, high = window_eV
    if not low < high:
        raise AdatomError(f"energy window {low:g},{high:g} is empty; give LOW,HIGH in eV")
    spins: tuple[tuple[Spin, slice], ...] = (("both", slice(None)),)
    if len(states.states) == 2:
        spins = (("up", slice(0, 1)), ("down", slice(1, 2)), *spins)
    return tuple(_moments(states, spin, rows, low, high) for spin, rows in spins)


def _moments(states: DStates, spin: Spin, rows: slice, low: float, high: float) -> DBand:
    energies = states.energies_eV[rows].ravel()
    inside = (energies >= low) & (energies <= high)
    energies = energies[inside]
    weights = states.states[rows].ravel()[inside]
    total = float(weights.sum())
    if not total > 1e-6:
        raise AdatomError(
            f"atom {states.atom} has no d states between {low:g} and {high:g} eV from the Fermi"
            " level; widen the window"
        )
    centre = float(weights @ energies) / total
    second = float(weights @ (energies - centre) ** 2) / total
    occupied = float(states.occupied[rows].ravel()[inside].sum())
    return DBand(states.atom, spin, centre, float(np.sqrt(second)), occupied / total, total)
