"""A model's spectrum in the coordinates of a fit, for many parameter vectors at once."""

import numba
import numpy as np

from adatom.xas.exafs import PathTables, path_chi
from adatom.xas.fit_space import FitSpace, at_nodes
from adatom.xas.models import Layout, Model

FEW = 64
"""So many parameter vectors are done before threads have started, which a fit asks for often."""

_STEPS = {"eV": 1e-3, "1": 1e-5, "angstrom": 1e-6, "angstrom^2": 1e-7}
"""Steps of the derivatives, by unit."""


class SpectrumModel:
    """Model and space bound together; call with parameters (B, D), S02 and dE0 first."""

    def __init__(self, model: Model, space: FitSpace) -> None:
        """Tabulate the paths and choose the points of k at which they are evaluated."""
        self.model = model
        self.tables: PathTables = model.tables()
        self.layout: Layout = model.layout()
        self.space = at_nodes(space, 0.3 + float(self.tables.distance.max()))
        self._matrix = np.ascontiguousarray(self.space.matrix.T)
        self._k = np.ascontiguousarray(self.space.k_per_angstrom)

    def __call__(self, parameters: np.ndarray) -> np.ndarray:
        """(B, D) -> coordinates (B, M)."""
        given = np.ascontiguousarray(parameters, dtype=float)
        chi_of = _few if len(given) <= FEW else _many
        chi = chi_of(given, self.tables.table, self.tables.distance, *self.layout, self._k)
        return np.asarray(chi @ self._matrix)

    def jacobian(self, parameters: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(M, F), derivatives at one vector (D,) by the parameters of these columns (F,)."""
        steps = np.array([_STEPS[self.model.parameters[c - 1].unit] for c in columns])
        rows = np.tile(np.asarray(parameters, dtype=float), (2 * len(columns), 1))
        place = np.arange(len(columns))
        rows[place, columns] += steps
        rows[len(columns) + place, columns] -= steps
        both = self(rows)
        return np.asarray((both[: len(columns)] - both[len(columns) :]).T / (2.0 * steps))


@numba.njit(cache=True)
def _row(t, table, distance, number, per_number, shift, share, sigma2, k, out):
    """Add chi of all paths at one parameter vector (D,) to ``out`` (K,)."""
    one = np.empty(k.shape[0])
    for p in range(distance.shape[0]):
        path_chi(
            table[p],
            distance[p],
            k,
            t[1],
            t[0] * t[number[p]] * per_number[p],
            t[shift[p]] * share[p],
            t[sigma2[p]],
            0.0,
            one,
        )
        for i in range(k.shape[0]):
            out[i] += one[i]


@numba.njit(cache=True)
def _few(theta, table, distance, number, per_number, shift, share, sigma2, k):
    out = np.zeros((theta.shape[0], k.shape[0]))
    for b in range(theta.shape[0]):
        _row(theta[b], table, distance, number, per_number, shift, share, sigma2, k, out[b])
    return out


@numba.njit(cache=True, parallel=True)
def _many(theta, table, distance, number, per_number, shift, share, sigma2, k):
    out = np.zeros((theta.shape[0], k.shape[0]))
    for b in numba.prange(theta.shape[0]):
        _row(theta[b], table, distance, number, per_number, shift, share, sigma2, k, out[b])
    return out
