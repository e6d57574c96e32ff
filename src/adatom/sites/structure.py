"""From a site to atoms: elements put into the places of its support.

The metals come last but for ligands and clusters, in the order of the notation.
"""

import numpy as np
from ase import Atoms
from ase.cluster import Icosahedron
from ase.data import atomic_numbers, covalent_radii

from adatom.sites.frames import frame
from adatom.sites.notation import Part, Site
from adatom.sites.slabs import slab_fit, slab_under

CLUSTER_HEIGHT_A = 2.1
"""Height of a cluster's lowest atoms above the sheet, angstrom."""
CLUSTER_GAP_A = 4.0
"""Least distance between the site's metal and the cluster, angstrom."""

# Atoms of a ligand below the metal, from the binding atom, angstrom; z points away from it.
_LIGANDS: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    "O": (("O", 0.0, 0.0, 0.0),),
    "N": (("N", 0.0, 0.0, 0.0),),
    "Cl": (("Cl", 0.0, 0.0, 0.0),),
    "OH": (("O", 0.0, 0.0, 0.0), ("H", 0.92, 0.0, 0.34)),
    "OH2": (("O", 0.0, 0.0, 0.0), ("H", 0.76, 0.0, 0.59), ("H", -0.76, 0.0, 0.59)),
    "CN": (("C", 0.0, 0.0, 0.0), ("N", 0.0, 0.0, 1.17)),
    "NH3": (
        ("N", 0.0, 0.0, 0.0), ("H", 0.94, 0.0, 0.38), ("H", -0.47, 0.81, 0.38),
        ("H", -0.47, -0.81, 0.38),
    ),
}  # fmt: skip


def build_site(site: Site) -> Atoms:
    """Build the bare site as ASE Atoms, with its permanent ligands on the lower face.

    ``atoms.info['metals']`` lists the indices of every metal in the order of the notation,
    ``atoms.info['ligand']`` those of ligands (absent when there are none). A slab below the sheet
    is not counted among them; ``atoms.info['slab_strain']`` says how far it was stretched.
    """
    place = frame(site.shapes, site.support)
    atoms = place.sheet.copy()
    shell = [symbol for part in site.parts for symbol in part.shell]
    for index, symbol in zip(place.slots, shell, strict=True):
        atoms.symbols[index] = symbol
    in_sheet = [metal for part in site.parts if _in_sheet(part, site) for metal in part.metals]
    first = len(atoms)
    atoms += Atoms(in_sheet, positions=place.metals)
    metals = list(range(first, len(atoms)))
    start = 0
    ligand: list[int] = []
    for part in site.parts:
        if part.slab:
            slab = slab_under(atoms, part.metals[0], site.metals[0])
            atoms += slab
            depth = float(atoms.positions[0, 2] - slab.positions[:, 2].min())
            atoms.positions[:, 2] += depth
            atoms.cell[2, 2] += depth
            atoms.info["slab_strain"] = slab_fit(part.metals[0]).strain
        elif not _in_sheet(part, site):
            cluster = _cluster(part, place.metals[0], site.metals[0])
            metals += range(len(atoms), len(atoms) + len(cluster))
            atoms += cluster
            top = float(cluster.positions[:, 2].max()) + 10.0
            atoms.cell[2, 2] = max(atoms.cell[2, 2], top)
        elif part.ligand:
            added = _ligand(part, place.metals[start : start + len(part.metals)])
            ligand += range(len(atoms), len(atoms) + len(added))
            atoms += added
        start += len(part.metals)
    if atoms.pbc.any():
        atoms.wrap()
    atoms.info["metals"] = metals
    if ligand:
        atoms.info["ligand"] = ligand
    return atoms


def _in_sheet(part: Part, site: Site) -> bool:
    return bool(part.shell) or part is site.parts[0]


def _radius(symbol: str) -> float:
    return float(covalent_radii[atomic_numbers[symbol]])


def _ligand(part: Part, metals: np.ndarray) -> Atoms:
    name = part.ligand.removeprefix("mu-")
    symbols, x, y, z = zip(*_LIGANDS[name], strict=True)
    bonds = [_radius(metal) + _radius(symbols[0]) for metal in part.metals]
    anchor, depth = metals[0], bonds[0]
    if part.ligand.startswith("mu-"):
        # The point below the axis of the pair at one bond length from each metal.
        apart = float(np.linalg.norm(metals[1] - metals[0]))
        along = (bonds[0] ** 2 - bonds[1] ** 2 + apart**2) / (2.0 * apart)
        anchor = metals[0] + along * (metals[1] - metals[0]) / apart
        depth = max(bonds[0] ** 2 - along**2, 0.25) ** 0.5
    offsets = np.column_stack([x, y, np.negative(z) - depth])
    return Atoms(list(symbols), positions=anchor + offsets)


def _cluster(part: Part, site_metal: np.ndarray, neighbour: str) -> Atoms:
    """A tetrahedron or icosahedron above the sheet, beside the site along x."""
    symbol = part.metals[0]
    bond = 2.0 * _radius(symbol)
    if len(part.metals) == 4:
        r = bond / 3.0**0.5
        base = [
            (r * np.cos(t), r * np.sin(t), 0.0) for t in np.pi + np.array([0, 2, 4]) * np.pi / 3
        ]
        points = np.array([*base, (0.0, 0.0, bond * (2.0 / 3.0) ** 0.5)])
    else:
        points = Icosahedron(symbol, 2, latticeconstant=bond * 2.0**0.5).get_positions()
    points[:, 2] -= points[:, 2].min() - CLUSTER_HEIGHT_A
    points[:, :2] -= points[:, :2].mean(axis=0)
    gap = max(CLUSTER_GAP_A, 1.25 * (bond / 2.0 + _radius(neighbour)))
    points[:, 0] += gap - points[:, 0].min()
    return Atoms([symbol] * len(points), positions=points + site_metal)
