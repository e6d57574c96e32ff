"""Faradaic efficiencies of a predicted site against potential, with intervals."""

from dataclasses import dataclass

import numpy as np

from adatom.kinetics.products import product_turnovers
from adatom.kinetics.rates import CompiledNetwork
from adatom.kinetics.steady_state import steady_states
from adatom.reactions.network import Network

MOST_BYTES = 50_000_000
"""Of the net fluxes held at a time; draws are solved in pieces."""


@dataclass(frozen=True)
class Selectivity:
    """What share of the current each product takes, for P potentials and K products."""

    products: tuple[str, ...]
    faradaic_efficiency: np.ndarray
    """(P, K), adding up to 1; NaN where currents of both signs flow."""
    interval_95: tuple[np.ndarray, np.ndarray]
    """Lower and upper ends (P, K) over the draws; NaN where a twentieth of them have none."""


def selectivity(
    network: Network,
    compiled: CompiledNetwork,
    energies_eV: np.ndarray,
    potentials_V_rhe: np.ndarray,
) -> Selectivity:
    """Efficiencies from energies (1 + draws, N) of the states, the nominal ones first.

    Dissolved species at their fixed activities, nothing limited by transport. Memory: fluxes of
    as many draws at a time as ``MOST_BYTES`` hold.
    """
    each = 8 * len(potentials_V_rhe) * (len(network.steps) + len(network.states))
    piece = max(1, MOST_BYTES // each)
    made = [
        product_turnovers(
            network, steady_states(compiled, energies_eV[i : i + piece], potentials_V_rhe)
        )
        for i in range(0, len(energies_eV), piece)
    ]
    names = max((one.products for one in made), key=len)
    shares = np.concatenate([_padded(one.faradaic_efficiency, len(names)) for one in made])
    known = np.isfinite(shares[1:]).mean(axis=0) > 0.95
    drawn = np.where(known, np.nan_to_num(shares[1:]), np.nan)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    for array in (low, high):
        array.setflags(write=False)
    nominal = shares[0].copy()
    nominal.setflags(write=False)
    return Selectivity(names, nominal, (low, high))


def _padded(shares: np.ndarray, width: int) -> np.ndarray:
    """Shares with a zero for what another piece of the draws has and this one has not."""
    missing = width - shares.shape[-1]
    return np.pad(shares, [(0, 0), (0, 0), (0, missing)])
