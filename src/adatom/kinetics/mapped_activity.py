"""What an activity map shows: limiting potentials, or turnover at one potential."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

import numpy as np

from adatom.errors import AdatomError, NetworkError
from adatom.kinetics.products import releases
from adatom.kinetics.rates import CompiledNetwork, RateModel, compile_network
from adatom.kinetics.steady_state import steady_states
from adatom.reactions.network import Network, ReactionPath
from adatom.thermo.limiting import (
    equilibrium_potential_V,
    limiting_potentials_V,
    path_step_energies_eV,
)
from adatom.units import FARADAY_C_MOL

TIE_EV = 1e-9
"""Steps that differ by less determine the potential together."""


@dataclass(frozen=True)
class LimitingActivity:
    """Limiting potential and potential-determining steps; of several paths the easiest."""

    network: Network
    paths: tuple[ReactionPath, ...]
    quantity: str = "limiting potential"
    unit: str = "V vs RHE"
    domain_kind: str = "determining step"

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps that can determine the potential."""
        return tuple(dict.fromkeys(step.name for p in self.paths for step in p.steps))

    def domain_name(self, code: int) -> str:
        """The determining step; all of them where several are equal within ``TIE_EV``."""
        return " = ".join(name for i, name in enumerate(self.steps) if code >> i & 1)

    @property
    def conditions(self) -> Mapping[str, Any]:
        """Paths compared, and where they would all be downhill without a catalyst's losses."""
        return {
            "paths": [p.name for p in self.paths],
            "equilibrium_potential_V_rhe": equilibrium_potential_V(self.paths[0]),
        }

    @property
    def bytes_per_site(self) -> int:
        """Intermediate memory of one point."""
        return 8 * (len(self.network.states) + 2 * max(len(p.steps) for p in self.paths))

    def __call__(self, energies_eV: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Limiting potentials, V vs RHE, and sets of steps as bits; both (B,)."""
        bit = {name: 1 << i for i, name in enumerate(self.steps)}
        sign = 1.0 if self.paths[0].electrons > 0 else -1.0
        limits, hardest = [], []
        for path in self.paths:
            rises = path_step_energies_eV(path, self.network.states, energies_eV)
            limits.append(limiting_potentials_V(path, rises))
            ties = rises >= -sign * limits[-1][:, None] - TIE_EV
            codes = np.zeros(limits[-1].size, np.int64)
            for step, tie in zip(path.steps, ties.T, strict=True):
                if step.electrons * path.electrons > 0:
                    codes |= np.where(tie, bit[step.name], 0)
            hardest.append(codes)
        best = np.argmax(sign * np.array(limits), axis=0)
        row = np.arange(best.size)
        return np.array(limits)[best, row], np.array(hardest)[best, row]


@dataclass(frozen=True)
class TurnoverActivity:
    """log10 of a turnover frequency or current density, and the most abundant state."""

    network: Network
    compiled: CompiledNetwork
    potential_V_rhe: float
    activities: Mapping[str, float]
    """Of every dissolved species."""
    product: str | None
    """Counted species; None: electrons in the direction of the reaction."""
    site_density_mol_cm2: float | None
    """Sites a geometric area; None: per site."""
    domain_kind: str = "most abundant state"

    @property
    def quantity(self) -> str:
        """What the values are."""
        what = "all electrons" if self.product is None else self.product
        if self.site_density_mol_cm2 is None:
            return f"turnover frequency per site ({what})"
        return f"current density ({what})"

    @property
    def unit(self) -> str:
        """Values are logarithms."""
        return "log10(1/s)" if self.site_density_mol_cm2 is None else "log10(mA/cm2)"

    def domain_name(self, code: int) -> str:
        """The state of the site."""
        return self.network.states[code]

    @property
    def conditions(self) -> Mapping[str, Any]:
        """What was fixed."""
        return {
            "potential_V_rhe": self.potential_V_rhe,
            "activities": dict(self.activities),
            "product": self.product,
            "site_density_mol_cm2": self.site_density_mol_cm2,
        }

    @property
    def bytes_per_site(self) -> int:
        """Intermediate memory of one point."""
        return 8 * (2 * len(self.network.states) + 2 * len(self.network.steps) + 4)

    def __call__(self, energies_eV: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log10 (B,), NaN where nothing is made on balance; indices of states (B,)."""
        at = np.array([self.activities[s] for s in self.compiled.transported])
        found = steady_states(
            self.compiled, energies_eV, np.array([self.potential_V_rhe]), activities=at
        )
        per_step, factor = self._counted()
        rate = factor * (found.net_fluxes_Hz[:, 0, :] @ per_step)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(np.where(rate > 0, rate, np.nan))
        return values, found.occupations[:, 0, :].argmax(axis=1)

    def _counted(self) -> tuple[np.ndarray, float]:
        """What a net flux of each step counts (E,), and the factor to the unit."""
        if self.product is None:
            per_step = np.sign(self.network.electrons) * self.compiled.electrons
            electrons = 1.0
        else:
            per_step = releases(self.network, self.product)
            made = [p for p in self.network.products if p.species == self.product]
            electrons = abs(made[0].electrons) if made else float("nan")
        if self.site_density_mol_cm2 is None:
            return per_step, 1.0
        return per_step, 1e3 * FARADAY_C_MOL * self.site_density_mol_cm2 * electrons


Activity: TypeAlias = LimitingActivity | TurnoverActivity
"""Called with energies of states (B, N), eV: values (B,) and codes of domains (B,)."""


def limiting_activity(network: Network, *, product: str | None = None) -> LimitingActivity:
    """Limiting potentials over the network's first path, or the easiest of those to a product.

    Raises :class:`~adatom.errors.NetworkError` if no path can be walked on the network's states.
    """
    paths = network.paths[:1]
    if product is not None:
        paths = tuple(p for p in network.paths if p.change(product) > 0)
    if not paths:
        what = f" to {product}" if product else ""
        raise NetworkError(
            f"{network.name}: no path{what} can be walked on the states {', '.join(network.states)}"
        )
    return LimitingActivity(network, paths)


def turnover_activity(
    network: Network,
    potential_V_rhe: float,
    *,
    product: str | None = None,
    activities: Mapping[str, float] | None = None,
    rates: RateModel | None = None,
    site_density_mol_cm2: float | None = None,
) -> TurnoverActivity:
    """Turnover at one potential and fixed activities, without limits of transport.

    ``activities`` not given are 1 (gases at 1 bar, dissolved at 1 mol/L), that of a byproduct
    taken away by transport (H2O2) 0: fresh electrolyte. A network of several products needs
    ``product``. Raises :class:`~adatom.errors.AdatomError` naming what is wrong.
    """
    if not (isfinite(potential_V_rhe) and abs(potential_V_rhe) <= 5.0):
        raise AdatomError(f"potential must lie within 5 V vs RHE, got {potential_V_rhe:g}")
    made = [p.species for p in network.products]
    if product is None and len(made) > 1:
        raise AdatomError(f"{network.name} makes {', '.join(made)}; name the product to be mapped")
    if product is not None and product not in made:
        raise AdatomError(f"{network.name} does not make {product}; it makes {', '.join(made)}")
    if site_density_mol_cm2 is not None and not 1e-16 <= site_density_mol_cm2 <= 1e-3:
        raise AdatomError(
            f"site density must lie between 1e-16 and 1e-3 mol/cm2, got {site_density_mol_cm2:g}"
        )
    stated = {**dict.fromkeys(network.dissolved, 1.0), **network.mechanism.activities}
    fixed = {s: 0.0 if s == network.byproduct else stated[s] for s in network.dissolved}
    for species, value in (activities or {}).items():
        if species not in fixed:
            raise AdatomError(
                f"{network.name} has no dissolved {species}; it has {', '.join(fixed)}"
            )
        least = "0 or more" if species in network.transported else "positive"
        if not (isfinite(value) and (value > 0 or (value == 0 and least == "0 or more"))):
            raise AdatomError(f"activity of {species} must be {least}, got {value:g}")
        fixed[species] = value
    still = {s: a for s, a in fixed.items() if s not in network.transported}
    compiled = compile_network(network, rates, activities=still)
    return TurnoverActivity(
        network, compiled, float(potential_V_rhe), fixed, product, site_density_mol_cm2
    )
