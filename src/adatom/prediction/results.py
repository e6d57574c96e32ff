"""What a prediction of polarization curves holds, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adatom.curves import PolarizationCurve
from adatom.electrolytes import Electrolyte
from adatom.figure_of_merit import FigureOfMerit
from adatom.kinetics.cycles import Cycle, EnergeticSpan
from adatom.kinetics.sensitivities import Sensitivities
from adatom.prediction.figures_of_merit import CurveFigures
from adatom.prediction.selectivity import Selectivity
from adatom.reactions.network import Network, ReactionPath
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import LimitingPotential

if TYPE_CHECKING:
    from matplotlib.axes import Axes


SMALLEST_SHARE = 0.01
"""Of the current: products below are not listed in the table."""


@dataclass(frozen=True)
class SitePrediction:
    """What is predicted for one site."""

    site: str
    energies: FreeEnergies
    network: Network
    """The states of this site and the steps between them."""
    path: ReactionPath
    """The path that ``limiting`` belongs to: the first of a site with one position, the best one
    of a site with several."""
    limiting: LimitingPotential
    limiting_interval_V: tuple[float, float]
    paths: Mapping[str, LimitingPotential]
    """Limiting potential of every path of the network; ``limiting`` is that of the first."""
    figures: CurveFigures
    curve: PolarizationCurve
    peroxide_yield_percent: np.ndarray
    """(P,), NaN below a thousandth of the limiting current, or where the reaction makes none."""
    electron_number: np.ndarray
    """(P,)."""
    turnover_Hz: Mapping[str, np.ndarray]
    """Path -> (P,) turnovers of a site per second along it, net, in its written direction."""
    occupations: np.ndarray
    """(P, N) probability of each state of the site, at the concentrations of the surface."""
    states: tuple[str, ...]
    state_energies_eV: Mapping[str, float]
    """Free energy of every state but the bare one, at U = 0 V vs RHE."""
    selectivity: Selectivity | None
    """Faradaic efficiencies; None where transport is solved for, or no products are named."""
    cycles: tuple[Cycle, ...]
    """The cycles that carry most net flux at ``rate_control_V_rhe``, the largest first; none
    without a net rate."""
    span: EnergeticSpan | None
    """Energetic span of the first there."""
    sensitivities: Sensitivities | None
    """Of the kinetic current there: apparent slope, orders, activation energy; None where
    kinetics control less than a hundredth of the current."""
    rate_control: Mapping[str, float]
    """Degree of rate control of each elementary step over the turnover, at ``rate_control_V_rhe``
    and the concentrations of the surface there; they add up to 1."""
    rate_control_V_rhe: float
    occupations_there: Mapping[str, float]
    """Probability of each state there."""
    efficiencies_there: Mapping[str, float] | None
    """Faradaic efficiency of each product there; None as ``selectivity``."""
    kinetic_share: float
    """d ln(disk current) / d ln(all rate constants) there: the rest belongs to transport."""
    closed_steps: tuple[str, ...]
    """Steps left out because an optional state has no energy."""

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the predicted curve on given axes (or new ones) and return them."""
        return self.curve.plot(ax)

    def plot_cycles(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the states and net fluxes of the cycles on given axes (or new ones)."""
        from adatom.plot.network import plot_network

        return plot_network(
            self.network, ax, occupations=self.occupations_there, cycles=self.cycles
        )


@dataclass(frozen=True)
class Prediction:
    """Predictions for several sites under the same conditions."""

    network: Network
    electrolyte: Electrolyte
    results: tuple[SitePrediction, ...]
    conditions: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw all curves on given axes (or new ones) and return them."""
        from adatom.plot.curves import plot_curves

        return plot_curves([r.curve for r in self.results], ax)

    def to_frame(self) -> pd.DataFrame:
        """One row a site, units in the column names, 95 % intervals in brackets."""
        rows = []
        for r in self.results:
            low, high = r.limiting_interval_V
            row = {
                "site": r.site,
                "U_L / V": f"{_plain(r.limiting.limiting_potential_V_rhe)}"
                f" ({_plain(low)} to {_plain(high)})",
                "eta_L / V": _plain(r.limiting.overpotential_V),
                "determining step": r.limiting.determining_step,
            }
            if r.selectivity is not None and len(r.selectivity.products) > 1:
                row["products"] = _shares(r)
            row |= {name: figure.text(digits) for name, digits, figure in self.shown_figures(r)}
            row["energies"] = r.energies.source.kind
            rows.append(row)
        return pd.DataFrame(rows)

    def shown_figures(self, result: SitePrediction) -> list[tuple[str, int, FigureOfMerit]]:
        """Column, digits and figure of merit of what this reaction is judged by."""
        figures = result.figures
        if self.network.transported:
            first = ("E_half / V", 2, figures.half_wave_V_rhe)
        else:
            first = ("eta_10 / V", 3, figures.overpotential_at_10_V)
        return [first, ("Tafel / mV/dec", 0, figures.tafel_slope_mV_dec)]

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def _shares(r: SitePrediction) -> str:
    """Products with at least a hundredth of the current, at the potential of rate control."""
    assert r.efficiencies_there is not None
    shares = r.efficiencies_there
    if not all(map(isfinite, shares.values())):
        return f"currents of both signs at {r.rate_control_V_rhe:.2f} V"
    told = [
        f"{name} {share:.0%}"
        for name, share in sorted(shares.items(), key=lambda item: -item[1])
        if share >= SMALLEST_SHARE
    ]
    return ", ".join(told) + f" at {r.rate_control_V_rhe:.2f} V"


def _plain(value: float) -> str:
    """Two digits, without the sign of a zero."""
    return f"{round(value, 2) + 0.0:.2f}"
