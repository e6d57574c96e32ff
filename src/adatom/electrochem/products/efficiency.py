"""Faradaic efficiencies, partial currents, yields and turnover, with their 95 % intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from adatom.electrochem.products.ammonia import judge_ammonia
from adatom.electrochem.products.amounts import AmountReader, PartAmount
from adatom.electrochem.products.calibration import CalibrationLine
from adatom.electrochem.products.equation import HalfReaction, half_reaction
from adatom.electrochem.products.experiment import Experiment, Flow, molar_mass_g_mol
from adatom.electrochem.products.result import ProductOutcome, ProductResult
from adatom.electrochem.propagation import Sampler, figure_of, interval
from adatom.electrochem.turnover import atomic_mass_g_mol
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.units import FARADAY_C_MOL

SPREAD_STEPS = "inputs drawn from their distributions (JCGM 101:2008), shared inputs shared"


def analyse_products(experiment: Experiment, *, seed: int = 0) -> ProductResult:
    """Amounts, efficiencies, partial currents, yields and turnover of an experiment.

    A product above its calibrated range or below its detection limit has no value and says why;
    the latter still enters the sum of efficiencies with its measured estimate. Raises
    :class:`~adatom.errors.SampleError` for a product that the current could not have made.
    """
    sampler = Sampler(seed)
    duration = experiment.duration_s.draw(sampler)
    charge = None if experiment.charge_C is None else experiment.charge_C.draw(sampler)
    reader = AmountReader(sampler, duration)
    parts = [reader.read(part) for part in experiment.parts]
    rates = _Rates(experiment, sampler, duration, charge)
    products, shares = [], []
    for name, reactants in experiment.reactants.items():
        own = [part for part in parts if part.part.product == name]
        reaction = half_reaction(name, reactants) if reactants else None
        _require_direction(experiment, reaction)
        outcome, share = rates.outcome(name, own, reaction)
        products.append(outcome)
        shares.append(share)
    total, verdict = _total(products, shares) if charge is not None else (None, "")
    return ProductResult(
        title=experiment.title,
        products=tuple(products),
        total_efficiency=total,
        verdict=verdict,
        ammonia=judge_ammonia(experiment, parts, reader, sampler),
        charge_C=None if charge is None else figure_of(charge, "C", _charge_source(experiment)),
        duration_s=experiment.duration_s.value,
        calibrations=_calibrations(experiment),
        notes=(*experiment.notes, *_flow_notes(experiment)),
        inputs=experiment.inputs,
    )


class _Rates:
    """What turns moles into figures of one run."""

    def __init__(
        self, experiment: Experiment, sampler: Sampler, duration: np.ndarray,
        charge: np.ndarray | None,
    ) -> None:  # fmt: skip
        self._duration, self._charge = duration, charge
        self._area = None if experiment.area_cm2 is None else experiment.area_cm2.draw(sampler)
        self._mass = self._metal = None
        if experiment.catalyst is not None:
            self._mass = experiment.catalyst.mass_mg.draw(sampler)
            metals = experiment.catalyst.metals_weight_percent
            if metals:
                self._metal = sum(
                    1e-3 * self._mass * percent.draw(sampler) / 100.0 / atomic_mass_g_mol(element)
                    for element, percent in metals.items()
                )

    def outcome(
        self, name: str, parts: Sequence[PartAmount], reaction: HalfReaction | None
    ) -> tuple[ProductOutcome, np.ndarray | None]:
        """The product's figures, and the draws of its efficiency (None where refused)."""
        moles = np.sum([part.moles for part in parts], axis=0)
        refused = "; ".join(f"{p.part.title}: {p.refused}" for p in parts if p.refused)
        lost = all(part.below_detection for part in parts)
        quantities = self._quantities(name, moles, reaction)
        figures = {key: _figure(draws, unit, refused, lost) for key, (draws, unit)
                   in quantities.items()}  # fmt: skip
        share = quantities.get("faradaic_efficiency_percent")
        outcome = ProductOutcome(
            name=name,
            equation="" if reaction is None else reaction.equation,
            electrons=None if reaction is None else reaction.electrons,
            figures=figures,
            flags=tuple(f"{p.part.title}: {flag}" for p in parts for flag in p.flags),
            parts=tuple(part.record for part in parts),
        )
        return outcome, None if refused or share is None else share[0]

    def _quantities(
        self, name: str, moles: np.ndarray, reaction: HalfReaction | None
    ) -> dict[str, tuple[np.ndarray, str]]:
        """Draws (1 + D,) and unit of every figure that the inputs allow."""
        hours = self._duration / 3600.0
        found = {"amount_umol": (1e6 * moles, "umol")}
        if reaction is not None and self._charge is not None:
            passed = abs(reaction.electrons) * FARADAY_C_MOL * moles
            found["faradaic_efficiency_percent"] = (100.0 * passed / self._charge, "%")
            current = -np.sign(reaction.electrons) * 1e3 * passed / self._duration
            if self._area is not None:
                found["partial_current_density_mA_cm2"] = (current / self._area, "mA cm-2")
        if self._area is not None:
            found["yield_umol_h_cm2"] = (1e6 * moles / hours / self._area, "umol h-1 cm-2")
        if self._mass is not None:
            found["yield_umol_h_mg"] = (1e6 * moles / hours / self._mass, "umol h-1 mg-1")
            grams = moles * molar_mass_g_mol(name)
            found["yield_ug_h_mg"] = (1e6 * grams / hours / self._mass, "ug h-1 mg-1")
        if self._metal is not None:
            found["turnover_number"] = (moles / self._metal, "per metal atom")
            found["turnover_frequency_per_h"] = (moles / self._metal / hours,
                                                 "h-1, mean of the run")  # fmt: skip
        return found


def _figure(draws: np.ndarray, unit: str, refused: str, lost: bool) -> FigureOfMerit:
    if refused:
        return no_figure(refused, unit)
    if lost:
        low, high = interval(draws)
        return FigureOfMerit(
            None, (low, high), "below the detection limit; the interval is of the estimate", unit,
            {"estimate": float(draws[0])},
        )  # fmt: skip
    return figure_of(draws, unit, {"propagation": SPREAD_STEPS})


def _total(
    products: Sequence[ProductOutcome], shares: Sequence[np.ndarray | None]
) -> tuple[FigureOfMerit, str]:
    """Sum of the efficiencies and what it says."""
    missing = [p.name for p, share in zip(products, shares, strict=True) if share is None]
    if missing:
        reason = f"no efficiency of {', '.join(missing)}"
        return no_figure(reason, "%"), f"The sum cannot be told: {reason}."
    draws = np.sum([share for share in shares if share is not None], axis=0)
    total = figure_of(draws, "%", {"products": [p.name for p in products]})
    low, high = total.interval_95
    if low is None or high is None:
        return total, "Whether the sum is compatible with 100 % cannot be told: " + total.reason
    if high < 100.0:
        return total, (
            f"INCOMPATIBLE with 100 %: at least {100.0 - high:.1f} % of the charge is not in the"
            " products listed (not measured, lost, oxidised again, or capacitive)."
        )
    if low > 100.0:
        return total, (
            f"INCOMPATIBLE with 100 %: {low - 100.0:.1f} % more than the charge allows"
            " (calibration, flow, contamination, or corrosion)."
        )
    return total, "Compatible with 100 %."


def _require_direction(experiment: Experiment, reaction: HalfReaction | None) -> None:
    if reaction is None or not experiment.charge_sign:
        return
    if np.sign(reaction.electrons) == experiment.charge_sign:
        made, flowed = ("a reduction", "anodic") if reaction.electrons > 0 else (
            "an oxidation", "cathodic")  # fmt: skip
        raise SampleError(
            f"product {reaction.product} is made by {made} ({reaction.equation}), but the recorded"
            f" current is {flowed} on balance; is the sign or the reactant wrong?"
        )


def _charge_source(experiment: Experiment) -> dict[str, Any]:
    return {"source": experiment.charge_source}


def _calibrations(experiment: Experiment) -> tuple[dict[str, Any], ...]:
    lines = {p.source.name: p.source for p in experiment.parts
             if isinstance(p.source, CalibrationLine)}  # fmt: skip
    return tuple(
        {
            "name": line.name,
            "unit": line.unit,
            "slope": line.slope,
            "intercept": line.intercept,
            "residual_sd": line.scatter,
            "standards": len(line.amounts),
            "range": [line.bottom, line.top],
            "detection_limit": line.detection_limit,
            "quantification_limit": line.quantification_limit,
        }
        for line in lines.values()
    )


def _flow_notes(experiment: Experiment) -> list[str]:
    flows = [(p.title, p.vessel) for p in experiment.parts if isinstance(p.vessel, Flow)]
    notes = []
    if flows:
        notes.append("flowing gas: composition and flow are taken as steady over the whole run")
    for title, flow in flows:
        if flow.inlet:
            notes.append(
                f"{title}: the flow was measured at the inlet; what the cell consumes or evolves"
                " biases the amount by as much. Measure the outlet"
            )
    return notes
