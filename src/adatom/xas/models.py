"""Candidate models of an EXAFS spectrum: which shells, which parameters, which priors.

A model is a first shell (M-N) and any of: a metal-metal path, the carbons of the second shell
(with multiple scattering through them), a metal-oxygen path, a share of metal particles. One dE0
for all; each shell has a number N (of its nearest atoms; others of the shell follow in the
structure's proportion), one dR (others in proportion to distance) and one sigma2. N is fitted as
N x S02, S02 from a standard.

Priors are uniform: dE0 within 10 eV, sigma2 0.002 to 0.02 A^2 (thermal and static disorder of
bonds at room temperature), dR within 0.1 A of the structure (metal-metal 0.15, added oxygen 0.2,
particles 0.05 A), N from 0 to what the site can hold: 6 in the first shell, 2 metals (a trimer),
2 added oxygens, 1.5 times the site's carbons, a share of particles up to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from adatom.errors import SpectrumError
from adatom.species import NON_METALS
from adatom.xas.exafs import PathTables, tables_of
from adatom.xas.path_files import packaged_paths
from adatom.xas.scattering_path import PathSet, ScatteringPath

E0_SHIFT_EV = 10.0
SIGMA2_A2 = (0.002, 0.020)
FIRST_SHELL_ANGSTROM = 2.3
METAL_METAL_ANGSTROM = 3.3
BEYOND_ANGSTROM = 0.6
"""Paths longer than the R range by more than this (the phase shift) do not reach into it."""


@dataclass(frozen=True)
class Shell:
    """Paths that share a number, a relative shift and a sigma2."""

    name: str
    paths: tuple[ScatteringPath, ...]
    per_number: tuple[float, ...]
    """How many of each path there are for N = 1."""
    distance_angstrom: float
    """Mean distance of the nearest atoms, to which dR is added."""
    number_range: tuple[float, float]
    shift_range_angstrom: tuple[float, float]
    sigma2_range_A2: tuple[float, float] = SIGMA2_A2
    sigma2_of: str = ""
    """Name of the shell whose sigma2 is shared; empty: its own."""
    metal_metal: bool = False
    """Whether metal scatters at bonding distance."""
    bulk_number: float = 1.0
    """For particles: coordination number of the metal at N = 1 (a share); else 1."""


@dataclass(frozen=True)
class Candidates:
    """Path sets from which the candidate models of one absorber are made."""

    single: PathSet
    """A single atom, such as FeN4@graphene."""
    pair: PathSet
    """A pair, such as Fe2N6@graphene."""
    oxygen: PathSet | None = None
    """A site with oxygen on the metal, such as FeN4-OH@graphene; None: no M-O models."""
    carbon: PathSet | None = None
    """A site with carbon next to the metal; only for the question which element is nearest."""
    foil: PathSet | None = None
    """The metal; None: no models with particles."""


def packaged_candidates(absorber: str) -> Candidates:
    """Candidates for an element whose paths are packaged; SpectrumError names those that are."""
    return Candidates(
        single=packaged_paths(f"{absorber}N4@graphene"),
        pair=packaged_paths(f"{absorber}2N6@graphene"),
        oxygen=packaged_paths(f"{absorber}N4-OH@graphene"),
        carbon=packaged_paths(f"{absorber}C4@graphene"),
        foil=packaged_paths(f"{absorber} foil"),
    )


class Parameter(NamedTuple):
    """A fitted quantity with its uniform prior."""

    name: str
    unit: str
    low: float
    high: float


class Layout(NamedTuple):
    """Where each path finds its number, shift and sigma2 among the parameters (arrays (P,))."""

    number: np.ndarray
    per_number: np.ndarray
    shift: np.ndarray
    shift_share: np.ndarray
    sigma2: np.ndarray


@dataclass(frozen=True)
class Model:
    """Shells together; parameters are S02, dE0, then N, dR and sigma2 of each shell."""

    shells: tuple[Shell, ...]

    @property
    def name(self) -> str:
        """For example M-N + M-M."""
        return " + ".join(shell.name for shell in self.shells)

    @property
    def metal_metal(self) -> bool:
        """Whether any shell has metal at bonding distance."""
        return any(shell.metal_metal for shell in self.shells)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What is fitted; S02 comes before these and is known from a standard."""
        found = [Parameter("dE0", "eV", -E0_SHIFT_EV, E0_SHIFT_EV)]
        for shell in self.shells:
            found.append(Parameter(f"N({shell.name})", "1", *shell.number_range))
            found.append(Parameter(f"dR({shell.name})", "angstrom", *shell.shift_range_angstrom))
            if not shell.sigma2_of:
                found.append(
                    Parameter(f"sigma2({shell.name})", "angstrom^2", *shell.sigma2_range_A2)
                )
        return tuple(found)

    def where(self, parameter: str) -> int:
        """Column of a parameter in arrays that begin with S02."""
        return 1 + [p.name for p in self.parameters].index(parameter)

    def layout(self) -> Layout:
        """Indices and factors of every path."""
        columns: list[tuple[float, ...]] = []
        for shell in self.shells:
            number, shift = self.where(f"N({shell.name})"), self.where(f"dR({shell.name})")
            sigma2 = self.where(f"sigma2({shell.sigma2_of or shell.name})")
            columns += [
                (number, count, shift, path.distance_angstrom / shell.distance_angstrom, sigma2)
                for path, count in zip(shell.paths, shell.per_number, strict=True)
            ]
        table = np.array(columns)
        whole = table.astype(int)
        return Layout(whole[:, 0], table[:, 1].copy(), whole[:, 2], table[:, 3].copy(), whole[:, 4])

    def tables(self) -> PathTables:
        """The paths on the grid of the compiled equation."""
        return tables_of([path for shell in self.shells for path in shell.paths])


def require_s02(s02: float, sd: float = 0.0) -> None:
    """Raise :class:`~adatom.errors.SpectrumError` for an S02 that no atom has."""
    if not 0.3 <= s02 <= 1.3 or not 0.0 <= sd <= 0.3:
        raise SpectrumError(
            f"S02 = {s02:g} +- {sd:g}: expected 0.3 to 1.3 with an uncertainty up to 0.3; take it"
            " from a standard (--s02-from FOIL, adatom.xas.standards.s02_of_foil)"
        )


def shell_of(
    name: str,
    nearest: Sequence[ScatteringPath],
    *,
    further: Sequence[ScatteringPath] = (),
    number_range: tuple[float, float],
    shift_angstrom: float = 0.1,
    sigma2_of: str = "",
    metal_metal: bool = False,
) -> Shell:
    """A shell whose N counts the atoms of ``nearest``; ``further`` paths go with them."""
    total = sum(path.degeneracy for path in nearest)
    if total <= 0.0:
        raise SpectrumError(f"shell {name}: the path set has no such atoms; give another structure")
    mean = sum(path.degeneracy * path.distance_angstrom for path in nearest) / total
    paths = (*nearest, *further)
    return Shell(
        name=name,
        paths=paths,
        per_number=tuple(path.degeneracy / total for path in paths),
        distance_angstrom=mean,
        number_range=number_range,
        shift_range_angstrom=(-shift_angstrom, shift_angstrom),
        sigma2_of=sigma2_of,
        metal_metal=metal_metal,
    )


def first_shell(paths: PathSet, element: str) -> Shell:
    """The nearest atoms of an element, at most six."""
    nearest = paths.singles((element,), FIRST_SHELL_ANGSTROM)
    return shell_of(f"M-{element}", nearest, number_range=(0.0, 6.0))


def optional_shells(given: Candidates, r_max_angstrom: float) -> tuple[tuple[Shell, ...], ...]:
    """What may be added to the first shell; of each inner tuple at most one."""
    reach = r_max_angstrom + BEYOND_ANGSTROM
    metals = tuple({s for p in given.pair.paths for s in p.species} - NON_METALS)
    pair = shell_of(
        "M-M",
        given.pair.singles(metals, METAL_METAL_ANGSTROM),
        number_range=(0.0, 2.0),
        shift_angstrom=0.15,
        metal_metal=True,
    )
    found: list[tuple[Shell, ...]] = [
        (pair,),
        tuple(
            _second_shell(f"M-C ({which})", paths, metals, reach)
            for which, paths in (("single atom", given.single), ("pair", given.pair))
        ),
    ]
    if given.oxygen is not None:
        oxygen = given.oxygen.singles(("O",), FIRST_SHELL_ANGSTROM)
        found.append(
            (shell_of("M-O", oxygen, number_range=(0.0, 2.0), shift_angstrom=0.2, sigma2_of="M-N"),)
        )
    if given.foil is not None:
        found.append((particles(given.foil, reach),))
    return tuple(found)


def _second_shell(name: str, paths: PathSet, metals: Sequence[str], reach: float) -> Shell:
    """Second-shell carbons with multiple scattering, metal neighbours left out."""
    carbons = [
        p for p in paths.singles(("C",), reach) if p.distance_angstrom > FIRST_SHELL_ANGSTROM
    ]
    lead = [p for p in carbons if p.distance_angstrom < carbons[0].distance_angstrom + 0.1]
    further = [
        p
        for p in paths.paths
        if p.distance_angstrom <= reach
        and not any(p is q for q in lead)
        and not set(p.species) & set(metals)
        and p.distance_angstrom > FIRST_SHELL_ANGSTROM
    ]
    most = 1.5 * sum(p.degeneracy for p in lead)
    return shell_of(name, lead, further=further, number_range=(0.0, most))


def particles(foil: PathSet, reach: float) -> Shell:
    """Metal particles with the bulk's shells; N is the share of the absorber in them."""
    paths = tuple(path for path in foil.paths if path.distance_angstrom <= reach)
    nearest = [p for p in paths if p.distance_angstrom < paths[0].distance_angstrom + 0.1]
    number = sum(p.degeneracy for p in nearest)
    distance = sum(p.degeneracy * p.distance_angstrom for p in nearest) / number
    return Shell(
        name="particles",
        paths=paths,
        per_number=tuple(path.degeneracy for path in paths),
        distance_angstrom=distance,
        number_range=(0.0, 1.0),
        shift_range_angstrom=(-0.05, 0.05),
        metal_metal=True,
        bulk_number=number,
    )


def candidate_models(given: Candidates, r_max_angstrom: float) -> tuple[Model, ...]:
    """Every combination of the optional shells on the first shell of nitrogen."""
    base = first_shell(given.single, "N")
    options = [(None, *group) for group in optional_shells(given, r_max_angstrom)]
    models: list[Model] = []
    chosen: list[tuple[Shell, ...]] = [()]
    for group in options:
        chosen = [
            (*before, *((shell,) if shell is not None else ()))
            for before in chosen
            for shell in group
        ]
    models = [Model((base, *shells)) for shells in chosen]
    return tuple(sorted(models, key=lambda model: (len(model.parameters), model.name)))
