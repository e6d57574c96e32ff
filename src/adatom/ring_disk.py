"""Rotating ring-disk electrode: electron number and peroxide yield from both currents."""

import numpy as np


def electron_number(disk: np.ndarray, ring: np.ndarray, collection_efficiency: float) -> np.ndarray:
    """n = 4 I_D / (I_D + I_R / N), with the magnitudes of disk and ring currents."""
    collected = np.abs(ring) / collection_efficiency
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(4.0 * np.abs(disk) / (np.abs(disk) + collected))


def peroxide_yield_percent(
    disk: np.ndarray, ring: np.ndarray, collection_efficiency: float
) -> np.ndarray:
    """H2O2 % = 200 (I_R / N) / (I_D + I_R / N), with the magnitudes of the currents."""
    collected = np.abs(ring) / collection_efficiency
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(200.0 * collected / (np.abs(disk) + collected))
