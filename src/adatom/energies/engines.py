"""Energy engines: any ASE calculator chosen by name, with its settings and version recorded.

``chgnet`` is the embedded default, ``diep`` runs beside it so that their spread is seen,
``gpaw`` is density-functional theory. Weights of the first two ship inside their packages;
nothing is downloaded.
"""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import metadata, util
from typing import Any

from ase import Atoms
from ase.data import atomic_numbers, ground_state_magnetic_moments

from adatom.errors import EngineError


@dataclass(frozen=True)
class Engine:
    """One way of computing an energy, and everything that defines its numbers."""

    name: str
    description: str
    """One line for people."""
    versions: dict[str, str]
    """Packages that determine the energy, with their installed versions."""
    settings: dict[str, Any]
    """Physical and numerical settings, part of the key under which results are stored."""
    citations: tuple[str, ...]
    max_force_eV_A: float
    """A relaxation stops when no force is larger."""
    max_steps: int
    """A relaxation stops after so many steps, converged or not."""
    spin_resolved: bool
    """Whether several initial magnetic moments are tried, the lowest kept."""
    prerelax: str | None
    """The engine that relaxes the structure first, or None."""
    calculator: Callable[[Atoms], Any]
    """Makes an ASE calculator for these atoms (which may carry initial magnetic moments)."""


_PACKAGES = {
    "chgnet": ("chgnet", "torch"),
    "diep": ("diep", "torch"),
    "gpaw": ("gpaw", "gpaw-data"),
    "gpaw-point": ("gpaw", "gpaw-data"),
}
_INSTALL = {
    "chgnet": "pip install torch==2.13.0 'chgnet>=0.4.2'",
    "diep": "pip install torch==2.13.0 'diep>=2.0'",
    "gpaw": "apt-get install libxc-dev libopenblas-dev && CC=g++ pip install gpaw gpaw-data",
}
"""Install line of each engine's first package."""
ENGINES: tuple[str, ...] = tuple(_PACKAGES)
"""Names of the engines."""


def engine(name: str) -> Engine:
    """The engine called ``name``, ready to use.

    Raises :class:`~adatom.errors.EngineError` when it is unknown or not installed; the
    message holds the exact install line.
    """
    if name not in _PACKAGES:
        raise EngineError(f"engine '{name}' is unknown; expected one of: {', '.join(ENGINES)}")
    package = _PACKAGES[name][0]
    if util.find_spec(package) is None:
        raise EngineError(f"engine '{name}' is not installed; install it with: {_INSTALL[package]}")
    return {"chgnet": _chgnet, "diep": _diep, "gpaw": _gpaw, "gpaw-point": _gpaw_point}[name]()


def initial_moments(atoms: Atoms) -> list[list[float]]:
    """Starting magnetic moments (Bohr magnetons, one list per trial) to try on a site.

    High spin is Hund's rule of the free metal atom, low spin two electrons fewer unpaired;
    a pair is also tried with its moments opposed.
    """
    metals = list(atoms.info.get("metals", []))
    high = [float(ground_state_magnetic_moments[atomic_numbers[atoms.symbols[m]]]) for m in metals]
    low = [max(m - 2.0, m % 2.0) for m in high]
    trials = [high, low]
    if len(metals) == 2:
        trials.append([high[0], -high[1]])
    unique: list[list[float]] = []
    for moments in trials:
        full = [0.0] * len(atoms)
        for m, value in zip(metals, moments, strict=True):
            full[m] = value
        if full not in unique:
            unique.append(full)
    return unique


def _versions(name: str) -> dict[str, str]:
    return {package: metadata.version(package) for package in (*_PACKAGES[name], "ase")}


@lru_cache(maxsize=1)
def _chgnet_calculator() -> Any:
    import torch
    from chgnet.model import CHGNet, CHGNetCalculator

    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        model = CHGNet.load(model_name="r2scan", use_device="cpu", verbose=False)
        return CHGNetCalculator(model, use_device="cpu", on_isolated_atoms="ignore")


@lru_cache(maxsize=1)
def _diep_calculator() -> Any:
    import torch
    from diep.pretrained import make_calculator

    torch.set_num_threads(1)
    return make_calculator(stress=False)


def _chgnet() -> Engine:
    return Engine(
        name="chgnet",
        description="CHGNet r2SCAN, a universal interatomic potential",
        versions=_versions("chgnet"),
        settings={"model": "r2scan", "functional": "r2SCAN (learned)"},
        citations=("Deng et al., Nat. Mach. Intell. 2023, 5, 1031, 10.1038/s42256-023-00716-3",),
        max_force_eV_A=0.05,
        max_steps=300,
        spin_resolved=False,
        prerelax=None,
        calculator=lambda atoms: _chgnet_calculator(),
    )


def _diep() -> Engine:
    return Engine(
        name="diep",
        description="DIEP, a universal interatomic potential for r2SCAN",
        versions=_versions("diep"),
        settings={"model": "diep_fold1", "functional": "r2SCAN (learned)"},
        citations=(
            "Tawfik et al., Digital Discovery 2024, 10.1039/D4DD00246F (weights: DIEP 2.0, MatPES)",
        ),
        max_force_eV_A=0.05,
        max_steps=300,
        spin_resolved=False,
        prerelax=None,
        calculator=lambda atoms: _diep_calculator(),
    )


_GPAW_SETTINGS: dict[str, Any] = {
    "mode": "lcao",
    "basis": "dzp",
    "xc": "PBE",
    "h_A": 0.22,
    "kpts": [1, 1, 1],
    "fermi_dirac_eV": 0.10,
    "spin_polarised": True,
}


def _gpaw() -> Engine:
    return Engine(
        name="gpaw",
        description="PBE, LCAO dzp, Gamma point, spin-polarised (GPAW)",
        versions=_versions("gpaw"),
        settings=dict(_GPAW_SETTINGS),
        citations=(
            "Mortensen et al., J. Chem. Phys. 2024, 160, 092503, 10.1063/5.0182685",
            "Perdew, Burke, Ernzerhof, Phys. Rev. Lett. 1996, 77, 3865,"
            " 10.1103/PhysRevLett.77.3865",
        ),
        max_force_eV_A=0.05,
        max_steps=5,
        spin_resolved=True,
        prerelax="chgnet",
        calculator=_gpaw_calculator,
    )


def _gpaw_point() -> Engine:
    return replace(
        _gpaw(),
        name="gpaw-point",
        description="PBE, LCAO dzp, Gamma point, spin-polarised, not relaxed: single points on"
        " chgnet's geometries (GPAW)",
        max_steps=0,
    )


def _gpaw_calculator(atoms: Atoms) -> Any:
    from gpaw import GPAW, FermiDirac

    s = _GPAW_SETTINGS
    periodic = bool(atoms.pbc[0])
    return GPAW(
        mode=s["mode"],
        basis=s["basis"],
        xc=s["xc"],
        h=s["h_A"],
        kpts=tuple(s["kpts"]) if periodic else (1, 1, 1),
        occupations=FermiDirac(s["fermi_dirac_eV"]) if periodic else FermiDirac(0.01),
        spinpol=s["spin_polarised"],
        symmetry={"point_group": False},
        maxiter=200,
        txt=None,
    )
