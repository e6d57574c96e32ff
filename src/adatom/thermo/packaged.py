"""The energies that come with the package, and what plane waves change in them."""

import csv
from importlib import resources
from pathlib import Path

from adatom.sites.notation import parse_site

_DATA = resources.files("adatom.energies").joinpath("data")


def packaged_folder() -> Path:
    """Folder of the relaxed energies that come with the package."""
    return Path(str(_DATA.joinpath("gpaw-pbe-lcao-dzp")))


def packaged_points_folder() -> Path:
    """Folder of the packaged single points: pairs at geometries of another engine."""
    return Path(str(_DATA.joinpath("gpaw-point-pbe-lcao-dzp")))


def plane_wave_differences_eV() -> dict[str, dict[str, float]]:
    """Packaged site -> adsorbate -> formation energy with plane waves minus that with orbitals."""
    text = _DATA.joinpath("plane_waves.csv").read_text()
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        difference = float(row["plane_waves_eV"]) - float(row["orbitals_eV"])
        found.setdefault(row["site"], {})[row["state"]] = difference
    return found


def packaged_sites() -> dict[tuple[object, ...], Path]:
    """Key of each packaged site -> its folder; relaxed energies go before single points."""
    homes = {}
    for folder in (packaged_points_folder(), packaged_folder()):
        for home in sorted(p for p in folder.iterdir() if p.is_dir()):
            homes[parse_site(home.name).key] = home
    return homes


def packaged_names() -> str:
    """Names of all packaged sites, for messages."""
    return ", ".join(sorted(home.name for home in packaged_sites().values()))
