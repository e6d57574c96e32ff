"""Does a site keep its metal? Aggregation, pairing, dissolution, and the verdict at work.

Everything rests on the formation energy of the site against the empty hole and the bulk metals,
E_f = E(site) - E(hole) - sum E(bulk): negative means that the hole holds the metal better than
its crystal does. Dissolution potential: U_diss = U0(M/Mz+) - E_f/(z e) (Greeley, Norskov,
Electrochim. Acta 2007, 52, 5829, 10.1016/j.electacta.2007.02.082, for the same argument on
surfaces).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import norm

from adatom.errors import AdatomError
from adatom.provenance import EnergySource
from adatom.thermo.dissolution import (
    DEFAULT_ACTIVITY,
    NERNST_V,
    Form,
    cohesive_energies_eV,
    forms_of,
)
from adatom.thermo.free_energies import DEFAULT_CORRELATION
from adatom.thermo.pourbaix import SiteState, lowest_form, she

METASTABLE_EV = 0.5
"""Driving force up to which a state is called metastable: solids that persist in water lie up to
about 0.5 eV/atom above the Pourbaix hull (Singh et al., Chem. Mater. 2017, 29, 10159,
10.1021/acs.chemmater.7b03980). A convention; no barrier is computed."""
VERDICTS = ("stable", "metastable", "loses metal")
ROUTES = {"aq": "dissolves", "s": "precipitates", "metal": "aggregates"}
"""What a lost metal does, by the phase of its lowest form."""


@dataclass(frozen=True)
class Formation:
    """What is known of one site: its formation energy and the states that compete with it."""

    label: str
    metals: tuple[str, ...]
    """In the order of the notation."""
    formation_eV: float
    """E_f of the bare site with all its metals, eV."""
    formation_sd_eV: float
    """Standard deviation of E_f per metal atom."""
    states: tuple[SiteState, ...]
    """The whole site bare (name ``*``) and covered, and its holes; the bare empty hole is 0."""
    source: EnergySource
    bulk_eV: Mapping[str, float]
    """Bulk energy of each metal, eV/atom, where energies rather than E_f were given."""

    def __post_init__(self) -> None:
        names = [s.name for s in self.states]
        for metal in self.metals:
            forms_of(metal)
        if "*" not in names or not any(s.lost == tuple(sorted(self.metals)) for s in self.states):
            raise AdatomError(
                f"{self.label}: stability needs the bare site and its empty hole, got"
                f" {', '.join(names)}"
            )

    def state(self, name: str) -> SiteState | None:
        """A state by name, or None."""
        return next((s for s in self.states if s.name == name), None)


@dataclass(frozen=True)
class Aggregation:
    """A site against the bulk of its metals."""

    formation_eV: float
    """Per metal atom."""
    binding_eV: float
    """Against free atoms, per metal atom: E_f minus the measured cohesive energy."""
    cohesive_eV: float
    """Measured cohesive energy of the bulk, mean of the metals."""
    probability_favoured: float
    """That the crystal is lower than the site."""


def aggregation(site: Formation) -> Aggregation:
    """Tendency of the metal to leave for its own crystal."""
    n = len(site.metals)
    cohesive = float(np.mean([cohesive_energies_eV()[m] for m in site.metals]))
    mean = site.formation_eV / n
    sd = _loss_sd_eV(site, n) / n
    return Aggregation(mean, mean - cohesive, cohesive, _above_zero(mean, sd))


@dataclass(frozen=True)
class PairFormation:
    """Energies of making a pair out of single atoms; negative favours the pair."""

    interaction_eV: float | None
    """[M1 in the pair's hole] + [M2 in it] -> [M1M2 in it] + [empty pair hole]."""
    transfer_eV: float | None
    """[M1 N4] + [M2 N4] + [empty pair hole] -> [M1M2 pair] + 2 [empty N4 hole]."""
    sd_eV: float
    reason: str = ""
    """Why an energy is missing and how to get it."""


def pair_formation(pair: Formation, others: Sequence[Formation]) -> PairFormation | None:
    """Pair formation energies of a two-metal site; None for other sites.

    Both balances keep every hole on both sides, so no carbon or nitrogen potential enters: the
    cost of carving the pair's hole is not in them. ``others`` are searched for the single sites.
    """
    if len(pair.metals) != 2:
        return None
    alone = [
        next((s for s in pair.states if s.lost == (lost,) and s.electrons == 0), None)
        for lost in pair.metals
    ]
    interaction = None
    if all(alone):
        interaction = pair.formation_eV - sum(s.free_energy_eV for s in alone if s)
    support = "".join(pair.label.partition("@")[1:])
    wanted = [f"{m}N4{support}" for m in pair.metals]
    singles = [next((o for o in others if o.label == w), None) for w in wanted]
    transfer, reason = None, ""
    if all(singles):
        transfer = pair.formation_eV - sum(s.formation_eV for s in singles if s)
    else:
        missing = ", ".join(dict.fromkeys(w for w, s in zip(wanted, singles, strict=True) if not s))
        reason = f"against single sites: name {missing} too"
    # Errors of the same metal on both sides cancel but for their uncorrelated part.
    sd = pair.formation_sd_eV * 2.0 * np.sqrt(1.0 - DEFAULT_CORRELATION)
    return PairFormation(interaction, transfer, float(sd), reason)


@dataclass(frozen=True)
class DissolutionPotential:
    """The potential above which metal leaves a bare site as dissolved ions."""

    potential_V_she: float
    potential_V_rhe: float
    sd_V: float
    forms: tuple[str, ...]
    electrons: float


def dissolution_potential(
    site: Formation, *, pH: float = 0.0, activity: float = 1.0
) -> DissolutionPotential:
    """U_diss of the bare site over every dissolved form and every bare hole, the lowest.

    ``pH`` 0 and ``activity`` 1 give the standard one of the literature. Hydroxide and oxo ions
    carry their own dependence on pH.
    """
    best: tuple[float, float, int, tuple[Form, ...]] | None = None
    for hole in site.states:
        if not hole.lost or hole.electrons:
            continue
        choices = [[f for f in forms_of(m) if f.phase == "aq"] for m in hole.lost]
        for metal, dissolved in zip(hole.lost, choices, strict=True):
            if not dissolved:
                raise AdatomError(f"{site.label}: no dissolved form of {metal} is packaged")
        for forms in product(*choices):
            z = sum(f.electrons for f in forms)
            released = sum(f.at_eV(0.0, pH, activity) for f in forms)
            potential = (hole.free_energy_eV + released - site.formation_eV) / z
            if best is None or potential < best[0]:
                best = potential, z, len(hole.lost), forms
    assert best is not None  # a Formation has its empty hole
    potential, z, count, forms = best
    sd = _loss_sd_eV(site, count) / z
    return DissolutionPotential(
        potential, potential + NERNST_V * pH, sd, tuple(f.name for f in forms), z
    )


@dataclass(frozen=True)
class Verdict:
    """Whether a site keeps its metals at one potential and pH."""

    potential_V_rhe: float
    pH: float
    activity: float
    whole_state: str
    """Lowest state with all metals."""
    loss_state: str
    """Lowest state without some: hole and forms of the lost metals."""
    route: str
    """dissolves, precipitates or aggregates: what that loss is."""
    driving_force_eV: float
    """Free energy gained by the loss, eV a site; negative: the site is the lowest state."""
    interval_95_eV: tuple[float, float]
    probabilities: Mapping[str, float]
    """Of ``VERDICTS``."""

    @property
    def name(self) -> str:
        """The most probable verdict."""
        best = max(self.probabilities, key=lambda v: self.probabilities[v])
        return self.route if best == "loses metal" else best


def verdict(
    site: Formation,
    *,
    potential_V_rhe: float,
    pH: float,
    activity: float = DEFAULT_ACTIVITY,
    draws: int = 4000,
    seed: int = 0,
) -> Verdict:
    """Compare the whole site with every loss of metal, over draws of the energies' errors.

    Each draw gives every lost metal an error of E_f (correlated between metals) and each
    adsorbate its own (correlated between adsorbates); tabulated ions carry none.
    """
    potential_she = she(potential_V_rhe, "RHE", pH)
    forms = {m: lowest_form(m, potential_she, pH, activity) for m in site.metals}
    whole = np.array([not s.lost for s in site.states])
    energies = np.array(
        [
            s.at_eV(potential_V_rhe)
            + sum(forms[m].at_eV(potential_she, pH, activity) for m in s.lost)
            for s in site.states
        ]
    )
    drawn = energies + _errors_eV(site, draws, seed)
    force = drawn[:, whole].min(axis=1) - drawn[:, ~whole].min(axis=1)
    kept, gone = np.flatnonzero(whole), np.flatnonzero(~whole)
    first, last = kept[energies[kept].argmin()], gone[energies[gone].argmin()]
    lost = site.states[last]
    low, high = np.percentile(force, [2.5, 97.5])
    phases = [forms[m].phase for m in lost.lost]
    route = next(ROUTES[phase] for phase in ROUTES if phase in phases)
    return Verdict(
        potential_V_rhe=potential_V_rhe,
        pH=pH,
        activity=activity,
        whole_state=site.states[first].name,
        loss_state=" + ".join([lost.name, *(forms[m].name for m in lost.lost)]),
        route=route,
        driving_force_eV=float(energies[first] - energies[last]),
        interval_95_eV=(float(low), float(high)),
        probabilities={
            "stable": float(np.mean(force <= 0.0)),
            "metastable": float(np.mean((force > 0.0) & (force <= METASTABLE_EV))),
            "loses metal": float(np.mean(force > METASTABLE_EV)),
        },
    )


def _errors_eV(site: Formation, draws: int, seed: int) -> np.ndarray:
    """(draws, states): adsorbates' errors, and minus that of E_f for each metal lost."""
    rng = np.random.default_rng(seed)
    shared, own = np.sqrt(DEFAULT_CORRELATION), np.sqrt(1.0 - DEFAULT_CORRELATION)
    binding = rng.standard_normal((draws, 1))
    metals = shared * rng.standard_normal((draws, 1)) + own * rng.standard_normal(
        (draws, len(site.metals))
    )
    result = np.empty((draws, len(site.states)))
    for n, state in enumerate(site.states):
        alone = rng.standard_normal((draws, 1))
        result[:, n] = (state.sd_eV * (shared * binding + own * alone))[:, 0]
        remaining = list(enumerate(site.metals))
        for metal in state.lost:
            found = next(item for item in remaining if item[1] == metal)
            remaining.remove(found)
            result[:, n] -= site.formation_sd_eV * metals[:, found[0]]
    return result


def _loss_sd_eV(site: Formation, count: int) -> float:
    """Standard deviation of the energy of losing ``count`` metals whose errors correlate."""
    rho = DEFAULT_CORRELATION
    return float(site.formation_sd_eV * np.sqrt(count * (1.0 - rho) + count**2 * rho))


def _above_zero(mean: float, sd: float) -> float:
    return float(norm.sf(0.0, loc=mean, scale=sd)) if sd > 0 else float(mean > 0.0)
