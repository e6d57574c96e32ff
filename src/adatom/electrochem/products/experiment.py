"""What one electrolysis (or illumination) was and what was measured of its products."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import constants

from adatom.electrochem.products.calibration import CalibrationLine
from adatom.electrochem.propagation import Sampler
from adatom.electrochem.turnover import atomic_mass_g_mol
from adatom.errors import SampleError
from adatom.species import parse_species

MOLE_FRACTIONS: Mapping[str, float] = {"ppm": 1e-6, "%": 1e-2, "mol/mol": 1.0}
"""Units of a gas composition, in mol/mol."""
MOLARITIES: Mapping[str, float] = {"M": 1.0, "mM": 1e-3, "uM": 1e-6, "nM": 1e-9}
"""Units of a concentration, in mol/L."""
MASS_CONCENTRATIONS: Mapping[str, float] = {"g/L": 1.0, "mg/L": 1e-3, "ug/mL": 1e-3, "ug/L": 1e-6}
"""Units of a concentration by mass, in g/L: they need to know of what."""
AMOUNTS: Mapping[str, float] = {"mmol": 1e-3, "umol": 1e-6, "nmol": 1e-9}
"""Units of an amount in the whole sample, in mol."""
AMMONIA = ("NH3", "NH4+")
"""Products that are not believed without controls."""


class Value(NamedTuple):
    """A number with its standard deviation; 0 where it is taken as exact."""

    value: float
    sd: float = 0.0

    def draw(self, sampler: Sampler) -> np.ndarray:
        """Draws (1 + D,)."""
        return sampler.normal(*self) if self.sd else sampler.exact(self.value)


@dataclass(frozen=True)
class Liquid:
    """A product in solution."""

    volume_mL: Value

    def moles(self, per_litre: np.ndarray, sampler: Sampler, duration_s: np.ndarray) -> np.ndarray:
        """mol in it (1 + D,), from mol/L."""
        return per_litre * 1e-3 * self.volume_mL.draw(sampler)


@dataclass(frozen=True)
class Headspace:
    """A gas in a closed volume: n = x p V / (R T)."""

    volume_mL: Value
    temperature_K: Value
    pressure_kPa: Value

    def moles(self, fraction: np.ndarray, sampler: Sampler, duration_s: np.ndarray) -> np.ndarray:
        """mol in it (1 + D,), from mol/mol."""
        volume_m3 = 1e-6 * self.volume_mL.draw(sampler)
        pressure_Pa = 1e3 * self.pressure_kPa.draw(sampler)
        return fraction * pressure_Pa * volume_m3 / (constants.R * self.temperature_K.draw(sampler))


@dataclass(frozen=True)
class Flow:
    """A gas that flows through: dn/dt = x p Q / (R T), steady over the run."""

    mL_min: Value
    temperature_K: Value
    """At which the volume is told: the reference of sccm, or of the gas at the meter."""
    pressure_kPa: Value
    inlet: bool = False
    """Measured before the cell: what the cell takes or makes then biases the result."""

    def moles(self, fraction: np.ndarray, sampler: Sampler, duration_s: np.ndarray) -> np.ndarray:
        """mol that left in the whole run (1 + D,), from mol/mol."""
        volume_m3 = 1e-6 * self.mL_min.draw(sampler) / 60.0 * duration_s
        pressure_Pa = 1e3 * self.pressure_kPa.draw(sampler)
        return fraction * pressure_Pa * volume_m3 / (constants.R * self.temperature_K.draw(sampler))


Vessel = Liquid | Headspace | Flow


@dataclass(frozen=True)
class InternalStandard:
    """NMR against a standard in the same tube: c = c_s (I/n) / (I_s/n_s)."""

    molarity: Value
    """mol/L of the standard in the tube."""
    responses: np.ndarray
    """(R,), integrals of the standard, one beside each of the product's."""
    nuclei: int
    """Of the standard's signal, per molecule."""
    product_nuclei: int
    """Of the product's signal, per molecule."""


@dataclass(frozen=True)
class Part:
    """One product measured in one place: catholyte, trap, gas."""

    product: str
    where: str
    readings: np.ndarray
    """(R,), responses; empty where the result is given."""
    blank: np.ndarray
    """(B,), responses of the blank; empty where none was given: then nothing is subtracted."""
    source: CalibrationLine | InternalStandard | Value
    """How a response becomes a result; a Value is the result itself, in ``unit``."""
    unit: str
    dilution: Value
    vessel: Vessel | None
    """None for an amount of the whole."""
    calibrated_as: str
    """The substance weighed for the standards, where they count mass."""

    @property
    def title(self) -> str:
        """For messages and tables."""
        return self.product if not self.where else f"{self.product} ({self.where})"

    def factor(self) -> float:
        """SI per unit: mol/mol, mol/L or mol. Raises unless unit and vessel fit."""
        kinds = (
            (MOLE_FRACTIONS, (Headspace, Flow), "headspace or flow"),
            (MOLARITIES, (Liquid,), "volume_mL"),
            (MASS_CONCENTRATIONS, (Liquid,), "volume_mL"),
            (AMOUNTS, (type(None),), "neither volume nor flow"),
        )
        for units, vessels, wanted in kinds:
            if self.unit in units:
                if not isinstance(self.vessel, vessels):
                    raise SampleError(f"{self.title}: a result in {self.unit} needs {wanted}")
                mass = self._standard_mass() if units is MASS_CONCENTRATIONS else 1.0
                return units[self.unit] / mass
        known = [*MOLE_FRACTIONS, *MOLARITIES, *MASS_CONCENTRATIONS, *AMOUNTS]
        raise SampleError(f"{self.title}: unit '{self.unit}' is none of {', '.join(known)}")

    def _standard_mass(self) -> float:
        for element, count in parse_species(self.product).atoms:
            if element not in "HO" and parse_species(self.calibrated_as).count(element) != count:
                raise SampleError(
                    f"{self.title}: a molecule of calibrated_as = '{self.calibrated_as}' should"
                    f" hold as much {element} as one of {self.product}"
                )
        return molar_mass_g_mol(self.calibrated_as)


def molar_mass_g_mol(name: str) -> float:
    """g/mol of a formula."""
    atoms = parse_species(name).atoms
    if not atoms:
        raise SampleError(f"'{name}' holds no element")
    return sum(count * atomic_mass_g_mol(element) for element, count in atoms)


@dataclass(frozen=True)
class Catalyst:
    """How much metal there was."""

    mass_mg: Value
    """On the electrode or in the suspension."""
    metals_weight_percent: Mapping[str, Value]
    """Of the catalyst (ICP), by element; empty where turnover is not asked for."""


@dataclass(frozen=True)
class Control:
    """A control experiment of the ammonia protocol."""

    duration_s: float
    readings: np.ndarray
    """(R,), read with calibration, volume and blank of the sample; empty where given."""
    amount_umol: Value | None = None


@dataclass(frozen=True)
class Labelled:
    """The experiment with the 15N reactant."""

    amount_umol: Value
    """Of 15NH3 or 15NH4+, by NMR or mass spectrometry."""
    charge_C: Value | None
    """None for photocatalysis: then the durations are compared."""
    duration_s: float
    enrichment_percent: Value
    """15N in the reactant."""


@dataclass(frozen=True)
class AmmoniaControls:
    """What an ammonia claim needs beside the sample."""

    argon: Control
    """Same potential (light) and time, no nitrogen reactant."""
    open_circuit: Control
    """With the reactant and without current (light)."""
    nitrogen15: Labelled


@dataclass(frozen=True)
class Experiment:
    """Everything that amounts and efficiencies are computed from."""

    title: str
    parts: tuple[Part, ...]
    reactants: Mapping[str, tuple[str, ...]]
    """By product; empty tuple where no electrons are counted."""
    duration_s: Value
    charge_C: Value | None
    """Magnitude; None for photocatalysis."""
    charge_sign: int = 0
    """Of the recorded current, -1 cathodic; 0 where only a magnitude was given."""
    charge_source: str = "given"
    area_cm2: Value | None = None
    catalyst: Catalyst | None = None
    ammonia: AmmoniaControls | None = None
    notes: tuple[str, ...] = ()
    """What was assumed while reading."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Files read, with their hashes."""
