"""Free energies from every source: packaged, an engine, a table, a folder of results."""

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from adatom.energies.compute import SiteEnergies, compute_energies
from adatom.energies.engines import SINGLE_POINTS
from adatom.energies.folder import FolderSite, read_folder
from adatom.energies.store import Store
from adatom.energies.workers import Progress
from adatom.errors import AdatomError, AdatomWarning, EnergyTableError, EngineError
from adatom.provenance import EnergySource
from adatom.reactions.energy_names import adsorbate_named
from adatom.reactions.network import Network
from adatom.sites.notation import Site
from adatom.thermo.adsorption_terms import AdsorptionTerms, terms_of
from adatom.thermo.free_energies import (
    CORRECTIONS_EV,
    THERMAL_EV,
    FreeEnergies,
    apply_corrections,
    electronic_formation_energies_eV,
    formation_energy_eV,
)
from adatom.thermo.packaged import packaged_names, packaged_sites, plane_wave_differences_eV
from adatom.thermo.placements import Placements, lowest_of_all
from adatom.thermo.stated_errors import REMAINDER_EV, engine_sd_eV
from adatom.thermo.table import LARGEST_EV, read_free_energies

SECOND_ENGINE = {"chgnet": "diep"}
"""The engine run beside another, so that their spread is seen."""
ADSORBATES = tuple(THERMAL_EV)


PLANE_WAVES = "plane-waves"
"""Correction of the packaged sites: plane-wave single points instead of double-zeta orbitals."""
SD_WITH_PLANE_WAVES_EV = REMAINDER_EV
"""Stated default with that correction."""


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
                f" {', '.join(plane_wave_differences_eV())}"
            )
        if list(corrections).count(name) > 1:
            raise AdatomError(f"correction '{name}' is named twice")


def from_file(
    file: Path | str,
    network: Network,
    *,
    corrections: Sequence[str] = (),
    thermal: Sequence[AdsorptionTerms] = (),
    allow: Sequence[str] = (),
    sd_eV: float | None = None,
) -> list[FreeEnergies]:
    """Free energies of every site of a table (CSV) or of a folder of results.

    ``allow`` names differences between the files of a folder that are accepted, ``sd_eV`` states
    the standard deviation of a folder's energies, ``thermal`` replaces the usual thermal terms,
    as in :func:`from_engine`. A table holds free energies already: corrections do not apply to it
    and are refused, as are the other three.
    """
    path = Path(file)
    require_corrections(corrections)
    if path.is_dir():
        return [
            free_energies_of(
                site,
                "folder",
                str(path),
                required=network.required,
                optional=network.optional,
                corrections=corrections,
                thermal=thermal,
                sd_eV=sd_eV,
            )
            for site in read_folder(path, adsorbates=ADSORBATES, allow=allow)
        ]
    if allow or sd_eV is not None:
        option = "--allow" if allow else "--sd"
        raise EnergyTableError(
            f"{path} is a table, to which {option} does not apply; standard deviations stand in"
            " its _sd columns"
        )
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
        raise AdatomError(f"{site} is not packaged; packaged are {packaged_names()}")
    home = packaged_sites()[site.key]
    name = home.name
    found = {s.label: s for s in read_folder(home.parent, adsorbates=ADSORBATES)}[name]
    require_corrections(corrections, packaged=True)
    others = [c for c in corrections if c != PLANE_WAVES]
    # A notation may order a pair's metals otherwise than the folder does.
    named = [replace(t, site=name) if t.site == str(site) else t for t in thermal]
    free = free_energies_of(
        found, "packaged", "packaged with adatom", required=network.required,
        optional=network.optional, corrections=others, thermal=named,
    )  # fmt: skip
    differences = plane_wave_differences_eV().get(name, {})
    missing = [s for s in free.values_eV if s not in differences]
    if PLANE_WAVES in corrections and missing:
        raise AdatomError(
            f"correction '{PLANE_WAVES}' has not been measured for {', '.join(missing)} of {name};"
            " leave it out"
        )
    if PLANE_WAVES in corrections:
        free = _with_plane_waves(free, differences)
    elif missing:
        free = _cautioned(
            free, "packaged double-zeta orbitals bind too strongly (docs/accuracy.md)"
        )
    else:
        errors = ", ".join(f"{s} {-differences[s]:+.2f}" for s in free.values_eV)
        free = _cautioned(
            free,
            f"packaged double-zeta orbitals lie off plane waves by {errors} eV;"
            f" --correction {PLANE_WAVES} mends it",
        )
    return replace(free, label=str(site))


def _cautioned(free: FreeEnergies, caution: str) -> FreeEnergies:
    both = "; ".join(filter(None, (free.source.caution, caution)))
    return replace(free, source=replace(free.source, caution=both))


def _not_relaxed(engine_name: str) -> tuple[str, ...]:
    """The caution for energies of an engine that relaxes nothing."""
    if engine_name not in SINGLE_POINTS:
        return ()
    return ("single points on geometries of another engine, not relaxed (docs/energies.md)",)


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
    sd_eV: float | None = None,
    placements: Callable[[SiteEnergies, Network], Placements] = lowest_of_all,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[FreeEnergies]:
    """Free energies computed by an engine (and its second opinion, where it has one).

    ``placements`` chooses the minima: :func:`~adatom.thermo.placements.lowest_of_all`, or
    :func:`~adatom.thermo.placements.lowest_on_each` metal of a site, with positions.
    ``sd_eV`` states their standard deviation; an engine that nothing was measured of needs it.
    ``thermal`` are thermal terms of computed vibrations, for every site or for none; without
    them the usual ones are used.
    A site on which an adsorbate that the network needs was lost is left out and named by an
    :class:`~adatom.errors.AdatomWarning`, so that it does not stop the others. Raises
    :class:`~adatom.errors.EngineError` if no site is complete.
    """
    require_corrections(corrections)
    sd, uncertainty = engine_sd_eV(engine_name, sd_eV)
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
    free: list[FreeEnergies] = []
    left_out: list[EngineError] = []
    for i, result in enumerate(results):
        try:
            placed = placements(result, network)
        except EngineError as error:
            left_out.append(error)
            continue
        second: dict[str, float] = {}
        notes = [*result.notes, *placed.notes]
        mine = terms[str(result.site)]
        used = mine.values_eV if mine else THERMAL_EV
        if seconds is not None:
            with contextlib.suppress(EngineError):  # a second opinion may have a gap
                beside = placements(seconds[i], network).minima
                others = electronic_formation_energies_eV(seconds[i], beside)
                second = apply_corrections(others, corrections, used)
        electronic = electronic_formation_energies_eV(result, placed.minima)
        values = apply_corrections(electronic, corrections, used)
        if second:
            spread = ", ".join(
                f"{s} {second[s] - values[s]:+.2f}" if s in second else f"{s} lost" for s in values
            )
            notes.append(f"{SECOND_ENGINE[engine_name]} minus {engine_name} (eV): {spread}")
        engine = result.engine
        free.append(
            FreeEnergies(
                label=str(result.site),
                values_eV=values,
                sd_eV=dict.fromkeys(values, sd),
                source=EnergySource(
                    "engine",
                    f"engine {engine.name}: {engine.description}; {placed.description}",
                    settings=engine.settings,
                    versions=engine.versions,
                    corrections=_corrections_text(values, corrections, mine),
                    uncertainty=uncertainty,
                    citations=engine.citations,
                    notes=tuple(notes),
                    caution="; ".join(filter(None, (*_not_relaxed(engine.name), placed.caution))),
                ),
                structures={
                    "*": result.bare[1],
                    **{name: atoms for name, (_, atoms) in placed.minima.items()},
                },
                second_opinion_eV=second,
                positions=placed.positions,
            )
        )
    if not free:
        raise EngineError(" | ".join(str(error) for error in left_out))
    for lost in left_out:
        warnings.warn(f"left out: {lost}", AdatomWarning, stacklevel=2)
    return free


def free_energies_of(
    site: FolderSite,
    kind: str,
    description: str,
    *,
    required: Sequence[str],
    optional: Sequence[str],
    corrections: Sequence[str] = (),
    thermal: Sequence[AdsorptionTerms] = (),
    sd_eV: float | None = None,
) -> FreeEnergies:
    """Free energies of one site of a folder, with the usual thermal terms.

    ``kind`` and ``description`` say where the folder is from. Raises
    :class:`~adatom.errors.EnergyTableError` if a ``required`` adsorbate is missing or a value is
    too large to be an adsorption energy.
    """
    missing = [s for s in required if s not in site.energies_eV]
    if missing:
        raise EnergyTableError(
            f"{description}: site {site.label} has no {', '.join(missing)};"
            f" this reaction needs {', '.join(required)}"
        )
    wanted = [s for s in (*required, *optional) if s in site.energies_eV]
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
    sd, uncertainty = engine_sd_eV(calculation.engine, sd_eV)
    return FreeEnergies(
        label=site.label,
        values_eV=values,
        sd_eV=dict.fromkeys(values, sd),
        source=EnergySource(
            kind,
            f"{description}: {calculation.description}".rstrip(": "),
            settings=calculation.settings,
            versions=calculation.versions,
            citations=calculation.citations,
            corrections=_corrections_text(values, corrections, mine),
            uncertainty=uncertainty,
            notes=notes,
            caution="; ".join((*_not_relaxed(calculation.engine), *site.cautions)),
        ),
        structures={s: site.structures[s] for s in ("*", *wanted)},
    )


def _corrections_text(
    values: Mapping[str, float], corrections: Sequence[str], thermal: AdsorptionTerms | None
) -> tuple[str, ...]:
    def text(name: str, table: Mapping[str, float]) -> str:
        adsorbates = dict.fromkeys(map(adsorbate_named, values))
        return f"{name}: " + ", ".join(f"{s} {table[s]:+.2f} eV" for s in adsorbates if s in table)

    return (
        thermal.recorded if thermal else text("thermal (dZPE - T dS, usual values)", THERMAL_EV),
        *(text(name, CORRECTIONS_EV[name]) for name in corrections),
    )
