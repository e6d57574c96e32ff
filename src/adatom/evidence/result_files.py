"""What ``adatom stem --json`` and ``adatom xas --json`` wrote, read back and checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

from adatom.errors import EvidenceError
from adatom.evidence.sources.exafs import MetalPath
from adatom.species import NON_METALS

LARGEST_BYTES = 64_000_000
SYMBOL = re.compile(r"[A-Z][a-z]?")
_KNOWN_BY = {"adatom stem": "pair_fraction", "adatom xas": "paths"}
"""A key that only its results have."""
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class StemResult:
    """What the images say."""

    pair_fraction: Interval
    """Value and ends of the 95 % interval."""
    posterior: tuple[float, ...] | None
    """Even quantiles of the pair fraction's posterior."""
    atoms: int
    density_per_nm2: float | None
    fields: int | None
    cautions: tuple[str, ...] = ()
    """What the images could not tell, and what was taken for granted."""


def read_stem_result(path: Path) -> StemResult:
    """Read one; raises :class:`~adatom.errors.EvidenceError` naming what is wrong."""
    file = _File(path, "adatom stem", _loaded(path, "adatom stem"))
    quantiles = file.content.get("pair_fraction_posterior")
    if quantiles is not None:
        if not isinstance(quantiles, list) or len(quantiles) < 20:
            file.refuse("pair_fraction_posterior", "a list of 20 quantiles or more", quantiles)
        for value in quantiles:
            if not _is_number(value) or not 0.0 <= value <= 1.0:
                file.refuse("pair_fraction_posterior", "quantiles between 0 and 1", value)
    value, low, high = file.figure(file.content, "pair_fraction")
    if not (0.0 <= low <= value <= high <= 1.0 and low < high):
        file.refuse("pair_fraction_interval_95", "an interval of shares", [value, low, high])
    atoms = file.number(file.content, "atoms")
    density = file.content.get("density_per_nm2")
    if isinstance(density, dict):
        density = density.get("value")
    fields = file.content.get("fields", file.content.get("images"))
    return StemResult(
        (value, low, high),
        None if quantiles is None else tuple(float(q) for q in quantiles),
        int(atoms),
        float(density) if _is_number(density) and density > 0 else None,
        int(fields) if _is_number(fields) and fields >= 1 else None,
        _cautions(file.content),
    )


def _cautions(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences beside the numbers of a result of ``adatom stem``."""
    groups = content.get("groups_of_three")
    caution = groups.get("caution") if isinstance(groups, dict) else None
    assumed = content.get("assumed")
    said = [caution, *(assumed if isinstance(assumed, list) else [])]
    return tuple(text for text in said if isinstance(text, str) and text)


def read_metal_path(path: Path, metal: str | None, distance_angstrom: float | None) -> MetalPath:
    """The metal-metal path of a result of ``adatom xas``.

    Of several, the one nearest to ``distance_angstrom``.

    Raises :class:`~adatom.errors.EvidenceError` where there is none, or none is meant.
    """
    file = _File(path, "adatom xas", _loaded(path, "adatom xas"))
    if "spectra" in file.content:
        raise EvidenceError(
            f"{path} holds several spectra; write the one of this sample with adatom xas --json"
        )
    element = file.content.get("element")
    if metal is not None and isinstance(element, str) and element != metal:
        raise EvidenceError(
            f"{path}: the spectrum of {element}, but sample.metal is {metal}; give the spectrum of"
            f" {metal}, or ask for the shares of {element}"
        )
    paths = file.content.get("paths")
    if not isinstance(paths, list) or not all(isinstance(p, dict) for p in paths):
        file.refuse("paths", "a list of tables", paths)
    found = [p for p in paths if _is_metal(p, metal)]
    if not found:
        return _over_all_models(file, paths)
    if len(found) > 1:
        far = [file.figure(p, "distance_angstrom")[0] for p in found]
        if distance_angstrom is None:
            each = ", ".join(f"{d:.3f}" for d in far)
            raise EvidenceError(
                f"{path}: metal-metal paths at {each} A; say which with exafs.distance_angstrom"
            )
        found = [min(zip(far, found, strict=True), key=lambda f: abs(f[0] - distance_angstrom))[1]]
    distance = file.figure(found[0], "distance_angstrom")[0]
    if distance_angstrom is not None and abs(distance - distance_angstrom) > 0.3:
        raise EvidenceError(
            f"{path}: no metal-metal path within 0.3 A of {distance_angstrom:g} A; nearest"
            f" {distance:.3f} A"
        )
    factor = file.content.get("log10_bayes_factor_metal_metal")
    if isinstance(factor, dict):
        factor = factor.get("value")
    return MetalPath(
        file.figure(found[0], "coordination_number"),
        distance,
        float(factor) if _is_number(factor) else None,
    )


def _over_all_models(file: "_File", paths: list[Mapping[str, Any]]) -> MetalPath:
    """N(M-M) where the most probable model has none: that over all models, Bayes factor and all."""
    models = file.content.get("exafs")
    models = models if isinstance(models, dict) else {}
    if models.get("verdict") == "no model":
        raise EvidenceError(
            f"{file.path}: no model describes this spectrum, which so says nothing of metal"
            " neighbours; leave [exafs] out, or fit other candidates (adatom xas --site)"
        )
    name = "metal_metal_coordination_number"
    if name in models:
        value, low, high = file.figure(models, name)
        if high > low:
            return MetalPath((value, low, high))
    raise EvidenceError(
        f"{file.path}: no metal-metal path among {', '.join(map(_species, paths)) or 'none'}; give"
        " an upper bound by hand: exafs.coordination_number = [0, 0, bound]"
    )


def _species(path: Mapping[str, Any]) -> str:
    return str(path.get("species", "?"))


def _is_metal(path: Mapping[str, Any], metal: str | None) -> bool:
    """Whether the scatterer is a metal: the ``metal`` itself, or no non-metal."""
    symbols = SYMBOL.findall(_species(path))
    return bool(symbols) and (symbols[-1] == metal or symbols[-1] not in NON_METALS)


@dataclass(frozen=True)
class _File:
    path: Path
    command: str
    content: Mapping[str, Any]

    def refuse(self, name: str, expected: str, found: Any) -> NoReturn:
        raise EvidenceError(
            f"{self.path}: {name} must be {expected}, got {str(found)[:60]}; write the file again"
            f" with {self.command} --json"
        )

    def number(self, table: Mapping[str, Any], name: str) -> float:
        value = table.get(name)
        if isinstance(value, dict):
            value = value.get("value")
        if not _is_number(value):
            self.refuse(name, "a number", "nothing" if value is None else value)
        return float(value)

    def figure(self, table: Mapping[str, Any], name: str) -> Interval:
        """Value and interval, which stands within the figure or beside it."""
        value, entry = self.number(table, name), table.get(name)
        inside = entry.get("interval_95") if isinstance(entry, dict) else None
        stem = re.sub(r"_angstrom$", "", name)
        beside = (table.get(f"{n}_interval_95{u}") for n, u in (
            (name, ""), (stem, "_angstrom"), (stem, "")))  # fmt: skip
        interval = (
            inside if inside is not None else next((b for b in beside if b is not None), None)
        )
        if (
            not isinstance(interval, list)
            or len(interval) != 2
            or not all(_is_number(x) for x in interval)
        ):
            self.refuse(f"the 95 % interval of {name}", "two numbers", interval or "nothing")
        low, high = float(interval[0]), float(interval[1])
        return value, min(low, value), max(high, value)


def _loaded(path: Path, command: str) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise EvidenceError(f"{path}: too large for a result of {command}")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; the sample file names it as the result of"
            f" {command} --json"
        ) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{path}: not the JSON of {command} --json: {error}") from error
    if not isinstance(content, dict) or not {_KNOWN_BY[command], "spectra"} & set(content):
        raise EvidenceError(
            f"{path}: not the JSON of {command} --json ('{_KNOWN_BY[command]}' is missing)"
        )
    return content


def _is_number(value: Any) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False
