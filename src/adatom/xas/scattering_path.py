"""One scattering path as FEFF gives it: amplitude, phase, mean free path against wavenumber."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols

from adatom.errors import SpectrumError

MAX_BYTES = 1_000_000
"""A feffNNNN.dat holds some 10 kB."""
_COLUMNS = 7


@dataclass(frozen=True)
class ScatteringPath:
    """A photoelectron path from the absorber over one or several atoms and back."""

    absorber: str
    species: tuple[str, ...]
    """Scattering atoms in order; one for single scattering."""
    degeneracy: float
    """Number of equal paths for one absorber; the coordination number for single scattering."""
    distance_angstrom: float
    """Half the length of the path; the distance of the neighbour for single scattering."""
    k_per_angstrom: np.ndarray
    """(K,), rising from 0."""
    amplitude: np.ndarray
    """(K,), effective scattering amplitude in angstrom, central-atom reduction included."""
    phase: np.ndarray
    """(K,), radian; without 2kR."""
    mean_free_path_angstrom: np.ndarray
    """(K,)."""
    real_momentum_per_angstrom: np.ndarray
    """(K,), real part of the photoelectron's wavenumber inside the muffin-tin potential."""
    source: str = ""

    def __post_init__(self) -> None:
        for name in (
            "k_per_angstrom",
            "amplitude",
            "phase",
            "mean_free_path_angstrom",
            "real_momentum_per_angstrom",
        ):
            array = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        k = self.k_per_angstrom
        shapes = {k.shape, self.amplitude.shape, self.phase.shape}
        shapes |= {self.mean_free_path_angstrom.shape, self.real_momentum_per_angstrom.shape}
        if len(shapes) != 1 or k.ndim != 1 or len(k) < 8 or not (np.diff(k) > 0.0).all():
            raise SpectrumError(f"path {self.source}: k must rise over at least 8 equal columns")
        if not self.distance_angstrom > 0.0 or not self.degeneracy > 0.0:
            raise SpectrumError(f"path {self.source}: distance and degeneracy must be positive")

    @property
    def single(self) -> bool:
        """Whether the path has one scattering atom."""
        return len(self.species) == 1

    @property
    def name(self) -> str:
        """For example Fe-N, or Fe-N-C for multiple scattering."""
        return "-".join((self.absorber, *self.species))


@dataclass(frozen=True)
class PathSet:
    """The paths of one kind of absorber in one structure, by distance."""

    label: str
    """The structure: a site notation, or the name of a foil."""
    absorber: str
    edge: str
    paths: tuple[ScatteringPath, ...]
    provenance: dict[str, Any] = field(default_factory=dict)

    def singles(self, species: Sequence[str], up_to_angstrom: float) -> tuple[ScatteringPath, ...]:
        """Single scattering from these elements within a distance."""
        return tuple(
            path
            for path in self.paths
            if path.single
            and path.species[0] in species
            and path.distance_angstrom <= up_to_angstrom
        )


def read_feff_path(file: Path) -> ScatteringPath:
    """Read a feffNNNN.dat of FEFF 6 to 10.

    Raises SpectrumError where the file is not one.
    """
    if not file.is_file():
        raise SpectrumError(f"{file}: no such file; expected a feffNNNN.dat that FEFF wrote")
    if file.stat().st_size > MAX_BYTES:
        raise SpectrumError(f"{file}: larger than {MAX_BYTES} bytes; this is no feffNNNN.dat")
    lines = [line.lstrip(" #").rstrip() for line in file.read_text("latin-1").splitlines()]
    try:
        here = next(n for n, line in enumerate(lines) if "nleg" in line and "reff" in line)
        legs = int(lines[here].split()[0])
        degeneracy, distance = (float(word) for word in lines[here].split()[1:3])
        atoms = [line.split() for line in lines[here + 2 : here + 2 + legs]]
        symbols = [chemical_symbols[int(words[4])] for words in atoms]
        rows = [line.split() for line in lines[here + 3 + legs :] if line]
        table = np.array([[float(word) for word in row[:_COLUMNS]] for row in rows])
    except (StopIteration, ValueError, IndexError):
        table = np.empty((0, 0))
    if table.ndim != 2 or table.shape[1:] != (_COLUMNS,) or not np.isfinite(table).all():
        raise SpectrumError(
            f"{file}: expected a feffNNNN.dat (a line 'nleg, deg, reff', the atoms of the path,"
            " 7 columns from k to real[p]); run FEFF with PRINT 0 0 0 0 0 3"
        )
    k, central, magnitude, phase, reduction, mean_free_path, momentum = table.T
    return ScatteringPath(
        absorber=symbols[0],
        species=tuple(symbols[1:]),
        degeneracy=degeneracy,
        distance_angstrom=distance,
        k_per_angstrom=k,
        amplitude=magnitude * reduction,
        phase=central + phase,
        mean_free_path_angstrom=mean_free_path,
        real_momentum_per_angstrom=momentum,
        source=file.name,
    )
