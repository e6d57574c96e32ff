"""Oxidation state from the edge shift, on the line through standards measured alike.

E = a + b x + scatter: compounds of one oxidation state differ in edge energy by their ligands and
geometry, and no number of points along one spectrum averages that away. So the sample and every
standard carry a scatter s with a half-normal prior of :data:`SCATTER_EV`; with many standards the
data decide, with two the prior does, and the interval says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.xas.analysis import EDGE_DEFINITION, SpectrumAnalysis

COMPOUND_DEFINITION = "half_height"
"""Of the edge where all standards are compounds; metals rise in two steps, so with one of state 0
it is the first inflection."""
SCATTER_EV = 0.5
"""Scale of the prior: four Fe(III) oxides of one laboratory have half heights with a standard
deviation of 0.4 eV (docs/xas.md)."""
_DRAWS = 4000
_GRID = np.linspace(0.02, 4.0, 120)


@dataclass(frozen=True)
class Standard:
    """The edge of a compound of known oxidation state."""

    label: str
    state: float
    edge_eV: float
    sd_eV: float
    origin: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "label": self.label,
            "oxidation_state": self.state,
            "edge_energy_eV": self.edge_eV,
            "edge_energy_sd_eV": self.sd_eV,
            "source": self.origin,
        }


@dataclass(frozen=True)
class EdgeLine:
    """Draws of the line through the standards."""

    standards: tuple[Standard, ...]
    definition: str
    """Of the edge energy, the same for the standards and the sample."""
    intercept_eV: np.ndarray
    """(D,)."""
    slope_eV: np.ndarray
    """(D,), eV per unit of oxidation state."""
    scatter_eV: np.ndarray
    """(D,)."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        low, high = np.percentile(self.slope_eV, (2.5, 97.5))
        return {
            "definition": self.definition,
            "slope_eV_per_electron": float(np.median(self.slope_eV)),
            "slope_interval_95": [float(low), float(high)],
            "scatter_eV": float(np.median(self.scatter_eV)),
            "scatter_prior_eV": SCATTER_EV,
            "standards": [s.as_dict() for s in self.standards],
        }


def line_of_spectra(
    known: Sequence[tuple[SpectrumAnalysis, float]], definition: str | None = None
) -> EdgeLine:
    """The line through spectra of standards with their oxidation states.

    ``definition`` of the edge: None takes the one that suits the standards
    (:data:`COMPOUND_DEFINITION`). Raises :class:`~adatom.errors.SpectrumError` as :func:`edge_line`
    does, and for a standard without an edge of that definition.
    """
    if definition is None:
        metal = any(state == 0.0 for _, state in known)
        definition = EDGE_DEFINITION if metal else COMPOUND_DEFINITION
    standards = []
    for one, state in known:
        figure = one.position.by(definition)
        if figure.value is None:
            raise SpectrumError(f"standard {one.label}: {figure.reason}; see --edge-definition")
        sd_eV = figure.conditions["sd_eV"]
        standards.append(Standard(one.label, state, figure.value, sd_eV, one.spectrum.origin()))
    return edge_line(standards, definition)


def state_of_spectrum(line: EdgeLine, found: SpectrumAnalysis) -> FigureOfMerit:
    """The oxidation state of a spectrum by its edge, or why there is none."""
    figure = found.position.by(line.definition)
    if figure.value is None:
        return no_figure(figure.reason)
    return oxidation_state(line, figure.value, figure.conditions["sd_eV"])


def edge_line(standards: Sequence[Standard], definition: str, seed: int = 1) -> EdgeLine:
    """The line through edges of standards, as draws of its posterior.

    Raises :class:`~adatom.errors.SpectrumError` for fewer than two oxidation states, or edges that
    do not rise with the state.
    """
    states = np.array([s.state for s in standards])
    if len(set(states)) < 2:
        raise SpectrumError(
            f"{len(set(states))} oxidation state among the standards; at least two are needed to"
            " interpolate: add --standard FILE=STATE"
        )
    edge, sd = np.array([s.edge_eV for s in standards]), np.array([s.sd_eV for s in standards])
    centre, mean = states.mean(), edge.mean()
    design = np.column_stack([np.ones(len(states)), states - centre])
    log_weight = np.empty(len(_GRID))
    fits = []
    for i, scatter in enumerate(_GRID):
        weight = 1.0 / (sd**2 + scatter**2)
        precision = design.T @ (weight[:, None] * design)
        covariance = np.linalg.inv(precision)
        best = covariance @ (design.T @ (weight * (edge - mean)))
        misfit = (weight * (edge - mean - design @ best) ** 2).sum()
        # Marginal over intercept and slope, times the half-normal prior.
        log_weight[i] = (
            0.5 * (np.log(weight).sum() - misfit - np.linalg.slogdet(precision)[1])
            - 0.5 * (scatter / SCATTER_EV) ** 2
        )
        fits.append((best, np.linalg.cholesky(covariance)))
    share = np.exp(log_weight - log_weight.max())
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(_GRID), _DRAWS, p=share / share.sum())
    noise = rng.standard_normal((_DRAWS, 2))
    drawn = np.array([fits[c][0] + fits[c][1] @ z for c, z in zip(chosen, noise, strict=True)])
    if np.mean(drawn[:, 1] > 0) < 0.975:
        listed = "; ".join(f"{s.label} ({s.state:+g}) {s.edge_eV:.2f} eV" for s in standards)
        raise SpectrumError(
            f"the edges of the standards do not rise with the oxidation state: {listed}; check"
            " their states and energy calibration"
        )
    intercept = mean + drawn[:, 0] - drawn[:, 1] * centre
    return EdgeLine(tuple(standards), definition, intercept, drawn[:, 1], _GRID[chosen])


def oxidation_state(
    line: EdgeLine, edge_eV: float, sd_eV: float, *, seed: int = 2
) -> FigureOfMerit:
    """The state at which the line has the edge of the sample, with its 95 % interval.

    There is no value where the edge lies beyond all standards by more than its own uncertainty: a
    line is no ground for extrapolation.
    """
    rng = np.random.default_rng(seed)
    spread = np.hypot(sd_eV, line.scatter_eV)
    at = edge_eV + spread * rng.standard_normal(len(spread))
    rising = line.slope_eV > 0
    states = (at[rising] - line.intercept_eV[rising]) / line.slope_eV[rising]
    low, value, high = (float(x) for x in np.percentile(states, (2.5, 50.0, 97.5)))
    known = [s.state for s in line.standards]
    conditions = {"edge_definition": line.definition, "standards_range": [min(known), max(known)]}
    edges = [s.edge_eV for s in line.standards]
    margin = 1.96 * float(np.hypot(sd_eV, max(s.sd_eV for s in line.standards)))
    beyond = edge_eV - max(edges) if edge_eV > max(edges) else edge_eV - min(edges)
    outside = edge_eV > max(edges) + margin or edge_eV < min(edges) - margin
    if outside:
        side = "above the highest" if beyond > 0 else "below the lowest"
        return FigureOfMerit(
            None, (None, None),
            f"the edge lies {abs(beyond):.2f} eV {side} standard ({min(known):+g} to"
            f" {max(known):+g}); add a standard beyond it, a line is not extrapolated",
            "", conditions,
        )  # fmt: skip
    reason = ""
    if len(known) == 2:
        reason = (
            "two standards: their scatter around the line is not measured, the interval rests on a"
            f" scatter of about {SCATTER_EV:g} eV"
        )
    return FigureOfMerit(value, (low, high), reason, "", conditions)
