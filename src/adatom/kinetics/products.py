"""Turnover, partial current and Faradaic efficiency of every product of a network."""

from dataclasses import dataclass

import numpy as np

from adatom.kinetics.steady_state import SteadyStates
from adatom.reactions.network import Network

OTHER = "other"
"""What no product of the network accounts for: H+ of an oxidation, products that are not named."""
SMALLEST_SHARE = 1e-9
"""Efficiencies are ratios: they mean nothing where forward and backward currents cancel to less
than this share of what passes through the products."""


@dataclass(frozen=True)
class ProductTurnover:
    """What sites release, for B sites, P potentials, K products."""

    products: tuple[str, ...]
    turnover_Hz: np.ndarray
    """(B, P, K) molecules released per site, s^-1; negative where one is consumed; NaN for
    ``OTHER``."""
    electrons_Hz: np.ndarray
    """(B, P, K) electrons consumed per site for each product, s^-1."""
    faradaic_efficiency: np.ndarray
    """(B, P, K) share of each product in the current, adding up to 1; NaN where some product is
    consumed (currents of both signs), or where there is no net current."""


def releases(network: Network, species: str) -> np.ndarray:
    """Molecules of a dissolved species that each step releases going forward, shape (E,)."""
    return np.array([sum(n for s, n in step.solution if s == species) for step in network.steps],
                    dtype=float)  # fmt: skip


def product_turnovers(network: Network, states: SteadyStates) -> ProductTurnover:
    """Sort the net fluxes of steady states by product."""
    names = tuple(p.species for p in network.products)
    counts = np.array([releases(network, species) for species in names]).reshape(
        len(names), len(network.steps)
    )
    turnover = states.net_fluxes_Hz @ counts.T
    electrons = turnover * np.array([p.electrons for p in network.products])
    total = states.electron_turnover_Hz[..., None]
    rest = total - electrons.sum(axis=-1, keepdims=True)
    gross = np.abs(electrons).sum(axis=-1, keepdims=True) + np.abs(rest)
    if np.abs(rest).max(initial=0.0) > SMALLEST_SHARE * gross.max(initial=0.0):
        names = (*names, OTHER)
        turnover = np.concatenate([turnover, np.full_like(rest, np.nan)], axis=-1)
        electrons = np.concatenate([electrons, rest], axis=-1)
    same_sign = (electrons * np.sign(total) >= -SMALLEST_SHARE * gross).all(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(same_sign & (gross > 0), electrons / total, np.nan)
    for array in (turnover, electrons, share):
        array.setflags(write=False)
    return ProductTurnover(names, turnover, electrons, share)
