"""Named electrolytes: diffusion, solubility and viscosity, each number with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Any

from adatom.errors import ElectrolyteError
from adatom.toml_file import read_toml


@dataclass(frozen=True)
class Solute:
    """A dissolved species at 25 C."""

    diffusion_cm2_s: float
    bulk_mol_cm3: float
    reference_mol_cm3: float
    """Concentration at which its activity is 1."""


@dataclass(frozen=True)
class Electrolyte:
    """An aqueous electrolyte at 25 C."""

    name: str
    pH: float
    viscosity_cm2_s: float
    """Kinematic viscosity."""
    solutes: Mapping[str, Solute]
    source: str

    def solute(self, species: str) -> Solute:
        """Constants of one dissolved species; asks for it by name when absent."""
        if species not in self.solutes:
            raise ElectrolyteError(
                f"electrolyte '{self.name}' has no constants for {species};"
                " give them in an electrolyte file (docs/electrolytes.md)"
            )
        return self.solutes[species]


LEAST = {"diffusion_cm2_s": 1e-7, "viscosity_cm2_s": 1e-3}
"""Smaller values are in other units (m2/s)."""


@cache
def shipped_electrolytes() -> dict[str, Electrolyte]:
    """The electrolytes that come with the package, by name."""
    text = resources.files("adatom").joinpath("electrolytes.toml").read_text()
    return {name: _electrolyte(name, table) for name, table in tomllib.loads(text).items()}


def load_electrolyte(name: str | Path) -> Electrolyte:
    """A shipped electrolyte by name, or a user's from a ``.toml`` file with one table.

    Raises :class:`~adatom.errors.ElectrolyteError` naming what is unknown or missing.
    """
    if str(name).endswith(".toml"):
        path = Path(name)
        tables = read_toml(path, ElectrolyteError)
        if len(tables) != 1:
            raise ElectrolyteError(f"{path}: expected one table, found {len(tables)}")
        ((key, table),) = tables.items()
        if not isinstance(table, dict):
            raise ElectrolyteError(f"{path}: expected a table such as [\"0.2 M KOH\"], got '{key}'")
        return _electrolyte(key, table)
    wanted = " ".join(str(name).split()).casefold()
    for known, electrolyte in shipped_electrolytes().items():
        if known.casefold() == wanted:
            return electrolyte
    raise ElectrolyteError(
        f"electrolyte '{name}' is unknown; expected one of"
        f" {', '.join(shipped_electrolytes())}, or a .toml file"
    )


def _electrolyte(name: str, table: dict[str, Any]) -> Electrolyte:
    def number(
        container: dict[str, Any], key: str, where: str, *, low: float, high: float
    ) -> float:
        value = container.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ElectrolyteError(
                f"electrolyte '{name}': {where}{key} must be a number, got {value}"
            )
        if value < low or (low == 0 and value == 0 and key != "bulk_mol_cm3"):
            raise ElectrolyteError(
                f"electrolyte '{name}': {where}{key} must be positive, got {value}"
            )
        if value > high or 0 < value < LEAST.get(key, 0.0):
            raise ElectrolyteError(
                f"electrolyte '{name}': {where}{key} = {value:g} is out of range; units are cm2/s,"
                " mol/cm3 (mol/L divided by 1000)"
            )
        return float(value)

    solutes = {
        species: Solute(
            diffusion_cm2_s=number(values, "diffusion_cm2_s", f"{species}.", low=0, high=1e-3),
            bulk_mol_cm3=number(values, "bulk_mol_cm3", f"{species}.", low=0, high=1e-4),
            reference_mol_cm3=number(values, "reference_mol_cm3", f"{species}.", low=0, high=1e-2),
        )
        for species, values in table.items()
        if isinstance(values, dict)
    }
    return Electrolyte(
        name=name,
        pH=number(table, "pH", "", low=-2, high=16),
        viscosity_cm2_s=number(table, "viscosity_cm2_s", "", low=0, high=0.5),
        solutes=solutes,
        source=str(table.get("source", "given by the user")),
    )
