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
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.errors import AdatomError
from adatom.kinetics.mapped_activity import (
    Activity,
    TurnoverActivity,
    limiting_activity,
    turnover_activity,
)
from adatom.kinetics.rates import sums_of_parts
from adatom.reactions.expansion import restricted
from adatom.reactions.network import Network
from adatom.thermo.given_lines import EnergyLine, coefficients, lines_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHUNK_BYTES = 2**26
"""Most that the intermediate results of a map take at a time, 64 MiB; the map comes beside."""
MOST_POINTS = 20_000_000


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
    def equal_to_apex(self) -> int:
        """Points of the grid that are as active as the apex, within 1e-9; a ridge has many."""
        _, value = self.apex
        return int((np.abs(self.values - value) < 1e-9).sum())

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
