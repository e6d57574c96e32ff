"""Apparent Tafel slope, reaction orders and activation energy: derivatives of one steady state.

All are d ln(rate) / dx by complex steps, exact to machine precision: the elimination is analytic
in the rate constants, and these are analytic in potential, activities and temperature except
where the law of a barrier changes its branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import LAWS, CompiledNetwork

_STEP = 1e-30


@dataclass(frozen=True)
class Sensitivities:
    """How the rate of one site answers at one potential."""

    tafel_slope_mV_dec: float
    """dU / d log10 |rate|, negative for a reduction; NaN without a net rate."""
    reaction_orders: Mapping[str, float]
    """d ln(rate) / d ln(activity) of every dissolved species."""
    apparent_activation_energy_eV: float
    """k_B T^2 d ln(rate) / dT at constant free energies and potential: their entropies stay
    inside them, so that it compares with Arrhenius plots only where those are small."""


def sensitivities(
    network: CompiledNetwork,
    energies_eV: np.ndarray,
    potential_V_rhe: float,
    *,
    activities: np.ndarray | None = None,
    released: np.ndarray | None = None,
) -> Sensitivities:
    """Derivatives of the electron turnover, or of what steps ``released`` (E,).

    ``energies_eV`` (N,) of the states; ``activities`` (T,) of transported species, 1 by default.
    """
    counted = network.electrons if released is None else released
    kT = network.thermal_eV

    def rate(
        potential: complex = complex(potential_V_rhe), scale: float | complex = 1.0,
        forward: np.ndarray | float = 1.0, backward: np.ndarray | float = 1.0,
    ) -> complex:  # fmt: skip
        ahead, back = _constants(network, energies_eV, potential, scale)
        a, b = network.activity_factors(activities)
        return _rate(network, counted, ahead * a * forward, back * b * backward)

    def slope(changed: complex) -> float:
        return changed.imag / changed.real / _STEP if changed.real else float("nan")

    per_volt = slope(rate(potential=complex(potential_V_rhe, _STEP)))
    orders = {}
    for n, species in enumerate(network.dissolved):
        taken = np.maximum(-network.changes[:, n], 0.0)
        given = np.maximum(network.changes[:, n], 0.0)
        orders[species] = slope(
            rate(forward=1.0 + 1j * _STEP * taken, backward=1.0 + 1j * _STEP * given)
        )
    per_temperature = slope(rate(scale=complex(1.0, _STEP)))
    return Sensitivities(
        1e3 * float(np.log(10.0)) / per_volt if per_volt else float("nan"),
        orders,
        kT * per_temperature,
    )


def _constants(
    n: CompiledNetwork, energies: np.ndarray, potential: complex, scale: float | complex
) -> tuple[np.ndarray, np.ndarray]:
    """Constants as :func:`~adatom.kinetics.rates.rate_constants` has them, complex.

    ``scale`` multiplies the temperature.
    """
    change = energies[n.end] - energies[n.start] + n.solution_eV + n.electrons * potential
    line = n.intrinsic_eV + n.slope * change
    clipped = np.where(line.real > 0, line, 0.0)
    clipped = np.where(change.real > clipped.real, change, clipped)
    downhill = np.where(change.real > 0, change, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parabola = (4.0 * n.intrinsic_eV + change) ** 2 / (16.0 * n.intrinsic_eV)
    marcus = np.where(np.abs(change.real) < 4.0 * n.intrinsic_eV, parabola, downhill)
    barrier = np.select(
        [n.law == LAWS.index("marcus"), n.law == LAWS.index("butler-volmer")],
        [marcus, line],
        clipped,
    )
    kT = n.thermal_eV * scale
    attempt = n.attempt_Hz * scale
    return attempt * np.exp(-barrier / kT), attempt * np.exp((change - barrier) / kT)


def _rate(
    n: CompiledNetwork, counted: np.ndarray, forward: np.ndarray, backward: np.ndarray
) -> complex:
    n_steps, n_states = n.start.size, len(n.states)
    none = np.zeros(n_steps, np.int64)
    occupation = np.empty((n_states, 1), complex)
    flux = np.empty((n_steps, 1), complex)
    matrix = np.empty((n_states, n_states), complex)
    index, weight = scratch(n_states, n_steps)
    solve_chain(
        n.start, n.end, np.ascontiguousarray(forward, dtype=complex),
        np.ascontiguousarray(backward, dtype=complex), none, none, occupation, flux, matrix,
        index, weight,
    )  # fmt: skip
    return complex(counted @ flux[:, 0] / occupation.sum())
