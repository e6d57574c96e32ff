"""Barriers, given only when the saddle and both minima are what their vibrations say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ase import Atoms

from adatom.energies.engines import Engine
from adatom.energies.path_geometry import same_structure
from adatom.energies.store import Store
from adatom.energies.transition_states import ReactionPath
from adatom.energies.vibrations import (
    LOW_FREQUENCY_CM1,
    ForceProgress,
    Vibrations,
    active_atoms,
    vibrations,
)
from adatom.sites.bonds import bonding_limit_A


@dataclass(frozen=True)
class Barrier:
    """What a path means."""

    subject: str
    path: ReactionPath
    start: Vibrations
    end: Vibrations
    saddle: Vibrations | None
    """At the highest image; None where the path has no maximum between its ends."""
    cutoff_cm1: float
    """Imaginary modes below it are soft and do not count."""
    problems: tuple[str, ...]
    """Why this is no verified transition state; empty when it is one."""
    bonds_broken: tuple[str, ...]
    """Bonds of the displaced atoms that the start has and the end has not, as ``O30-O31``."""
    bonds_formed: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def verified(self) -> bool:
        """Whether it is a converged saddle of one imaginary mode between two minima."""
        return not self.problems

    @property
    def reaction_energy_eV(self) -> float:
        """Energy of the end minus that of the start, eV."""
        return float(self.path.energies_eV[-1] - self.path.energies_eV[0])

    @property
    def forward_eV(self) -> float | None:
        """Barrier from the start, without zero-point energy, eV; None unless verified."""
        return self._barrier(0)

    @property
    def backward_eV(self) -> float | None:
        """Barrier from the end, eV; None unless verified."""
        return self._barrier(-1)

    @property
    def zero_point_change_eV(self) -> float | None:
        """To be added to the forward barrier for zero-point energy, eV; None unless verified."""
        if not self.verified or self.saddle is None:
            return None
        return self.saddle.zero_point_energy_eV - self.start.zero_point_energy_eV

    def _barrier(self, side: int) -> float | None:
        if not self.verified or self.path.saddle is None:
            return None
        energies = self.path.energies_eV
        return float(energies[self.path.saddle] - energies[side])

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, units in the names; barriers are null unless verified."""
        path = self.path
        return {
            "subject": self.subject,
            "method": path.method,
            "verified_transition_state": self.verified,
            "problems": list(self.problems),
            "forward_barrier_eV": self.forward_eV,
            "backward_barrier_eV": self.backward_eV,
            "zero_point_change_eV": self.zero_point_change_eV,
            "reaction_energy_eV": self.reaction_energy_eV,
            "energies_eV": path.energies_eV.tolist(),
            "distance_A": path.distance_A.tolist(),
            "highest_image": path.saddle,
            "converged": path.converged,
            "max_force_eV_A": path.max_force_eV_A,
            "steps": path.steps,
            "bonds_broken": list(self.bonds_broken),
            "bonds_formed": list(self.bonds_formed),
            "imaginary_cutoff_cm-1": self.cutoff_cm1,
            "start": self.start.as_dict(),
            "saddle": None if self.saddle is None else self.saddle.as_dict(),
            "end": self.end.as_dict(),
            "notes": list(self.notes),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the energy along the path; returns the axes."""
        from adatom.plot.barriers import plot_barrier

        return plot_barrier(self, ax)


def assess(
    path: ReactionPath,
    engine: Engine,
    *,
    start: Atoms,
    end: Atoms,
    subject: str = "",
    indices: Sequence[int] | None = None,
    cutoff_cm1: float = LOW_FREQUENCY_CM1,
    store: Store | None = None,
    progress: ForceProgress | None = None,
) -> Barrier:
    """Verify a path by the vibrations of its ends and of its highest image.

    ``start`` and ``end`` are the minima asked for; ``indices`` (default
    :func:`~adatom.energies.vibrations.active_atoms` of the start) are displaced, the others stand
    still. Whatever is amiss goes into ``problems``, and no barrier is given.
    """
    moved = active_atoms(start) if indices is None else tuple(indices)
    places = {"start": 0, "end": -1}
    if path.saddle is not None:
        places["saddle"] = path.saddle
    found: dict[str, Vibrations] = {}
    for done, (name, image) in enumerate(places.items()):

        def report(now: int, total: int, before: int = done) -> None:
            if progress:
                progress(before * total + now, len(places) * total)

        found[name] = vibrations(
            path.images[image], engine, indices=moved, label=subject, state=name, store=store,
            progress=report,
        )  # fmt: skip
    problems = []
    if not path.converged:
        problems.append(
            f"the {path.method} did not converge: {path.max_force_eV_A:.3f} eV/A after"
            f" {path.steps} steps"
        )
    for name in ("start", "end"):
        unstable = found[name].unstable_cm1(cutoff_cm1)
        if unstable:
            problems.append(f"the {name} is no minimum: {_modes(unstable)}")
    if path.saddle is None:
        problems.append("no image lies above both ends: no saddle between them")
    else:
        unstable = found["saddle"].unstable_cm1(cutoff_cm1)
        if len(unstable) != 1:
            problems.append(
                f"the highest point has {len(unstable)} imaginary modes above {cutoff_cm1:g} cm^-1"
                f" and their noise (up to {found['saddle'].noise_cm1.max():.0f} cm^-1) instead of"
                f" one: {_modes(found['saddle'].imaginary_cm1)}"
            )
    problems += [
        f"downhill from the saddle lies another structure than the {name} asked for"
        for name, wanted, image in (("start", start, path.images[0]), ("end", end, path.images[-1]))
        if not same_structure(wanted, image)
    ]
    before, after = _bonds(path.images[0], moved), _bonds(path.images[-1], moved)
    return Barrier(
        subject=subject,
        path=path,
        start=found["start"],
        end=found["end"],
        saddle=found.get("saddle"),
        cutoff_cm1=cutoff_cm1,
        problems=tuple(problems),
        bonds_broken=tuple(sorted(before - after)),
        bonds_formed=tuple(sorted(after - before)),
        notes=_dips(path),
    )


def _modes(wavenumbers: Sequence[float]) -> str:
    return ", ".join(f"{w:.0f}i" for w in wavenumbers) + " cm^-1" if wavenumbers else "none"


def _dips(path: ReactionPath) -> tuple[str, ...]:
    """Interior minima of the band: the step may be two steps."""
    e = path.energies_eV
    dips = [i for i in range(1, len(e) - 1) if e[i] < e[i - 1] - 0.01 and e[i] < e[i + 1] - 0.01]
    return tuple(
        f"image {i} is lower than its neighbours: there may be an intermediate, relax it"
        for i in dips
    )


def _bonds(atoms: Atoms, moved: Sequence[int]) -> set[str]:
    bonds = set()
    for n, i in enumerate(moved):
        for j in moved[n + 1 :]:
            limit = bonding_limit_A(atoms.symbols[i], atoms.symbols[j])
            if atoms.get_distance(i, j, mic=True) < limit:
                bonds.add(f"{atoms.symbols[i]}{i}-{atoms.symbols[j]}{j}")
    return bonds
