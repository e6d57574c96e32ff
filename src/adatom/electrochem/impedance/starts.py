"""Starting values of a circuit from the data alone.

Each element is put at a frequency of the spectrum and given there the impedance that the spectrum
has, or that is left of it without its high-frequency end. Many such points, spread evenly over
all combinations, are compared with the data at once.
"""

import numpy as np

from adatom.electrochem.impedance.circuit import Circuit
from adatom.electrochem.impedance.elements import Frequencies

POINTS = 96
FEWEST_POINTS_COMPARED = 24


def starting_points(
    circuit: Circuit, frequency_Hz: np.ndarray, impedance_ohm: np.ndarray
) -> np.ndarray:
    """(S, K) parameters in their units, the nearest to the data first.

    ``frequency_Hz`` (N,) falls; ``impedance_ohm`` (N,) is complex.
    """
    count = len(circuit.elements)
    w = 2.0 * np.pi * frequency_Hz
    # Where each element sits on the axis of frequencies, and whose impedance it takes.
    places = _even(POINTS, count) * (len(w) - 1)
    left = impedance_ohm - impedance_ohm[0]
    sizes = np.abs(np.stack([impedance_ohm, 0.5 * left]))
    smallest = 1e-3 * np.abs(impedance_ohm).min()
    columns: list[np.ndarray] = []
    for n, element in enumerate(circuit.elements):
        at = np.rint(places[:, n]).astype(int)
        whose = (np.arange(POINTS) // (n + 1)) % 2
        size = np.maximum(sizes[whose, at], smallest)
        if str(element) in circuit.series_resistors:
            # In series with everything: the smallest real part there is.
            size = np.full(POINTS, max(float(impedance_ohm.real.min()), smallest))
        if element.kind.symbol == "L":
            # Leads are seen at the highest frequencies only.
            size = np.full(POINTS, max(float(np.abs(impedance_ohm[0].imag)), smallest))
            at = np.zeros(POINTS, dtype=int)
        columns += [np.broadcast_to(v, POINTS) for v in element.kind.start(w[at], size)]
    points = np.stack(columns, axis=1)
    every = max(1, len(w) // FEWEST_POINTS_COMPARED)
    near = Frequencies.of(frequency_Hz[::every])
    z = circuit.values(points, near)[0]
    measured = impedance_ohm[::every]
    with np.errstate(all="ignore"):
        misfit = np.abs(np.log(z / measured)) ** 2
    order = np.argsort(np.nan_to_num(misfit.sum(axis=-1), nan=np.inf), kind="stable")
    return points[order]


def _even(count: int, dimensions: int) -> np.ndarray:
    """(count, dimensions) points spread evenly over the unit cube.

    Additive recurrence with the powers of the root of x^(d+1) = x + 1 (a generalised golden
    ratio), the same at every call.
    """
    root = 2.0
    for _ in range(30):
        root = (1.0 + root) ** (1.0 / (dimensions + 1.0))
    steps = (1.0 / root) ** np.arange(1, dimensions + 1)
    return (0.5 + np.outer(np.arange(1, count + 1), steps)) % 1.0
