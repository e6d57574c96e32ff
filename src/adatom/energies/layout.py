"""Which files of a folder hold which state of which site.

::

    FOLDER/H2.extxyz  H2O/OUTCAR                gas references (or inside each site's folder)
    FOLDER/FeN4@graphene/clean.extxyz  O.json   one file per state,
    FOLDER/CoN4@graphene/clean/OUTCAR  OH/vasprun.xml       or one folder per state

A folder that holds the states itself is one site, named after the folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adatom.energies.compute import GASES
from adatom.energies.finished import is_calculation
from adatom.errors import EnergyTableError

BARE_NAMES = {"clean", "bare", "*"}
CALCULATION_FILE = "calculation.json"


@dataclass(frozen=True)
class SiteFiles:
    """Files, or folders of runs, of one site and of its gas references."""

    home: Path
    states: Mapping[str, Path]
    """``*`` (the bare site) and adsorbates."""
    gases: Mapping[str, Path]
    """Those of ``GASES`` that are there."""
    ignored: tuple[str, ...]
    """Names of other files."""

    @property
    def label(self) -> str:
        """Name of the site: that of its folder."""
        return self.home.resolve().name


def find_sites(folder: Path, *, adsorbates: tuple[str, ...]) -> list[SiteFiles]:
    """Every site of a folder.

    Raises :class:`~adatom.errors.EnergyTableError` when there is none, when adsorbates lack
    their bare site, or when a state is there twice.
    """
    states = {s.lstrip("*").lower(): s for s in adsorbates}
    inside = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    homes = [p for p in inside if _holds(p, BARE_NAMES)]
    lost = [p for p in inside if p not in homes and _holds(p, set(states))]
    if lost:
        raise EnergyTableError(f"{lost[0]}: adsorbates but no clean.* (the bare site); add it")
    if _holds(folder, BARE_NAMES):
        if homes:
            raise EnergyTableError(
                f"{folder} holds a bare site and folders with one ({homes[0].name} ...); give each"
                " site its own folder"
            )
        homes = [folder]
    if not homes:
        raise EnergyTableError(
            f"{folder}: no bare site found; expected SITE/clean.extxyz (or .json, .traj, .xml,"
            " .outcar, .pwo) or SITE/clean/OUTCAR beside SITE/OH.extxyz ..., and H2, H2O"
        )
    return [_site(home, folder, states) for home in homes]


def _stem(path: Path) -> str:
    if path.is_dir():
        return path.name.lstrip("*").lower() or "*"
    stem = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    return stem.lstrip("*").lower() or "*"


def _holds(folder: Path, names: set[str]) -> bool:
    # A folder named like a state is one, whatever is in it: an empty one is a lost job.
    return any(_stem(p) in names for p in folder.iterdir() if not p.name.startswith("."))


def _site(home: Path, root: Path, states: Mapping[str, str]) -> SiteFiles:
    found: dict[str, Path] = {}
    ignored = []
    for path in sorted(home.iterdir()):
        if path.name == CALCULATION_FILE or path.name.startswith("."):
            continue
        stem = _stem(path)
        state = "*" if stem in BARE_NAMES else states.get(stem)
        if state is None and stem in (gas.lower() for gas in GASES):
            state = stem.upper()
        if state is None or not (path.is_dir() or is_calculation(path)):
            if path.is_file() or home != root:
                ignored.append(path.name)
            continue
        if state in found:
            raise EnergyTableError(f"{path}: {state} is also in {found[state].name}; keep one")
        found[state] = path
    gases = {gas: found.pop(gas) for gas in GASES if gas in found}
    for gas in GASES:
        shared = _gas(gas, root)
        if gas not in gases and shared is not None:
            gases[gas] = shared
    ordered = dict(sorted(found.items(), key=lambda item: item[0] != "*"))
    return SiteFiles(home, ordered, gases, tuple(ignored))


def _gas(gas: str, root: Path) -> Path | None:
    for path in sorted(root.iterdir()):
        if _stem(path) == gas.lower() and is_calculation(path):
            return path
    return None
