"""Fit to measurement: a measured polarization curve -> the few parameters that it determines.

Weighted least squares of the predicted disk current on the measured one. Intervals are profiles of
chi2, every other free parameter optimised again; no prior but the bounds, which are reported.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import stats

from adatom.curves import PolarizationCurve
from adatom.electrolytes import Electrolyte
from adatom.errors import CurveError
from adatom.fitting.identifiability import Identifiability, identify, with_bends
from adatom.fitting.measured import require_plausible
from adatom.fitting.model import BARRIER, DENSITY, CurveModel, curve_model
from adatom.fitting.noise import FLOOR, examine
from adatom.fitting.optimum import Optimum, Problem, refined
from adatom.fitting.profile import Profile, ProfileEnd
from adatom.fitting.results import CurveFit, FittedParameter
from adatom.kinetics.rates import RateModel
from adatom.prediction.job import levich_limit_mA_cm2
from adatom.provenance import METHOD_CITATIONS, software_versions
from adatom.reactions.network import Network
from adatom.thermo.free_energies import FreeEnergies

DEFAULT_FREE = (DENSITY, BARRIER)
MOST_RESTARTS = 5
"""Times that a better optimum may be met on a profile."""
MOST_OTHERS = 2
"""Other optima whose profiles widen the intervals."""


def fit_curve(
    curve: PolarizationCurve,
    *,
    site: FreeEnergies,
    network: Network,
    electrolyte: Electrolyte,
    free: Sequence[str] = DEFAULT_FREE,
    fixed: Mapping[str, float] | None = None,
    follow: Mapping[str, float] | None = None,
    sd_mA_cm2: np.ndarray | None = None,
    rates: RateModel | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CurveFit:
    """Infer the ``free`` parameters of one site from one measured sweep.

    Parameters: ``density`` (site density), ``barrier`` (Ga0, eV; with butler-volmer ``rate``,
    k0), ``transport`` (factor on every mass-transfer coefficient) and free energies by name
    (``*OH``, eV). ``fixed`` holds others, in mol/cm2, eV, s^-1; what is neither free nor fixed
    is as in ``site`` and ``rates``, transport 1. ``follow`` lets other free energies change with
    the one that is free: ``{"*OOH": 1.0, "*O": 2.0}``. ``curve`` must be corrected for iR and
    per geometric area. ``sd_mA_cm2`` (P,) weights the points; without it the noise is one number,
    that of the residuals with P - K degrees of freedom. ``progress`` is told the parameters
    profiled and their number.

    Raises :class:`~adatom.errors.AdatomError` for what cannot be fitted.
    """
    rates = rates or RateModel()
    potentials, measured = curve.potential_V_rhe, curve.current_density_mA_cm2
    limit, speed = None, 1.0
    if network.transported:
        if curve.rotation_rpm is None:
            raise CurveError(f"{curve.label}: the rotation of the disk is needed, rotation_rpm")
        speed = curve.rotation_rpm
        limit = levich_limit_mA_cm2(network, electrolyte, speed)
    require_plausible(curve, network, limit)
    model = curve_model(
        site, network, electrolyte, rotation_rpm=speed, potentials_V_rhe=potentials, free=free,
        fixed=fixed or {}, follow=follow or {}, rates=rates,
    )  # fmt: skip
    freedom = len(measured) - len(free)
    if freedom < 2:
        raise CurveError(
            f"{curve.label}: {len(measured)} points cannot determine {len(free)} parameters and"
            f" their noise; at least {len(free) + 2} are needed, or fix some"
        )
    floor = FLOOR * float(np.abs(measured).max())
    if sd_mA_cm2 is not None:
        sd_mA_cm2 = _checked_sd(sd_mA_cm2, measured)
    problem = Problem(model, measured, np.ones_like(measured) if sd_mA_cm2 is None else sd_mA_cm2)
    optima = refined(problem)
    best = optima[0]
    columns = range(len(free))
    for _ in range(MOST_RESTARTS):
        jacobian = problem.linearised(best.point, columns)[1]
        noise, quantile = _noise(best, freedom, sd_mA_cm2, floor)
        known = identify(
            jacobian, best.point, tuple(free), problem.decades, noise=noise, quantile=quantile
        )
        threshold = (quantile * noise) ** 2
        profiles = [_intervals(problem, best, best, known, threshold, quantile, progress)]
        others = _outside(optima, best, problem.decades, threshold, profiles[0])[:MOST_OTHERS]
        profiles += [_intervals(problem, best, o, known, threshold, quantile) for o in others]
        better = [e.better for profile in profiles for pair in profile for e in pair if e.better]
        if not better:
            break
        lowest = min(better, key=lambda optimum: optimum.square)
        best = problem.minimise(lowest.point, columns)
    else:
        raise CurveError(f"{curve.label}: no optimum was found; free fewer parameters")
    within = [p for pair in profiles[0] for end in pair for p in end.within]
    residuals = problem.residuals(best.point) * problem.sd_mA_cm2
    fitted = measured + residuals
    sd = np.full_like(measured, noise) if sd_mA_cm2 is None else sd_mA_cm2
    for array in (fitted, sd, known.correlations):
        array.flags.writeable = False
    return CurveFit(
        curve=curve,
        fitted_mA_cm2=fitted,
        sd_mA_cm2=sd,
        noise_source=_noise_source(sd_mA_cm2, noise, floor, freedom),
        parameters=_parameters(problem, best, profiles, known.undetermined),
        best_point=dict(zip(free, best.point.tolist(), strict=True)),
        correlations=known.correlations,
        undetermined=known.undetermined,
        combinations=with_bends(known.combinations, within, free),
        residuals=examine(potentials, residuals, jacobian, sd_mA_cm2, floor),
        alternatives=tuple(dict(zip(free, o.point.tolist(), strict=True)) for o in others),
        fixed=model.fixed,
        levich_limit_mA_cm2=limit,
        provenance=_provenance(curve, site, model, follow or {}, rates, electrolyte),
    )


def _checked_sd(sd: np.ndarray, measured: np.ndarray) -> np.ndarray:
    values = np.array(sd, dtype=float)
    if values.shape != measured.shape or not (np.isfinite(values) & (values > 0)).all():
        raise CurveError(f"sd_mA_cm2 must be {measured.size} positive numbers, one a point")
    return values


def _noise(best: Optimum, freedom: int, sd: np.ndarray | None, floor: float) -> tuple[float, float]:
    """Standard deviation of a weighted residual, and the quantile of a 95 % interval."""
    if sd is not None:
        return 1.0, float(stats.norm.ppf(0.975))
    noise = float(np.sqrt(best.square / freedom))
    if noise < floor:
        return floor, float(stats.norm.ppf(0.975))
    return noise, float(stats.t.ppf(0.975, freedom))


def _noise_source(sd: np.ndarray | None, noise: float, floor: float, freedom: int) -> str:
    if sd is not None:
        return "standard deviations given with the curve"
    if noise <= floor:
        return f"floor: {100 * FLOOR:g} % of the largest current, above the residuals of the fit"
    return f"one number from the residuals of the fit ({freedom} degrees of freedom)"


_Intervals = list[tuple[ProfileEnd, ProfileEnd]]
"""Lower and upper end of each parameter."""


def _intervals(
    problem: Problem, best: Optimum, start: Optimum, known: Identifiability,
    threshold: float, quantile: float, progress: Callable[[int, int], None] | None = None,
) -> _Intervals:  # fmt: skip
    ends = []
    span = problem.high - problem.low
    for k in range(len(best.point)):
        variance = known.covariance[k, k]
        # Where a parabola would cross, or a tenth of the box where there is none.
        first = float(np.clip(quantile * np.sqrt(variance), 1e-6 * span[k], 0.1 * span[k]))
        profile = Profile(
            problem, best, k, threshold, thorough=len(best.point) > 2 or bool(known.undetermined)
        )
        direction = known.covariance[:, k] / variance
        low, high = (
            profile.end(start, side, direction=direction, first_step=first) for side in (-1, 1)
        )
        ends.append((low, high))
        if progress is not None:
            progress(k + 1, len(best.point))
    return ends


def _outside(
    optima: list[Optimum], best: Optimum, decades: np.ndarray, threshold: float, profile: _Intervals
) -> list[Optimum]:
    """Other optima within the threshold that lie beyond an end that the profile found."""
    found: list[Optimum] = []
    lows = np.array([-np.inf if low.value is None else low.value for low, _ in profile])
    highs = np.array([np.inf if high.value is None else high.value for _, high in profile])
    for optimum in optima:
        beyond = (optimum.point < lows - 0.5 * decades) | (optimum.point > highs + 0.5 * decades)
        new = all((np.abs(optimum.point - o.point) > 0.5 * decades).any() for o in found)
        if optimum.square - best.square <= threshold and beyond.any() and new:
            found.append(optimum)
    return found


def _parameters(
    problem: Problem, best: Optimum, profiles: list[_Intervals], undetermined: tuple[str, ...]
) -> tuple[FittedParameter, ...]:
    """Each parameter with the interval that covers its profiles from every optimum."""
    parameters = problem.model.parameters
    at_bound = problem.at_bound(best.point)
    found = []
    for k, p in enumerate(parameters):
        interval: list[float | None] = []
        reasons = []
        for side, bound, word in ((0, p.low, "below"), (1, p.high, "above")):
            ends = [profile[k][side] for profile in profiles]
            closed = [e.value for e in ends if e.value is not None and e.held_by is None]
            if len(closed) == len(ends):
                interval.append(max(closed) if side else min(closed))
                continue
            interval.append(None)
            held = next((e for e in ends if e.held_by is not None), None)
            if any(e.value is None for e in ends) or held is None or held.held_by is None:
                reasons.append(f"the curve allows every value {word} up to the bound {bound:.3g}")
            else:
                reasons.append(
                    f"{word} {held.value:.3f} only the bound of {parameters[held.held_by].name}"
                    " stands against it, not the curve"
                )
        low, high = interval
        value = float(best.point[k])
        known = p.name not in undetermined and low is not None and high is not None
        found.append(
            FittedParameter(
                p.name, p.unit, value if known else None, (low, high), "; ".join(reasons),
                (p.low, p.high), bool(at_bound[k]),
            )
        )  # fmt: skip
    return tuple(found)


def _provenance(
    curve: PolarizationCurve, site: FreeEnergies, model: CurveModel,
    follow: Mapping[str, float], rates: RateModel, electrolyte: Electrolyte,
) -> dict[str, object]:  # fmt: skip
    transported = bool(model.network.transported)
    return {
        "software": software_versions(),
        "curve": dict(curve.provenance),
        "normalisation": curve.normalisation,
        "site": site.label,
        "energies": site.source.as_dict(),
        "free_energies_eV": {
            n: model.fixed.get(n, site.values_eV[n]) for n in model.network.energy_names
        },
        "energies_that_follow": dict(follow),
        "reaction": model.network.name,
        "network_source": model.network.mechanism.source,
        "electrolyte": electrolyte.name,
        "electrolyte_source": electrolyte.source,
        "rotation_rpm": curve.rotation_rpm if transported else None,
        "rate_law": rates.law,
        "symmetry_factor": rates.symmetry_factor,
        "assumptions": [
            "the curve is corrected for iR and capacitive current and is a steady state",
            "currents per geometric area; the site density is per the same area",
            "one kind of site; free energies that are not fitted are exact",
            "noise of neighbouring points is independent and normal",
            "attempt frequency k_B T / h: any other acts as a shift of log10(density)",
        ],
        "citations": list(METHOD_CITATIONS),
    }
