"""Molecular dynamics of a site and the distances between its metals and their ligands.

Langevin dynamics at constant temperature (the propagator of Vanden-Eijnden and Ciccotti, Chem.
Phys. Lett. 2006, 429, 310, 10.1016/j.cplett.2006.07.086, as in ASE), in chunks that are each
written whole: a killed run resumes at its last chunk and ends in the same numbers as one that was
never interrupted, because each chunk draws its noise from a seed of its own.
"""

import hashlib
import json
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution

from adatom.energies.engines import Engine
from adatom.errors import AdatomError, EngineError
from adatom.units import BOLTZMANN_EV_K

RUN_FILE = "dynamics.json"
HOTTEST = 5.0
"""A kinetic temperature above so many times the thermostat's means that the run has exploded."""
ChunkProgress = Callable[[int, int], None]
"""Told the chunks done and the chunks in all."""


@dataclass(frozen=True)
class Protocol:
    """How a trajectory is run."""

    temperature_K: float
    timestep_fs: float
    """1 fs, and 0.5 fs where hydrogen moves, are the usual choices (:func:`usual_timestep_fs`)."""
    friction_per_ps: float = 10.0
    """Coupling to the bath; it changes how fast distances decorrelate, not how they spread."""
    seed: int = 0
    sample_every: int = 5
    """Steps between two samples."""
    chunk_steps: int = 250
    """Steps that are run and written together, a multiple of ``sample_every``."""

    def __post_init__(self) -> None:
        for name in ("temperature_K", "timestep_fs", "friction_per_ps"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise AdatomError(f"dynamics: {name} must be positive, got {value}")
        if self.temperature_K > 5000 or self.timestep_fs > 10 or self.friction_per_ps > 1000:
            raise AdatomError(
                "dynamics: expected at most 5000 K, steps of 10 fs and a friction of 1000 /ps, got"
                f" {self.temperature_K:g} K, {self.timestep_fs:g} fs, {self.friction_per_ps:g} /ps"
            )
        if self.seed < 0:
            raise AdatomError(f"dynamics: the seed must not be negative, got {self.seed}")
        if self.sample_every < 1 or self.chunk_steps % self.sample_every:
            raise AdatomError(
                f"dynamics: chunks of {self.chunk_steps} steps are no multiple of the"
                f" {self.sample_every} steps between samples"
            )


@dataclass(frozen=True)
class Trajectory:
    """What a run recorded."""

    protocol: Protocol
    pairs: tuple[tuple[int, int], ...]
    """Atoms (metal, ligand) whose distance was followed."""
    symbols: tuple[str, ...]
    """Element of every atom."""
    time_fs: np.ndarray
    """Time of each sample, shape (samples,), fs."""
    distances_A: np.ndarray
    """Shape (samples, pairs), angstrom, nearest periodic image."""
    temperature_K: np.ndarray
    """Kinetic temperature of each sample over all 3N degrees of freedom, shape (samples,), K."""
    potential_energy_eV: np.ndarray
    """Shape (samples,), eV."""
    last: Atoms
    """Structure at the end."""
    engine: str
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("time_fs", "distances_A", "temperature_K", "potential_energy_eV"):
            getattr(self, name).setflags(write=False)


def usual_timestep_fs(atoms: Atoms) -> float:
    """0.5 fs where there is hydrogen, else 1 fs."""
    return 0.5 if "H" in atoms.get_chemical_symbols() else 1.0


def run_dynamics(
    atoms: Atoms,
    engine: Engine,
    protocol: Protocol,
    *,
    duration_ps: float,
    pairs: Sequence[tuple[int, int]],
    folder: Path | None = None,
    progress: ChunkProgress | None = None,
) -> Trajectory:
    """Follow ``pairs`` for at least ``duration_ps`` (rounded up to whole chunks).

    Velocities start from Maxwell and Boltzmann's distribution; nothing is discarded here. With
    ``folder`` every chunk is kept, a run of the same start and protocol continues it, and a
    longer ``duration_ps`` prolongs it. Raises :class:`~adatom.errors.AdatomError` when the folder
    holds another run or a file of it is damaged, :class:`~adatom.errors.EngineError` when the
    engine fails or the temperature explodes.
    """
    chunk_ps = protocol.chunk_steps * protocol.timestep_fs / 1000.0
    if not (np.isfinite(duration_ps) and 0 < duration_ps <= 1e5):
        raise AdatomError(f"dynamics: the duration must lie in 0..1e5 ps, got {duration_ps:g}")
    count = int(np.ceil(duration_ps / chunk_ps - 1e-9))
    if folder is not None:
        _open(folder, atoms, engine, protocol, pairs)
    moving = atoms.copy()
    moving.calc = engine.calculator(moving)
    chunks = []
    for number in range(count):
        file = None if folder is None else folder / f"chunk-{number:05d}.npz"
        if file is not None and file.exists():
            chunk = _read(file, moving, protocol, len(pairs))
        else:
            chunk = _run(moving, engine, protocol, pairs, number)
            if file is not None:
                _write(file, chunk)
        moving.set_positions(chunk["positions"])
        moving.set_momenta(chunk["momenta"])
        chunks.append(chunk)
        if progress:
            progress(number + 1, count)
    last = moving.copy()
    last.calc = None

    def joined(name: str) -> np.ndarray:
        return np.concatenate([chunk[name] for chunk in chunks])

    samples = count * protocol.chunk_steps // protocol.sample_every
    return Trajectory(
        protocol=protocol,
        pairs=tuple(pairs),
        symbols=tuple(atoms.get_chemical_symbols()),
        time_fs=protocol.timestep_fs * protocol.sample_every * np.arange(1, samples + 1),
        distances_A=joined("distances"),
        temperature_K=2.0 * joined("kinetic_eV") / (3.0 * len(atoms) * BOLTZMANN_EV_K),
        potential_energy_eV=joined("potential_eV"),
        last=last,
        engine=engine.name,
        settings=dict(engine.settings),
        versions=dict(engine.versions),
        citations=engine.citations,
    )


def _run(
    atoms: Atoms,
    engine: Engine,
    protocol: Protocol,
    pairs: Sequence[tuple[int, int]],
    number: int,
) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([protocol.seed, number])
    if number == 0:
        MaxwellBoltzmannDistribution(atoms, temperature_K=protocol.temperature_K, rng=rng)
    bath = Langevin(
        atoms,
        protocol.timestep_fs * units.fs,
        temperature_K=protocol.temperature_K,
        friction=protocol.friction_per_ps / (1000.0 * units.fs),
        # The centre of mass is free: then every one of 3N momenta is sampled exactly.
        fixcm=False,
        rng=rng,
    )
    distances, kinetic, potential = [], [], []
    limit_eV = HOTTEST * 1.5 * len(atoms) * BOLTZMANN_EV_K * protocol.temperature_K
    for done in range(protocol.sample_every, protocol.chunk_steps + 1, protocol.sample_every):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                bath.run(protocol.sample_every)
                energy = float(atoms.get_potential_energy())
        except Exception as error:  # engines raise anything
            raise EngineError(
                f"{engine.name} failed in dynamics, step {number * protocol.chunk_steps + done}:"
                f" {type(error).__name__}: {error}"
            ) from error
        heat = float(atoms.get_kinetic_energy())
        # Of few atoms the temperature itself fluctuates by sqrt(2/3N).
        if not np.isfinite(energy + heat) or (len(atoms) >= 10 and heat > limit_eV):
            raise EngineError(
                f"{engine.name}: the dynamics exploded at step"
                f" {number * protocol.chunk_steps + done}; relax the structure first or take"
                f" shorter steps than {protocol.timestep_fs:g} fs"
            )
        distances.append([atoms.get_distance(i, j, mic=True) for i, j in pairs])
        kinetic.append(heat)
        potential.append(energy)
    return {
        "positions": atoms.get_positions(),
        "momenta": atoms.get_momenta(),
        "distances": np.array(distances).reshape(-1, len(pairs)),
        "kinetic_eV": np.array(kinetic),
        "potential_eV": np.array(potential),
    }


def _open(
    folder: Path,
    atoms: Atoms,
    engine: Engine,
    protocol: Protocol,
    pairs: Sequence[tuple[int, int]],
) -> None:
    """Make the folder of a run, or make sure that it holds this very run."""
    content = {
        "engine": engine.name,
        "settings": engine.settings,
        "versions": engine.versions,
        "protocol": asdict(protocol),
        "pairs": [list(pair) for pair in pairs],
        "start": hashlib.sha256(
            json.dumps(
                [atoms.get_chemical_symbols(), np.round(atoms.positions, 6).tolist(),
                 np.round(atoms.cell[:], 6).tolist(), [bool(p) for p in atoms.pbc]]
            ).encode()
        ).hexdigest(),
    }  # fmt: skip
    file = folder / RUN_FILE
    if not folder.exists():
        if not folder.parent.is_dir():
            raise AdatomError(f"folder {folder.parent} for {folder.name} does not exist; create it")
        folder.mkdir()
    if not folder.is_dir():
        raise AdatomError(f"{folder} is a file; name a new --folder")
    if file.exists():
        try:
            found = json.loads(file.read_text())
        except ValueError as error:
            raise AdatomError(f"{file}: not JSON: {error}; name a new --folder") from error
        expected = json.loads(json.dumps(content))
        differing = [
            k for k in expected if not isinstance(found, dict) or found.get(k) != expected[k]
        ]
        if differing:
            raise AdatomError(
                f"{folder} holds another run: it differs in {', '.join(differing)};"
                " name a new --folder"
            )
        return
    if any(folder.iterdir()):
        raise AdatomError(f"{folder} is not empty and holds no {RUN_FILE}; name a new --folder")
    part = folder / f".{RUN_FILE}.part"
    part.write_text(json.dumps(content, indent=1) + "\n")
    part.replace(file)


def _write(file: Path, chunk: dict[str, np.ndarray]) -> None:
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        np.savez_compressed(stream, **chunk)  # type: ignore[arg-type]
    part.replace(file)


def _read(file: Path, atoms: Atoms, protocol: Protocol, pairs: int) -> dict[str, np.ndarray]:
    samples = protocol.chunk_steps // protocol.sample_every
    shapes = {
        "positions": (len(atoms), 3), "momenta": (len(atoms), 3),
        "distances": (samples, pairs), "kinetic_eV": (samples,), "potential_eV": (samples,),
    }  # fmt: skip
    remedy = "delete it and all later chunks to compute them again"
    try:
        with np.load(file, allow_pickle=False) as data:
            chunk = {name: np.asarray(data[name], dtype=float) for name in shapes}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise AdatomError(f"{file} cannot be read ({error}); {remedy}") from error
    for name, shape in shapes.items():
        if chunk[name].shape != shape or not np.isfinite(chunk[name]).all():
            raise AdatomError(
                f"{file}: {name} should be {shape} finite numbers, came as"
                f" {chunk[name].shape}; {remedy}"
            )
    return chunk
