"""Pre-edge line, post-edge polynomial, edge step: mu(E) to unit edge step.

Windows are offsets from E0. The step depends on them more than on noise, so its interval is the
spread over a set of sensible windows.
"""

import contextlib
from dataclasses import dataclass
from itertools import product

import numpy as np

from adatom.errors import SpectrumError
from adatom.readers.spectrum import AbsorptionSpectrum

PRE_EDGE_EV = -150.0
"""From here, or from the start of the scan, half the way to E0."""
POST_EDGE_EV = (100.0, 900.0)
LEAST_BELOW_EV = 25.0
LEAST_ABOVE_EV = 40.0
LINEAR_BELOW_EV = 300.0
"""A post-edge range shorter than this carries no parabola."""
CONSTANT_BELOW_EV = 80.0
_Windows = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Normalised:
    """A spectrum brought to an edge step of 1."""

    spectrum: AbsorptionSpectrum
    e0_eV: float
    """The energy that windows count from and at which the step is taken."""
    norm: np.ndarray
    """(N,), (mu - pre-edge line) / step."""
    flat: np.ndarray
    """(N,), norm with the slope and curvature of the post-edge taken off above E0."""
    pre_edge: np.ndarray
    """(N,), in the unit of mu."""
    post_edge: np.ndarray
    """(N,), in the unit of mu."""
    edge_step: float
    """In the unit of mu."""
    edge_step_sd: float
    """Spread over the windows tried."""
    pre_edge_window_eV: tuple[float, float]
    post_edge_window_eV: tuple[float, float]
    order: int
    """Of the post-edge polynomial."""

    def __post_init__(self) -> None:
        for name in ("norm", "flat", "pre_edge", "post_edge"):
            getattr(self, name).flags.writeable = False

    @property
    def energy_eV(self) -> np.ndarray:
        """(N,)."""
        return self.spectrum.energy_eV


def normalise(
    spectrum: AbsorptionSpectrum,
    e0_eV: float,
    *,
    pre_edge_eV: tuple[float, float] | None = None,
    post_edge_eV: tuple[float, float] | None = None,
) -> Normalised:
    """Bring a spectrum to an edge step of 1; windows are offsets from ``e0_eV``.

    Raises :class:`~adatom.errors.SpectrumError` where the scan does not reach far enough on either
    side, or where the absorption falls at the edge.
    """
    e, mu = spectrum.energy_eV, spectrum.mu
    pre, post = windows(spectrum, e0_eV, pre_edge_eV, post_edge_eV)
    line, curve, order = _baselines(e, mu, e0_eV, pre, post)
    step = float(np.polyval(curve, 0.0) - np.polyval(line, 0.0))
    x = e - e0_eV
    spread = np.ptp(mu[(x > pre[0]) & (x < post[1])])
    if not step > 0.02 * spread:
        raise SpectrumError(
            f"{spectrum.path}: the absorption does not rise at {e0_eV:.1f} eV (step {step:.3g}); "
            "the columns of i0 and itrans may be exchanged, or this is another edge"
        )
    pre_edge, post_edge = np.polyval(line, x), np.polyval(curve, x)
    norm = (mu - pre_edge) / step
    excess = np.where(x > 0, (post_edge - pre_edge) / step - 1.0, 0.0)
    steps = []
    for other_pre, other_post in _other_windows(pre, post):
        try:
            a, b, _ = _baselines(e, mu, e0_eV, other_pre, other_post)
        except SpectrumError:
            continue
        steps.append(np.polyval(b, 0.0) - np.polyval(a, 0.0))
    sd = float(np.sqrt(np.mean((np.array(steps) - step) ** 2))) if steps else 0.0
    return Normalised(
        spectrum, e0_eV, norm, norm - excess, pre_edge, post_edge, step, sd, pre, post, order
    )


def other_normalisations(normal: Normalised) -> list[Normalised]:
    """The spectrum as some of the other sensible windows normalise it."""
    found = []
    for pre, post in _other_windows(normal.pre_edge_window_eV, normal.post_edge_window_eV)[1::3]:
        with contextlib.suppress(SpectrumError):
            found.append(
                normalise(normal.spectrum, normal.e0_eV, pre_edge_eV=pre, post_edge_eV=post)
            )
    return found


def windows(
    spectrum: AbsorptionSpectrum,
    e0_eV: float,
    pre_edge_eV: tuple[float, float] | None,
    post_edge_eV: tuple[float, float] | None,
) -> _Windows:
    """The windows asked for, or those that fit the scan, as offsets from E0."""
    below = e0_eV - float(spectrum.energy_eV[0])
    above = float(spectrum.energy_eV[-1]) - e0_eV
    if below < LEAST_BELOW_EV or above < LEAST_ABOVE_EV:
        raise SpectrumError(
            f"{spectrum.path}: the scan reaches {below:.0f} eV below and {above:.0f} eV above its"
            f" edge at {e0_eV:.1f} eV; at least {LEAST_BELOW_EV:g} and {LEAST_ABOVE_EV:g} eV are"
            " needed to normalise it"
        )
    if pre_edge_eV is None:
        start = max(PRE_EDGE_EV, -below)
        pre_edge_eV = (start, 0.5 * start)
    if post_edge_eV is None:
        end = min(POST_EDGE_EV[1], above)
        post_edge_eV = (min(POST_EDGE_EV[0], 0.4 * end), end)
    for name, (low, high) in (("pre-edge", pre_edge_eV), ("post-edge", post_edge_eV)):
        if not low < high:
            raise SpectrumError(f"{name} window {low:g} to {high:g} eV must rise")
    if pre_edge_eV[1] > 0 or post_edge_eV[0] < 0:
        raise SpectrumError(
            "windows are offsets from E0: the pre-edge ends below 0, the post-edge starts above 0"
        )
    return pre_edge_eV, post_edge_eV


def _baselines(
    e: np.ndarray, mu: np.ndarray, e0: float, pre: tuple[float, float], post: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Coefficients of the pre-edge line and of the post-edge curve in E - E0, and its order."""
    x = e - e0
    before = (x >= pre[0] - 1e-6) & (x <= pre[1] + 1e-6)
    after = (x >= post[0] - 1e-6) & (x <= post[1] + 1e-6)
    span = post[1] - post[0]
    order = 0 if span < CONSTANT_BELOW_EV else 1 if span < LINEAR_BELOW_EV else 2
    if before.sum() < 3 or after.sum() < order + 3:
        raise SpectrumError(
            f"{before.sum()} points in the pre-edge window {pre[0]:g} to {pre[1]:g} eV and"
            f" {after.sum()} in the post-edge window {post[0]:g} to {post[1]:g} eV; give wider ones"
        )
    line = np.polyfit(x[before], mu[before], 1)
    # Weights by spacing: a scan in k has few points far out, which matter as much.
    weight = np.sqrt(np.gradient(x)[after])
    rest = mu[after] - np.polyval(line, x[after])
    above = np.polyfit(x[after], rest, order, w=weight)
    return line, np.polyadd(line, above), order


def _other_windows(pre: tuple[float, float], post: tuple[float, float]) -> list[_Windows]:
    """Sensible other choices: shorter at either end of either window."""
    low, high = post
    starts = (low, min(0.5 * low, 50.0), low + 0.15 * (high - low))
    ends = (high, high - 0.2 * (high - low), high - 0.4 * (high - low))
    befores = (pre, (pre[0] + 0.3 * (pre[1] - pre[0]), pre[1]),
               (pre[0], pre[1] - 0.3 * (pre[1] - pre[0])))  # fmt: skip
    return [(b, (s, end)) for b, s, end in product(befores, starts, ends)]
