"""Evidence and posterior by tempering: particles carried from the prior to the posterior.

Sequential Monte Carlo (Del Moral, Doucet, Jasra, J. R. Stat. Soc. B 2006, 68, 411,
10.1111/j.1467-9868.2006.00553.x): the likelihood is switched on as L^beta in steps that keep the
effective number of particles; after each step particles are resampled and moved by
Metropolis steps along differences of other particles (ter Braak, Stat. Comput. 2006, 16, 239,
10.1007/s11222-006-8769-1), which learn scale and correlation by themselves. The product of the
mean incremental weights is the evidence. Likelihoods are asked for in batches, so that the
compiled model sees many parameter vectors at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

BatchLikelihood = Callable[[np.ndarray], np.ndarray]
"""(B, D) points of the unit cube -> (B,) log likelihood."""
KEPT = 0.6
"""Effective share of particles after a step of beta."""
ACCEPTED_MOVES = 8.0
"""Accepted moves of a particle, on average, at every beta; with 2.5 evidences were 0.8 too low."""
MAX_MOVES = 60
JUMP = 0.1
"""Share of moves over a whole difference, which connect separate modes."""


@dataclass(frozen=True)
class Tempered:
    """What was found."""

    log_evidence: float
    log_evidence_error: float
    """Standard error from independent populations, at least the sampling error of the weights."""
    points: np.ndarray
    """(S, D), equally weighted draws of the posterior in the unit cube."""
    log_likelihood: np.ndarray
    """(S,)."""


def temper(
    log_likelihood: BatchLikelihood,
    dimensions: int,
    random: np.random.Generator,
    *,
    particles: int = 800,
    populations: int = 2,
) -> Tempered:
    """Evidence of a likelihood under the uniform prior on the unit cube.

    ``particles`` (even) in each of ``populations`` independent runs.
    """
    runs = [_population(log_likelihood, dimensions, random, particles) for _ in range(populations)]
    each = np.array([run[0] for run in runs])
    spread = float(np.std(each, ddof=1)) if populations > 1 else 0.0
    own = float(np.sqrt(np.mean([run[1] for run in runs])))
    return Tempered(
        log_evidence=float(logsumexp(each) - np.log(populations)),
        log_evidence_error=max(spread, own) / np.sqrt(populations),
        points=np.concatenate([run[2] for run in runs]),
        log_likelihood=np.concatenate([run[3] for run in runs]),
    )


def _population(
    log_likelihood: BatchLikelihood, dimensions: int, random: np.random.Generator, particles: int
) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Log evidence, its variance from the weights, draws, their log likelihoods."""
    u = random.random((particles, dimensions))
    log_l = log_likelihood(u)
    beta, log_z, variance = 0.0, 0.0, 0.0
    scale = 1.0
    while beta < 1.0:
        raised = _next_beta(beta, log_l)
        log_w = (raised - beta) * log_l
        weights = np.exp(log_w - log_w.max())
        log_z += float(np.log(weights.mean()) + log_w.max())
        variance += float(weights.var() / weights.mean() ** 2 / particles)
        beta = raised
        chosen = _systematic(weights, random)
        u, log_l = u[chosen], log_l[chosen]
        u, log_l, scale = _moved(log_likelihood, u, log_l, beta, scale, random)
    return log_z, variance, u, log_l


def _next_beta(beta: float, log_l: np.ndarray) -> float:
    """The largest step that keeps the effective number of particles, by bisection."""

    def effective(step: float) -> float:
        weights = np.exp(step * (log_l - log_l.max()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(log_l))

    if effective(1.0 - beta) >= KEPT:
        return 1.0
    low, high = 0.0, 1.0 - beta
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= KEPT else (low, middle)
    return beta + max(low, 1e-12)


def _systematic(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Resampling with one random number; order shuffled, or the halves would differ."""
    n = len(weights)
    edges = np.cumsum(weights) / weights.sum()
    chosen = np.minimum(np.searchsorted(edges, (np.arange(n) + random.random()) / n), n - 1)
    return random.permutation(chosen)


def _moved(
    log_likelihood: BatchLikelihood,
    u: np.ndarray,
    log_l: np.ndarray,
    beta: float,
    scale: float,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Metropolis moves at one beta: each half along differences within the other half."""
    n, dimensions = u.shape
    halves = (np.arange(n // 2), np.arange(n // 2, n))
    moves = 0.0
    for _ in range(MAX_MOVES):
        accepted = 0
        for mine, others in (halves, halves[::-1]):
            first = others[random.integers(len(others), size=len(mine))]
            second = others[random.integers(len(others), size=len(mine))]
            jump = random.random(len(mine)) < JUMP
            along = (
                scale
                * 2.38
                / np.sqrt(2.0 * dimensions)
                * np.exp(0.3 * random.standard_normal(len(mine)))
            )
            step = np.where(jump, 1.0, along)[:, None] * (u[first] - u[second])
            step += 1e-5 * random.standard_normal(step.shape)
            proposed = _reflected(u[mine] + step)
            found = log_likelihood(proposed)
            better = np.log(random.random(len(mine))) < beta * (found - log_l[mine])
            u[mine[better]], log_l[mine[better]] = proposed[better], found[better]
            accepted += int(np.count_nonzero(better & ~jump))
        rate = accepted / n / (1.0 - JUMP)
        scale = float(np.clip(scale * np.exp(rate - 0.27), 0.1, 1.5))
        moves += rate
        if moves >= ACCEPTED_MOVES:
            break
    return u, log_l, scale


def _reflected(u: np.ndarray) -> np.ndarray:
    """Back into the unit cube at its faces; symmetric, as Metropolis asks."""
    folded = np.mod(u, 2.0)
    return np.where(folded > 1.0, 2.0 - folded, folded)
