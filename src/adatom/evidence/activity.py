"""Turnover frequency of a sample with each of its uncertainties apart.

TOF = j_k / (n F Gamma), Gamma = L sum_m w_m / M_m: the kinetic current per metal atom, with the
catalyst loading L and the mass fractions w_m of the metals (ICP), both per geometric area.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, log

import numpy as np

from adatom.electrochem.measured_reaction import REACTIONS
from adatom.electrochem.reference import RheOffset
from adatom.electrochem.result_file import ResultFile, SweepResult
from adatom.electrochem.turnover import atomic_mass_g_mol, metal_mol_cm2
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit

LARGEST_RELATIVE_SD = 0.5
"""A quantity known less well may be zero: its logarithm has no normal error."""
NORMAL_95 = 1.959964
NEEDED = (
    "measurement.reaction",
    "electrolyte.name",
    "loading.catalyst_mg_cm2",
    "loading.catalyst_sd_mg_cm2",
    "loading.metal_wt_percent",
    "loading.metal_sd_wt_percent",
)
REFERENCE, LOADING = "reference electrode", "catalyst loading"
OF_CURRENT = {
    "reference": REFERENCE,
    "resistance": "resistance",
    "area": "electrode area",
    "rest": "measured current",
}
"""What the error of j_k is from, as the analysis names it and for people."""


@dataclass(frozen=True)
class Activity:
    """Kinetic current of a sample at one potential and what it is divided by."""

    name: str
    """The file it is from."""
    kinetic_mA_cm2: FigureOfMerit
    below: float
    above: float
    """Standard deviations of ln j_k towards smaller and larger values, all errors together."""
    parts: Mapping[str, float]
    """Standard deviations: of ln j_k by :data:`OF_CURRENT` (signed: their effect), of ln L as
    ``catalyst loading``, of ln w_m as ``metal content (M)``."""
    reference: RheOffset
    loading_mg_cm2: float
    metal_wt_percent: Mapping[str, float]
    electrons: int
    notes: tuple[str, ...]

    @property
    def metals(self) -> tuple[str, ...]:
        """Symbols of the metals that count as sites."""
        return tuple(self.metal_wt_percent)

    @property
    def mol_per_cm2(self) -> Mapping[str, float]:
        """Metal atoms per geometric area, by metal."""
        return metal_mol_cm2(self.loading_mg_cm2, self.metal_wt_percent)

    @property
    def atomic_fractions(self) -> Mapping[str, float]:
        """x_m of the metals; they sum to one."""
        amounts = self.mol_per_cm2
        total = sum(amounts.values())
        return {m: amount / total for m, amount in amounts.items()}

    def kinetic_draws_mA_cm2(self, z: Mapping[str, np.ndarray]) -> np.ndarray:
        """j_k for standard normal draws (D,) of its parts.

        The interval of j_k is met on both sides, however lopsided.
        """
        names = OF_CURRENT.values()
        joint = sum((self.parts[p] * z[p] for p in names), np.zeros(1))
        sd = hypot(*(self.parts[p] for p in names))
        if sd > 0.0:
            joint = joint * np.where(joint < 0, self.below, self.above) / sd
        assert self.kinetic_mA_cm2.value is not None
        return np.asarray(self.kinetic_mA_cm2.value * np.exp(joint))


def metal_content(symbol: str) -> str:
    """The name of this part."""
    return f"metal content ({symbol})"


def require_inputs(result: ResultFile) -> None:
    """Raise :class:`~adatom.errors.SampleError` that names everything missing at once."""
    name, sample = str(result.path), result.sample
    missing = [key for key in NEEDED if sample.get(key) is None]
    if missing:
        raise SampleError(
            f"{name}: turnover per metal atom needs {', '.join(missing)}; give them in sample.toml"
            " or by --set (a standard deviation of 0 where it is exact) and run adatom electrochem"
            " again"
        )
    reaction = sample.get("measurement.reaction")
    if reaction not in REACTIONS:
        raise SampleError(
            f"{name}: measurement.reaction '{reaction}' has no number of electrons per turnover;"
            f" expected {', '.join(REACTIONS)}"
        )


def activity_of(
    result: ResultFile, sweep: SweepResult, at_V_rhe: float, *, inactive: Sequence[str] = ()
) -> Activity:
    """Gather what a sample's turnover needs; ``inactive`` metals are not counted as sites.

    Raises :class:`~adatom.errors.SampleError` that names everything missing at once.
    """
    require_inputs(result)
    name, sample = str(result.path), result.sample
    reaction = sample.get("measurement.reaction")
    content, spread = _metals(result, inactive)
    parts = {metal_content(m): spread[m] / w for m, w in content.items()}
    loading = sample.get("loading.catalyst_mg_cm2")
    parts[LOADING] = sample.get("loading.catalyst_sd_mg_cm2") / loading
    for quantity, relative in parts.items():
        if relative > LARGEST_RELATIVE_SD:
            raise SampleError(
                f"{name}: the {quantity} is known to {100 * relative:.0f} % only (standard"
                " deviation); it may be nothing, and a ratio to it means nothing"
            )
    kinetic = kinetic_at(name, sweep, at_V_rhe)
    value, (low, high) = kinetic.value, kinetic.interval_95
    if value is None or low is None or high is None or low <= 0:
        raise SampleError(
            f"{name}: j_k at {at_V_rhe:g} V has no closed interval: {kinetic.reason or 'not said'}"
        )
    below, above = log(value / low) / NORMAL_95, log(high / value) / NORMAL_95
    parts |= {OF_CURRENT[p]: kinetic.conditions["sd_of_ln"][p] for p in OF_CURRENT}
    return Activity(
        name, kinetic, below, above, parts, result.reference, loading, content,
        REACTIONS[reaction].electrons, _notes(result),
    )  # fmt: skip


def kinetic_at(name: str, sweep: SweepResult, at_V_rhe: float) -> FigureOfMerit:
    """j_k at a potential at which the sweep was analysed."""
    for figure in sweep.kinetic_mA_cm2:
        if abs(figure.conditions["at_V_rhe"] - at_V_rhe) < 5e-4:
            return figure
    known = ", ".join(f"{k.conditions['at_V_rhe']:g}" for k in sweep.kinetic_mA_cm2)
    raise SampleError(
        f"{name}: '{sweep.label}' has kinetic currents at {known} V; for"
        f" {at_V_rhe:g} V run adatom electrochem with --kinetic-at {at_V_rhe:g}"
    )


def _metals(
    result: ResultFile, inactive: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    given = result.sample.get("loading.metal_wt_percent")
    spread = result.sample.get("loading.metal_sd_wt_percent")
    for metal in given:
        atomic_mass_g_mol(metal)
    if set(given) != set(spread):
        raise SampleError(
            f"{result.path}: loading.metal_wt_percent names {', '.join(sorted(given))}, but"
            f" loading.metal_sd_wt_percent {', '.join(sorted(spread))}; give both for each metal"
        )
    if sum(given.values()) > 100.0:
        raise SampleError(
            f"{result.path}: the metals make up {sum(given.values()):g} % of the catalyst's mass"
        )
    counted = {m: w for m, w in given.items() if w > 0 and m not in inactive}
    if not counted:
        raise SampleError(f"{result.path}: no metal is left that counts as a site")
    return counted, dict(spread)


def _notes(result: ResultFile) -> tuple[str, ...]:
    sample, notes = result.sample, []
    if sample.get("electrode.area_sd_cm2") is None:
        notes.append("electrode.area_sd_cm2 was not given: the area is taken as exact")
    if result.reference.sd_volt == 0.0:
        notes.append("the reference electrode is taken as exact: no standard deviation was given")
    resistance = ("resistance.ohm", "resistance.eis_file", "resistance.compensated")
    if all(sample.get(key) is None for key in resistance):
        notes.append("no resistance was given: the ohmic drop is neither corrected for nor in the"
                     " interval")  # fmt: skip
    return tuple(f"{result.path}: {text}" for text in notes)
