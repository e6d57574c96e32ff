"""Which of two metals an atom is, by its brightness: about Z^1.7 in annular dark field.

Krivanek et al., Nature 2010, 464, 571, doi:10.1038/nature08879 (Z^1.64 for their detector); the
exponent depends on the inner angle, and is stated with the result.
"""

from dataclasses import dataclass

import numpy as np

from adatom.errors import ImageError

EXPONENT = 1.7
_ROUNDS = 500
_LEAST_SPREAD = 0.02
FEWEST = 1.0
"""Expected atoms of the rarer metal below which there is only one."""
INDISTINCT = 1.0
"""Standard deviations between the metals below which nothing is classified."""


@dataclass(frozen=True)
class Metals:
    """Brightness of two metals in one field: normal in its logarithm, the ratio given."""

    atomic_numbers: tuple[int, int]
    """The lighter one first."""
    heavy: np.ndarray
    """(N,), probability that an atom is of the heavier metal."""
    share_heavy: float
    spread: float
    """Standard deviation of the logarithm of the brightness."""
    separation: float
    """Between the metals, in standard deviations."""

    def unlike(self, bonds: np.ndarray) -> np.ndarray:
        """Probability that the spots of bonds (M, 2) are of different metals, (M,)."""
        first, second = self.heavy[bonds[:, 0]], self.heavy[bonds[:, 1]]
        return np.asarray(first * (1.0 - second) + second * (1.0 - first))


def classify_metals(intensity: np.ndarray, atomic_numbers: tuple[int, int]) -> Metals:
    """Classify atoms by intensities (N,), by expectation maximisation.

    Raises :class:`~adatom.errors.ImageError` for equal metals and for brightnesses that spread more
    than the metals differ.
    """
    light, heavy = sorted(atomic_numbers)
    if light == heavy:
        raise ImageError("two different metals are needed to tell homo- from hetero-pairs")
    step = EXPONENT * np.log(heavy / light)
    value = np.log(intensity)
    best = (-np.inf, 0.0, 0.0, 0.0)
    for start in np.quantile(value, [0.1, 0.5, 0.9]) - 0.5 * step:
        middle, spread, share = float(start), max(0.5 * float(value.std()), _LEAST_SPREAD), 0.5
        for _ in range(_ROUNDS):
            probability, fit = _heavy(value, middle, step, spread, share)
            new = float((value - probability * step).mean())
            residual = (1.0 - probability) * (value - new) ** 2
            residual += probability * (value - new - step) ** 2
            spread = max(float(np.sqrt(residual.mean())), _LEAST_SPREAD)
            share = float(np.clip(probability.mean(), 1e-6, 1.0 - 1e-6))
            if abs(new - middle) < 1e-9:
                break
            middle = new
        best = max(best, (fit, middle, spread, share))
    _, middle, spread, share = best
    separation = step / spread
    if separation < INDISTINCT:
        raise ImageError(
            f"brightnesses scatter by {100 * spread:.0f} % while elements {light} and {heavy}"
            f" differ by {100 * step:.0f} %: homo- and hetero-pairs cannot be told apart; average"
            " frames or take a flatter support"
        )
    probability, _ = _heavy(value, middle, step, spread, share)
    fewer = min(float(probability.sum()), float((1.0 - probability).sum()))
    if fewer < FEWEST:
        raise ImageError(
            f"brightnesses are of one kind, spread by {100 * spread:.0f} %, while elements"
            f" {light} and {heavy} differ by a factor of {np.exp(step):.2g}: all atoms are of one"
            " metal, and brightness alone cannot say of which"
        )
    return Metals((light, heavy), probability, share, spread, float(separation))


def _heavy(
    value: np.ndarray, middle: float, step: float, spread: float, share: float
) -> tuple[np.ndarray, float]:
    """Probability of the heavier metal, and the log likelihood."""
    low = np.log(1.0 - share) - 0.5 * ((value - middle) / spread) ** 2
    high = np.log(share) - 0.5 * ((value - middle - step) / spread) ** 2
    total = np.logaddexp(low, high)
    return np.exp(high - total), float((total - np.log(spread)).sum())
