"""adatom: from an atomically dispersed site to a predicted polarization curve."""

from adatom.curves import PolarizationCurve
from adatom.electrolytes import load_electrolyte
from adatom.energies.store import Store
from adatom.errors import AdatomError
from adatom.kinetics.rates import RateModel
from adatom.prediction.curves import predict_curves
from adatom.prediction.results import Prediction
from adatom.provenance import EnergySource
from adatom.reactions import load_network
from adatom.sites.classify import classify_site
from adatom.sites.enumeration import list_sites
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.sources import from_engine, from_file, from_package

__all__ = [
    "AdatomError",
    "EnergySource",
    "FreeEnergies",
    "PolarizationCurve",
    "Prediction",
    "RateModel",
    "Store",
    "build_site",
    "classify_site",
    "from_engine",
    "from_file",
    "from_package",
    "list_sites",
    "load_electrolyte",
    "load_network",
    "parse_site",
    "predict_curves",
]
