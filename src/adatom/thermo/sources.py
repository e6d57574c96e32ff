"""Free energies from every source: packaged, an engine, a table, a folder of results."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from adatom.energies.compute import Progress, SiteEnergies, compute_energies
from adatom.energies.folder import FolderSite, read_folder
from adatom.energies.store import Store
from adatom.errors import AdatomError, EnergyTableError
from adatom.provenance import EnergySource
from adatom.reactions.network import Network
from adatom.sites.notation import Site, parse_site
from adatom.thermo.adsorption_terms import AdsorptionTerms, terms_of
from adatom.thermo.free_energies import (
    CORRECTIONS_EV,
    THERMAL_EV,
    FreeEnergies,
    apply_corrections,
    electronic_formation_energies_eV,
    formation_energy_eV,
)
from adatom.thermo.table import DEFAULT_SD_EV, LARGEST_EV, read_free_energies

ENGINE_SD_EV: Mapping[str, float] = {"chgnet": 0.69, "diep": 0.60, "gpaw": 0.45}
"""Stated default standard deviation of each engine's adsorption free energies: rms distance from
plane waves over the packaged set (docs/accuracy.md) and ``SD_WITH_PLANE_WAVES_EV``, as squares."""
SECOND_ENGINE = {"chgnet": "diep"}
"""The engine run beside another, so that their spread is seen."""
ADSORBATES = tuple(THERMAL_EV)


def packaged_folder() -> Path:
    """Folder of the energies that come with the package."""
    return Path(str(resources.files("adatom.energies").joinpath("data", "gpaw-pbe-lcao-dzp")))


PLANE_WAVES = "plane-waves"
"""Correction of the packaged sites: plane-wave single points instead of double-zeta orbitals."""
SD_WITH_PLANE_WAVES_EV = 0.25
"""Stated default with that correction: the usual 0.20 eV of a GGA, and forces not yet relaxed."""


def require_corrections(corrections: Sequence[str], *, packaged: bool = False) -> None:
    """Raise :class:`~adatom.errors.AdatomError` for a correction that does not apply.

    ``plane-waves`` is known for ``packaged`` sites only.
    """
    known = [*CORRECTIONS_EV, PLANE_WAVES]
    for name in corrections:
        if name not in known:
            raise AdatomError(f"correction '{name}' is unknown; expected: {', '.join(known)}")
        if name == PLANE_WAVES and not packaged:
            raise AdatomError(
                f"correction '{name}' is measured for the packaged sites only:"
                f" {', '.join(packaged_sites().values())}"
            )
        if list(corrections).count(name) > 1:
            raise AdatomError(f"correction '{name}' is named twice")


def plane_wave_differences_eV() -> dict[str, dict[str, float]]:
    """Packaged site -> adsorbate -> formation energy with plane waves minus that with orbitals."""
    text = resources.files("adatom.energies").joinpath("data", "plane_waves.csv").read_text()
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        difference = float(row["plane_waves_eV"]) - float(row["orbitals_eV"])
        found.setdefault(row["site"], {})[row["state"]] = difference
    return found


def packaged_sites() -> dict[tuple[tuple[str, ...], int, str], str]:
    """Key of each packaged site -> name of its folder."""
    folder = packaged_folder()
    names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    return {parse_site(name).key: name for name in names}


def from_file(
    file: Path | str,
    network: Network,
    *,
    corrections: Sequence[str] = (),
    thermal: Sequence[AdsorptionTerms] = (),
) -> list[FreeEnergies]:
    """Free energies of every site of a table (CSV) or of a folder of results.

    A table holds free energies already: corrections and thermal terms do not apply to it and are
    refused. ``thermal`` replaces the usual thermal terms, as in :func:`from_engine`.
    """
    path = Path(file)
    require_corrections(corrections)
    if path.is_dir():
        return [
            _from_folder_site(site, "folder", str(path), network, corrections, thermal)
            for site in read_folder(path, adsorbates=ADSORBATES)
        ]
    if corrections:
        raise EnergyTableError(
            f"{path} holds free energies; add the correction {corrections[0]} to the table"
            " yourself, or give a folder of electronic energies"
        )
    if thermal:
        raise EnergyTableError(
            f"{path} holds free energies, thermal terms included; give a folder of electronic"
            " energies"
        )
    return read_free_energies(path, required=network.required, optional=network.optional)


def from_package(
    site: Site,
    network: Network,
    *,
    corrections: Sequence[str] = (),
    thermal: Sequence[AdsorptionTerms] = (),
) -> FreeEnergies:
    """Free energies of a packaged site.

    ``thermal`` replaces the usual thermal terms, as in :func:`from_engine`; ``corrections`` may
    name ``plane-waves`` beside those of any folder. Raises
    :class:`~adatom.errors.AdatomError` for a site that is not packaged.
    """
    if site.key not in packaged_sites():
        raise AdatomError(
            f"{site} is not packaged; packaged are {', '.join(packaged_sites().values())}"
        )
    name = packaged_sites()[site.key]
    found = {s.label: s for s in read_folder(packaged_folder(), adsorbates=ADSORBATES)}[name]
    require_corrections(corrections, packaged=True)
    others = [c for c in corrections if c != PLANE_WAVES]
    # A notation may order a pair's metals otherwise than the folder does.
    named = [replace(t, site=name) if t.site == str(site) else t for t in thermal]
    free = _from_folder_site(found, "packaged", "packaged with adatom", network, others, named)
    differences = plane_wave_differences_eV()[name]
    if PLANE_WAVES in corrections:
        free = _with_plane_waves(free, differences)
    else:
        errors = ", ".join(f"{s} {-differences[s]:+.2f}" for s in free.values_eV)
        caution = (
            f"packaged double-zeta orbitals lie off plane waves by {errors} eV;"
            f" --correction {PLANE_WAVES} mends it"
        )
        free = replace(free, source=replace(free.source, caution=caution))
    return replace(free, label=str(site))


def _with_plane_waves(free: FreeEnergies, differences_eV: Mapping[str, float]) -> FreeEnergies:
    values = {state: value + differences_eV[state] for state, value in free.values_eV.items()}
    applied = ", ".join(f"{state} {differences_eV[state]:+.2f} eV" for state in values)
    source = replace(
        free.source,
        corrections=(
            *free.source.corrections,
            f"{PLANE_WAVES} (500 eV single points at the packaged geometries): {applied}",
        ),
        uncertainty=f"stated default, sd {SD_WITH_PLANE_WAVES_EV} eV",
    )
    return replace(
        free, values_eV=values, sd_eV=dict.fromkeys(values, SD_WITH_PLANE_WAVES_EV), source=source
    )


def from_engine(
    sites: Sequence[Site],
    network: Network,
    *,
    engine_name: str,
    store: Store,
    corrections: Sequence[str] = (),
    thermal: Sequence[AdsorptionTerms] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[FreeEnergies]:
    """Free energies computed by an engine (and its second opinion, where it has one).

    ``thermal`` are thermal terms of computed vibrations, for every site or for none; without
    them the usual ones are used.
    """
    require_corrections(corrections)
    beyond = [s for s in network.required if s not in ADSORBATES]
    if beyond:
        raise AdatomError(
            f"{network.name} needs {', '.join(beyond)}, which cannot be built; engines place"
            f" {', '.join(ADSORBATES)}; give its energy in a table"
        )
    wanted = network.required
    terms = {str(site): terms_of(str(site), wanted, thermal) for site in sites}
    results = compute_energies(
        sites, engine_name=engine_name, adsorbates=wanted, store=store, workers=workers,
        progress=progress,
    )  # fmt: skip
    seconds: list[SiteEnergies] | None = None
    if engine_name in SECOND_ENGINE:
        seconds = compute_energies(
            sites, engine_name=SECOND_ENGINE[engine_name], adsorbates=wanted, store=store,
            workers=workers, progress=progress,
        )  # fmt: skip
    free = []
    for i, result in enumerate(results):
        second: dict[str, float] = {}
        notes = list(result.notes)
        mine = terms[str(result.site)]
        used = mine.values_eV if mine else THERMAL_EV
        if seconds is not None:
            others = electronic_formation_energies_eV(seconds[i])
            second = apply_corrections(others, corrections, used)
        values = apply_corrections(electronic_formation_energies_eV(result), corrections, used)
        if second:
            spread = ", ".join(f"{s} {second[s] - values[s]:+.2f}" for s in values)
            notes.append(f"{SECOND_ENGINE[engine_name]} minus {engine_name} (eV): {spread}")
        sd = ENGINE_SD_EV[engine_name]
        engine = result.engine
        free.append(
            FreeEnergies(
                label=str(result.site),
                values_eV=values,
                sd_eV=dict.fromkeys(values, sd),
                source=EnergySource(
                    "engine",
                    f"engine {engine.name}: {engine.description}; lowest position kept",
                    settings=engine.settings,
                    versions=engine.versions,
                    corrections=_corrections_text(values, corrections, mine),
                    uncertainty=f"stated default of the engine, sd {sd} eV",
                    citations=engine.citations,
                    notes=tuple(notes),
                ),
                structures={
                    "*": result.bare[1],
                    **{s: atoms for s, (_, atoms) in result.lowest.items()},
                },
                second_opinion_eV=second,
            )
        )
    return free


def _from_folder_site(
    site: FolderSite,
    kind: str,
    description: str,
    network: Network,
    corrections: Sequence[str],
    thermal: Sequence[AdsorptionTerms],
) -> FreeEnergies:
    missing = [s for s in network.required if s not in site.energies_eV]
    if missing:
        raise EnergyTableError(
            f"{description}: site {site.label} has no {', '.join(missing)};"
            f" this reaction needs {', '.join(network.required)}"
        )
    wanted = [s for s in (*network.required, *network.optional) if s in site.energies_eV]
    electronic = {
        s: formation_energy_eV(s, site.energies_eV[s], site.energies_eV["*"], site.gases_eV)
        for s in wanted
    }
    mine = terms_of(site.label, wanted, thermal)
    values = apply_corrections(electronic, corrections, mine.values_eV if mine else THERMAL_EV)
    for state, value in values.items():
        if abs(value) > LARGEST_EV:
            raise EnergyTableError(
                f"{description}: {state} of {site.label} comes out at {value:.1f} eV; are the"
                f" states and gases ({', '.join(site.files.values())}) of one set of settings?"
            )
    calculation = site.calculation
    notes = calculation.notes.get(site.label, ())
    if site.ignored:
        notes = (*notes, f"files not used: {', '.join(site.ignored)}")
    sd_eV = ENGINE_SD_EV.get(calculation.engine, DEFAULT_SD_EV)
    return FreeEnergies(
        label=site.label,
        values_eV=values,
        sd_eV=dict.fromkeys(values, sd_eV),
        source=EnergySource(
            kind,
            f"{description}: {calculation.description}".rstrip(": "),
            settings=calculation.settings,
            versions=calculation.versions,
            citations=calculation.citations,
            corrections=_corrections_text(values, corrections, mine),
            uncertainty=f"stated default, sd {sd_eV} eV",
            notes=notes,
        ),
        structures={s: site.structures[s] for s in ("*", *wanted)},
    )


def _corrections_text(
    values: Mapping[str, float], corrections: Sequence[str], thermal: AdsorptionTerms | None
) -> tuple[str, ...]:
    def text(name: str, table: Mapping[str, float]) -> str:
        return f"{name}: " + ", ".join(f"{s} {table[s]:+.2f} eV" for s in values if s in table)

    return (
        thermal.recorded if thermal else text("thermal (dZPE - T dS, usual values)", THERMAL_EV),
        *(text(name, CORRECTIONS_EV[name]) for name in corrections),
    )
