"""Minimum-energy paths and saddle points between two states of a site.

Climbing-image nudged elastic band (Henkelman, Uberuaga, Jonsson, J. Chem. Phys. 2000, 113, 9901,
10.1063/1.1329672; tangents of 113, 9978, 10.1063/1.1323224) from an image-dependent pair
potential (Smidstrup et al., J. Chem. Phys. 2014, 140, 214106, 10.1063/1.4878664), or the dimer
(Henkelman, Jonsson, J. Chem. Phys. 1999, 111, 7010, 10.1063/1.480097). What they find is called a
transition state only by :func:`adatom.energies.barriers.assess`.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.singlepoint import SinglePointCalculator
from ase.mep.dimer import DimerControl, MinModeAtoms, MinModeTranslate
from ase.mep.neb import NEB
from ase.optimize import BFGS, FIRE

from adatom.energies.checkpoints import path_key, resume_path, save_path
from adatom.energies.engines import Engine
from adatom.energies.path_geometry import displacement, interpolated, require_same_atoms
from adatom.errors import AdatomError, EngineError

SPRING_EV_A2 = 0.1
"""Spring between neighbouring images; it spaces them and does not move the path."""
CLIMB_BELOW = 4.0
"""The highest image climbs once no force exceeds so many times the limit."""
DIMER_HALF_LENGTH_A = 0.01
"""Long enough that single-precision forces tell its ends apart."""
DOWNHILL_STEP_A = 0.1
"""Largest displacement of an atom off a saddle before both sides are relaxed."""
CHECKPOINT_STEPS = 5
StepProgress = Callable[[int, int], None]
"""Told the steps done and the most that will be."""


@dataclass(frozen=True)
class ReactionPath:
    """Structures from one minimum to another."""

    method: str
    """neb or dimer."""
    images: tuple[Atoms, ...]
    """First the start, last the end, each with its energy attached."""
    energies_eV: np.ndarray
    """Shape (images,), eV."""
    distance_A: np.ndarray
    """Length of the path up to each image (all atoms), shape (images,), angstrom."""
    saddle: int | None
    """Image that climbed to the highest point; None where no image lies above both ends."""
    converged: bool
    max_force_eV_A: float
    """Of the band (neb) or at the saddle (dimer)."""
    steps: int

    def __post_init__(self) -> None:
        self.energies_eV.setflags(write=False)
        self.distance_A.setflags(write=False)


def nudged_elastic_band(
    start: Atoms,
    end: Atoms,
    engine: Engine,
    *,
    images: int = 5,
    max_force_eV_A: float = 0.05,
    max_steps: int = 300,
    checkpoint: Path | None = None,
    progress: StepProgress | None = None,
) -> ReactionPath:
    """Relax a band of ``images`` structures between two minima, the highest one climbing.

    ``checkpoint`` (an extended XYZ file) is written every few steps and continued from. Raises
    :class:`~adatom.errors.AdatomError` for ends that do not match or another band's checkpoint,
    :class:`~adatom.errors.EngineError` when the engine fails.
    """
    require_same_atoms(start, end)
    if not 1 <= images <= 50:
        raise AdatomError(f"a band needs 1 to 50 images between its ends, got {images}")
    key = path_key(start, end, engine, {"images": images, "method": "neb"})
    band, done = resume_path(checkpoint, key, images + 2) or (interpolated(start, end, images), 0)
    for image in (band[0], band[-1]):
        _freeze(image, engine)
    for image in band[1:-1]:
        image.calc = _Remembered(engine.calculator(image))
    force, converged = np.inf, False
    steps = done
    for limit in (CLIMB_BELOW * max_force_eV_A, max_force_eV_A):
        # A band that has settled downhill all the way has nothing to climb to.
        climb = limit == max_force_eV_A and _highest(_energies(band)) is not None
        neb = NEB(
            band, k=SPRING_EV_A2, climb=climb, method="improvedtangent",
            allow_shared_calculator=True,
        )  # fmt: skip
        force, converged, steps = _optimise(
            FIRE(neb, logfile=None, maxstep=0.1), limit, steps, max_steps, engine,
            lambda done: save_path(checkpoint, band, key, done), progress,
        )  # fmt: skip
        if not converged:
            break
    energies = _energies(band)
    return _path("neb", band, energies, _highest(energies), converged, force, steps)


def dimer(
    start: Atoms,
    end: Atoms,
    engine: Engine,
    *,
    images: int = 5,
    max_force_eV_A: float = 0.05,
    max_steps: int = 300,
    checkpoint: Path | None = None,
    progress: StepProgress | None = None,
) -> ReactionPath:
    """Follow the softest mode up from the highest of ``images`` interpolated structures.

    The minima on both sides of the saddle are found by relaxing downhill: the ends of the path
    returned are those, and need not be ``start`` and ``end``. Raises as
    :func:`nudged_elastic_band`.
    """
    require_same_atoms(start, end)
    key = path_key(start, end, engine, {"images": images, "method": "dimer"})
    resumed = resume_path(checkpoint, key, 1)
    if resumed:
        (guess,), done = resumed
        tangent = guess.arrays.get("mode")
        if tangent is None or not np.isfinite(tangent).all():
            raise AdatomError(f"{checkpoint}: holds no mode; delete it to start again")
    else:
        band = interpolated(start, end, images)
        for image in band:
            _freeze(image, engine)
        top = min(max(int(np.argmax(_energies(band))), 1), images)
        guess, done = band[top].copy(), 0
        tangent = displacement(band[top - 1], band[top + 1])
    guess.calc = _Remembered(engine.calculator(guess))
    control = DimerControl(
        logfile=None, eigenmode_logfile=None, dimer_separation=DIMER_HALF_LENGTH_A,
        max_num_rot=3, f_rot_min=0.05, trial_trans_step=0.01, maximum_translation=0.05,
    )  # fmt: skip
    try:
        searching = MinModeAtoms(
            guess, control, eigenmodes=[tangent / np.linalg.norm(tangent)], random_seed=0
        )
    except Exception as error:  # engines raise anything
        raise EngineError(f"{engine.name} failed on a dimer: {error}") from error

    def save(done: int) -> None:
        copy = guess.copy()
        copy.set_array("mode", np.array(searching.get_eigenmode()))
        save_path(checkpoint, [copy], key, done)

    force, converged, steps = _optimise(
        MinModeTranslate(searching, logfile=None), max_force_eV_A, done, max_steps, engine, save,
        progress,
    )  # fmt: skip
    saddle = guess
    mode = np.array(searching.get_eigenmode())
    sides = [_downhill(saddle, sign * mode, engine, max_force_eV_A) for sign in (-1.0, 1.0)]
    # The side nearer to where the search was to start from comes first.
    sides.sort(key=lambda side: float(np.linalg.norm(displacement(start, side))))
    path = [sides[0], saddle, sides[1]]
    for image in path:
        _freeze(image, engine)
    return _path("dimer", path, _energies(path), 1, converged, force, steps)


def _optimise(
    optimiser: Any,
    limit: float,
    steps: int,
    max_steps: int,
    engine: Engine,
    save: Callable[[int], None],
    progress: StepProgress | None,
) -> tuple[float, bool, int]:
    """Run to the limit; the last force, whether it was reached, and the steps in all."""
    converged, force = False, np.inf
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for reached in optimiser.irun(fmax=limit, steps=max(max_steps - steps, 0)):
                converged = bool(reached)
                now = steps + optimiser.get_number_of_steps()
                gradient = np.asarray(optimiser.optimizable.get_gradient()).reshape(-1, 3)
                force = float(np.linalg.norm(gradient, axis=1).max())
                if now % CHECKPOINT_STEPS == 0:
                    save(now)
                if progress:
                    progress(now, max_steps)
    except Exception as error:  # engines raise anything
        raise EngineError(
            f"{engine.name} failed on a path: {type(error).__name__}: {error}"
        ) from error
    if not np.isfinite(force):
        raise EngineError(f"{engine.name}: forces on the path are not finite")
    total = steps + optimiser.get_number_of_steps()
    save(total)
    return force, converged, total


def _downhill(saddle: Atoms, mode: np.ndarray, engine: Engine, max_force_eV_A: float) -> Atoms:
    side = saddle.copy()
    side.positions += mode * DOWNHILL_STEP_A / np.linalg.norm(mode, axis=1).max()
    side.calc = engine.calculator(side)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            BFGS(side, logfile=None, maxstep=0.1).run(fmax=max_force_eV_A, steps=500)
    except Exception as error:  # engines raise anything
        raise EngineError(f"{engine.name} failed downhill of a saddle: {error}") from error
    return side


def _freeze(atoms: Atoms, engine: Engine) -> None:
    """Attach energy and forces at this geometry instead of the engine."""
    atoms.calc = engine.calculator(atoms)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            energy, forces = float(atoms.get_potential_energy()), np.array(atoms.get_forces())
    except Exception as error:  # engines raise anything
        raise EngineError(f"{engine.name} failed on a path: {error}") from error
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)


def _energies(band: Sequence[Atoms]) -> np.ndarray:
    return np.array([float(image.get_potential_energy()) for image in band])


class _Remembered(Calculator):  # type: ignore[misc]
    """Energy and forces of one image, kept until it moves.

    Engines may give every image the same calculator, which forgets an image for the next.
    """

    implemented_properties = ("energy", "forces")

    def __init__(self, calculator: Any) -> None:
        super().__init__()
        self.calculator = calculator

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        image = self.atoms.copy()
        image.calc = self.calculator
        forces = np.array(image.get_forces())
        self.results = {"energy": float(image.get_potential_energy()), "forces": forces}


def _highest(energies: np.ndarray) -> int | None:
    """The inner image that lies above both ends, or None."""
    inner = int(np.argmax(energies[1:-1])) + 1
    return inner if energies[inner] > max(energies[0], energies[-1]) else None


def _path(
    method: str,
    band: Sequence[Atoms],
    energies: np.ndarray,
    saddle: int | None,
    converged: bool,
    force: float,
    steps: int,
) -> ReactionPath:
    images = []
    for image, energy in zip(band, energies, strict=True):
        copy = image.copy()
        copy.calc = SinglePointCalculator(copy, energy=float(energy), forces=image.get_forces())
        images.append(copy)
    lengths = [np.linalg.norm(displacement(a, b)) for a, b in pairwise(band)]
    distance = np.concatenate([[0.0], np.cumsum(lengths)])
    return ReactionPath(method, tuple(images), energies, distance, saddle, converged, force, steps)
