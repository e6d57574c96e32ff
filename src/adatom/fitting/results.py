"""What a fit of a measured curve holds, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adatom.curves import PolarizationCurve
from adatom.fitting.identifiability import Combination
from adatom.fitting.model import BARRIER, DENSITY, RATE, TRANSPORT
from adatom.fitting.noise import Residuals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OTHER_PLATEAU = 0.05
"""Relative difference from which a plateau is another one than that of the fit."""


@dataclass(frozen=True)
class FittedParameter:
    """One parameter with what the curve says of it."""

    name: str
    unit: str
    value: float | None
    """None where the curve does not determine it by itself, or sets no limit on one side."""
    interval_95: tuple[float | None, float | None]
    """Where the profile of chi2 crosses the threshold; None where it does not rise enough."""
    reason: str
    """Why a side is open; empty where none is."""
    bounds: tuple[float, float]
    """Of the search."""
    at_bound: bool
    """Whether the optimum lies at one of them."""

    def text(self) -> str:
        """The value with its interval, or that there is none."""
        low, high = ("open" if x is None else f"{x:.3f}" for x in self.interval_95)
        value = "not determined" if self.value is None else f"{self.value:.3f}"
        return f"{value} ({low} to {high})" + (", AT A BOUND" if self.at_bound else "")


@dataclass(frozen=True)
class CurveFit:
    """Parameters inferred from one measured curve, P points and K parameters."""

    curve: PolarizationCurve
    """As measured."""
    fitted_mA_cm2: np.ndarray
    """(P,) the best the model does."""
    sd_mA_cm2: np.ndarray
    """(P,) given, or estimated (one number)."""
    noise_source: str
    parameters: tuple[FittedParameter, ...]
    best_point: Mapping[str, float]
    """The point that ``fitted_mA_cm2`` belongs to; one of many where something is undetermined."""
    correlations: np.ndarray
    """(K, K) at the optimum, in the order of ``parameters``."""
    undetermined: tuple[str, ...]
    """Parameters that the curve cannot tell from others, or says nothing of."""
    combinations: tuple[Combination, ...]
    """What it determines of them instead."""
    residuals: Residuals
    alternatives: tuple[Mapping[str, float], ...]
    """Other optima that describe the curve as well within the threshold."""
    fixed: Mapping[str, float]
    """Parameters that were held: log10(mol/cm2), eV, log10(1/s), factor."""
    levich_limit_mA_cm2: float | None
    provenance: Mapping[str, Any]

    @property
    def describes(self) -> bool:
        """Whether the model describes the curve within its noise."""
        return not (self.residuals.patterned or self.residuals.too_large)

    def sentences(self) -> list[str]:
        """What must be known before the numbers are used, the most important first."""
        found = []
        if not self.describes:
            found += [self._misfit(), *self._plateau()]
        elif self.residuals.durbin_watson is None:
            found.append("too few points to judge whether the model describes the curve")
        for c in self.combinations:
            names = list(c.coefficients)
            bends = " near the best point (the relation bends farther away)" if c.bends else ""
            remedy = "fix one of them" if len(names) == 2 else f"fix {len(names) - 1} of them"
            found.append(
                f"the curve cannot tell {_listed(names)} apart: it determines only"
                f" {_expression(c)} = {c.value:.3f} +- {c.half_width_95:.3f}{bends};"
                f" {remedy}"
            )
        combined = {n for c in self.combinations for n in c.coefficients}
        alone = [n for n in self.undetermined if n not in combined]
        if alone:
            found.append(f"the curve says next to nothing of {_listed(alone)}; fix it")
        found += [f"{p.name}: {p.reason}" for p in self.parameters if p.reason]
        found += [
            f"{p.name} ends at a bound of the search ({p.bounds[0]:.3g} to {p.bounds[1]:.3g}"
            f" {p.unit}): what was fixed or left out may be wrong"
            for p in self.parameters
            if p.at_bound
        ]
        for other in self.alternatives:
            point = ", ".join(f"{n} {v:.3f}" for n, v in other.items())
            found.append(f"another optimum describes the curve as well: {point}")
        return found

    def _misfit(self) -> str:
        r = self.residuals
        largest = float(np.abs(self.curve.current_density_mA_cm2).max())
        high, low = max(r.longest_run_V_rhe), min(r.longest_run_V_rhe)
        why = []
        if r.too_large and r.reduced_chi2 is not None:
            why.append(f"reduced chi2 {r.reduced_chi2:.1f}")
        if r.patterned and r.durbin_watson is not None:
            why.append(f"Durbin-Watson {r.durbin_watson:.2f} instead of about 2")
        return (
            f"THE MODEL DOES NOT DESCRIBE THE CURVE within its noise ({', '.join(why)}): residuals"
            f" of {r.rms_mA_cm2:.2g} mA/cm2 ({100 * r.rms_mA_cm2 / largest:.1f} % of the largest"
            f" current), on one side between {high:.2f} and {low:.2f} V; values and intervals below"
            " hold for this model only and are too narrow"
        )

    def _plateau(self) -> list[str]:
        """That the fit levels off elsewhere than the curve, where transport is held."""
        limit, factor = self.levich_limit_mA_cm2, self.fixed.get(TRANSPORT)
        if limit is None or factor is None:
            return []
        best, reached = (
            float(np.abs(j).max()) for j in (self.fitted_mA_cm2, self.curve.current_density_mA_cm2)
        )
        if best < 0.98 * factor * limit or abs(reached / best - 1.0) < OTHER_PLATEAU:
            return []
        return [
            f"the fit levels off at the {best:.2f} mA/cm2 that diffusion allows, the curve reaches"
            f" {reached:.2f}: free {TRANSPORT} (rotation, area, concentration), or fewer electrons"
            " go to one molecule than in this network"
        ]

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter."""
        return pd.DataFrame(
            {
                "parameter": p.name,
                "unit": p.unit,
                "value (95 % interval)": p.text(),
                "searched": f"{p.bounds[0]:.3g} to {p.bounds[1]:.3g}",
            }
            for p in self.parameters
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the keys or beside the values."""
        r = self.residuals
        return {
            "curve": self.curve.label,
            "describes_the_curve": self.describes,
            "sentences": self.sentences(),
            "parameters": {
                p.name: {
                    "value": p.value, "interval_95": list(p.interval_95), "unit": p.unit,
                    "reason": p.reason, "bounds": list(p.bounds), "at_bound": p.at_bound,
                }
                for p in self.parameters
            },
            "best_point": dict(self.best_point),
            "correlations": {
                p.name: dict(zip([q.name for q in self.parameters], row.tolist(), strict=True))
                for p, row in zip(self.parameters, self.correlations, strict=True)
            },
            "undetermined": list(self.undetermined),
            "combinations": [
                {
                    "coefficients": c.coefficients, "text": _expression(c), "value": c.value,
                    "half_width_95": c.half_width_95, "bends_farther_away": c.bends,
                }
                for c in self.combinations
            ],
            "alternatives": [dict(a) for a in self.alternatives],
            "fixed": dict(self.fixed),
            "noise": {
                "source": self.noise_source,
                "sd_mA_cm2": self.sd_mA_cm2.tolist(),
            },
            "residuals": {
                "reduced_chi2": r.reduced_chi2, "chi2_p": r.chi2_p,
                "durbin_watson": r.durbin_watson, "durbin_watson_p": r.durbin_watson_p,
                "rms_mA_cm2": r.rms_mA_cm2, "longest_run_V_rhe": list(r.longest_run_V_rhe),
                "below_floor": r.below_floor,
            },
            "levich_limit_mA_cm2": self.levich_limit_mA_cm2,
            "potential_V_rhe": self.curve.potential_V_rhe.tolist(),
            "measured_current_density_mA_cm2": self.curve.current_density_mA_cm2.tolist(),
            "fitted_current_density_mA_cm2": self.fitted_mA_cm2.tolist(),
            "provenance": dict(self.provenance),
        }  # fmt: skip

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw measurement, fit and residuals on given axes (or new ones) and return them."""
        from adatom.plot.fits import plot_fit

        return plot_fit(self, ax)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{s}</p>" for s in self.sentences())
        return str(self.to_frame().to_html(index=False)) + said


_SYMBOLS = {DENSITY: "log10(density)", RATE: "log10(k0)", BARRIER: "Ga0"}


def _expression(combination: Combination) -> str:
    """The sum in words: ``log10(density) - Ga0 / 0.0592 eV``."""
    (lead, _), *others = combination.coefficients.items()
    text = _SYMBOLS.get(lead, lead)
    for name, c in others:
        sign, size = "-" if c < 0 else "+", abs(c)
        symbol = _SYMBOLS.get(name, name)
        if lead in (DENSITY, RATE) and name not in (DENSITY, RATE):
            unit = "" if name == "transport" else " eV"
            text += f" {sign} {symbol} / {1.0 / size:.4f}{unit}"
        else:
            text += f" {sign} {size:.3f} {symbol}"
    return text


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
