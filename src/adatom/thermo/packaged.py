"""The energies that come with the package, and what plane waves change in them."""

import csv
from importlib import resources
from pathlib import Path

from adatom.sites.notation import parse_site


def packaged_folder() -> Path:
    """Folder of the energies that come with the package."""
    return Path(str(resources.files("adatom.energies").joinpath("data", "gpaw-pbe-lcao-dzp")))


def plane_wave_differences_eV() -> dict[str, dict[str, float]]:
    """Packaged site -> adsorbate -> formation energy with plane waves minus that with orbitals."""
    text = resources.files("adatom.energies").joinpath("data", "plane_waves.csv").read_text()
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        difference = float(row["plane_waves_eV"]) - float(row["orbitals_eV"])
        found.setdefault(row["site"], {})[row["state"]] = difference
    return found


def packaged_sites() -> dict[tuple[object, ...], str]:
    """Key of each packaged site -> name of its folder."""
    folder = packaged_folder()
    names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    return {parse_site(name).key: name for name in names}
