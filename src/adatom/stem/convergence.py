"""Whether chains agree, and how many independent draws they are worth.

Gelman, Carlin, Stern, Dunson, Vehtari, Rubin, Bayesian Data Analysis, 3rd ed., 2013, section 11.
"""

import numpy as np


def split_r_hat(chains: np.ndarray) -> float:
    """Potential scale reduction of chains (C, T), each split in halves; 1 where they agree."""
    length = chains.shape[1] // 2
    halves = chains[:, : 2 * length].reshape(-1, length)
    within = halves.var(axis=1, ddof=1).mean()
    between = halves.mean(axis=1).var(ddof=1)
    if within == 0.0:
        return 1.0 if between == 0.0 else float("inf")
    return float(np.sqrt((length - 1) / length + between / within))


def effective_draws(chains: np.ndarray) -> float:
    """Independent draws that chains (C, T) are worth, by Geyer's initial positive sequence."""
    count, length = chains.shape
    centred = chains - chains.mean()
    variance = centred.var()
    if variance == 0.0:
        return float(chains.size)
    spectrum = np.abs(np.fft.rfft(centred, 2 * length, axis=1)) ** 2
    products = np.fft.irfft(spectrum, axis=1)[:, :length].mean(axis=0)
    correlation = products / length / variance
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0.0)
    last = negative[0] if negative.size else len(pairs)
    time = max(2.0 * pairs[:last].sum() - 1.0, 1.0)
    return float(min(count * length / time, count * length))
