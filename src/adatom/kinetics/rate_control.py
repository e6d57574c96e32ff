"""Degree of rate control (Campbell, ACS Catal. 2017, 7, 2770, 10.1021/acscatal.7b00115).

X_i = d ln(rate) / d ln(k_i) with both directions of step i scaled together; the X_i of all
steps add up to 1.
"""

import numpy as np

from adatom.kinetics.chain import scratch, solve_chain
from adatom.kinetics.rates import CompiledNetwork, constants_at

_COMPLEX_STEP = 1e-30
"""Exact to machine precision: the elimination is analytic in the rate constants."""


def degree_of_rate_control(
    network: CompiledNetwork,
    energies_eV: np.ndarray,
    potential_V_rhe: float,
    *,
    activities: np.ndarray | None = None,
    released: np.ndarray | None = None,
) -> np.ndarray:
    """Control of every step over the electron turnover of one site, shape (E,), dimensionless.

    ``energies_eV`` is (N,); ``activities`` (T,) of the transported species default to 1.
    ``released`` (E,), what each step gives going forward, takes the place of electrons: control
    over a product. NaN where the net rate is zero.
    """
    counted = network.electrons if released is None else released
    n = network
    n_steps, n_states = n.start.size, len(n.states)
    forward, backward = constants_at(n, energies_eV, potential_V_rhe, activities=activities)
    none = np.zeros(n_steps, np.int64)
    occupation = np.empty((n_states, 1), complex)
    flux = np.empty((n_steps, 1), complex)
    matrix = np.empty((n_states, n_states), complex)
    index, weight = scratch(n_states, n_steps)
    control = np.empty(n_steps)
    for e in range(n_steps):
        scale = np.ones(n_steps, complex)
        scale[e] += 1j * _COMPLEX_STEP
        solve_chain(
            n.start, n.end, forward * scale, backward * scale, none, none,
            occupation, flux, matrix, index, weight,
        )  # fmt: skip
        rate = complex(counted @ flux[:, 0] / occupation.sum())
        control[e] = rate.imag / rate.real / _COMPLEX_STEP if rate.real else np.nan
    return control
