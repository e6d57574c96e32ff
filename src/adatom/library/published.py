"""Published figures of merit of atomically dispersed catalysts, each with source and locator."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from math import isfinite

from ase.data import atomic_numbers

from adatom.errors import LibraryError


@dataclass(frozen=True)
class Metric:
    """What a published number is."""

    unit: str
    better: int = 0
    """1 where more is better, -1 where less is, 0 where neither is (distances, bands)."""
    needs_condition: bool = False
    """Whether it holds for one potential or product only, which ``condition`` names."""


METRICS: Mapping[str, Metric] = {
    "E_half": Metric("V vs RHE", 1),
    "onset_potential": Metric("V vs RHE", needs_condition=True),
    "E_10": Metric("V vs RHE", -1),
    "overpotential_10": Metric("mV", -1),
    "overpotential_1000": Metric("mV", -1),
    "cell_voltage_10": Metric("V", -1),
    "bifunctional_gap": Metric("V", -1),
    "tafel_slope": Metric("mV dec-1", -1),
    "j_k": Metric("mA cm-2", 1, needs_condition=True),
    "partial_current_density": Metric("mA cm-2", 1, needs_condition=True),
    "turnover_frequency": Metric("s-1", 1, needs_condition=True),
    "turnover_number": Metric("", 1, needs_condition=True),
    "mass_activity": Metric("A mg-1", 1, needs_condition=True),
    "faradaic_efficiency": Metric("%", 1, needs_condition=True),
    "NH3_yield": Metric("ug h-1 mgcat-1", 1, needs_condition=True),
    "H2O2_yield": Metric("%", -1),
    "peak_power_density": Metric("mW cm-2", 1),
    "specific_capacity": Metric("mA h g-1", 1),
    "pair_purity": Metric("%"),
    "metal_loading": Metric("wt%"),
    "metal_metal_distance": Metric("angstrom"),
    "FT_EXAFS_first_peak": Metric("angstrom"),
    "FT_EXAFS_metal_metal_peak": Metric("angstrom"),
    "O-O_bond_length": Metric("angstrom"),
    "raman_band": Metric("cm-1"),
    "d_band_centre": Metric("eV vs Fermi"),
    "dG_H": Metric("eV"),
}
"""Every metric with its unit. Onset potentials are read at currents that papers seldom state."""
QUALIFIERS = ("=", "~", ">", "<=")
EXACT = ("=", "~")
"""The others are bounds."""
COLUMNS = (
    "catalyst",
    "metals",
    "site_type",
    "reaction",
    "electrolyte",
    "metric",
    "qualifier",
    "value",
    "uncertainty",
    "unit",
    "condition",
    "source",
    "locator",
)
MAY_BE_EMPTY = ("reaction", "electrolyte", "uncertainty", "unit", "condition")


@dataclass(frozen=True)
class Published:
    """One number from one publication; empty text where the publication says nothing."""

    catalyst: str
    metals: tuple[str, ...]
    """Symbols, as often as the site has them."""
    site_type: str
    reaction: str
    electrolyte: str
    metric: str
    qualifier: str
    """``=``, ``~``, or that of a bound."""
    value: float
    uncertainty: float | None
    unit: str
    condition: str
    source: str
    """Authors, journal, year, and DOI where there is one."""
    locator: str
    """Table or section."""

    @property
    def citation(self) -> str:
        """Source and where in it."""
        return f"{self.source}, {self.locator}"


@cache
def published_catalysts() -> tuple[Published, ...]:
    """Every number that comes with the package."""
    text = resources.files("adatom").joinpath("library", "published.csv").read_text("utf-8")
    return parse_published(text, "published.csv")


def parse_published(text: str, name: str) -> tuple[Published, ...]:
    """Rows of a table; raises :class:`~adatom.errors.LibraryError` with the line that is wrong."""
    reader = csv.DictReader(StringIO(text), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise LibraryError(
            f"{name}: the columns must be {', '.join(COLUMNS)}; got"
            f" {', '.join(reader.fieldnames or ())}"
        )
    found: dict[tuple[object, ...], Published] = {}
    try:
        for row in reader:
            where = f"{name}, line {reader.line_num}"
            entry = _entry(row, where)
            key = (entry.catalyst, entry.reaction, entry.electrolyte, entry.metric,
                   entry.condition, entry.source, entry.locator, entry.value)  # fmt: skip
            if key in found:
                raise LibraryError(f"{where}: {entry.catalyst}, {entry.metric} is there twice")
            found[key] = entry
    except csv.Error as error:
        raise LibraryError(f"{name}, line {reader.line_num}: {error}") from error
    return tuple(found.values())


def select(
    entries: Iterable[Published],
    *,
    reaction: str | None = None,
    electrolyte: str | None = None,
    metric: str | None = None,
) -> tuple[Published, ...]:
    """Entries of one reaction, electrolyte and metric; whatever is None does not matter."""
    return tuple(
        e
        for e in entries
        if (reaction is None or folded(e.reaction) == folded(reaction))
        and (electrolyte is None or folded(e.electrolyte) == folded(electrolyte))
        and (metric is None or folded(e.metric) == folded(metric))
    )


def folded(text: str) -> str:
    """A name without spaces and capitals."""
    return "".join(text.split()).casefold()


def _entry(row: Mapping[str | None, str | None], where: str) -> Published:
    if None in row or None in row.values():
        raise LibraryError(f"{where}: expected {len(COLUMNS)} fields")
    text = {str(k): str(v).strip() for k, v in row.items()}
    for column in COLUMNS:
        if not text[column] and column not in MAY_BE_EMPTY:
            raise LibraryError(f"{where}: {column} is missing")
    metals = tuple(m.strip() for m in text["metals"].split(";"))
    unknown = [m for m in metals if m not in atomic_numbers or m == "X"]
    if unknown:
        raise LibraryError(f"{where}: '{unknown[0]}' is no element; metals are written Fe;Co")
    metric = METRICS.get(text["metric"])
    if metric is None:
        raise LibraryError(f"{where}: metric '{text['metric']}' is unknown")
    if text["unit"] != metric.unit:
        raise LibraryError(
            f"{where}: {text['metric']} in '{text['unit']}', expected '{metric.unit}'"
        )
    if text["qualifier"] not in QUALIFIERS:
        raise LibraryError(f"{where}: qualifier must be one of {' '.join(QUALIFIERS)}")
    uncertainty = _number(text["uncertainty"], where) if text["uncertainty"] else None
    if uncertainty is not None and uncertainty <= 0:
        raise LibraryError(f"{where}: the uncertainty must be positive")
    return Published(
        catalyst=text["catalyst"],
        metals=metals,
        site_type=text["site_type"],
        reaction=text["reaction"],
        electrolyte=text["electrolyte"],
        metric=text["metric"],
        qualifier=text["qualifier"],
        value=_number(text["value"], where),
        uncertainty=uncertainty,
        unit=text["unit"],
        condition=text["condition"],
        source=text["source"],
        locator=text["locator"],
    )


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise LibraryError(f"{where}: '{text}' is no number")
    return value
