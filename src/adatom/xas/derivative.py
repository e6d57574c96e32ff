"""Slope of a spectrum by local quadratic regression on the energies as measured."""

import numpy as np

LEAST_BANDWIDTH_EV = 0.5
"""Below the core-hole width of any K edge from Ti on (0.9 eV, Krause and Oliver 1979)."""
BANDWIDTH_STEPS = 1.2
"""A bandwidth spans at least so many steps of the scan."""
_REACH = 4.0
"""Bandwidths beyond which a point has no weight."""


def slope_operator(energy_eV: np.ndarray, at_eV: np.ndarray, bandwidth: float = 1.0) -> np.ndarray:
    """Matrix (A, N) that turns absorption at ``energy_eV`` (N,) into its slope at ``at_eV`` (A,).

    A parabola is fitted around every point with Gaussian weights of a width of ``bandwidth`` times
    the larger of :data:`LEAST_BANDWIDTH_EV` and :data:`BANDWIDTH_STEPS` local steps; so the slope
    is exact for parabolas whatever the spacing.
    """
    step = np.interp(at_eV, energy_eV, np.gradient(energy_eV))
    width = bandwidth * np.maximum(LEAST_BANDWIDTH_EV, BANDWIDTH_STEPS * step)
    u = (energy_eV[None, :] - at_eV[:, None]) / width[:, None]
    weight = np.where(np.abs(u) < _REACH, np.exp(-0.5 * u**2), 0.0)
    wu = weight * u
    wuu = wu * u
    sums = (weight.sum(1), wu.sum(1), wuu.sum(1), (wuu * u).sum(1), (wuu * u * u).sum(1))
    moments = np.stack([np.stack([sums[i + j] for j in range(3)], -1) for i in range(3)], -2)
    moments += 1e-12 * np.eye(3)
    rows = np.linalg.solve(moments, np.broadcast_to(np.eye(3)[1][:, None], (len(at_eV), 3, 1)))
    found = rows[:, 0] * weight + rows[:, 1] * wu + rows[:, 2] * wuu
    return np.asarray(found / width[:, None])


def noise_of(energy_eV: np.ndarray, mu: np.ndarray) -> float:
    """Standard deviation of the noise of ``mu`` (N,), from what a cubic through the four
    neighbours of a point does not explain (median, so edges and glitches do not count)."""
    e, y = energy_eV, mu
    if len(e) < 8:
        return 0.0
    at = np.arange(2, len(e) - 2)
    residual = y[at].copy()
    variance = np.ones(len(at))
    near = (-2, -1, 1, 2)
    for i in near:
        share = np.ones(len(at))
        for j in near:
            if j != i:
                share *= (e[at] - e[at + j]) / (e[at + i] - e[at + j])
        residual -= share * y[at + i]
        variance += share**2
    return float(np.median(np.abs(residual) / np.sqrt(variance)) / 0.6745)
