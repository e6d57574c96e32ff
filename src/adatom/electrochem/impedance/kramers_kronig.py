"""Linear Kramers-Kronig test: can any causal, linear, stable system give this spectrum?

A chain of R-C elements with fixed time constants obeys the Kramers-Kronig relations whatever its
resistances; what it cannot follow, breaks them. Boukamp, J. Electrochem. Soc. 1995, 142, 1885,
10.1149/1.2044210; number of elements by mu: Schoenleber, Klotz, Ivers-Tiffee, Electrochim. Acta
2014, 131, 20, 10.1016/j.electacta.2014.01.034.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adatom.electrochem.impedance.noise import (
    SIGNIFICANCE,
    leverages,
    neighbours_together,
    noise_exponent,
    stacked,
)
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MU_LIMIT = 0.85
"""Schoenleber's: below, the chain begins to fit the noise."""
DENSEST_PER_DECADE = 8
"""Elements a decade at most."""
LIMIT = 0.005
"""Of |Z|: a smaller systematic deviation is not held against a spectrum."""
POINT_LIMIT = 0.01
"""Of |Z|: of a single point."""
NEIGHBOURS = 5
"""Frequencies over which a deviation is averaged."""


@dataclass(frozen=True)
class KramersKronig:
    """A spectrum against the nearest one that obeys the relations."""

    spectrum: ImpedanceSpectrum
    fitted_ohm: np.ndarray
    """(N,) complex, of the chain."""
    elements: int
    """R-C elements in the chain."""
    mu: float
    """1 less the sum of negative resistances over that of positive ones."""
    noise: float
    """Standard deviation of real and imaginary part, of |Z|, from neighbouring residuals."""
    noise_exponent: float
    """g of the noise s |Z|^g."""
    fails: np.ndarray
    """(N,) bool: frequencies whose deviation is systematic, or alone far beyond the noise."""

    @property
    def residuals(self) -> np.ndarray:
        """(N,) complex, measured less fitted, of the fitted modulus."""
        return (self.spectrum.impedance_ohm - self.fitted_ohm) / np.abs(self.fitted_ohm)

    @property
    def consistent(self) -> bool:
        """Whether no frequency fails."""
        return not self.fails.any()

    @property
    def failing_Hz(self) -> tuple[tuple[float, float], ...]:
        """Stretches of failing frequencies, (highest, lowest) each."""
        edges = np.flatnonzero(np.diff(np.r_[False, self.fails, False]))
        f = self.spectrum.frequency_Hz
        return tuple(
            (float(f[a]), float(f[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)
        )

    def sentence(self) -> str:
        """The verdict."""
        if self.consistent:
            seen = max(LIMIT, 4.0 * self.noise / np.sqrt(NEIGHBOURS))
            return (
                f"Kramers-Kronig: no deviation above {100 * seen:.2g} % of |Z|"
                f" (noise {100 * self.noise:.2g} %)"
            )
        where = ", ".join(
            f"{high:.3g} Hz" if high == low else f"{high:.3g} to {low:.3g} Hz"
            for high, low in self.failing_Hz
        )
        worst = np.abs(stacked(self.residuals)).max()
        return (
            f"Kramers-Kronig FAILS at {where}: up to {100 * worst:.2g} % of |Z| (noise"
            f" {100 * self.noise:.2g} %); drift, too large an amplitude or a disturbance, no"
            " circuit describes it"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "consistent": self.consistent,
            "sentence": self.sentence(),
            "failing_Hz": [list(pair) for pair in self.failing_Hz],
            "elements": self.elements,
            "mu": self.mu,
            "noise_percent": 100.0 * self.noise,
            "residuals_real_percent": (100.0 * self.residuals.real).tolist(),
            "residuals_imaginary_percent": (100.0 * self.residuals.imag).tolist(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the residuals against frequency on given axes (or new ones) and return them."""
        from adatom.plot.impedance import plot_residuals

        return plot_residuals(self, ax)


@dataclass(frozen=True)
class _Chain:
    fitted: np.ndarray
    residuals: np.ndarray
    """(2 N,), of the modulus of the fit."""
    jacobian: np.ndarray
    mu: float
    elements: int

    @property
    def criterion(self) -> float:
        """Schwarz's."""
        size, count = self.jacobian.shape
        return float(size * np.log(np.mean(self.residuals**2)) + np.log(size) * count)

    @property
    def like_noise(self) -> bool:
        """Whether neighbouring residuals are independent."""
        if self.residuals.std() < 1e-9:
            return True
        return neighbours_together(self.residuals, self.jacobian)[1] >= SIGNIFICANCE


def kramers_kronig(spectrum: ImpedanceSpectrum) -> KramersKronig:
    """Test a spectrum.

    Elements are added until mu falls below 0.85 and the residuals are noise. mu alone stops too
    early: a loop, or a peak between two time constants, makes negative resistances of its own.
    Where no number of elements does both, Schwarz's criterion chooses.
    """
    w = spectrum.angular_frequency_rad_s
    decades = float(np.log10(w[0] / w[-1]))
    most = int(min(len(w) - 2, max(3, DENSEST_PER_DECADE * decades)))
    modulus = spectrum.modulus_ohm
    tried: list[_Chain] = []
    for count in range(2, most + 1):
        tried.append(_chain(spectrum.impedance_ohm, w, count, modulus))
        if tried[-1].mu < MU_LIMIT and tried[-1].like_noise:
            break
    best = tried[-1]
    if not (best.mu < MU_LIMIT and best.like_noise):
        best = min(tried, key=lambda chain: chain.criterion)
    # Weights from the noisy points would pull the chain down; those of the chain do not.
    for _ in range(2):
        best = _chain(spectrum.impedance_ohm, w, best.elements, np.abs(best.fitted))
    share = np.sqrt(np.clip(1.0 - leverages(best.jacobian), 0.01, 1.0))
    sizes = np.tile(np.abs(best.fitted), 2)
    noise = _noise(best.residuals, best.jacobian)
    return KramersKronig(
        spectrum,
        best.fitted,
        best.elements,
        best.mu,
        noise,
        noise_exponent(best.residuals * sizes / share, np.abs(best.fitted)),
        _fails(best.residuals, noise),
    )


def _chain(z: np.ndarray, w: np.ndarray, count: int, modulus: np.ndarray) -> _Chain:
    """Least squares of a series resistance, inductance, capacitance and ``count`` elements."""
    tau = np.geomspace(1.0 / w[0], 1.0 / w[-1], count)
    columns = np.column_stack(
        [np.ones_like(w), 1j * w / w[0], w[-1] / (1j * w), 1.0 / (1.0 + 1j * w[:, None] * tau)]
    )
    scale = 1.0 / modulus
    design = stacked((columns * scale[:, None]).T).T
    point = np.linalg.lstsq(design, stacked(z * scale), rcond=1e-12)[0]
    fitted = columns @ point
    own = np.abs(fitted)
    resistances = point[3:]
    positive = resistances[resistances >= 0].sum()
    mu = 1.0 - float(-resistances[resistances < 0].sum() / positive) if positive > 0 else 0.0
    return _Chain(fitted, stacked((z - fitted) / own), design, mu, count)


def _noise(residuals: np.ndarray, jacobian: np.ndarray) -> float:
    """Standard deviation from differences of neighbours, whom a smooth misfit moves alike."""
    steps = np.diff(residuals.reshape(2, -1), axis=1)
    robust = 1.4826 * float(np.median(np.abs(steps))) / np.sqrt(2.0)
    size, count = jacobian.shape
    return robust * float(np.sqrt(size / max(size - count, 1)))


def _fails(residuals: np.ndarray, noise: float) -> np.ndarray:
    parts = residuals.reshape(2, -1)
    half = NEIGHBOURS // 2
    padded = np.pad(parts, ((0, 0), (half, half)), mode="reflect")
    means = np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURS, axis=1).mean(axis=-1)
    smooth = np.abs(means) > max(LIMIT, 4.0 * noise / np.sqrt(NEIGHBOURS))
    alone = np.abs(parts) > max(POINT_LIMIT, 5.0 * noise)
    return (smooth | alone).any(axis=0)
