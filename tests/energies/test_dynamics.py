"""Langevin dynamics against equipartition and the exact spread of harmonic bonds; resumption."""

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms, units

from adatom.energies.distances import correlation_time, distance_distributions, ligand_pairs
from adatom.energies.dynamics import (
    Protocol,
    Trajectory,
    run_dynamics,
    usual_timestep_fs,
)
from adatom.energies.engines import Engine
from adatom.errors import AdatomError, EngineError
from adatom.units import BOLTZMANN_EV_K
from springs import Anchored

SPRING_EV_A2 = 5.0


def toy_engine(calculator, **changes):
    fields = {
        "name": "toy", "description": "toy", "versions": {"toy": "1"}, "settings": {},
        "citations": (), "max_force_eV_A": 0.01, "max_steps": 100, "spin_resolved": False,
        "prerelax": None, "calculator": calculator,
    }  # fmt: skip
    return Engine(**{**fields, **changes})


def square():
    atoms = Atoms(
        "FeN4",
        positions=[[0, 0, 0], [1.9, 0, 0], [0, 1.9, 0], [-1.9, 0, 0], [0, -1.9, 0]],
        cell=[8, 8, 12],
        pbc=True,
    )
    atoms.info["metals"] = [0]
    return atoms


def anchored(atoms):
    positions = atoms.positions.copy()
    return toy_engine(lambda _: Anchored(positions, SPRING_EV_A2))


QUICK = Protocol(
    temperature_K=300.0, timestep_fs=2.0, friction_per_ps=20.0, seed=3, sample_every=10,
    chunk_steps=500,
)  # fmt: skip


@pytest.fixture(scope="module")
def trajectory():
    atoms = square()
    return run_dynamics(atoms, anchored(atoms), QUICK, duration_ps=40.0, pairs=ligand_pairs(atoms))


def test_kinetic_energy_obeys_equipartition_in_mean_and_fluctuation(trajectory):
    result = distance_distributions(trajectory, discard_ps=2.0)
    t = result.temperature_K
    assert abs(t.value - 300.0) < 3 * t.standard_error
    assert t.standard_error < 10.0
    # The variance of a chi-square temperature with 3N degrees of freedom is 2/(3N) of T^2.
    assert result.temperature_sd_K == pytest.approx(300.0 * np.sqrt(2 / 15), rel=0.1)


def test_potential_energy_of_springs_obeys_equipartition(trajectory):
    mean = trajectory.potential_energy_eV[100:].mean()
    n = len(trajectory.potential_energy_eV[100:])
    tau = correlation_time(trajectory.potential_energy_eV[100:])
    error = trajectory.potential_energy_eV.std() * np.sqrt(2 * tau / n)
    assert abs(mean - 1.5 * 5 * BOLTZMANN_EV_K * 300.0) < 3 * error


def test_spread_of_harmonic_bonds_is_kT_over_k_of_both_ends(trajectory):
    (found,) = distance_distributions(trajectory, discard_ps=2.0).distributions
    # Along the bond both ends move with variance kT/k; across it lengthens the bond by
    # <s^2>/2r, with two transverse directions of both ends: exact by direct sampling.
    rng = np.random.default_rng(0)
    sd = np.sqrt(2 * BOLTZMANN_EV_K * 300.0 / SPRING_EV_A2)
    exact = np.linalg.norm(np.array([1.9, 0, 0]) + sd * rng.standard_normal((400_000, 3)), axis=1)
    assert found.bonds == 4
    for estimate, value in (
        (found.mean_A, exact.mean()),
        (found.width_A, exact.std()),
        (found.low_A, np.percentile(exact, 2.5)),
        (found.high_A, np.percentile(exact, 97.5)),
    ):
        assert abs(estimate.value - value) < 3 * estimate.standard_error
        assert estimate.standard_error < 0.01


def test_the_distribution_is_normalised_and_its_moments_are_those_of_the_samples(trajectory):
    (found,) = distance_distributions(trajectory, discard_ps=2.0).distributions
    width = np.diff(found.edges_A)
    middle = found.edges_A[:-1] + width / 2
    assert (found.density_per_A * width).sum() == pytest.approx(1.0)
    assert (middle * found.density_per_A * width).sum() == pytest.approx(
        found.mean_A.value, abs=0.005
    )
    assert found.shortest_A >= found.edges_A[0]
    assert found.longest_A <= found.edges_A[-1]


def test_a_short_time_step_and_weak_friction_conserve_energy():
    atoms = square()
    gentle = Protocol(
        temperature_K=300.0, timestep_fs=0.5, friction_per_ps=1e-6, sample_every=1, chunk_steps=200
    )
    run = run_dynamics(atoms, anchored(atoms), gentle, duration_ps=0.1, pairs=ligand_pairs(atoms))
    kinetic = run.temperature_K * 1.5 * 5 * BOLTZMANN_EV_K
    total = kinetic + run.potential_energy_eV
    assert np.ptp(total) < 1e-3 * total.mean()


def test_correlation_time_of_an_autoregressive_series_is_exact():
    rng = np.random.default_rng(1)
    phi, x = 0.9, np.zeros(200_000)
    for i in range(1, len(x)):
        x[i] = phi * x[i - 1] + rng.standard_normal()
    # 1/2 + sum of phi^k
    assert correlation_time(x) == pytest.approx(0.5 + phi / (1 - phi), rel=0.05)
    assert correlation_time(rng.standard_normal(100_000)) == pytest.approx(0.5, abs=0.05)
    assert correlation_time(np.ones(50)) == 0.5


def test_block_errors_of_independent_samples_are_sd_over_root_n():
    rng = np.random.default_rng(2)
    n = 100_000
    distances = 1.9 + 0.05 * rng.standard_normal((n, 1))
    run = Trajectory(
        QUICK, ((0, 1),), ("Fe", "N"), np.arange(1.0, n + 1), distances, np.full(n, 300.0),
        np.zeros(n), Atoms("FeN"), "toy",
    )  # fmt: skip
    (found,) = distance_distributions(run, discard_ps=0.0).distributions
    # Ten blocks know their scatter to about a quarter.
    assert found.mean_A.standard_error == pytest.approx(0.05 / np.sqrt(n), rel=0.6)
    assert found.low_A.value == pytest.approx(1.9 - 1.96 * 0.05, abs=0.002)
    assert not found.cautions


def test_slow_series_are_reported_as_too_short():
    n = 1000
    slow = 1.9 + 0.05 * np.sin(np.linspace(0, 2 * np.pi, n))[:, None]
    run = Trajectory(
        QUICK, ((0, 1),), ("Fe", "N"), np.arange(1.0, n + 1), slow, np.full(n, 300.0),
        np.zeros(n), Atoms("FeN"), "toy",
    )  # fmt: skip
    result = distance_distributions(run, discard_ps=0.0)
    assert "run longer" in result.notes[0]


def test_a_broken_bond_is_said():
    n = 1000
    distances = np.full((n, 1), 1.9)
    distances[900:] = 3.5
    run = Trajectory(
        QUICK, ((0, 1),), ("Fe", "N"), np.arange(1.0, n + 1), distances, np.full(n, 300.0),
        np.zeros(n), Atoms("FeN"), "toy",
    )  # fmt: skip
    (found,) = distance_distributions(run, discard_ps=0.0).distributions
    assert found.broken_fraction == pytest.approx(0.1)
    assert any("10.0% of the distances" in c for c in found.cautions)


def test_an_interrupted_run_resumes_and_ends_in_the_same_numbers(tmp_path):
    atoms = square()
    pairs = ligand_pairs(atoms)
    protocol = replace(QUICK, chunk_steps=50)
    whole = run_dynamics(atoms, anchored(atoms), protocol, duration_ps=0.5, pairs=pairs)
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_dynamics(
            atoms, anchored(atoms), protocol, duration_ps=0.5, pairs=pairs,
            folder=tmp_path / "run", progress=stop,
        )  # fmt: skip
    assert seen == [(1, 5), (2, 5)]

    calls = []

    class Counting(Anchored):
        def calculate(self, *arguments, **keywords):
            calls.append(1)
            super().calculate(*arguments, **keywords)

    engine = toy_engine(lambda _: Counting(atoms.positions.copy(), SPRING_EV_A2))
    resumed = run_dynamics(
        atoms, engine, protocol, duration_ps=0.5, pairs=pairs, folder=tmp_path / "run"
    )
    np.testing.assert_array_equal(resumed.distances_A, whole.distances_A)
    np.testing.assert_array_equal(resumed.temperature_K, whole.temperature_K)
    # Three of the five chunks were left.
    assert 150 <= len(calls) <= 160
    calls.clear()
    longer = run_dynamics(
        atoms, engine, protocol, duration_ps=0.6, pairs=pairs, folder=tmp_path / "run"
    )
    np.testing.assert_array_equal(longer.distances_A[:25], whole.distances_A)
    assert len(calls) <= 52


def test_another_run_in_the_folder_and_damage_are_refused(tmp_path):
    atoms = square()
    pairs = ligand_pairs(atoms)
    protocol = replace(QUICK, chunk_steps=50)
    folder = tmp_path / "run"
    run_dynamics(atoms, anchored(atoms), protocol, duration_ps=0.2, pairs=pairs, folder=folder)
    with pytest.raises(AdatomError, match="another run: it differs in protocol"):
        run_dynamics(
            atoms, anchored(atoms), replace(protocol, seed=9), duration_ps=0.2, pairs=pairs,
            folder=folder,
        )  # fmt: skip
    chunk = folder / "chunk-00001.npz"
    chunk.write_bytes(chunk.read_bytes()[:100])
    with pytest.raises(AdatomError, match=r"chunk-00001\.npz cannot be read"):
        run_dynamics(atoms, anchored(atoms), protocol, duration_ps=0.2, pairs=pairs, folder=folder)
    objects = np.array([object()])
    np.savez(chunk, positions=objects, momenta=objects, distances=objects)
    with pytest.raises(AdatomError, match="cannot be read"):
        run_dynamics(atoms, anchored(atoms), protocol, duration_ps=0.2, pairs=pairs, folder=folder)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_text("mine")
    with pytest.raises(AdatomError, match="not empty"):
        run_dynamics(
            atoms, anchored(atoms), protocol, duration_ps=0.2, pairs=pairs,
            folder=tmp_path / "other",
        )  # fmt: skip
    assert (tmp_path / "other" / "x").read_text() == "mine"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"temperature_K": 0.0}, "temperature_K must be positive"),
        ({"timestep_fs": float("nan")}, "timestep_fs must be positive"),
        ({"timestep_fs": 50.0}, "at most"),
        ({"chunk_steps": 7}, "no multiple"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_protocols_are_refused(changes, says):
    with pytest.raises(AdatomError, match=says):
        replace(QUICK, **changes)


def test_durations_and_samples_that_cannot_serve_are_refused(trajectory):
    atoms = square()
    with pytest.raises(AdatomError, match="duration"):
        run_dynamics(atoms, anchored(atoms), QUICK, duration_ps=-1.0, pairs=ligand_pairs(atoms))
    with pytest.raises(AdatomError, match="samples remain"):
        distance_distributions(trajectory, discard_ps=39.9)


def test_an_explosion_is_an_engine_error():
    atoms = square() * (2, 1, 1)
    atoms.info["metals"] = [0]
    broken = atoms.positions + np.array([3.0, 0.0, 0.0])
    engine = toy_engine(lambda _: Anchored(broken, SPRING_EV_A2))
    with pytest.raises(EngineError, match="exploded"):
        run_dynamics(atoms, engine, QUICK, duration_ps=2.0, pairs=ligand_pairs(atoms))


def test_pairs_are_the_bonded_ligands_of_each_metal():
    atoms = square()
    assert ligand_pairs(atoms) == ((0, 1), (0, 2), (0, 3), (0, 4))
    with pytest.raises(AdatomError, match="no O is bonded"):
        ligand_pairs(atoms, "O")


def test_hydrogen_halves_the_time_step():
    assert usual_timestep_fs(square()) == 1.0
    assert usual_timestep_fs(Atoms("OH")) == 0.5
    assert units.fs > 0
