"""Least squares of one EXAFS model, with the errors and limits of the field.

Residuals are those of a fit space (chi(R) by default), E0, numbers, distances and sigma2 are free,
S02 is fixed. Errors: the covariance scaled by chi2 over (independent points - parameters), so that
misfit of the theory counts; 95 % intervals by Student's t.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import least_squares

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitSpace, data_in, default_window, r_space
from adatom.xas.models import Model, Shell, require_s02
from adatom.xas.spectrum_model import SpectrumModel


@dataclass(frozen=True)
class PathFit:
    """The least-squares fit of a model."""

    model: Model
    parameters: Mapping[str, FigureOfMerit]
    """dE0 in eV; N, R in angstrom and sigma2 in angstrom^2 of each shell."""
    correlations: np.ndarray
    """(D, D) of the parameters in their order."""
    r_factor: float
    independent_points: float
    s02: float
    values: np.ndarray
    """(1 + D,): S02, dE0, N, dR, sigma2, ... as the model takes them."""
    space: FitSpace = field(repr=False)

    def coordination_number(self, shell: Shell) -> FigureOfMerit:
        """N of a shell of the model; of particles their share times the bulk's neighbours."""
        share = self.parameters[f"N({shell.name})"]
        low, high = share.interval_95
        if share.value is None or low is None or high is None:
            return share
        number = shell.bulk_number
        return replace(share, value=share.value * number, interval_95=(low * number, high * number))

    def distance_angstrom(self, shell: Shell) -> FigureOfMerit:
        """Mean distance of a shell's nearest atoms."""
        return self.parameters[f"R({shell.name})"]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "model": self.model.name,
            "parameters": {name: value.as_dict() for name, value in self.parameters.items()},
            "correlations": self.correlations.tolist(),
            "r_factor": self.r_factor,
            "independent_points": self.independent_points,
            "s02": self.s02,
        }


def fit_paths(
    data: FineStructure,
    model: Model,
    *,
    s02: float,
    space: FitSpace | None = None,
    fixed: Mapping[str, float] | None = None,
) -> PathFit:
    """Fit a model; a few milliseconds.

    ``s02``: amplitude reduction from a standard (1: N is N x S02). ``space``: of
    :mod:`~adatom.xas.fit_space`, chi(R) by default. ``fixed``: parameters of the model held at a
    value, by name (``N(M-N)``, ``dR(M-N)``, ...).

    Raises SpectrumError where there are more parameters than independent points, or no minimum is
    found.
    """
    require_s02(s02)
    space = space or r_space(data, default_window(data))
    held = dict(fixed or {})
    names = [parameter.name for parameter in model.parameters]
    unknown = sorted(set(held) - set(names))
    if unknown:
        raise SpectrumError(
            f"fixed {', '.join(unknown)}: no parameter of {model.name}; it has {', '.join(names)}"
        )
    free = [n for n, name in enumerate(names) if name not in held]
    points = space.window.independent_points
    if len(free) > int(points):
        raise SpectrumError(
            f"{data.label}: {model.name} has {len(free)} free parameters, the window holds"
            f" {points:.1f} independent points (2 dk dR / pi); fit fewer shells or a wider range"
        )
    spectrum = SpectrumModel(model, space)
    observed = data_in(space, data)
    full = np.array(
        [s02, *(held.get(p.name, _start(p.name, p.low, p.high)) for p in model.parameters)]
    )
    columns = 1 + np.array(free)

    def whole(x: np.ndarray) -> np.ndarray:
        at = full.copy()
        at[columns] = x
        return at

    def residual(x: np.ndarray) -> np.ndarray:
        return np.asarray(spectrum(whole(x)[None])[0] - observed)

    def jacobian(x: np.ndarray) -> np.ndarray:
        return spectrum.jacobian(whole(x), columns)

    spans = np.array([model.parameters[n].high - model.parameters[n].low for n in free])
    found = least_squares(
        residual,
        full[columns],
        jacobian,
        method="trf",
        x_scale=0.1 * spans,
        max_nfev=300,
        xtol=1e-10,
    )
    if not found.success:
        raise SpectrumError(
            f"{data.label}: the fit of {model.name} found no minimum in 300 steps; fit fewer shells"
        )
    full[columns] = found.x
    return _result(model, full, free, found.jac, residual(found.x), observed, space, data)


def _start(name: str, low: float, high: float) -> float:
    """Middle of the prior; the lower third for sigma2, whose range is lopsided."""
    return low + (0.2 if name.startswith("sigma2") else 0.5) * (high - low)


def _result(
    model: Model,
    full: np.ndarray,
    free: list[int],
    jacobian: np.ndarray,
    residual: np.ndarray,
    observed: np.ndarray,
    space: FitSpace,
    data: FineStructure,
) -> PathFit:
    points = space.window.independent_points
    freedom = points - len(free)
    # However many rows the space has, its sum of squares holds ``points`` independent numbers.
    inverse = np.linalg.pinv(jacobian.T @ jacobian, rcond=1e-13)
    scale = float(residual @ residual) / max(freedom, 1e-9)
    covariance = inverse * scale if freedom > 0.5 else np.full_like(inverse, np.inf)
    sd = np.sqrt(np.diag(covariance))
    reach = float(stats.t.ppf(0.975, max(freedom, 0.5)))
    width = {free[n]: reach * float(sd[n]) for n in range(len(free))}
    shown: dict[str, FigureOfMerit] = {}
    distances = {f"dR({s.name})": s for s in model.shells}
    for n, parameter in enumerate(model.parameters):
        value = float(full[1 + n])
        name = parameter.name
        if name in distances:
            name = f"R({distances[name].name})"
            value += distances[parameter.name].distance_angstrom
        half = width.get(n, 0.0)
        shown[name] = FigureOfMerit(
            value=value,
            interval_95=(value - half, value + half) if np.isfinite(half) else (None, None),
            reason="held" if n not in width else "",
            unit=parameter.unit,
            conditions={"s02": float(full[0]), "label": data.label},
        )
    with np.errstate(invalid="ignore"):
        correlations = covariance / np.outer(sd, sd)
    return PathFit(
        model=model,
        parameters=shown,
        correlations=correlations,
        r_factor=float(residual @ residual / (observed @ observed)),
        independent_points=points,
        s02=float(full[0]),
        values=full,
        space=space,
    )
