"""Equivalent circuits: a tree of elements in series and in parallel, and its impedance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from adatom.electrochem.impedance.elements import Frequencies, Kind


@dataclass(frozen=True)
class Element:
    """One element, as ``CPE1``."""

    kind: Kind
    number: int

    def __str__(self) -> str:
        return f"{self.kind.symbol}{self.number}"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its parameters: ``R1``, ``CPE1.Q``."""
        return tuple(f"{self}.{name}" if name else str(self) for name, _ in self.kind.parameters)


@dataclass(frozen=True)
class Group:
    """Parts in series, or in parallel."""

    parts: tuple["Element | Group", ...]
    parallel: bool

    def __str__(self) -> str:
        inner = ("," if self.parallel else "-").join(map(str, self.parts))
        return f"p({inner})" if self.parallel else inner


def _elements(node: Element | Group) -> tuple[Element, ...]:
    if isinstance(node, Element):
        return (node,)
    return tuple(e for part in node.parts for e in _elements(part))


@dataclass(frozen=True, eq=False)
class Circuit:
    """An equivalent circuit; its parameters are in the order in which they are written."""

    root: Element | Group
    elements: tuple[Element, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    """(K,) names of the parameters."""
    units: tuple[str, ...] = field(init=False)
    """(K,)."""
    exponents: np.ndarray = field(init=False)
    """(K,) bool: the parameters that are exponents between 0 and 1."""

    def __post_init__(self) -> None:
        elements = _elements(self.root)
        exponents = np.array([name == "n" for e in elements for name, _ in e.kind.parameters])
        exponents.flags.writeable = False
        for name, value in (
            ("elements", elements),
            ("names", tuple(name for e in elements for name in e.names)),
            ("units", tuple(unit for e in elements for _, unit in e.kind.parameters)),
            ("exponents", exponents),
        ):
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        return str(self.root)

    @property
    def series_resistors(self) -> tuple[str, ...]:
        """Resistors in series with everything else: the high-frequency limit of the whole."""
        parts: tuple[Element | Group, ...] = (self.root,)
        if isinstance(self.root, Group) and not self.root.parallel:
            parts = self.root.parts
        return tuple(str(p) for p in parts if isinstance(p, Element) and p.kind.symbol == "R")

    def impedance_ohm(self, values: Mapping[str, float], frequency_Hz: np.ndarray) -> np.ndarray:
        """(N,) complex impedance for one value a parameter name."""
        unknown = set(values) ^ set(self.names)
        if unknown:
            raise ValueError(f"{self} has the parameters {self.names}, not {sorted(unknown)}")
        point = np.array([values[name] for name in self.names])
        return self.values(point, Frequencies.of(frequency_Hz))[0]

    def values(
        self, point: np.ndarray, frequencies: Frequencies
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Impedance (..., N) of parameters (..., K) and its K derivatives (..., N).

        By the logarithm of each parameter, by exponents themselves.
        """
        columns = iter(np.moveaxis(point, -1, 0)[..., None])
        return _evaluate(self.root, columns, frequencies)


def _evaluate(
    node: Element | Group,
    columns: Iterator[np.ndarray],
    frequencies: Frequencies,
) -> tuple[np.ndarray, list[np.ndarray]]:
    if isinstance(node, Element):
        z, by_element = node.kind.values(
            tuple(next(columns) for _ in node.kind.parameters), frequencies
        )
        return z, list(by_element)
    found = [_evaluate(part, columns, frequencies) for part in node.parts]
    if not node.parallel:
        total = sum((z for z, _ in found[1:]), start=found[0][0])
        return total, [slope for _, slopes in found for slope in slopes]
    admittance = sum((1.0 / z for z, _ in found[1:]), start=1.0 / found[0][0])
    total = 1.0 / admittance
    return total, [(total / z) ** 2 * slope for z, slopes in found for slope in slopes]
