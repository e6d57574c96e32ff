"""Activity maps over one or two descriptor energies: thermodynamic and kinetic volcanoes.

Every point of a map is a site that lies on the lines given: its energies are linear in the
descriptors, its activity is computed as that of any site. Thermodynamic: the limiting potential.
Kinetic: log10 of a turnover frequency, or of the current density that a number of sites makes,
at one potential and fixed activities.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from adatom.errors import AdatomError, NetworkError
from adatom.kinetics.products import releases
from adatom.kinetics.rates import CompiledNetwork, RateModel, compile_network, sums_of_parts
from adatom.kinetics.steady_state import steady_states
from adatom.reactions.expansion import restricted
from adatom.reactions.network import Network, ReactionPath
from adatom.thermo.limiting import (
    equilibrium_potential_V,
    limiting_potentials_V,
    path_step_energies_eV,
)
from adatom.thermo.lines import EnergyLine, coefficients, lines_for
from adatom.units import FARADAY_C_MOL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHUNK_BYTES = 2**26
"""Most that the intermediate results of a map take at a time, 64 MiB; the map comes beside."""
MOST_POINTS = 20_000_000
TIE_EV = 1e-9
"""Steps that differ by less determine the potential together."""


class Activity(Protocol):
    """What a map shows: for energies of states (B, N) values (B,) and codes of domains (B,)."""

    quantity: str
    unit: str
    conditions: Mapping[str, Any]
    bytes_per_site: int

    def __call__(self, energies_eV: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (B,), codes (B,) int."""

    def domain_name(self, code: int) -> str:
        """What a code stands for."""


@dataclass(frozen=True)
class LimitingActivity:
    """Limiting potential and potential-determining steps; of several paths the easiest."""

    network: Network
    paths: tuple[ReactionPath, ...]
    quantity: str = "limiting potential"
    unit: str = "V vs RHE"

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

    @property
    def quantity(self) -> str:
        """What the values are."""
        what = "all electrons" if self.product is None else self.product
        if self.site_density_mol_cm2 is None:
            return f"log10 turnover frequency ({what})"
        return f"log10 current density ({what})"

    @property
    def unit(self) -> str:
        """Of what stands in the logarithm."""
        return "1/s per site" if self.site_density_mol_cm2 is None else "mA/cm2"

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


@dataclass(frozen=True)
class Axis:
    """One descriptor of a map."""

    name: str
    """State whose free energy it is."""
    values_eV: np.ndarray
    """Rising, read-only."""


@dataclass(frozen=True)
class ActivityMap:
    """Activity over one or two descriptors."""

    network: Network
    """With the states that have a line."""
    axes: tuple[Axis, ...]
    """x, or x and y."""
    lines: tuple[EnergyLine, ...]
    activity: Activity
    values: np.ndarray
    """(X,) or (Y, X), read-only; NaN where nothing is made on balance (kinetic maps)."""
    domains: np.ndarray
    """The same shape, int: index in ``domain_names``."""
    domain_names: tuple[str, ...]
    """Potential-determining step (thermodynamic), most abundant state (kinetic)."""
    closed_steps: tuple[str, ...] = field(default=())
    """Steps left out for want of a line."""

    @property
    def apex(self) -> tuple[dict[str, float], float]:
        """Descriptors (eV) and value of the most active point of the grid."""
        best = self.values if self._more_is_better else -self.values
        if not np.isfinite(best).any():
            raise AdatomError("nothing is made on balance anywhere on the map: it has no apex")
        where = np.unravel_index(int(np.nanargmax(best)), best.shape)
        at = {a.name: float(a.values_eV[i]) for a, i in zip(self.axes, where[::-1], strict=True)}
        return at, float(self.values[where])

    @property
    def _more_is_better(self) -> bool:
        return isinstance(self.activity, TurnoverActivity) or self.network.electrons > 0

    def energies_at(self, descriptors_eV: np.ndarray) -> np.ndarray:
        """Energies of the states on the lines, shape (B, N), at descriptors (B, D), eV."""
        return _on_the_lines(self.network, [a.name for a in self.axes], self.lines, descriptors_eV)

    def plot(self, ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw the map; see :func:`adatom.plot.volcano.plot_map`."""
        from adatom.plot.volcano import plot_map

        return plot_map(self, ax, **options)


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
    fixed = {s: 0.0 if s == network.byproduct else 1.0 for s in network.dissolved}
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


def mapped_network(
    network: Network, descriptors: Sequence[str], lines: Sequence[EnergyLine]
) -> Network:
    """The network of the states that are a descriptor or have a line."""
    return restricted(network, {*descriptors, *(line.name for line in lines)})


def activity_map(
    network: Network, axes: Mapping[str, np.ndarray], *, lines: Sequence[EnergyLine] = (),
    potential_V_rhe: float | None = None, product: str | None = None, **conditions: Any,
) -> ActivityMap:  # fmt: skip
    """Map one or two descriptors, name -> energies (eV, rising).

    ``lines`` come before the known ones of the reaction. Without ``potential_V_rhe`` the map is of
    limiting potentials; with it of turnover, under the ``conditions`` of
    :func:`turnover_activity`. Memory: 32 bytes a point and ``CHUNK_BYTES``. Raises
    :class:`~adatom.errors.AdatomError` naming missing lines or what else is wrong.
    """
    grid, used, reduced = _prepared(network, axes, lines)
    activity: Activity
    if potential_V_rhe is None:
        if conditions:
            raise AdatomError(f"{', '.join(conditions)}: a kinetic map needs a potential")
        activity = limiting_activity(reduced, product=product)
    else:
        activity = turnover_activity(reduced, potential_V_rhe, product=product, **conditions)
    shape = tuple(a.values_eV.size for a in grid[::-1])
    values, codes = np.empty(shape), np.empty(shape, np.int64)
    for part, found, where in _chunks(reduced, grid, used, activity):
        values.reshape(-1)[part], codes.reshape(-1)[part] = found, where
    present, domains = np.unique(codes, return_inverse=True)
    names = tuple(activity.domain_name(int(code)) for code in present)
    domains = domains.reshape(shape)
    for array in (values, domains):
        array.flags.writeable = False
    kept = {s.rule for s in reduced.steps}
    closed = tuple(dict.fromkeys(s.rule for s in network.steps if s.rule not in kept))
    return ActivityMap(reduced, grid, used, activity, values, domains, names, closed)


def stream_activity(
    file: Path | str, network: Network, axes: Mapping[str, np.ndarray], potential_V_rhe: float,
    *, lines: Sequence[EnergyLine] = (), **conditions: Any,
) -> int:  # fmt: skip
    """Write the values of a kinetic map, however large, to a NumPy file (.npy, float32).

    The file holds an array (X,) or (Y, X) as ``ActivityMap.values``; ``numpy.load`` with
    ``mmap_mode="r"`` reads parts of it. Memory: ``CHUNK_BYTES``. A run that fails leaves no
    file. Returns the number of points.
    """
    target = Path(file)
    grid, used, reduced = _prepared(network, axes, lines)
    activity = turnover_activity(reduced, potential_V_rhe, **conditions)
    shape = tuple(a.values_eV.size for a in grid[::-1])
    part_file = target.with_name(f".{target.name}.part")
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    try:
        with part_file.open("wb") as out:
            np.lib.format.write_array_header_1_0(out, header)
            for _, values, _ in _chunks(reduced, grid, used, activity):
                out.write(values.astype("<f4").tobytes())
        part_file.replace(target)
    finally:
        part_file.unlink(missing_ok=True)
    return int(np.prod(shape))


_Chunk = tuple[slice, np.ndarray, np.ndarray]


def _prepared(
    network: Network, axes: Mapping[str, np.ndarray], lines: Sequence[EnergyLine]
) -> tuple[tuple[Axis, ...], tuple[EnergyLine, ...], Network]:
    if not 1 <= len(axes) <= 2:
        raise AdatomError(f"a map has one or two descriptors, got {len(axes)}")
    grid = tuple(_axis(name, values) for name, values in axes.items())
    points = int(np.prod([a.values_eV.size for a in grid]))
    if points > MOST_POINTS:
        raise AdatomError(f"a map has at most {MOST_POINTS:,} points, got {points:,}")
    used = lines_for(network, list(axes), lines)
    return grid, used, mapped_network(network, list(axes), used)


def _axis(name: str, values: np.ndarray) -> Axis:
    copy = np.array(values, dtype=float)
    rising = copy.ndim == 1 and copy.size >= 2 and np.isfinite(copy).all()
    if not rising or any(b <= a for a, b in pairwise(copy.tolist())):
        raise AdatomError(f"axis {name} needs two or more rising energies in eV")
    copy.flags.writeable = False
    return Axis(name, copy)


def _chunks(
    network: Network, axes: tuple[Axis, ...], lines: tuple[EnergyLine, ...], activity: Activity
) -> Iterator[_Chunk]:
    """Values and domains of the points in C order of (Y, X), a bounded number at a time."""
    shape = tuple(a.values_eV.size for a in axes[::-1])
    energies = partial(_on_the_lines, network, [a.name for a in axes], lines)
    count, most = int(np.prod(shape)), max(1, CHUNK_BYTES // activity.bytes_per_site)
    for first in range(0, count, most):
        part = slice(first, min(first + most, count))
        where = np.unravel_index(np.arange(part.start, part.stop), shape)[::-1]
        points = np.column_stack([a.values_eV[i] for a, i in zip(axes, where, strict=True)])
        yield part, *activity(energies(points))


def _on_the_lines(
    network: Network, descriptors: Sequence[str], lines: Sequence[EnergyLine], points: np.ndarray
) -> np.ndarray:
    table = sums_of_parts(network) @ coefficients(network.energy_names, descriptors, lines)
    return np.asarray(table[:, 0] + points @ table[:, 1:].T)
