"""Intensity along the line through two atoms, and their distance from it."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import csr_array

from adatom.errors import ImageError
from adatom.stem.microscope import FWHM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STARTS = (0.7, 0.85, 1.0, 1.15, 1.3)
"""Distances tried first, in units of the distance between the ends given."""
_STANDS_OUT = 4.0
"""Standard deviations above the noise that make a peak; places along the line are searched."""


@dataclass(frozen=True)
class LineProfile:
    """Mean intensity across a strip, against the position along it."""

    position_A: np.ndarray
    """Along the line (P,), one pixel apart; 0 at the first atom, negative before it."""
    intensity: np.ndarray
    """Mean over the width of the strip (P,), in the image's own unit."""
    covariance: np.ndarray
    """Of the intensities (P, P) for pixels with independent noise of variance 1."""
    width_A: float
    """Of the strip."""
    separation_A: float
    """Between the two points the line was drawn through."""


@dataclass(frozen=True)
class DoubletFit:
    """Two Gaussians of one width on a sloping background, fitted to a profile."""

    profile: LineProfile
    parameters: np.ndarray
    """First and second centre, A; standard deviation, A; two heights; background, slope per A."""
    distance_A: float
    distance_sd_A: float
    """From the scatter of the fit; the scale of the image and drift come on top."""
    width_fwhm_A: float
    dip_depth: float
    """1 - minimum between the peaks over the lower peak, above the background; 0 without a dip."""
    dip_depth_sd: float
    resolved: bool
    """Whether the dip exceeds twice its standard deviation."""
    noise: float
    """Standard deviation of the intensities about the fit, in the image's unit."""

    def curve(self, position_A: np.ndarray) -> np.ndarray:
        """The fitted intensity at positions (P,) along the line."""
        return _model(self.parameters, position_A)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "distance_angstrom": self.distance_A,
            "distance_sd_angstrom": self.distance_sd_A,
            "width_fwhm_angstrom": self.width_fwhm_A,
            "dip_depth": self.dip_depth,
            "dip_depth_sd": self.dip_depth_sd,
            "resolved": self.resolved,
            "strip_width_angstrom": self.profile.width_A,
            "position_angstrom": self.profile.position_A.tolist(),
            "intensity": self.profile.intensity.tolist(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the profile and the fit."""
        from adatom.plot.stem import plot_profile

        return plot_profile(self, ax)


def line_profile(
    image: np.ndarray,
    first_A: tuple[float, float],
    second_A: tuple[float, float],
    *,
    pixel_size_A: float,
    width_A: float = 1.0,
    beyond_A: float = 2.0,
) -> LineProfile:
    """Take the intensity along the line from ``beyond_A`` before one atom to as far after another.

    ``image`` is (rows, columns); points are (x, y) from its corner, the middle of pixel
    (row, column) at (column + 1/2, row + 1/2) ``pixel_size_A``. The strip is sampled a pixel apart
    in both directions by bilinear interpolation; where the line leaves the image it ends.

    Raises :class:`~adatom.errors.ImageError` for points that coincide or lie outside.
    """
    image = np.asarray(image, dtype=float)
    ends = np.array([first_A, second_A], dtype=float)
    size = pixel_size_A * np.array(image.shape[::-1])
    if not np.isfinite(ends).all() or (ends < 0.0).any() or (ends > size).any():
        raise ImageError(
            f"a line from {_point(ends[0])} to {_point(ends[1])} leaves the image of"
            f" {size[0]:.1f} x {size[1]:.1f} A; give atoms inside it"
        )
    separation = math.dist(ends[0], ends[1])
    if separation < pixel_size_A:
        raise ImageError(
            f"{_point(ends[0])} and {_point(ends[1])} are {separation:.3f} A apart, less than a"
            f" pixel of {pixel_size_A:g} A; give two atoms"
        )
    along = (ends[1] - ends[0]) / separation
    across = np.array([-along[1], along[0]])
    steps = np.arange(-math.floor(beyond_A / pixel_size_A),
                      math.floor((separation + beyond_A) / pixel_size_A) + 1)  # fmt: skip
    half = max(0, round((width_A / pixel_size_A - 1.0) / 2.0))
    offsets = np.arange(-half, half + 1)
    places = (
        ends[0] + pixel_size_A * (steps[:, None, None] * along + offsets[None, :, None] * across)
    )  # fmt: skip
    half_pixel = pixel_size_A / 2.0
    within = np.all((places >= half_pixel) & (places <= size - half_pixel), axis=(1, 2))
    weights = _bilinear(places[within] / pixel_size_A - 0.5, image.shape)
    return LineProfile(
        _read_only(pixel_size_A * steps[within]),
        _read_only(weights @ image.ravel()),
        _read_only((weights @ weights.T).toarray()),
        pixel_size_A * len(offsets),
        separation,
    )


def _bilinear(places: np.ndarray, shape: tuple[int, ...]) -> csr_array:
    """Weights (P, rows * columns) of the pixels in the means at places (P, W, 2), in pixels."""
    points, across = places.shape[:2]
    low = np.minimum(np.floor(places).astype(int), np.array(shape[::-1]) - 2)
    part = places - low
    weights, pixels = [], []
    for right in (0, 1):
        for down in (0, 1):
            x = part[..., 0] if right else 1.0 - part[..., 0]
            y = part[..., 1] if down else 1.0 - part[..., 1]
            weights.append(x * y / across)
            pixels.append((low[..., 1] + down) * shape[1] + low[..., 0] + right)
    rows = np.broadcast_to(np.arange(points)[:, None], (points, across)).ravel()
    return csr_array(
        (np.concatenate([w.ravel() for w in weights]),
         (np.tile(rows, 4), np.concatenate([p.ravel() for p in pixels]))),
        shape=(points, shape[0] * shape[1]),
    )  # fmt: skip


def fit_doublet(profile: LineProfile) -> DoubletFit:
    """Fit two Gaussians of one width; their distance with its standard deviation, and the dip.

    Raises :class:`~adatom.errors.ImageError` for a profile too short or without two peaks.
    """
    x, y = profile.position_A, profile.intensity
    if len(x) < 10:
        raise ImageError(
            f"a profile of {len(x)} pixels determines no seven parameters; take a longer line or"
            " a finer image"
        )
    floor, top = float(np.min(y)), float(np.max(y))
    middle, d = profile.separation_A / 2.0, profile.separation_A
    span = float(x[-1] - x[0])
    step = float(x[1] - x[0])
    scale = max(top - floor, 1e-300)
    low = [x[0], x[0], 0.5 * step, 0.0, 0.0, -np.inf, -np.inf]
    high = [x[-1], x[-1], span / 2.0, np.inf, np.inf, np.inf, np.inf]
    best = None
    for start in _STARTS:
        centres = np.clip([middle - start * d / 2, middle + start * d / 2], x[0], x[-1])
        guess = [*centres, max(0.3 * d, step), scale, scale, floor, 0.0]
        found = least_squares(
            lambda p: (_model(p, x) - y) / scale, guess, jac=lambda p: _jacobian(p, x) / scale,
            bounds=(low, high), x_scale=[d, d, d, scale, scale, scale, scale / span],
        )  # fmt: skip
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    p = np.asarray(best.x)
    if p[1] < p[0]:
        p = p[[1, 0, 2, 4, 3, 5, 6]]
    # The samples share pixels: their scatter about the fit, and with it the noise of a pixel, is
    # judged by their covariance, and so are the parameters.
    jacobian = _jacobian(p, x)
    inverse = np.linalg.pinv(jacobian)
    left = profile.covariance - jacobian @ (inverse @ profile.covariance)
    pixel_noise = scale * math.sqrt(2.0 * best.cost / max(float(np.trace(left)), 1e-12))
    covariance = pixel_noise**2 * inverse @ profile.covariance @ inverse.T
    noise = pixel_noise * math.sqrt(float(np.mean(np.diag(profile.covariance))))
    heights_sd = np.sqrt(np.maximum(np.diag(covariance)[3:5], 0.0))
    strayed = np.abs(p[:2] - [0.0, d]).max() > d / 2.0
    if strayed or (p[3:5] <= _STANDS_OUT * heights_sd).any():
        raise ImageError(
            f"no two peaks stand above the noise along this line of {span:.1f} A; is there an atom"
            " at each end?"
        )
    toward = np.array([-1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    dip, slope = _dip(p), _gradient(p)
    dip_sd = math.sqrt(max(0.0, float(slope @ covariance @ slope)))
    return DoubletFit(
        profile, _read_only(p), float(p[1] - p[0]),
        math.sqrt(max(0.0, float(toward @ covariance @ toward))),
        FWHM * float(p[2]), dip, dip_sd, dip > 2.0 * dip_sd and dip > 0.0, noise,
    )  # fmt: skip


def _model(p: np.ndarray, x: np.ndarray) -> np.ndarray:
    first = p[3] * np.exp(-0.5 * ((x - p[0]) / p[2]) ** 2)
    second = p[4] * np.exp(-0.5 * ((x - p[1]) / p[2]) ** 2)
    return np.asarray(first + second + p[5] + p[6] * x)


def _jacobian(p: np.ndarray, x: np.ndarray) -> np.ndarray:
    u, v = (x - p[0]) / p[2], (x - p[1]) / p[2]
    e, f = np.exp(-0.5 * u**2), np.exp(-0.5 * v**2)
    wide = (p[3] * e * u**2 + p[4] * f * v**2) / p[2]
    return np.column_stack(
        [p[3] * e * u / p[2], p[4] * f * v / p[2], wide, e, f, np.ones(len(x)), x]
    )


def _dip(p: np.ndarray) -> float:
    """How far the curve falls between its peaks, relative to the lower one, without background."""
    x = np.linspace(p[0], p[1], 401)
    y = _model(p, x) - p[5] - p[6] * x
    lowest = int(np.argmin(y[1:-1])) + 1
    lower_peak = min(y[: lowest + 1].max(), y[lowest:].max())
    return float(max(0.0, 1.0 - y[lowest] / lower_peak)) if lower_peak > 0.0 else 0.0


def _gradient(p: np.ndarray) -> np.ndarray:
    """Of the dip by the parameters, central differences."""
    found = np.zeros(len(p))
    for i, value in enumerate(p):
        h = 1e-4 * max(abs(value), 1e-3)
        step = np.zeros(len(p))
        step[i] = h
        found[i] = (_dip(p + step) - _dip(p - step)) / (2.0 * h)
    return found


def _point(place: np.ndarray) -> str:
    return f"({place[0]:.2f}, {place[1]:.2f}) A"


def _read_only(values: np.ndarray) -> np.ndarray:
    copy = np.array(values, dtype=float)
    copy.flags.writeable = False
    return copy
