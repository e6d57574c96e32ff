"""From the fraction of the beam to counted electrons: dose, counting noise, scan noise."""

import numpy as np

from adatom.errors import ImageError


def expose(
    fraction: np.ndarray,
    *,
    pixel_A: float,
    dose_e_A2: float,
    rng: np.random.Generator,
    row_jitter_rms_A: float = 0.0,
) -> np.ndarray:
    """Electrons counted at each pixel (rows, columns).

    Every row is first displaced along x by a Gaussian of ``row_jitter_rms_A`` (rows wrap around),
    then electrons are counted (Poisson, a perfect detector).

    Raises :class:`~adatom.errors.ImageError` for a dose or jitter that is none.
    """
    if not (dose_e_A2 > 0.0 and np.isfinite(dose_e_A2)):
        raise ImageError(f"a dose of {dose_e_A2:g} e/A2 makes no image; give a positive one")
    if not 0.0 <= row_jitter_rms_A <= 2.0:
        raise ImageError(f"row jitter of {row_jitter_rms_A:g} A, expected 0 to 2 A")
    if row_jitter_rms_A:
        shifts = row_jitter_rms_A * rng.standard_normal((len(fraction), 1))
        phase = np.exp(2j * np.pi * np.fft.rfftfreq(fraction.shape[1], pixel_A) * shifts)
        fraction = np.fft.irfft(np.fft.rfft(fraction, axis=1) * phase, fraction.shape[1], axis=1)
    return rng.poisson(np.maximum(fraction, 0.0) * dose_e_A2 * pixel_A**2).astype(float)
