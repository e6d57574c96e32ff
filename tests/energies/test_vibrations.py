"""Normal modes against analytic Hessians: springs, a Morse bond, an anchored lattice."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.lj import LennardJones
from ase.calculators.morse import MorsePotential
from scipy import constants

from adatom.energies.engines import Engine
from adatom.energies.store import Store
from adatom.energies.vibrations import (
    CM1_PER_ROOT_EV_A2_AMU,
    active_atoms,
    normal_modes,
    vibrations,
)
from adatom.errors import AdatomError, EngineError


class Springs(Calculator):
    """Harmonic: E = 1/2 u.K.u about a reference, with any symmetric K."""

    implemented_properties = ("energy", "forces")

    def __init__(self, reference, stiffness):
        super().__init__()
        self.reference, self.stiffness, self.calls = reference, stiffness, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        u = (self.atoms.positions - self.reference).ravel()
        forces = -(self.stiffness @ u)
        self.results = {"energy": float(-0.5 * u @ forces), "forces": forces.reshape(-1, 3)}


def toy_engine(calculator, **changes):
    fields = {
        "name": "toy", "description": "toy", "versions": {"toy": "1"}, "settings": {},
        "citations": (), "max_force_eV_A": 0.01, "max_steps": 100, "spin_resolved": False,
        "prerelax": None, "calculator": calculator,
    }  # fmt: skip
    return Engine(**{**fields, **changes})


def site(seed=0):
    """A pretend site whose Hessian is known exactly."""
    rng = np.random.default_rng(seed)
    atoms = Atoms("C3NFeOH", positions=4 * rng.random((7, 3)), cell=[9, 9, 9], pbc=True)
    atoms.info.update(metals=[4], adsorbate=[5, 6])
    root = rng.standard_normal((21, 21))
    return atoms, root @ root.T + np.eye(21)


def springs(atoms, stiffness):
    return toy_engine(lambda _: Springs(atoms.positions.copy(), stiffness))


def exact_wavenumbers(stiffness, masses):
    m = np.repeat(masses, 3)
    values = np.linalg.eigvalsh(stiffness / np.sqrt(np.outer(m, m)))
    # omega = sqrt(k/m) in SI, wavenumber = omega / 2 pi c
    si = np.sqrt(np.abs(values) * constants.e / 1e-20 / constants.atomic_mass)
    return np.sign(values) * si / (2 * np.pi * constants.c * 100)


def test_one_eV_A2_and_one_amu_is_521_wavenumbers():
    assert pytest.approx(521.47, abs=0.01) == CM1_PER_ROOT_EV_A2_AMU


def test_all_atoms_of_a_spring_model_give_its_exact_modes():
    atoms, stiffness = site()
    found = vibrations(atoms, springs(atoms, stiffness), indices=range(7))
    exact = exact_wavenumbers(stiffness, atoms.get_masses())
    np.testing.assert_allclose(found.frequencies_cm1, exact, rtol=1e-8)
    np.testing.assert_allclose(found.hessian_eV_A2, stiffness, atol=1e-8)
    assert found.rigid_modes == 0
    assert found.noise_cm1.max() < 0.1
    assert found.max_force_eV_A < 1e-12


def test_the_partial_hessian_is_the_block_of_adsorbate_and_metal():
    atoms, stiffness = site()
    found = vibrations(atoms, springs(atoms, stiffness))
    assert found.indices == (4, 5, 6)
    block = stiffness[12:, 12:]
    np.testing.assert_allclose(found.hessian_eV_A2, block, atol=1e-8)
    exact = exact_wavenumbers(block, atoms.get_masses()[4:])
    np.testing.assert_allclose(found.frequencies_cm1, exact, rtol=1e-8)
    assert found.zero_point_energy_eV == pytest.approx(
        0.5 * exact.sum() * 100 * constants.h * constants.c / constants.e
    )


def test_heavier_surroundings_make_the_partial_hessian_exact():
    atoms, stiffness = site(1)
    masses = atoms.get_masses()
    masses[:4] *= 1e8
    atoms.set_masses(masses)
    everything = vibrations(atoms, springs(atoms, stiffness), indices=range(7))
    part = vibrations(atoms, springs(atoms, stiffness))
    np.testing.assert_allclose(everything.frequencies_cm1[-9:], part.frequencies_cm1, rtol=1e-4)


def test_a_morse_bond_gives_its_analytic_wavenumber():
    epsilon, rho0, r0 = 4.5, 4.0, 0.74
    atoms = Atoms("HF", positions=[[0, 0, 0], [r0, 0, 0]])
    engine = toy_engine(
        lambda _: MorsePotential(epsilon=epsilon, rho0=rho0, r0=r0, rcut1=8, rcut2=9)
    )
    found = vibrations(atoms, engine, displacement_A=0.001)
    # ASE's Morse: V = eps (e^(-2 rho0 (r/r0 - 1)) - 2 e^(-rho0 (r/r0 - 1))), k = 2 eps (rho0/r0)^2
    m1, m2 = atoms.get_masses()
    exact = exact_wavenumbers(
        np.diag([2 * epsilon * (rho0 / r0) ** 2, 0, 0]), [m1 * m2 / (m1 + m2)]
    ).max()
    assert len(found.frequencies_cm1) == 1
    assert found.frequencies_cm1[0] == pytest.approx(exact, rel=1e-4)
    assert found.rigid_modes == 5
    # Turned by d/r the bond is longer by d^2/2r: a pseudo-rotation that falls as d.
    half = vibrations(atoms, engine, displacement_A=0.0005)
    assert half.rigid_cm1 == pytest.approx(found.rigid_cm1 / 2, rel=0.01)
    assert found.rigid_cm1 < exact * 0.001 / r0 * 2


def test_free_molecules_have_no_translations_or_rotations_however_they_stand():
    atoms = Atoms("Ar4", positions=[[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]])
    atoms.positions *= 2 ** (1 / 6) * 3.4 / np.sqrt(8)
    engine = toy_engine(lambda _: LennardJones(sigma=3.4, epsilon=0.0104, rc=30.0))
    standing = vibrations(atoms, engine, displacement_A=0.003)
    assert len(standing.frequencies_cm1) == 6
    # Exact for a tetrahedron of one spring k = 57.15 eps/sigma^2: sqrt(4k/m), sqrt(2k/m) (3),
    # sqrt(k/m) (2).
    k = 57.1464 * 0.0104 / 3.4**2
    unit = CM1_PER_ROOT_EV_A2_AMU * np.sqrt(k / atoms.get_masses()[0])
    exact = unit * np.sqrt([1, 1, 2, 2, 2, 4])
    np.testing.assert_allclose(standing.frequencies_cm1, exact, rtol=2e-3)
    turned = atoms.copy()
    turned.rotate(37, (1, 2, 3))
    turned.translate([5.0, -3.0, 2.0])
    np.testing.assert_allclose(
        vibrations(turned, engine, displacement_A=0.003).frequencies_cm1,
        standing.frequencies_cm1,
        rtol=1e-4,
    )
    assert standing.rigid_modes == 6
    assert standing.rigid_cm1 < 0.1


def test_modes_are_those_of_the_eigenproblem():
    atoms, stiffness = site(2)
    found = vibrations(atoms, springs(atoms, stiffness))
    masses = np.repeat(atoms.get_masses()[4:], 3)
    for frequency, mode in zip(found.frequencies_cm1, found.modes, strict=True):
        u = mode.ravel()
        eigenvalue = (frequency / CM1_PER_ROOT_EV_A2_AMU) ** 2
        np.testing.assert_allclose(found.hessian_eV_A2 @ u, eigenvalue * masses * u, atol=1e-7)
        assert np.linalg.norm(u) == pytest.approx(1.0)


def test_imaginary_modes_are_negative_and_reported():
    atoms, stiffness = site()
    direction = np.zeros(21)
    direction[[15, 18]] = 1 / np.sqrt(2)
    unstable = stiffness - 400.0 * np.outer(direction, direction)
    found = vibrations(atoms, springs(atoms, unstable))
    exact = exact_wavenumbers(unstable[12:, 12:], atoms.get_masses()[4:])
    assert (exact < 0).sum() == 1
    assert found.imaginary_cm1 == pytest.approx((-exact[0],))
    assert found.unstable_cm1() == found.imaginary_cm1
    assert found.unstable_cm1(-exact[0] + 1) == ()
    assert found.zero_point_energy_eV > 0
    data = found.as_dict()
    assert data["imaginary_cm-1"] == pytest.approx([-exact[0]])
    assert len(data["frequencies_cm-1"]) == 8


def test_an_asymmetric_hessian_states_its_noise():
    atoms = Atoms("Fe", cell=[5, 5, 5], pbc=True)
    clean = np.diag([4.0, 5.0, 6.0])
    skew = np.zeros((3, 3))
    skew[0, 1], skew[1, 0] = 0.02, -0.02
    found = normal_modes(atoms, [0], clean + skew, free=False)
    np.testing.assert_allclose(found["hessian_eV_A2"], clean)
    # The two modes that the asymmetry couples, not the third.
    noise = 521.47 * np.sqrt(0.02 / 55.845)
    np.testing.assert_allclose(found["noise_cm1"], [noise, noise, 0.0], rtol=1e-4)


def test_an_interrupted_run_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr("adatom.energies.vibrations.STORED_ABOVE_S", 0.0)
    atoms, stiffness = site()
    calculators = []

    def make(_):
        calculators.append(Springs(atoms.positions.copy(), stiffness))
        return calculators[-1]

    store = Store(tmp_path / "v.db")

    def stop(done, total):
        assert total == 9
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vibrations(atoms, toy_engine(make), store=store, progress=stop)
    found = vibrations(atoms, toy_engine(make), store=store)
    assert calculators[0].calls == 9
    assert calculators[1].calls == 10
    exact = exact_wavenumbers(stiffness[12:, 12:], atoms.get_masses()[4:])
    np.testing.assert_allclose(found.frequencies_cm1, exact, rtol=1e-6)


def test_what_cannot_be_displaced_is_refused():
    atoms, stiffness = site()
    engine = springs(atoms, stiffness)
    with pytest.raises(AdatomError, match="distinct atoms between 0 and 6"):
        vibrations(atoms, engine, indices=[7])
    with pytest.raises(AdatomError, match="distinct"):
        vibrations(atoms, engine, indices=[1, 1])
    with pytest.raises(AdatomError, match="displacement"):
        vibrations(atoms, engine, displacement_A=0.5)

    class Broken(Springs):
        def calculate(self, *arguments, **keywords):
            raise RuntimeError("no convergence")

    with pytest.raises(EngineError, match="no convergence"):
        vibrations(atoms, toy_engine(lambda _: Broken(atoms.positions, stiffness)))
    with pytest.raises(EngineError, match="not finite"):
        vibrations(atoms, springs(atoms, stiffness * np.nan))


def test_active_atoms_are_adsorbate_and_metals_or_everything():
    atoms, _ = site()
    assert active_atoms(atoms) == (4, 5, 6)
    assert active_atoms(molecule("H2O")) == (0, 1, 2)
