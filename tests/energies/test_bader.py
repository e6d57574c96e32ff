"""The weight method on densities whose partition is known."""

from math import erf

import numpy as np
import pytest

from adatom.energies.bader import bader_basins, facets
from adatom.errors import AdatomError

CUBE = 8.0 * np.eye(3)
HEXAGONAL = np.array([[7.0, 0.0, 0.0], [-3.5, 3.5 * np.sqrt(3.0), 0.0], [0.0, 0.0, 9.0]])
TRICLINIC = np.array([[7.0, 0.0, 0.0], [1.5, 6.5, 0.0], [1.0, -2.0, 8.0]])


def gaussians(shape, cell, centres, charges, widths, reach=1):
    """Sum of Gaussians, e / A^3, with their periodic images within ``reach`` cells."""
    axes = [np.arange(n) / n for n in shape]
    fractions = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    images = np.stack(np.meshgrid(*[range(-reach, reach + 1)] * 3, indexing="ij"), axis=-1).reshape(
        -1, 3
    )
    density = np.zeros(shape)
    for centre, charge, width in zip(centres, charges, widths, strict=True):
        home = np.asarray(centre) @ np.linalg.inv(cell)
        for image in images:
            r2 = (((fractions - home - image) @ cell) ** 2).sum(axis=-1)
            density += charge * np.exp(-r2 / (2 * width**2)) / (2 * np.pi * width**2) ** 1.5
    return density


def charges_of(density, cell, centres):
    basins = bader_basins(density, density[None], cell_A=cell, positions_A=np.asarray(centres))
    return basins.sums[0], basins


@pytest.mark.parametrize("cell", [CUBE, HEXAGONAL, TRICLINIC])
def test_the_voronoi_facets_fill_space(cell):
    offsets, weights = facets(cell / 40)
    # Divergence theorem: the sum over facets of area / distance times d d^T is 2 V.
    steps = offsets @ (cell / 40)
    tensor = np.einsum("m,mi,mj->ij", weights, steps, steps)
    volume = abs(np.linalg.det(cell / 40))
    assert tensor == pytest.approx(2 * volume * np.eye(3), abs=1e-9)


@pytest.mark.parametrize("cell", [CUBE, HEXAGONAL, TRICLINIC])
def test_charges_and_volumes_sum_to_the_total(cell):
    centres = [[0.3, 0.2, 1.0], [2.1, 2.6, 3.9], [3.0, 1.0, 6.0]]
    density = gaussians((32, 30, 36), cell, centres, [4.0, 1.0, 2.0], [0.5, 0.4, 0.6])
    charges, basins = charges_of(density, cell, centres)
    volume = abs(np.linalg.det(cell))
    assert charges.sum() == pytest.approx(density.mean() * volume, abs=1e-9)
    assert charges.sum() == pytest.approx(7.0, abs=1e-6)
    assert basins.volumes_A3.sum() == pytest.approx(volume)


def test_a_symmetric_dimer_splits_equally():
    centres = [[2.9, 4.0, 4.0], [5.1, 4.0, 4.0]]
    charges, _ = charges_of(gaussians((40,) * 3, CUBE, centres, [3, 3], [0.6, 0.6]), CUBE, centres)
    assert charges == pytest.approx([3.0, 3.0], abs=1e-6)


def test_a_spin_density_is_integrated_over_the_same_regions():
    centres = [[2.9, 4.0, 4.0], [5.1, 4.0, 4.0]]
    density = gaussians((80,) * 3, CUBE, centres, [3, 3], [0.6, 0.6], reach=0)
    spin = gaussians((80,) * 3, CUBE, centres, [1, -1], [0.6, 0.6], reach=0)
    basins = bader_basins(
        density, np.stack([density, spin]), cell_A=CUBE, positions_A=np.asarray(centres)
    )
    # Without images of the tails, the cell's edge is not quite a mirror.
    assert basins.sums[1, 0] == pytest.approx(-basins.sums[1, 1], abs=1e-5)
    # The tail of each Gaussian beyond the mirror plane counts against it.
    assert basins.sums[1, 0] == pytest.approx(erf(1.1 / 0.6 / np.sqrt(2.0)), abs=1e-3)


def exact_unequal_dimer(charges, widths, separation):
    """Charge of the first of two Gaussians on an axis, from ascent paths in cylinder coordinates.

    An independent method: the zero-flux surface is the stable manifold of the saddle between the
    centres, traced outwards by a high-order integrator, and the density is integrated beside it.
    """
    from scipy.integrate import quad, solve_ivp
    from scipy.optimize import brentq

    def parts(rho, z):
        out = []
        for q, s, z0 in zip(charges, widths, (0.0, separation), strict=True):
            norm = q / (2 * np.pi * s**2) ** 1.5
            out.append((norm * np.exp(-(rho**2 + (z - z0) ** 2) / (2 * s**2)), s, z0))
        return out

    def gradient(rho, z):
        terms = parts(rho, z)
        return (
            sum(-rho / s**2 * g for g, s, _ in terms),
            sum(-(z - z0) / s**2 * g for g, s, z0 in terms),
        )

    saddle = brentq(lambda z: gradient(0.0, z)[1], 0.5 * widths[0], separation - 0.5 * widths[1])

    def slope(rho, z):  # downhill along the surface, by rho
        g_rho, g_z = gradient(rho, z[0])
        return [g_z / g_rho]

    reach = 4.0
    surface = solve_ivp(slope, (1e-3, reach), [saddle], rtol=1e-9, atol=1e-11, dense_output=True)

    def ring(rho):
        z = surface.sol(max(rho, 1e-3))[0]
        total = 0.0
        for q, s, z0 in zip(charges, widths, (0.0, separation), strict=True):
            below = 0.5 * (1 + erf((z - z0) / (np.sqrt(2) * s)))
            total += q / (2 * np.pi * s**2) * np.exp(-(rho**2) / (2 * s**2)) * below
        return 2 * np.pi * rho * total

    return quad(ring, 0.0, reach, limit=200)[0]


def test_the_charge_of_an_unequal_dimer_converges_to_the_exact_one():
    charges, widths, separation = [3.0, 1.0], [0.5, 0.5], 1.8
    exact = exact_unequal_dimer(charges, widths, separation)
    centres = np.array([[4.0, 4.0, 3.1], [4.0, 4.0, 3.1 + separation]])
    errors = []
    for n in (48, 96):
        density = gaussians((n,) * 3, CUBE, centres, charges, widths, reach=0)
        found, basins = charges_of(density, CUBE, centres)
        errors.append(abs(found[0] - exact))
        assert errors[-1] < basins.grid_error[0, 0]
    assert errors[0] < 4e-3
    assert errors[1] < errors[0] / 2


def test_charges_do_not_depend_on_where_the_molecule_lies():
    charges, widths = [3.0, 1.0], [0.55, 0.45]
    found = []
    for shift in ([0.0, 0.0, 0.0], [0.061, 0.113, 0.027], [3.7, -2.2, 5.05]):
        centres = np.array([[4.0, 4.0, 3.1], [4.0, 4.6, 4.8]]) + shift
        density = gaussians((48,) * 3, CUBE, centres, charges, widths)
        found.append(charges_of(density, CUBE, centres)[0][0])
    assert np.ptp(found) < 2e-3


def test_a_maximum_without_a_nucleus_is_told():
    centres = [[2.0, 4.0, 4.0], [6.0, 4.0, 4.0]]
    density = gaussians((32,) * 3, CUBE, centres, [3, 1], [0.5, 0.5])
    _, basins = charges_of(density, CUBE, centres)
    assert basins.stray[0] < 1e-6
    _, basins = charges_of(density, CUBE, centres[:1])
    assert basins.stray[0] == pytest.approx(1.0, abs=1e-3)


def test_bad_densities_are_refused():
    good = np.ones((8, 8, 8))
    with pytest.raises(AdatomError, match="one grid"):
        bader_basins(good, np.ones((1, 8, 8, 9)), cell_A=CUBE, positions_A=np.zeros((1, 3)))
    with pytest.raises(AdatomError, match="not finite"):
        bader_basins(good * np.nan, good[None], cell_A=CUBE, positions_A=np.zeros((1, 3)))
    with pytest.raises(AdatomError, match="no volume"):
        bader_basins(good, good[None], cell_A=np.ones((3, 3)), positions_A=np.zeros((1, 3)))
