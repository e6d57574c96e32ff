"""Parts of a circuit that can change places, as two R-CPE arcs in series: the faster comes first.

Without an order, the same arc would be number 1 at one potential and number 2 at the next.
"""

import numpy as np

from adatom.electrochem.impedance.circuit import Circuit, Element, Group
from adatom.electrochem.impedance.elements import Frequencies

GRID = Frequencies.of(np.logspace(7, -5, 121))
"""Where the parts are compared, whatever was measured."""


def fastest_first(circuit: Circuit, point: np.ndarray) -> np.ndarray:
    """The same impedance with parameters (K,) of interchangeable parts in order of frequency."""
    found = point.copy()
    _order(circuit.root, found, 0)
    return found


def _form(node: Element | Group) -> str:
    if isinstance(node, Element):
        return node.kind.symbol
    inner = ",".join(map(_form, node.parts))
    return f"p({inner})" if node.parallel else f"s({inner})"


def _size(node: Element | Group) -> int:
    if isinstance(node, Element):
        return len(node.kind.parameters)
    return sum(map(_size, node.parts))


def _order(node: Element | Group, point: np.ndarray, first: int) -> None:
    if isinstance(node, Element):
        return
    places: dict[str, list[slice]] = {}
    for part in node.parts:
        place = slice(first, first + _size(part))
        _order(part, point, first)
        places.setdefault(_form(part), []).append(place)
        first = place.stop
    parts = {_form(part): part for part in node.parts}
    for form, alike in places.items():
        part = parts[form]
        if len(alike) > 1 and isinstance(part, Group):
            taken = [point[place].copy() for place in alike]
            taken.sort(key=lambda values: -_frequency(part, values))
            for place, values in zip(alike, taken, strict=True):
                point[place] = values


def _frequency(part: Group, values: np.ndarray) -> float:
    """Where its Z'' is largest, rad/s."""
    z = Circuit(part).values(values, GRID)[0]
    return float(GRID.jw.imag[int(np.argmax(-z.imag))])
