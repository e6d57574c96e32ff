"""What is wrong with a spectrum: glitches, jumps, thick or thin samples; said, never mended.

Only :func:`deglitch` changes a spectrum, when it is asked to, and notes what it did.
"""

from dataclasses import dataclass, replace

import numpy as np

from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.edges import Edge, edges_near

GLITCH_SIGMAS = 10.0
LEAST_GLITCH = 0.002
"""Of the edge step: smaller ones harm nothing."""
LEAST_JUMP = 0.01
JUMP_SIGMAS = 8.0
_JUMP_POINTS = 6
_WINDOW = 8
"""Points on either side that decide between a glitch and a jump."""
_MASKED = 12
_EDGE_EV = (-20.0, 60.0)
"""Around the edge the spectrum itself is as sharp as a glitch,"""
_FINE_EV = 1.3
"""unless the points are so dense that those compared lie within the lifetime width of the edge (Fe
K 1.2 eV: Krause and Oliver, J. Phys. Chem. Ref. Data 1979, 8, 329)."""
THICK_MU = 3.0
THIN_STEP = 0.05
NOISY = 0.02


@dataclass(frozen=True)
class Fault:
    """Something wrong at an energy."""

    kind: str
    """glitch or jump."""
    energy_eV: float
    height: float
    """In edge steps."""

    def sentence(self) -> str:
        """What a person is told."""
        if self.kind == "glitch":
            return f"a glitch of {self.height:+.3f} edge steps at {self.energy_eV:.1f} eV"
        near = edges_near(self.energy_eV, 12.0)
        other = f": the {near[0]} edge ({near[0].tabulated_eV:.0f} eV)?" if near else ""
        return (
            f"the absorption jumps by {self.height:+.3f} edge steps at {self.energy_eV:.1f} eV"
            + (other or "; a monochromator or gain step, or a detector change")
        )


def faults(spectrum: AbsorptionSpectrum, e0_eV: float, edge_step: float) -> tuple[Fault, ...]:
    """Glitches (one or two points off their neighbours) and jumps (a new level from a point on)."""
    e, mu = spectrum.energy_eV, spectrum.mu / edge_step
    outside = (e < e0_eV + _EDGE_EV[0]) | (e > e0_eV + _EDGE_EV[1])
    m = min(_JUMP_POINTS, (len(e) - 1) // 2)
    dense = _padded(e[2 * m :] - e[: len(e) - 2 * m] < _FINE_EV, m)
    score = np.where(outside | dense, np.maximum(_off_neighbours(e, mu), _off_level(e, mu)), 0.0)
    found: list[Fault] = []
    while score.size and score.max() > 1.0:
        i = int(np.argmax(score))
        found += _explained(e, mu, i)
        score[max(0, i - _MASKED) : i + _MASKED + 1] = 0.0
    return tuple(sorted(found, key=lambda f: f.energy_eV))


def deglitch(
    spectrum: AbsorptionSpectrum, found: tuple[Fault, ...]
) -> tuple[AbsorptionSpectrum, tuple[str, ...]]:
    """The spectrum without the points of its glitches, and what was taken out."""
    at = [f.energy_eV for f in found if f.kind == "glitch"]
    keep = ~np.isin(spectrum.energy_eV, at)
    if keep.all():
        return spectrum, ()
    note = f"{int((~keep).sum())} points of glitches taken out, as asked: " + ", ".join(
        f"{x:.1f}" for x in at
    )
    i0, reference = (
        None if values is None else values[keep] for values in (spectrum.i0, spectrum.reference_mu)
    )
    without = replace(
        spectrum, energy_eV=spectrum.energy_eV[keep], mu=spectrum.mu[keep], i0=i0,
        reference_mu=reference, notes=(*spectrum.notes, note + " eV"),
    )  # fmt: skip
    return without, (note + " eV",)


def warnings_of(
    spectrum: AbsorptionSpectrum, edge_step: float, noise_mu: float, edge: Edge | None
) -> list[str]:
    """Sentences about what limits the spectrum as a whole."""
    said = list(spectrum.doubts)
    if spectrum.mode == "fluorescence":
        said.append(
            "fluorescence: over-absorption of concentrated samples lowers the white line and the"
            " amplitudes (coordination numbers); no correction is applied"
        )
    if spectrum.mode == "transmission" and spectrum.i0 is not None:
        if spectrum.mu.max() > THICK_MU and edge_step > THICK_MU / 1.5:
            said.append(
                f"the sample absorbs {edge_step:.1f} at the edge: thickness effects (leakage,"
                " harmonics) lower amplitudes"
            )
        if edge_step < THIN_STEP:
            said.append(f"the edge step is only {edge_step:.3f}; background errors are large")
    if noise_mu / edge_step > NOISY:
        said.append(f"noisy: {100 * noise_mu / edge_step:.1f} % of the edge step at a point")
    if edge is None:
        said.append("element and edge are not stated; give --element and --edge to check them")
    return said


def _off_neighbours(e: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """(N,), how far each point is off a curve of fourth order through others two to four away, in
    units of what counts."""
    at = np.arange(4, len(e) - 4)
    near = np.array([-4, -3, -2, 2, 3, 4])
    off = np.abs(mu[at] - _predicted(e, mu, at, e[at], near, 4))
    return _padded(off / np.maximum(GLITCH_SIGMAS * _usual(off) / 0.6745, LEAST_GLITCH), 4)


def _off_level(e: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """(N,), how far parabolas before and from each point on disagree, in units of what counts."""
    m = _JUMP_POINTS
    at = np.arange(m, len(e) - m)
    middle = 0.5 * (e[at - 1] + e[at])
    before = _predicted(e, mu, at, middle, np.arange(-m, 0), 2)
    gap = np.abs(_predicted(e, mu, at, middle, np.arange(m), 2) - before)
    return _padded(gap / np.maximum(JUMP_SIGMAS * _usual(gap) / 0.6745, LEAST_JUMP), m)


def _explained(e: np.ndarray, mu: np.ndarray, at: int) -> list[Fault]:
    """What explains the points around ``at`` best beside a curve of fourth order: one point off,
    two points off, or a step."""
    low, high = max(0, at - _WINDOW), min(len(e), at + _WINDOW + 1)
    x, y = e[low:high], mu[low:high]
    u = (x - x.mean()) / np.ptp(x)
    smooth = u[:, None] ** np.arange(5)
    best: tuple[float, list[Fault]] = (np.inf, [])
    for j in range(max(1, at - low - 3), min(len(x) - 2, at - low + 4)):
        point, beside = np.eye(len(x))[:, j], np.eye(len(x))[:, j + 1]
        step = (np.arange(len(x)) >= j).astype(float)
        for kind, columns, price in (
            ("glitch", [point], 1.0), ("jump", [step], 1.0), ("glitch", [point, beside], 3.0),
        ):  # fmt: skip
            design = np.column_stack([smooth, *columns])
            weights = np.linalg.lstsq(design, y, rcond=None)[0]
            misfit = price * float(((y - design @ weights) ** 2).sum())
            if misfit < best[0]:
                heights = weights[5:]
                where = [0.5 * (x[j - 1] + x[j])] if kind == "jump" else [x[j], x[j + 1]]
                best = misfit, [
                    Fault(kind, float(w), float(h))
                    for w, h in zip(where, heights, strict=False)
                ]  # fmt: skip
    least = LEAST_JUMP if best[1][0].kind == "jump" else LEAST_GLITCH
    return [f for f in best[1] if abs(f.height) > least]


def _predicted(
    e: np.ndarray, mu: np.ndarray, at: np.ndarray, where: np.ndarray, near: np.ndarray, order: int
) -> np.ndarray:
    """Value at ``where`` (A,) of polynomials fitted to the points ``at + near`` of each."""
    u = e[at[:, None] + near] - where[:, None]
    u /= np.abs(u).max(axis=1, keepdims=True)
    fit = np.linalg.pinv(u[:, :, None] ** np.arange(order + 1))
    return np.asarray(np.einsum("nj,nj->n", fit[:, 0, :], mu[at[:, None] + near]))


def _usual(scale: np.ndarray) -> np.ndarray:
    """Median of the 41 values around each."""
    padded = np.pad(scale, 20, mode="reflect" if len(scale) > 20 else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 41)
    return np.maximum(np.median(windows, axis=1), 1e-9)


def _padded(inner: np.ndarray, by: int) -> np.ndarray:
    return np.pad(inner, by)
