"""Spectra simulated from all packaged FEFF paths of a structure (multiple scattering included)."""

import numpy as np

from adatom.xas.exafs import PathParameters, chi_of_paths, tables_of
from adatom.xas.fine_structure import FineStructure
from adatom.xas.path_files import packaged_paths

K = np.arange(0.0, 14.0001, 0.05)
S02 = 0.85
SIGMA2_A2 = {"N": 0.004, "O": 0.004, "C": 0.006}
"""Of the farthest atom of a path; metal 0.006."""


def exact_chi(shares, *, s02=S02, e0_shift_eV=2.0, k=K):
    """chi(k) of a mixture, such as {"Fe2N6@graphene": 0.9, "Fe foil": 0.1}."""
    total = np.zeros(len(k))
    for label, share in shares.items():
        paths = packaged_paths(label).paths
        sigma2 = np.array([max(SIGMA2_A2.get(s, 0.006) for s in p.species) for p in paths])
        number = share * s02 * np.array([p.degeneracy for p in paths])
        given = PathParameters(number, np.zeros(len(paths)), sigma2)
        total += chi_of_paths(tables_of(paths), k, e0_shift_eV, given).sum(axis=0)
    return total


def spectrum(shares, noise_chi, seed=0, *, k_max=13.0, **how):
    """With white noise of this standard deviation at each of the points 0.05 apart."""
    random = np.random.default_rng(seed)
    chi = exact_chi(shares, **how)
    return FineStructure(
        label="simulated",
        k_per_angstrom=K,
        chi=chi + noise_chi * random.standard_normal(len(K)),
        k_range_per_angstrom=(2.0, k_max),
        noise_chi=noise_chi,
        edge_energy_eV=7112.0,
        background_radius_angstrom=1.0,
        element="Fe",
        edge="K",
    )
