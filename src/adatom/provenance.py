"""Where numbers come from: sources of energies, versions, settings, citations of methods."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

METHOD_CITATIONS: tuple[str, ...] = (
    "computational hydrogen electrode: Norskov et al., J. Phys. Chem. B 2004, 108, 17886,"
    " 10.1021/jp047349j",
    "stationary state: Grassmann, Taksar, Heyman, Oper. Res. 1985, 33, 1107,"
    " 10.1287/opre.33.5.1107",
    "degree of rate control: Campbell, ACS Catal. 2017, 7, 2770, 10.1021/acscatal.7b00115",
    "rotating disk: Levich, Physicochemical Hydrodynamics, Prentice-Hall, 1962",
)
"""What every prediction rests on."""


@dataclass(frozen=True)
class EnergySource:
    """What a set of energies rests on."""

    kind: str
    """packaged, engine, table or folder."""
    description: str
    """One line for people: which engine and settings, or which file."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    corrections: tuple[str, ...] = ()
    """Corrections applied, each with its value."""
    uncertainty: str = ""
    """Where the standard deviations come from."""
    citations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Anything a reader must know: other minima, missing convergence, ignored columns."""
    caution: str = ""
    """What a reader must know before using the numbers; shown beside every table."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "kind": self.kind,
            "description": self.description,
            "settings": dict(self.settings),
            "versions": dict(self.versions),
            "corrections": list(self.corrections),
            "uncertainty": self.uncertainty,
            "citations": list(self.citations),
            "notes": list(self.notes),
            "caution": self.caution,
        }


def software_versions() -> dict[str, str]:
    """Versions of adatom and of what its numbers depend on."""
    return dict(_versions())


@cache
def _versions() -> Mapping[str, str]:
    """Read once: each package's metadata is a file to be parsed."""
    packages = ("adatom", "numpy", "scipy", "numba", "ase")
    versions = {package: metadata.version(package) for package in packages}
    return {"python": platform.python_version(), **versions}
