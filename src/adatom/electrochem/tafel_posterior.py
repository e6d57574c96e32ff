"""Tafel slope from a whole sweep: the posterior of one line behind one plateau.

After Limaye, Zeng, Willard, Manthiram, Nat. Commun. 2021, 12, 703
(doi:10.1038/s41467-021-20924-y), who infer the slope from all of a curve, its limiting current
included, so that nobody chooses a window. Model, noise and priors are those of
:mod:`~adatom.electrochem.line_posterior`.
"""

from dataclasses import dataclass, replace
from math import log
from typing import Any

import numpy as np
from scipy.optimize import least_squares, minimize

from adatom.electrochem import line_posterior as line
from adatom.electrochem.analysis import Analysis
from adatom.electrochem.draws import InputErrors, drawn_figure
from adatom.electrochem.noise import estimate_noise
from adatom.electrochem.tafel_slope import slope_flags
from adatom.figure_of_merit import FigureOfMerit, no_figure

CHAINS, STEPS, KEPT = 4, 12000, 500
START_SLOPES_MV_DEC = (40.0, 60.0, 90.0, 140.0)
CONVERGED = 1.05
"""Largest split R-hat (Gelman, Rubin 1992) of a sample that is believed."""
LEAST_SEEN = 2.0
MISFIT = 2.0
"""Times the noise between neighbours: more is left by a model that does not hold."""
MOST_REST = 0.01
"""Of the largest current, that a model may leave."""


@dataclass(frozen=True)
class TafelPosterior:
    """Posterior of one sweep; draws (S,) of each parameter."""

    tafel_slope_mV_dec: FigureOfMerit
    exchange_mA_cm2: FigureOfMerit
    """Of the line, carried on to equilibrium."""
    half_wave_V_rhe: FigureOfMerit
    """Where the line meets the plateau: half of the limiting current flows."""
    limiting_mA_cm2: FigureOfMerit
    draws: dict[str, np.ndarray]
    rest_over_noise: float
    """What the best line leaves over the noise between neighbours."""
    largest_r_hat: float
    flags: tuple[str, ...]


def tafel_posterior(
    potential_V_rhe: np.ndarray,
    driven_mA_cm2: np.ndarray,
    *,
    equilibrium_V_rhe: float,
    area_cm2: float = 0.0,
    errors: InputErrors | None = None,
    seed: int = 0,
) -> TafelPosterior:
    """Posterior of a sweep (K,), towards the driving end, positive in the driving direction.

    ``errors`` of resistance (times the current through ``area_cm2``), reference and area are part
    of it. No figure is given where the chains do not agree. Memory: below 10 MB.
    """
    errors = errors or InputErrors()
    x, j = (np.ascontiguousarray(a, dtype=float) for a in (potential_V_rhe, driven_mA_cm2))
    forward = 1.0 if x[-1] > x[0] else -1.0
    ohmic = errors.resistance_ohm * forward * 1e-3 * j * area_cm2
    top = float(j.max())
    reached = np.flatnonzero(j >= 0.2 * top)
    reference = float(x[reached[0]])
    floor = max(1e-6 * top, 1e-3 * estimate_noise(j).sd)
    data = (x, j, ohmic, reference, forward, top, floor)
    best = _best(data)
    rng = np.random.default_rng(seed)
    factor = _proposal(best, data)
    starts = best + 0.5 * rng.standard_normal((CHAINS, best.size)) @ factor.T
    for start in starts:
        if not np.isfinite(line.log_posterior(start, *data)):
            start[:] = best
    chains = line.sample(
        starts, 0.3 * factor, KEPT, rng.standard_normal((CHAINS, STEPS, best.size)),
        rng.random((CHAINS, STEPS)), *data,
    )  # fmt: skip
    worst = _split_r_hat(chains)
    flat = chains.reshape(-1, best.size)
    slope, forward_steep = np.exp(flat[:, line.SLOPE]), forward * log(10.0) * 1e3
    limit = np.exp(flat[:, line.LIMIT])
    shift = errors.reference_V * rng.standard_normal(len(flat))
    area = np.exp(errors.area_relative * rng.standard_normal(len(flat)))
    half = reference + (flat[:, line.LIMIT] - flat[:, line.KINETIC]) * slope / forward_steep
    exchange = np.exp(
        flat[:, line.KINETIC] + (equilibrium_V_rhe - shift - reference) * forward_steep / slope
    )
    seen = np.percentile(limit, 97.5) < LEAST_SEEN * top
    mode = flat[np.argmax([line.log_posterior(p, *data) for p in flat])]
    rest = j - _model(mode, x - mode[line.RESISTANCE] * ohmic - reference, forward)
    ratio = float(rest.std() / max(estimate_noise(j).sd, 1e-9))
    flags = []
    if ratio > MISFIT and rest.std() > MOST_REST * top:
        flags.append(
            f"one Tafel line behind one plateau does not describe the sweep: it leaves"
            f" {ratio:.1f} times the noise; the posterior's interval does not hold that"
        )
    why = f"the chains do not agree (R-hat {worst:.2f})" if worst > CONVERGED else ""
    unseen = "no plateau is seen: only a lower bound of the limiting current follows"
    conditions = {"method": "posterior", "model": "1/j = 1/j_k + 1/j_L", "r_hat": worst}
    return TafelPosterior(
        tafel_slope_mV_dec=_figure(slope, "mV/dec", why, conditions),
        exchange_mA_cm2=_figure(exchange * area, "mA/cm2", why,
                                conditions | {"at_V_rhe": equilibrium_V_rhe}),
        half_wave_V_rhe=_figure(half + shift, "V vs RHE", why or ("" if seen else unseen),
                                conditions),
        limiting_mA_cm2=_figure(limit * area, "mA/cm2", why or ("" if seen else unseen),
                                conditions),
        draws=dict(zip(line.NAMES, flat.T, strict=True)),
        rest_over_noise=ratio,
        largest_r_hat=worst,
        flags=tuple(flags),
    )  # fmt: skip


def with_posterior_slopes(analysis: Analysis, *, seed: int = 0) -> Analysis:
    """The analysis with the Tafel slope of each sweep from its posterior instead of a window."""
    electrons = analysis.reaction.electrons

    def slope(found: Any) -> Any:
        posterior = tafel_posterior(
            found.drawn.potential_V_rhe[0],
            found.drawn.driven_mA_cm2[0],
            equilibrium_V_rhe=analysis.reaction.equilibrium_V_rhe,
            area_cm2=analysis.sample.get("electrode.area_cm2", 0.0),
            errors=analysis.errors,
            seed=seed,
        )
        of_window = slope_flags(found.tafel_slope_mV_dec, electrons)
        of_posterior = slope_flags(posterior.tafel_slope_mV_dec, electrons)
        kept = tuple(flag for flag in found.flags if flag not in of_window)
        return replace(
            found,
            tafel_slope_mV_dec=posterior.tafel_slope_mV_dec,
            flags=(*kept, *of_posterior, *posterior.flags),
        )

    return replace(
        analysis,
        sweeps=tuple(replace(s, limited=slope(s.limited)) for s in analysis.sweeps),
        kinetic=tuple(slope(k) for k in analysis.kinetic),
    )


def _figure(
    values: np.ndarray, unit: str, why: str, conditions: dict[str, object]
) -> FigureOfMerit:
    """Median and 95 % interval of draws; none where there is a reason against it."""
    if why:
        return no_figure(why, unit)
    middle = np.concatenate([[np.median(values)], values])
    return drawn_figure(middle, unit=unit, reason="", conditions=conditions)


def _model(p: np.ndarray, volt: np.ndarray, forward: float) -> np.ndarray:
    """Current densities of the model at potentials (K,) from the reference potential."""
    decades = p[line.KINETIC] + forward * log(10.0) * 1e3 / np.exp(p[line.SLOPE]) * volt
    along = np.linspace(-0.5, 0.5, len(volt))
    flows = 1.0 / (np.exp(-np.clip(decades, -200.0, 200.0)) + np.exp(-p[line.LIMIT]))
    return np.asarray(flows + p[line.OFFSET] + p[line.DRIFT] * along)


def _best(data: tuple[Any, ...]) -> np.ndarray:
    """The largest posterior that least squares from several slopes, polished, lead to."""
    x, j, _, reference, forward, top, floor = data
    noise = max(estimate_noise(j).sd, 2.0 * floor)
    weight = 1.0 / np.hypot(noise, 0.02 * np.maximum(j, 0.0))
    best, most = np.zeros(len(line.NAMES)), -np.inf

    def residuals(q: np.ndarray) -> np.ndarray:
        return np.asarray(weight * (_model(q, x - reference, forward) - j))

    def cost(p: np.ndarray) -> float:
        return -float(line.log_posterior(p, *data))

    for slope in START_SLOPES_MV_DEC:
        for limit in (1.05, 10.0):
            start = np.array([log(slope), log(0.25 * top), log(limit * top), 0.0, 0.0])
            found = least_squares(
                residuals,
                start, loss="soft_l1", max_nfev=200,
                x_scale=[0.1, 0.1, 0.1, 0.01 * top, 0.01 * top],
            ).x  # fmt: skip
            p = np.concatenate([found, [log(1.5 * noise), log(2e-3), 0.0, 0.0]])
            p[line.LIMIT] = np.clip(
                p[line.LIMIT], log(0.51 * top), log(0.9 * line.MOST_LIMIT * top)
            )
            value = line.log_posterior(p, *data)
            if value > most:
                best, most = p, value
    if not np.isfinite(most):
        best = np.array(
            [log(80.0), log(0.25 * top), log(2.0 * top), 0.0, 0.0, log(noise), log(1e-2), 0.0, 0.0]
        )
    for _ in range(2):
        best = minimize(
            cost, best, method="Nelder-Mead",
            options={"maxiter": 3000, "xatol": 1e-5, "fatol": 1e-3, "adaptive": True},
        ).x  # fmt: skip
    # The curvature is taken inside the bounds of the prior.
    best[line.LIMIT] = np.clip(
        best[line.LIMIT], log(0.5 * top) + 0.01, log(line.MOST_LIMIT * top) - 0.1
    )
    best[line.SD] = max(best[line.SD], log(floor) + 0.1)
    return np.asarray(best)


def _proposal(best: np.ndarray, data: tuple[Any, ...]) -> np.ndarray:
    """Factor (9, 9) of the covariance that the curvature at the best point gives."""
    size = best.size
    step = np.full(size, 1e-3)
    step[[line.OFFSET, line.DRIFT]] *= data[5]
    curvature = np.zeros((size, size))
    for a in range(size):
        for b in range(a, size):
            total = 0.0
            for sign_a in (1.0, -1.0):
                for sign_b in (1.0, -1.0):
                    p = best.copy()
                    p[a] += sign_a * step[a]
                    p[b] += sign_b * step[b]
                    total += sign_a * sign_b * max(line.log_posterior(p, *data), -1e12)
            curvature[a, b] = curvature[b, a] = -total / 4.0
    # In units of the steps; directions that the sweep does not determine go as far as the prior.
    values, vectors = np.linalg.eigh(curvature)
    spread = 1.0 / np.sqrt(np.clip(values, 1e-6, None))
    return np.asarray(step[:, None] * vectors * spread)


def _split_r_hat(chains: np.ndarray) -> float:
    """Largest over the parameters of halves of chains (C, S, P), Gelman and Rubin's R-hat."""
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    return float(np.sqrt((half - 1) / half + between / np.maximum(within, 1e-300)).max())
