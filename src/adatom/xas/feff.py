"""Scattering paths by FEFF10 (package feff10-rs): from atoms, or from a feff.inp.

FEFF10: Kas, Vila, Pemmaraju, Tan, Rehr, J. Synchrotron Rad. 2021, 28, 1801,
10.1107/S1600577521008614. Potentials are overlapped free atoms unless ``scf_radius_angstrom`` is
given: self-consistency shifts E0, which every fit determines, and costs minutes for a metal.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata, util
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from ase.neighborlist import neighbor_list

from adatom.errors import SpectrumError
from adatom.xas.path_files import read_path_set, write_path_set
from adatom.xas.scattering_path import PathSet, ScatteringPath, read_feff_path

INSTALL = "pip install 'feff10-rs>=0.2.4'"
CITATION = (
    "FEFF10: Kas, Vila, Pemmaraju, Tan, Rehr, J. Synchrotron Rad. 2021, 28, 1801,"
    " 10.1107/S1600577521008614"
)
CLUSTER_ANGSTROM = 6.0
"""Atoms within this distance of the absorber scatter."""
LONGEST_PATH_ANGSTROM = 5.0
"""Half the length of the longest path."""
TIMEOUT_S = 1800.0
MAX_ATOMS = 500
_CONTROL = ("CONTROL 1 1 1 1 1 1", "PRINT 0 0 0 0 0 3")
"""Every stage; feffNNNN.dat written."""
_RUN = """
import sys, feff10
given = feff10.FeffInput.from_file_strict("given.inp")
stages = [feff10.Stage.from_name(s) for s in "rdinp atomic pot xsph path genfmt ff2x".split()]
feff10.FeffPipeline(feff10.FeffConfig("run", given, stages=stages)).run()
"""


def default_cache() -> Path:
    """Folder in which computed path sets are kept, below XDG_CACHE_HOME (or ~/.cache)."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "adatom" / "feff"


def site_paths(
    atoms: Atoms,
    absorber: str,
    *,
    label: str,
    edge: str = "K",
    cluster_angstrom: float = CLUSTER_ANGSTROM,
    longest_path_angstrom: float = LONGEST_PATH_ANGSTROM,
    scf_radius_angstrom: float | None = None,
    cache: Path | None = None,
) -> PathSet:
    """Paths of every atom of the element ``absorber``, averaged over these atoms.

    ``atoms`` may be periodic. Absorbers with the same surroundings are computed once; with n
    different ones each path's degeneracy is weighted by the share of its absorber. Computed sets
    are kept in ``cache`` (:func:`default_cache`) under a hash of the input, so an interrupted
    series resumes. About 10 s for an absorber on graphene, 30 s in a metal.

    Raises SpectrumError where the element is absent, atoms overlap, FEFF is not installed or fails.
    """
    centres = [i for i, symbol in enumerate(atoms.symbols) if symbol == absorber]
    if not centres:
        raise SpectrumError(
            f"{label}: no {absorber} atom among {atoms.get_chemical_formula()}; name the absorber"
        )
    inputs: dict[str, list[str]] = {}
    for centre in centres:
        symbols, vectors = cut_cluster(atoms, centre, cluster_angstrom)
        text = feff_input(
            symbols,
            vectors,
            label=f"{absorber} in {label}",
            edge=edge,
            longest_path_angstrom=longest_path_angstrom,
            scf_radius_angstrom=scf_radius_angstrom,
        )
        inputs.setdefault(_surroundings(symbols, vectors), []).append(text)
    sets = [
        (len(texts) / len(centres), _computed(texts[0], label, edge, cache))
        for texts in inputs.values()
    ]
    if len(sets) == 1:
        return sets[0][1]
    paths = [_shared(path, share) for share, found in sets for path in found.paths]
    return PathSet(
        label=label,
        absorber=absorber,
        edge=edge,
        paths=tuple(sorted(paths, key=lambda path: path.distance_angstrom)),
        provenance={
            **sets[0][1].provenance,
            "input_sha256": [found.provenance["input_sha256"] for _, found in sets],
            "absorbers": [share for share, _ in sets],
        },
    )


def paths_from_input(file: Path, *, label: str | None = None, cache: Path | None = None) -> PathSet:
    """Paths of a feff.inp (of FEFF 6 to 10) as it stands; CONTROL and PRINT are overridden.

    Raises SpectrumError where the file is absent or not an input, or FEFF fails.
    """
    if not file.is_file() or file.stat().st_size > 1_000_000:
        raise SpectrumError(f"{file}: expected a feff.inp of at most 1 MB")
    text = file.read_text("latin-1")
    lines = [(line.split() or [""], line) for line in text.splitlines()]
    cards = {words[0].upper() for words, _ in lines}
    if not {"POTENTIALS", "ATOMS"} <= cards:
        raise SpectrumError(f"{file}: expected a feff.inp with the cards POTENTIALS and ATOMS")
    edges = [words[1] for words, _ in lines if words[0].upper() == "EDGE" and len(words) > 1]
    # Older programs have other counts of flags on these two cards.
    kept = [line for words, line in lines if words[0].upper() not in {"CONTROL", "PRINT"}]
    text = "\n".join([*_CONTROL, *kept]) + "\n"
    return _computed(text, label or file.stem, edges[0] if edges else "K", cache)


def cut_cluster(atoms: Atoms, centre: int, radius: float) -> tuple[list[str], np.ndarray]:
    """Neighbours of an atom within ``radius`` (A), by distance: symbols, vectors (N, 3) in A."""
    first, second, vectors, distances = neighbor_list("ijDd", atoms, radius)
    mine = np.flatnonzero(first == centre)
    mine = mine[np.lexsort((second[mine], np.round(distances[mine], 3)))]
    if len(mine) == 0:
        raise SpectrumError(f"atom {centre} has no neighbour within {radius:g} A; nothing scatters")
    if len(mine) > MAX_ATOMS:
        raise SpectrumError(
            f"{len(mine)} atoms within {radius:g} A, at most {MAX_ATOMS}; take a smaller cluster"
        )
    if distances[mine[0]] < 0.8:
        raise SpectrumError(f"atom {centre} has a neighbour at {distances[mine[0]]:.2f} A: overlap")
    return [str(atoms.symbols[centre]), *(str(atoms.symbols[j]) for j in second[mine])], np.vstack(
        [np.zeros((1, 3)), vectors[mine]]
    )


def feff_input(
    symbols: Sequence[str],
    vectors: np.ndarray,
    *,
    label: str,
    edge: str,
    longest_path_angstrom: float,
    scf_radius_angstrom: float | None = None,
) -> str:
    """The feff.inp of a cluster whose first atom absorbs; one potential for each element."""
    elements = sorted(set(symbols[1:]))
    number = {element: n + 1 for n, element in enumerate(elements)}
    potentials = [(0, symbols[0]), *((number[element], element) for element in elements)]
    scf = [] if scf_radius_angstrom is None else [f"SCF {scf_radius_angstrom:.2f}"]
    lines = [
        f"TITLE {label}",
        f"EDGE {edge}",
        "S02 1.0",
        *_CONTROL,
        "EXCHANGE 0",
        *scf,
        "EXAFS 20.0",
        f"RPATH {longest_path_angstrom:.2f}",
        "NLEG 4",
        "POTENTIALS",
        *(f"{n} {atomic_numbers[element]} {element}" for n, element in potentials),
        "ATOMS",
        *(
            f"{x:.5f} {y:.5f} {z:.5f} {0 if n == 0 else number[symbol]} {symbol}"
            for n, (symbol, (x, y, z)) in enumerate(zip(symbols, vectors, strict=True))
        ),
        "END",
    ]
    return "\n".join(lines) + "\n"


def _surroundings(symbols: Sequence[str], vectors: np.ndarray) -> str:
    """The same for clusters that differ by a rotation or a reflection."""
    apart = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    rows = sorted(
        (symbol, *np.round(np.sort(row), 2).tolist())
        for symbol, row in zip(symbols, apart, strict=True)
    )
    return repr(rows)


def _shared(path: ScatteringPath, share: float) -> ScatteringPath:
    return replace(path, degeneracy=path.degeneracy * share)


def _computed(text: str, label: str, edge: str, cache: Path | None) -> PathSet:
    if util.find_spec("feff10") is None:
        raise SpectrumError(f"paths of {label} need FEFF10; install it with: {INSTALL}")
    version = metadata.version("feff10-rs")
    key = hashlib.sha256(f"feff10-rs {version}\n{text}".encode()).hexdigest()
    kept = (cache or default_cache()) / f"{key[:24]}.json"
    if kept.is_file():
        return read_path_set(kept)
    with tempfile.TemporaryDirectory(prefix="adatom-feff-") as folder:
        paths = _run(text, Path(folder), label)
    found = PathSet(
        label=label,
        absorber=paths[0].absorber,
        edge=edge,
        paths=paths,
        provenance={
            "program": f"FEFF10, feff10-rs {version}",
            "citation": CITATION,
            "input_sha256": key,
            "potentials": "self-consistent" if "\nSCF" in text else "overlapped atoms",
        },
    )
    write_path_set(found, kept)
    return found


def _run(text: str, folder: Path, label: str) -> tuple[ScatteringPath, ...]:
    """Run FEFF in a process of its own: its Fortran writes to standard output."""
    (folder / "given.inp").write_text(text)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _RUN],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpectrumError(
            f"FEFF10 took longer than {TIMEOUT_S:g} s for {label}; take a smaller cluster"
        ) from None
    files = sorted((folder / "run").glob("feff[0-9][0-9][0-9][0-9].dat"))
    if ended.returncode != 0 or not files:
        said = [line for line in (ended.stderr + ended.stdout).splitlines() if line.strip()]
        raise SpectrumError(f"FEFF10 failed for {label}: {said[-1] if said else 'no message'}")
    return tuple(read_feff_path(file) for file in files)
