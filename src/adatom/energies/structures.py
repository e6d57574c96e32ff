"""What to compute on: a site notation, a molecule's name or a structure file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.collections import g2

from adatom.errors import AdatomError, StructureError
from adatom.sites import files
from adatom.sites.adsorbates import place_adsorbate, starting_geometries
from adatom.sites.bonds import neighbours
from adatom.sites.notation import METALS, parse_site
from adatom.sites.structure import build_site
from adatom.species import parse_species

MOST_ATOMS = 2000
MOLECULE_BOX_A = 10.0


@dataclass(frozen=True)
class Subject:
    """A structure to compute on, and what it is called."""

    label: str
    """Site notation, name of a molecule, or file."""
    state: str
    """``*`` a bare site, ``*OH`` an adsorbate on it, ``gas`` a free molecule."""
    atoms: Atoms
    """``info['metals']`` and ``info['adsorbate']`` list indices where there are any."""

    @property
    def is_gas(self) -> bool:
        """Whether it is a free molecule."""
        return self.state == "gas"


def subjects(text: str, adsorbate: str | None = None) -> list[Subject]:
    """Structures meant by ``text``: a file, a molecule of the G2 set, or a site to build.

    Of a site to build, ``adsorbate`` gives one structure for each starting position. In a file
    the adsorbate's atoms are the last ones. Raises :class:`~adatom.errors.AdatomError` for
    anything that is none of these.
    """
    path = Path(text)
    if path.suffix.lower() in files.FORMATS or path.name in files.NAMES or path.exists():
        return [_from_file(path, adsorbate)]
    if text in g2.names:
        if adsorbate is not None:
            raise AdatomError(f"{text} is a molecule; {adsorbate} needs a site to sit on")
        return [Subject(text, "gas", boxed_molecule(text))]
    site = parse_site(text)
    bare = build_site(site)
    if adsorbate is None:
        return [Subject(text, "*", bare)]
    return [Subject(text, adsorbate, atoms) for _, atoms in starting_geometries(bare, adsorbate)]


def boxed_molecule(name: str) -> Atoms:
    """A molecule of the G2 set in the middle of an open box."""
    atoms = molecule(name)
    atoms.set_cell([MOLECULE_BOX_A] * 3)
    atoms.center()
    return atoms


def read_structure(path: Path) -> Atoms:
    """The last structure of a file, its metals in ``info['metals']``.

    Raises :class:`~adatom.errors.AdatomError` naming the file: absent, too large, of an unknown
    format, unreadable, with overlapping atoms or positions that are no numbers.
    """
    found = files.read_structure(path)
    if len(found) > MOST_ATOMS:
        raise AdatomError(f"{path}: expected 1 to {MOST_ATOMS} atoms, found {len(found)}")
    # Constraints and energies of another program have no say here.
    atoms = Atoms(found.symbols, positions=found.positions, cell=found.cell, pbc=found.pbc)
    atoms.set_initial_magnetic_moments(_moments(found))
    try:
        neighbours(atoms)
    except StructureError as error:  # overlapping atoms, no cell, no numbers
        raise StructureError(f"{path}: {error}") from error
    atoms.info["metals"] = [i for i, s in enumerate(atoms.get_chemical_symbols()) if s in METALS]
    return atoms


def _moments(atoms: Atoms) -> np.ndarray:
    try:
        return np.asarray(atoms.get_magnetic_moments()).reshape(len(atoms))
    except Exception:  # no calculator, or one without moments
        return np.asarray(atoms.get_initial_magnetic_moments()).reshape(len(atoms))


def _from_file(path: Path, adsorbate: str | None) -> Subject:
    atoms = read_structure(path)
    if adsorbate is not None:
        count = sum(n for _, n in parse_species(adsorbate).atoms)
        tail = sorted(atoms.get_chemical_symbols()[len(atoms) - count :])
        if count == 0 or tail != sorted(
            s for s, n in parse_species(adsorbate).atoms for _ in range(n)
        ):
            raise AdatomError(
                f"{path}: its last {count} atoms should be those of {adsorbate}, found"
                f" {' '.join(tail) or 'none'}; put the adsorbate last in the file"
            )
        atoms.info["adsorbate"] = list(range(len(atoms) - count, len(atoms)))
    if atoms.pbc.any() or atoms.info["metals"]:
        if not atoms.info["metals"]:
            raise AdatomError(
                f"{path}: {atoms.get_chemical_formula()} in a periodic cell holds no metal; give a"
                " site, or a molecule without periodic boundaries"
            )
        return Subject(str(path), adsorbate or "*", atoms)
    if adsorbate is not None:
        raise AdatomError(f"{path}: holds no metal for {adsorbate} to sit on")
    if atoms.cell.rank < 3:
        atoms.set_cell([MOLECULE_BOX_A + np.ceil(np.ptp(atoms.positions, axis=0).max())] * 3)
        atoms.center()
    return Subject(str(path), "gas", atoms)


GAS_HEIGHT_A = 3.0
"""A molecule that has left stands so far above the highest atom."""


def state_on(site: str, state: str) -> Subject:
    """A site with what stands on it, as an end of a step.

    ``*OOH`` is one adsorbate on the first metal, ``*O*OH`` two on the first and the second,
    ``*+H2`` a molecule in front of the site. Atoms come in the order of the text. Raises
    :class:`~adatom.errors.AdatomError` for a state that cannot be built.
    """
    parsed = parse_site(site)
    atoms = build_site(parsed)
    surface, *molecules = state.split("+")
    fragments = surface.split("*")[1:]
    if not surface.startswith("*") or any(name not in g2.names for name in molecules):
        raise AdatomError(
            f"state '{state}': expected adsorbates such as *OOH or *O*OH, with molecules in front"
            " such as *+H2"
        )
    bare = len(atoms)
    metals = list(atoms.info["metals"])
    placed = [name for name in fragments if name]
    for number, name in enumerate(placed, start=1):
        position = "atop" if len(metals) == 1 else f"atop-{number}"
        if number > len(metals):
            raise AdatomError(
                f"state '{state}': {site} has {len(metals)} metal(s) for {len(placed)} adsorbates;"
                " give structure files instead"
            )
        atoms = place_adsorbate(atoms, f"*{name}", position)
    for name in molecules:
        gas = molecule(name)
        top = atoms.positions[:, 2].max() + GAS_HEIGHT_A
        gas.translate(atoms.positions[metals[0]] - gas.get_center_of_mass())
        gas.translate([0.0, 0.0, top - gas.positions[:, 2].min()])
        gas.set_initial_magnetic_moments(np.zeros(len(gas)))
        info = atoms.info
        atoms += gas
        atoms.info = info
    atoms.info.update(metals=metals, adsorbate=list(range(bare, len(atoms))))
    return Subject(site, state, atoms)
