"""GPAW presets: density-functional theory with orbitals or plane waves, relaxed or not.

Each preset is an engine with its own name, so that settings are part of every stored key.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ase import Atoms

from adatom.energies.engines.definition import Engine, versions_of

PACKAGES = ("gpaw", "gpaw-data")
INSTALL = "apt-get install libxc-dev libopenblas-dev && CC=g++ pip install gpaw gpaw-data"

_CITATIONS = (
    "Mortensen et al., J. Chem. Phys. 2024, 160, 092503, 10.1063/5.0182685",
    "Perdew, Burke, Ernzerhof, Phys. Rev. Lett. 1996, 77, 3865, 10.1103/PhysRevLett.77.3865",
)
# Stored results are found by these settings: to change one is to compute everything again.
ORBITALS: dict[str, Any] = {
    "mode": "lcao",
    "basis": "dzp",
    "xc": "PBE",
    "h_A": 0.22,
    "kpts": [1, 1, 1],
    "fermi_dirac_eV": 0.10,
    "spin_polarised": True,
}
PLANE_WAVES: dict[str, Any] = {
    "mode": "pw 500 eV",
    "xc": "PBE",
    "kpts": [1, 1, 1],
    "fermi_dirac_eV": 0.10,
    "spin_polarised": True,
    "initial_moments": "high and low spin; pairs also opposed",
}
_MOLECULE_SMEARING_EV = 0.01


def gpaw() -> Engine:
    """PBE with double-zeta orbitals, five relaxation steps from chgnet's minima."""
    return Engine(
        name="gpaw",
        description="PBE, LCAO dzp, Gamma point, spin-polarised (GPAW)",
        versions=versions_of(PACKAGES),
        settings=dict(ORBITALS),
        citations=_CITATIONS,
        max_force_eV_A=0.05,
        max_steps=5,
        spin_resolved=True,
        prerelax="chgnet",
        calculator=partial(gpaw_calculator, settings=ORBITALS),
    )


def gpaw_point() -> Engine:
    """The settings of ``gpaw``, single points on the lowest of chgnet's geometries."""
    return replace(
        gpaw(),
        name="gpaw-point",
        description="PBE, LCAO dzp, Gamma point, spin-polarised, not relaxed: single points on"
        " the lowest of chgnet's geometries (GPAW)",
        max_steps=0,
        window_eV=0.0,
    )


def gpaw_point_k3() -> Engine:
    """``gpaw-point`` with 3 x 3 x 1 k-points: what one k-point costs in accuracy."""
    settings = {**ORBITALS, "kpts": [3, 3, 1]}
    return replace(
        gpaw_point(),
        name="gpaw-point-k3",
        description="PBE, LCAO dzp, 3x3x1 k-points, spin-polarised, not relaxed: single points on"
        " the lowest of chgnet's geometries (GPAW)",
        settings=settings,
        calculator=partial(gpaw_calculator, settings=settings),
    )


def gpaw_pw() -> Engine:
    """PBE with plane waves, single points on the structures relaxed by ``gpaw``."""
    return replace(
        gpaw(),
        name="gpaw-pw",
        description="PBE, plane waves 500 eV, Gamma point, spin-polarised, not relaxed: single"
        " points on the geometries of engine gpaw (GPAW)",
        settings=dict(PLANE_WAVES),
        max_steps=0,
        prerelax="gpaw",
        calculator=partial(gpaw_calculator, settings=PLANE_WAVES),
    )


PRESETS: Mapping[str, Callable[[], Engine]] = {
    "gpaw": gpaw, "gpaw-point": gpaw_point, "gpaw-point-k3": gpaw_point_k3, "gpaw-pw": gpaw_pw,
}  # fmt: skip


def gpaw_calculator(atoms: Atoms, *, settings: Mapping[str, Any]) -> Any:
    """A GPAW calculator with these settings; molecules get one k-point and little smearing."""
    from gpaw import GPAW, PW, FermiDirac

    periodic = bool(atoms.pbc[0])
    if settings["mode"] == "lcao":
        basis = {"mode": "lcao", "basis": settings["basis"], "h": settings["h_A"], "maxiter": 200}
    else:
        cutoff = float(str(settings["mode"]).removeprefix("pw ").removesuffix(" eV"))
        basis = {"mode": PW(cutoff), "maxiter": 300}
    return GPAW(
        **basis,
        xc=settings["xc"],
        kpts=tuple(settings["kpts"]) if periodic else (1, 1, 1),
        occupations=FermiDirac(settings["fermi_dirac_eV"] if periodic else _MOLECULE_SMEARING_EV),
        spinpol=settings["spin_polarised"],
        symmetry={"point_group": False},
        txt=None,
    )
