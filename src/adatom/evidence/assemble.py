"""Sources of evidence from what a sample file says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adatom.errors import EvidenceError
from adatom.evidence.likelihood import from_interval
from adatom.evidence.result_files import StemResult, read_metal_path, read_stem_result
from adatom.evidence.sample_file import SampleFile
from adatom.evidence.source import NumberSource
from adatom.evidence.sources.exafs import COUNTED, MetalPath, exafs_source
from adatom.evidence.sources.icp import (
    AREAL_MASS_RELATIVE_SD,
    VISIBLE_SHARE,
    Loading,
    areal_mass_of_film_mg_m2,
    areal_mass_of_sheets_mg_m2,
    icp_source,
)
from adatom.evidence.sources.mossbauer import is_doublet, mossbauer_source
from adatom.evidence.sources.stem import (
    ATOMS_PER_CLUSTER,
    ATOMS_PER_PARTICLE,
    CLUMPING,
    OVERDISPERSION,
    Seen,
    StemSource,
    local_from_interval,
    local_from_posterior,
)
from adatom.evidence.sources.xps import ESCAPING, escaping_share, xps_source
from adatom.evidence.sources.xrd import xrd_source

MOST_NEIGHBOURS = 13.0
AREAL_MASS = (
    ("icp.areal_mass_mg_m2",),
    ("icp.specific_surface_m2_g", "icp.sheets_in_projection"),
    ("icp.support_thickness_nm", "icp.support_density_g_cm3"),
)
"""Ways to say how much support lies in the images."""
OF_ALL_PATHS = (
    "cluster_coordination", "particle_coordination", "s02_relative_sd", "hidden_by_disorder",
)  # fmt: skip
"""Settings of [exafs] that belong to the sample and not to a path."""


@dataclass(frozen=True)
class Assembled:
    """The sources of a sample."""

    stem: StemSource | None
    numbers: tuple[NumberSource, ...]
    notes: tuple[str, ...]
    """What was given and is not used, and why."""

    @property
    def sources(self) -> tuple[StemSource | NumberSource, ...]:
        """All that say something of the shares; a density by itself serves ICP only."""
        return (*((self.stem,) if self.stem and self.stem.data else ()), *self.numbers)


def assemble(sample: SampleFile) -> Assembled:
    """Raises :class:`~adatom.errors.EvidenceError` naming everything a source misses."""
    stem, density, notes = _stem(sample)
    numbers: list[NumberSource] = []
    if "exafs" in sample.tables:
        numbers.append(_exafs(sample))
    if "icp" in sample.tables:
        icp, why_not = _icp(sample, stem, density)
        numbers += [icp] if icp else []
        notes += [why_not] if why_not else []
    for table, build in (("mossbauer", _mossbauer), ("xps", _xps), ("xrd", _xrd)):
        if table in sample.tables:
            numbers.append(build(sample))
    if (stem is None or not stem.data) and not numbers:
        raise EvidenceError(
            f"{sample.path}: nothing was measured; give at least one of [stem], [exafs],"
            " [mossbauer], [xps], [xrd] (adatom evidence --example shows them)"
        )
    return Assembled(stem, tuple(numbers), tuple(notes))


def _given(entries: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of ``names`` that were given, as keyword arguments."""
    return {name: entries[name] for name in names if name in entries}


def _stem(sample: SampleFile) -> tuple[StemSource | None, float | None, list[str]]:
    if "stem" not in sample.tables:
        return None, None, []
    result, name = None, sample.get("stem.file")
    if name is not None:
        _only_one(sample, "stem.file", "stem.pair_fraction")
        result = read_stem_result(sample.path.parent / name)
        for key in ("atoms", "fields"):
            given, there = sample.get(f"stem.{key}"), getattr(result, key)
            if given is not None and there not in (None, given):
                raise EvidenceError(
                    f"{sample.path}: stem.{key} is {given}, but {name} says {there}; leave it out"
                )
    atoms = sample.get("stem.atoms", result.atoms if result else None)
    density = sample.get("stem.density_per_nm2", result.density_per_nm2 if result else None)
    seen = {}
    for kind, default in (("cluster", ATOMS_PER_CLUSTER), ("particle", ATOMS_PER_PARTICLE)):
        number = sample.get(f"stem.{kind}s")
        if number is not None:
            if atoms is None:
                sample.require("stem.atoms", purpose=f"stem.{kind}s")
            seen[kind] = Seen(number, sample.get(f"stem.atoms_per_{kind}", default))
    given, local = _pair_fraction(sample, result)
    if local is None and not seen and density is None:
        sample.require("stem.pair_fraction", purpose="[stem] without stem.file")
    notes = [
        f"stem.{kind}s was not given: the images are taken to say nothing about {kind}s; give 0"
        " where none was seen"
        for kind in ("cluster", "particle")
        if kind not in seen
    ]
    notes += [f"{name}: {caution}" for caution in (result.cautions if result else ())]
    if local is not None and atoms is None:
        notes.append(
            "stem.atoms was not given: how much more fields would tell is judged without it"
        )
    source = StemSource(
        local,
        given,
        atoms,
        seen.get("cluster"),
        seen.get("particle"),
        sample.get("stem.fields", (result.fields if result else None) or 1),
        sample.get("stem.overdispersion", OVERDISPERSION),
        sample.get("stem.clumping", CLUMPING),
    )
    return source, density, notes


def _pair_fraction(sample: SampleFile, result: StemResult | None) -> tuple[Any, Any]:
    if result is not None and result.posterior is not None:
        return result.pair_fraction, local_from_posterior(result.posterior)
    given = result.pair_fraction if result else sample.get("stem.pair_fraction")
    if given is None:
        return None, None
    return given, local_from_interval(from_interval(*given, support=(0.0, 1.0)))


def _exafs(sample: SampleFile) -> NumberSource:
    entries = (sample.tables["exafs"], *sample.repeated.get("exafs", ()))
    paths = [_path(sample, entry) for entry in entries]
    settings = _given(entries[0], *OF_ALL_PATHS)
    ignored = [name for entry in entries[1:] for name in OF_ALL_PATHS if name in entry]
    if ignored:
        raise EvidenceError(
            f"{sample.path}: exafs.{ignored[0]} holds for all paths; give it in the first [[exafs]]"
        )
    if all("file" in entry for entry in entries):
        # adatom xas has the error of S0^2 in its intervals already.
        settings.setdefault("s02_relative_sd", 0.0)
    return exafs_source(paths, **settings)


def _path(sample: SampleFile, entry: Mapping[str, Any]) -> MetalPath:
    if "file" in entry and "coordination_number" in entry:
        raise EvidenceError(
            f"{sample.path}: exafs.file and exafs.coordination_number say the same thing; give"
            " one of them"
        )
    counts = entry.get("counts", COUNTED)
    if "file" in entry:
        path = read_metal_path(
            sample.path.parent / entry["file"],
            sample.get("sample.metal"),
            entry.get("distance_angstrom"),
        )
        factor = entry.get("log10_bayes_factor_metal_metal", path.log10_bayes_factor)
        return replace(path, counts=counts, log10_bayes_factor=factor)
    if "coordination_number" not in entry:
        sample.require("exafs.coordination_number", purpose="[exafs] without exafs.file")
        raise EvidenceError(f"{sample.path}: each [[exafs]] needs coordination_number or file")
    if entry["coordination_number"][1] > MOST_NEIGHBOURS:
        raise EvidenceError(
            f"{sample.path}: exafs.coordination_number of {entry['coordination_number'][0]:g} is"
            " more than the 12 neighbours that a metal atom can have; give N, not N x S0^2 or a"
            " sum of shells"
        )
    return MetalPath(
        entry["coordination_number"],
        entry.get("distance_angstrom"),
        entry.get("log10_bayes_factor_metal_metal"),
        counts,
    )


def _icp(
    sample: SampleFile, stem: StemSource | None, density: float | None
) -> tuple[NumberSource | None, str]:
    sample.require("icp.metal_wt_percent", "icp.metal_relative_sd", purpose="[icp]")
    if sample.get("icp.metal_wt_percent") > 100.0:
        raise EvidenceError(f"{sample.path}: icp.metal_wt_percent is above 100")
    ways = [way for way in AREAL_MASS if any(sample.get(name) is not None for name in way)]
    if len(ways) > 1:
        names = " and ".join(n for way in ways for n in way if sample.get(n) is not None)
        raise EvidenceError(f"{sample.path}: {names} say the same thing; give one way only")
    for way in ways:
        sample.require(*way, purpose="the areal mass of the support")
    missing = [] if density is not None else ["stem.density_per_nm2"]
    missing += [] if stem is not None and stem.atoms is not None else ["stem.atoms"]
    missing += [] if sample.get("sample.metal") else ["sample.metal"]
    missing += (
        []
        if ways
        else ["icp.areal_mass_mg_m2 (or specific_surface_m2_g with sheets_in_projection, or"
              " support_thickness_nm with support_density_g_cm3)"]
    )  # fmt: skip
    if missing:
        return None, f"ICP is not used: it needs {', '.join(missing)}"
    assert stem is not None
    assert stem.atoms is not None
    assert density is not None
    values = [sample.get(name) for name in ways[0]]
    if ways[0] == AREAL_MASS[1]:
        areal_mass = areal_mass_of_sheets_mg_m2(*values)
    elif ways[0] == AREAL_MASS[2]:
        areal_mass = areal_mass_of_film_mg_m2(*values)
    else:
        areal_mass = values[0]
    loading = Loading(
        sample.get("sample.metal"),
        sample.get("icp.metal_wt_percent"),
        sample.get("icp.metal_relative_sd"),
        areal_mass,
        sample.get("icp.areal_mass_relative_sd", AREAL_MASS_RELATIVE_SD),
    )
    visible = sample.get("stem.visible_share", VISIBLE_SHARE)
    return icp_source(
        loading, density, stem.atoms, fields=stem.fields, visible_share=visible
    ), ""  # fmt: skip


def _mossbauer(sample: SampleFile) -> NumberSource:
    sample.require("mossbauer.areas_percent", "mossbauer.areas_sd_percent", purpose="[mossbauer]")
    if sample.get("sample.metal") not in (None, "Fe"):
        raise EvidenceError(
            f"{sample.path}: [mossbauer] is that of 57Fe, but sample.metal is"
            f" {sample.get('sample.metal')}"
        )
    areas, sds = sample.get("mossbauer.areas_percent"), sample.get("mossbauer.areas_sd_percent")
    if set(areas) != set(sds):
        raise EvidenceError(
            f"{sample.path}: mossbauer.areas_percent names {', '.join(sorted(areas))}, but"
            f" areas_sd_percent {', '.join(sorted(sds))}; give both for each component"
        )
    for name in areas:
        if not is_doublet(name) and not name.lower().startswith(("sextet", "singlet")):
            raise EvidenceError(
                f"{sample.path}: mossbauer component '{name}' must be a doublet (D1, D2, D3), a"
                " sextet or a singlet"
            )
    if not 90.0 <= sum(areas.values()) <= 110.0:
        raise EvidenceError(
            f"{sample.path}: mossbauer.areas_percent add up to {sum(areas.values()):g}; expected"
            " about 100 (percent, all components)"
        )
    if not any(sds.values()):
        raise EvidenceError(
            f"{sample.path}: mossbauer.areas_sd_percent are all 0; no area is exact"
        )
    table = sample.tables["mossbauer"]
    return mossbauer_source(areas, sds, **_given(table, "recoil_free_ln_sd", "superparamagnetic"))


def _xps(sample: SampleFile) -> NumberSource:
    table = sample.tables["xps"]
    if "metallic_share" not in table and "surface_ratio" not in table:
        sample.require("xps.metallic_share", purpose="[xps] without xps.surface_ratio")
    escaping = table.get("escaping", ESCAPING)
    if "particle_diameter_nm" in table or "attenuation_length_nm" in table:
        _only_one(sample, "xps.particle_diameter_nm", "xps.escaping")
        names = ("xps.particle_diameter_nm", "xps.attenuation_length_nm")
        sample.require(*names, purpose="the share of electrons that leave a particle")
        share = escaping_share(*(sample.get(name) for name in names))
        escaping = (share, share)
    return xps_source(
        table.get("metallic_share"),
        table.get("surface_ratio"),
        escaping=escaping,
        **_given(table, "enrichment_ln_sd"),
    )


def _xrd(sample: SampleFile) -> NumberSource:
    table = sample.tables["xrd"]
    _only_one(sample, "xrd.crystalline_share", "xrd.detection_limit")
    if "crystalline_share" not in table:
        sample.require("xrd.detection_limit", purpose="[xrd] without xrd.crystalline_share")
    return xrd_source(
        table.get("crystalline_share"),
        table.get("detection_limit"),
        **_given(table, "diffracting"),
    )


def _only_one(sample: SampleFile, *names: str) -> None:
    given: Sequence[str] = [name for name in names if sample.get(name) is not None]
    if len(given) > 1:
        raise EvidenceError(
            f"{sample.path}: {' and '.join(given)} say the same thing; give one of them"
        )
