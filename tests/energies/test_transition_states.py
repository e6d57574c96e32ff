"""Paths and saddles on analytic surfaces whose saddles are known, and by brute force."""

import heapq
from itertools import product

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from scipy.optimize import minimize, minimize_scalar

from adatom.energies.barriers import assess
from adatom.energies.engines import Engine
from adatom.energies.path_geometry import interpolated, same_structure
from adatom.energies.transition_states import dimer, nudged_elastic_band
from adatom.errors import AdatomError, EngineError

# Muller, Brown, Theor. Chim. Acta 1979, 53, 75, 10.1007/BF00547608, Table 1, in units of 100.
A = np.array([-2.0, -1.0, -1.7, 0.15])
B = np.array([[-1, 0, -10], [-1, 0, -10], [-6.5, 11, -6.5], [0.7, 0.6, 0.7]])
X0, Y0 = np.array([1, 0, -0.5, -1.0]), np.array([0, 0.5, 1.5, 1.0])
MINIMA = {"a": ((-0.558, 1.442), -1.46700), "b": ((0.623, 0.028), -1.08167),
          "c": ((-0.050, 0.467), -0.80768)}  # fmt: skip
SADDLES = {"ac": ((-0.822, 0.624), -0.40665), "cb": ((0.212, 0.293), -0.72249)}


def muller_brown(x, y):
    dx, dy = x - X0, y - Y0
    terms = A * np.exp(B[:, 0] * dx**2 + B[:, 1] * dx * dy + B[:, 2] * dy**2)
    gradient = [
        (terms * (2 * B[:, 0] * dx + B[:, 1] * dy)).sum(),
        (terms * (B[:, 1] * dx + 2 * B[:, 2] * dy)).sum(),
    ]
    return float(terms.sum()), np.array(gradient)


class Plane(Calculator):
    """A surface of x and y for one atom, held in z."""

    implemented_properties = ("energy", "forces")

    def __init__(self, surface, centre=5.0):
        super().__init__()
        self.surface, self.centre, self.calls = surface, centre, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        x, y, z = self.atoms.positions[0] - self.centre
        energy, gradient = self.surface(x, y)
        forces = np.array([[-gradient[0], -gradient[1], -10.0 * z]])
        self.results = {"energy": energy + 5.0 * z**2, "forces": forces}


def toy_engine(calculator, **changes):
    fields = {
        "name": "toy", "description": "toy", "versions": {"toy": "1"}, "settings": {},
        "citations": (), "max_force_eV_A": 0.01, "max_steps": 100, "spin_resolved": False,
        "prerelax": None, "calculator": calculator,
    }  # fmt: skip
    return Engine(**{**fields, **changes})


def at(x, y):
    return Atoms("H", positions=[[5 + x, 5 + y, 5.0]], cell=[20, 20, 20], pbc=True)


def minimum(name):
    found = minimize(lambda p: muller_brown(*p), MINIMA[name][0], jac=True, tol=1e-10)
    assert found.x == pytest.approx(MINIMA[name][0], abs=1e-3)
    return at(*found.x)


ENGINE = toy_engine(lambda _: Plane(muller_brown))


@pytest.mark.parametrize("search", [nudged_elastic_band, dimer])
def test_the_published_saddle_of_muller_and_brown(search):
    start, end = minimum("c"), minimum("b")
    path = search(start, end, ENGINE, images=5, max_force_eV_A=0.005, max_steps=500)
    place, energy = SADDLES["cb"]
    assert path.converged
    assert path.images[path.saddle].positions[0, :2] - 5 == pytest.approx(place, abs=2e-3)
    assert path.energies_eV[path.saddle] == pytest.approx(energy, abs=2e-4)
    barrier = assess(path, ENGINE, start=start, end=end, cutoff_cm1=1.0)
    assert barrier.verified, barrier.problems
    assert barrier.forward_eV == pytest.approx(energy - MINIMA["c"][1], abs=2e-4)
    assert barrier.backward_eV == pytest.approx(energy - MINIMA["b"][1], abs=2e-4)
    assert barrier.reaction_energy_eV == pytest.approx(MINIMA["b"][1] - MINIMA["c"][1], abs=2e-4)
    assert len(barrier.saddle.unstable_cm1(1.0)) == 1


def test_a_dimer_that_finds_another_minimum_downhill_is_not_sold_as_the_step_asked_for():
    start, end = minimum("a"), minimum("b")
    path = dimer(start, end, ENGINE, images=7, max_force_eV_A=0.005, max_steps=500)
    barrier = assess(path, ENGINE, start=start, end=end, cutoff_cm1=1.0)
    ends = [same_structure(path.images[0], start), same_structure(path.images[-1], end)]
    assert not all(ends)
    assert not barrier.verified
    assert barrier.forward_eV is None
    assert any("downhill from the saddle" in p for p in barrier.problems)


def test_the_highest_point_between_far_minima_is_that_of_brute_force_and_a_dip_is_reported():
    start, end = minimum("a"), minimum("b")
    path = nudged_elastic_band(start, end, ENGINE, images=9, max_force_eV_A=0.03, max_steps=500)
    assert path.converged
    # Lowest ridge on a grid: flood outwards from the start, always over the lowest edge.
    x, y = np.linspace(-1.5, 1.2, 271), np.linspace(-0.3, 2.0, 231)
    dx, dy = x[:, None, None] - X0, y[None, :, None] - Y0
    energies = (A * np.exp(B[:, 0] * dx**2 + B[:, 1] * dx * dy + B[:, 2] * dy**2)).sum(axis=2)
    first = tuple(int(np.argmin(abs(g - v))) for g, v in ((x, -0.558), (y, 1.442)))
    last = tuple(int(np.argmin(abs(g - v))) for g, v in ((x, 0.623), (y, 0.028)))
    queue, seen, ridge = [(energies[first], first)], {first}, -np.inf
    while queue:
        height, here = heapq.heappop(queue)
        ridge = max(ridge, height)
        if here == last:
            break
        for step in product((-1, 0, 1), repeat=2):
            there = (here[0] + step[0], here[1] + step[1])
            inside = 0 <= there[0] < len(x) and 0 <= there[1] < len(y)
            if inside and there not in seen:
                seen.add(there)
                heapq.heappush(queue, (energies[there], there))
    assert ridge == pytest.approx(SADDLES["ac"][1], abs=5e-3)
    assert path.energies_eV.max() == pytest.approx(ridge, abs=5e-3)
    barrier = assess(path, ENGINE, start=start, end=end, cutoff_cm1=1.0)
    assert any("intermediate" in note for note in barrier.notes)


def double_well(height):
    return lambda x, y: (
        height * (x**2 - 1) ** 2 + y**2,
        np.array([4 * height * x * (x**2 - 1), 2 * y]),
    )


def test_the_barrier_of_a_double_well_and_the_wavenumber_over_it_are_exact():
    engine = toy_engine(lambda _: Plane(double_well(0.5)))
    path = nudged_elastic_band(at(-1, 0), at(1, 0), engine, images=3, max_force_eV_A=0.002)
    barrier = assess(path, engine, start=at(-1, 0), end=at(1, 0))
    assert barrier.verified
    assert barrier.forward_eV == pytest.approx(0.5, abs=1e-4)
    # V'' = -4h at the top, 8h in the wells, mass of H.
    mass = Atoms("H").get_masses()[0]
    assert barrier.saddle.imaginary_cm1[0] == pytest.approx(521.47 * np.sqrt(2 / mass), rel=2e-3)
    assert barrier.start.frequencies_cm1.max() == pytest.approx(
        521.47 * np.sqrt(10 / mass), rel=2e-3
    )
    zero_point = barrier.saddle.zero_point_energy_eV - barrier.start.zero_point_energy_eV
    assert barrier.zero_point_change_eV == zero_point < 0


def test_a_hilltop_with_two_imaginary_modes_is_reported_and_has_no_barrier():
    def hilltop(x, y):
        # A maximum at the origin in y too; y = 0 keeps the band on the ridge by symmetry.
        energy, gradient = double_well(0.5)(x, y)
        return energy - 3 * y**2 * np.exp(-4 * x**2), gradient + np.exp(-4 * x**2) * np.array(
            [24 * x * y**2, -6 * y]
        )

    engine = toy_engine(lambda _: Plane(hilltop))
    path = nudged_elastic_band(at(-1, 0), at(1, 0), engine, images=3, max_force_eV_A=0.002)
    barrier = assess(path, engine, start=at(-1, 0), end=at(1, 0))
    assert not barrier.verified
    assert barrier.forward_eV is None
    assert barrier.as_dict()["forward_barrier_eV"] is None
    assert "2 imaginary modes" in " ".join(barrier.problems)


def test_downhill_all_the_way_has_no_saddle():
    def slope(x, y):
        return 0.5 * (x - 1) ** 2 + y**2, np.array([x - 1, 2 * y])

    engine = toy_engine(lambda _: Plane(slope))
    path = nudged_elastic_band(at(-1, 0), at(1, 0), engine, images=3)
    assert path.saddle is None
    barrier = assess(path, engine, start=at(-1, 0), end=at(1, 0))
    assert "no saddle" in " ".join(barrier.problems)
    assert barrier.saddle is None
    assert barrier.forward_eV is None


def test_ends_that_are_saddles_themselves_are_reported():
    engine = toy_engine(lambda _: Plane(double_well(0.5)))
    path = nudged_elastic_band(at(0, 0), at(1, 0), engine, images=3)
    barrier = assess(path, engine, start=at(0, 0), end=at(1, 0))
    assert any("the start is no minimum" in p for p in barrier.problems)


def test_steps_that_run_out_are_no_convergence():
    path = nudged_elastic_band(minimum("a"), minimum("b"), ENGINE, images=7, max_steps=3)
    assert not path.converged
    assert path.steps == 3
    barrier = assess(path, ENGINE, start=minimum("a"), end=minimum("b"))
    assert "did not converge" in barrier.problems[0]


class Leps(Calculator):
    """H3 of London, Eyring, Polanyi, Sato (Sato, J. Chem. Phys. 1955, 23, 592)."""

    implemented_properties = ("energy", "forces")
    D, BETA, R0, SATO = 4.747, 1.974, 0.742, 0.15
    PAIRS = ((0, 1), (1, 2), (0, 2))

    @classmethod
    def energy(cls, r):
        e = np.exp(-cls.BETA * (np.asarray(r) - cls.R0))
        q, j = cls.D / 2 * (1.5 * e**2 - e), cls.D / 4 * (e**2 - 6 * e)
        dq, dj = -cls.BETA * cls.D / 2 * (3 * e**2 - e), -cls.BETA * cls.D / 4 * (2 * e**2 - 6 * e)
        root = np.sqrt((j**2).sum() - j[0] * j[1] - j[1] * j[2] - j[0] * j[2])
        slope = dq - (2 * j - (j.sum() - j)) * dj / (2 * root)
        return (q.sum() - root) / (1 + cls.SATO), slope / (1 + cls.SATO)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        x = self.atoms.positions
        vectors = np.array([x[j] - x[i] for i, j in self.PAIRS])
        lengths = np.linalg.norm(vectors, axis=1)
        energy, slope = self.energy(lengths)
        forces = np.zeros((3, 3))
        for (i, j), v, length, s in zip(self.PAIRS, vectors, lengths, slope, strict=True):
            forces[i] += s * v / length
            forces[j] -= s * v / length
        self.results = {"energy": float(energy), "forces": forces}


def test_hydrogen_exchange_has_its_symmetric_collinear_saddle():
    engine = toy_engine(lambda _: Leps())
    top = minimize_scalar(
        lambda r: Leps.energy([r, r, 2 * r])[0], bounds=(0.8, 1.2), method="bounded"
    )
    start = Atoms("H3", positions=[[0, 0, 0], [Leps.R0, 0, 0], [3.5, 0, 0.0]])
    end = Atoms("H3", positions=[[-2.75, 0, 0], [0, 0, 0], [Leps.R0, 0, 0.0]])
    end.rotate(40, (1, 2, 3))
    path = nudged_elastic_band(start, end, engine, images=7, max_force_eV_A=0.02, max_steps=500)
    barrier = assess(path, engine, start=start, end=end)
    assert barrier.verified, barrier.problems
    assert barrier.forward_eV == pytest.approx(
        top.fun - Leps.energy([Leps.R0, 2.758, 3.5])[0], abs=2e-3
    )
    saddle = path.images[path.saddle]
    assert saddle.get_distance(0, 1) == pytest.approx(top.x, abs=5e-3)
    assert saddle.get_distance(1, 2) == pytest.approx(top.x, abs=5e-3)
    assert saddle.get_angle(0, 1, 2) == pytest.approx(180.0, abs=3.0)
    # Four internal modes: one imaginary, a stretch and two equal bends.
    assert len(barrier.saddle.frequencies_cm1) == 4
    assert barrier.bonds_broken == ("H0-H1",)
    assert barrier.bonds_formed == ("H1-H2",)


@pytest.mark.parametrize(
    ("search", "killed", "limit"), [(nudged_elastic_band, 12, 5e-3), (dimer, 5, 1e-4)]
)
def test_an_interrupted_search_resumes_from_its_checkpoint(tmp_path, search, killed, limit):
    file = tmp_path / "path.extxyz"
    start, end = minimum("c"), minimum("b")

    def stop(done, total):
        if done == killed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(start, end, ENGINE, max_force_eV_A=limit, checkpoint=file, progress=stop)
    counted = []
    path = search(
        start, end, ENGINE, max_force_eV_A=limit, checkpoint=file,
        progress=lambda done, _: counted.append(done),
    )  # fmt: skip
    assert counted[0] >= killed - killed % 5
    assert path.converged
    assert path.energies_eV[path.saddle] == pytest.approx(SADDLES["cb"][1], abs=2e-4)
    with pytest.raises(AdatomError, match="between other structures"):
        search(start, minimum("a"), ENGINE, checkpoint=file)
    file.write_text("not a path\n")
    with pytest.raises(AdatomError, match="not a path"):
        search(start, end, ENGINE, checkpoint=file)


def test_ends_that_cannot_be_joined_are_refused():
    start = minimum("a")
    with pytest.raises(AdatomError, match="same atoms in the same order"):
        nudged_elastic_band(start, Atoms("He", cell=[20] * 3, pbc=True), ENGINE)
    with pytest.raises(AdatomError, match="cell"):
        nudged_elastic_band(start, Atoms("H", cell=[21] * 3, pbc=True), ENGINE)
    with pytest.raises(AdatomError, match="one structure"):
        nudged_elastic_band(start, start.copy(), ENGINE)
    with pytest.raises(AdatomError, match="1 to 50 images"):
        nudged_elastic_band(start, minimum("b"), ENGINE, images=0)


def test_a_failing_engine_is_named():
    def broken(x, y):
        raise RuntimeError("no convergence")

    with pytest.raises(EngineError, match="toy failed on a path"):
        nudged_elastic_band(minimum("a"), minimum("b"), toy_engine(lambda _: Plane(broken)))


def test_interpolation_crosses_a_periodic_boundary_the_short_way():
    start = Atoms("FeO", positions=[[0.2, 5, 5], [1.5, 7, 5]], cell=[10] * 3, pbc=True)
    end = Atoms("FeO", positions=[[9.8, 5, 5], [1.3, 7, 5]], cell=[10] * 3, pbc=True)
    band = interpolated(start, end, 3)
    x = [image.positions[0, 0] for image in band]
    assert max(x) - min(x) < 0.5


def test_images_that_share_a_calculator_are_computed_once_a_step():
    shared = Plane(muller_brown)
    engine = toy_engine(lambda _: shared)
    path = nudged_elastic_band(minimum("c"), minimum("b"), engine, images=4, max_steps=10)
    assert not path.converged
    # Four images before and after each of ten steps, and the two ends.
    assert shared.calls <= 4 * 11 + 2
