"""Formation energies of sites from a table or an engine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adatom.energies.formation import FormationSet, compute_formation
from adatom.energies.store import Store
from adatom.energies.workers import Progress
from adatom.errors import AdatomError, EnergyTableError, NotationError
from adatom.provenance import EnergySource
from adatom.sites.notation import Site, parse_site
from adatom.thermo.dissolution import forms_of
from adatom.thermo.formation_states import (
    CAUTION,
    ENGINE_FORMATION_SD_EV,
    corrections_made,
    hole_state,
    released_electrons,
)
from adatom.thermo.free_energies import (
    apply_corrections,
    electronic_formation_energies_eV,
)
from adatom.thermo.pourbaix import SiteState
from adatom.thermo.sources import ADSORBATES
from adatom.thermo.stability import Formation
from adatom.thermo.stated_errors import ENGINE_SD_EV
from adatom.thermo.table import DEFAULT_FORMATION_SD_EV, read_free_energies

ENGINE_CAUTION = (
    "absolute formation energies of a universal potential across such different bonding are"
    " poorly known (chgnet 1.1, diep 0.7 eV too weak on Fe, Co, Ni-N4; not corrected)"
)


def formations_from_table(path: Path) -> list[Formation]:
    """Read ``formation`` (and holes and adsorbates where given) of every site of a table.

    Raises :class:`~adatom.errors.EnergyTableError` as :func:`read_free_energies` does, and for a
    site whose label does not say its metals.
    """
    found = []
    for row in read_free_energies(path, required=["formation"], optional=None):
        metals = _metals_of(row.label, path)
        formation = row.values_eV["formation"]
        states = [
            SiteState("*", (), formation, 0.0, 0),
            SiteState("empty", tuple(sorted(metals)), 0.0, 0.0, 0),
        ]
        for name, value in row.values_eV.items():
            sd = row.sd_eV[name]
            if name.startswith("*"):
                states.append(SiteState(name, (), formation + value, sd, released_electrons(name)))
            elif name != "formation":
                states.append(_hole_of_column(name, value, sd, metals, f"{path}: '{row.label}'"))
        found.append(
            Formation(
                row.label, metals, formation, row.sd_eV["formation"], tuple(states),
                replace(row.source, caution=CAUTION), {},
            )
        )  # fmt: skip
    return found


def formations_from_engine(
    sites: Sequence[Site],
    *,
    engine_name: str,
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Formation]:
    """Compute sites, holes and bulk metals with one engine.

    Raises :class:`~adatom.errors.AdatomError` before any work for a metal without sourced forms.
    """
    for site in sites:
        for metal in site.metals:
            forms_of(metal)
    results = compute_formation(
        sites, engine_name=engine_name, adsorbates=ADSORBATES, store=store, workers=workers,
        progress=progress,
    )  # fmt: skip
    return [_from_engine_result(result) for result in results]


def _from_engine_result(result: FormationSet) -> Formation:
    energies, engine = result.energies, result.energies.engine
    metals = energies.site.metals
    sd = ENGINE_SD_EV[engine.name]
    formation_sd = ENGINE_FORMATION_SD_EV.get(engine.name, DEFAULT_FORMATION_SD_EV)
    whole = tuple(sorted(metals))
    (empty_eV,) = (
        h.record.energy_eV for h in result.holes if h.removed == whole and not h.hydrogens
    )
    hydrogen_eV = energies.gases["H2"][0].energy_eV / 2.0
    formation = energies.bare[0].energy_eV - empty_eV - sum(result.bulk_eV[m] for m in metals)
    states = [SiteState("*", (), formation, 0.0, 0)]
    covered = apply_corrections(electronic_formation_energies_eV(energies))
    states += [
        SiteState(name, (), formation + value, sd, released_electrons(name))
        for name, value in covered.items()
    ]
    for hole in result.holes:
        kept = Counter(metals) - Counter(hole.removed)
        energy = hole.record.energy_eV - empty_eV - hole.hydrogens * hydrogen_eV
        energy -= sum(n * result.bulk_eV[m] for m, n in kept.items())
        states.append(hole_state(hole.removed, hole.hydrogens, energy, sd, metals))
    notes = [*energies.notes]
    notes += [f"hole {r.state}: hydrogen left the rim, not used" for r in result.lost]
    source = EnergySource(
        "engine",
        f"engine {engine.name}: {engine.description}; bulk metals at relaxed volume",
        settings=engine.settings,
        versions=engine.versions,
        corrections=corrections_made(states),
        uncertainty=f"stated defaults of the engine: sd {sd} eV of an adsorbate,"
        f" {formation_sd} eV of the formation energy of a metal atom",
        citations=engine.citations,
        notes=tuple(notes),
        caution=f"{ENGINE_CAUTION}; {CAUTION}",
    )
    return Formation(
        str(energies.site), metals, formation, formation_sd, tuple(states), source, result.bulk_eV
    )


def _hole_of_column(
    column: str, value: float, sd: float, metals: tuple[str, ...], where: str
) -> SiteState:
    """A hole from a column ``empty_2H`` or ``without_Fe_Co_2H``: a free energy already."""
    words = column.split("_")
    hydrogens = int(words.pop()[:-1]) if words[-1][:-1].isdigit() else 0
    removed = tuple(sorted(words[1:] or metals))
    if Counter(removed) - Counter(metals):
        raise EnergyTableError(f"{where}: {column} takes out a metal that the site does not have")
    name = "empty" if len(removed) == len(metals) else f"without {''.join(removed)}"
    name += f", {hydrogens} H" if hydrogens else ""
    # Without hydrogen its errors are those of E_f, which every lost metal carries.
    return SiteState(name, removed, value, sd if hydrogens else 0.0, -hydrogens)


def _metals_of(label: str, path: Path) -> tuple[str, ...]:
    for text in (label, f"{label}@graphene"):
        try:
            return parse_site(text).metals
        except NotationError:
            continue
    raise AdatomError(
        f"{path}: site '{label}' does not say its metals; name it by its notation, for example"
        " FeCoN6@graphene"
    )
