"""What was measured on one sample: ``SAMPLE.toml``, a table for each source.

Unknown names are refused with the nearest known one. Files of ``adatom stem`` and ``adatom xas``
are looked for beside the file; what they say can be given by hand instead.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from ase.data import atomic_numbers

from adatom.errors import EvidenceError

LARGEST_BYTES = 1_000_000
SETTINGS: Mapping[str, tuple[str, str]] = {
    "sample.name": ("text", "what the sample is called"),
    "sample.metal": ("element", "the metal whose shares are asked for, as Fe"),
    "prior.dirichlet": ("four", "of single atoms, pairs, clusters, particles; 1 each where not"
                        " given, 0 excludes a kind"),
    "stem.file": ("text", "result of adatom stem --json"),
    "stem.pair_fraction": ("share interval", "of the visible atoms, [value, low, high]"),
    "stem.atoms": ("count", "visible single and paired atoms, clusters masked out"),
    "stem.density_per_nm2": ("positive", "of these atoms"),
    "stem.fields": ("count", "number of fields of view; 1 where not given"),
    "stem.clusters": ("number seen", "clusters seen in the fields"),
    "stem.particles": ("number seen", "particles seen in the fields"),
    "stem.atoms_per_cluster": ("sizes", "[least, most]; [3, 50] where not given"),
    "stem.atoms_per_particle": ("sizes", "[least, most]; [50, 5000] where not given"),
    "stem.overdispersion": ("fraction", "intraclass correlation of the pair fraction in fields;"
                            " 0.02 where not given"),
    "stem.clumping": ("spread", "relative variance of the number of clusters and particles"
                      " between fields; 1 where not given"),
    "stem.visible_share": ("shares", "of the dispersed atoms in a field that the images show,"
                           " [least, most]; [0.7, 1] where not given"),
    "exafs.file": ("text", "result of adatom xas --json"),
    "exafs.coordination_number": ("number interval", "N(M-M) over all metal, [value, low, high]"),
    "exafs.distance_angstrom": ("distance", "of the metal-metal path"),
    "exafs.log10_bayes_factor_metal_metal": ("number", "for a metal-metal path against none"),
    "exafs.counts": ("kinds", "whose neighbours lie at this distance; all where not given"),
    "exafs.s02_relative_sd": ("spread", "of S0^2; 0.1 where not given, 0 with exafs.file,"
                              " which has it in N"),
    "exafs.hidden_by_disorder": ("fraction", "largest share of N that disorder hides; 0.3 where"
                                 " not given"),
    "exafs.cluster_coordination": ("range", "N in clusters; [2, 5] where not given"),
    "exafs.particle_coordination": ("range", "N in particles; [8, 12] where not given"),
    "icp.metal_wt_percent": ("positive", "of the sample's mass"),
    "icp.metal_relative_sd": ("relative", "its relative standard deviation"),
    "icp.areal_mass_mg_m2": ("positive", "of the support as seen in the images"),
    "icp.specific_surface_m2_g": ("positive", "of a support of sheets, both faces"),
    "icp.sheets_in_projection": ("positive", "how many of them lie over each other"),
    "icp.support_thickness_nm": ("positive", "in the fields"),
    "icp.support_density_g_cm3": ("positive", "of the support"),
    "icp.areal_mass_relative_sd": ("spread", "from field to field; 0.3 where not given"),
    "mossbauer.areas_percent": ("areas", "of components: { D1 = 55, D2 = 25, sextet = 20 }"),
    "mossbauer.areas_sd_percent": ("areas", "their standard deviations"),
    "mossbauer.recoil_free_ln_sd": ("spread", "of ln of the ratio of recoil-free fractions; 0.2"
                                    " where not given"),
    "mossbauer.superparamagnetic": ("fraction", "largest share of iron in particles that appears"
                                    " as a doublet; 0.3 where not given"),
    "xps.metallic_share": ("share interval", "of the metal's signal, [value, low, high]"),
    "xps.surface_ratio": ("ratio interval", "metal content by XPS over that by ICP"),
    "xps.particle_diameter_nm": ("positive", "of particles, with attenuation_length_nm"),
    "xps.attenuation_length_nm": ("positive", "of the photoelectrons in the metal"),
    "xps.escaping": ("shares", "of electrons that leave a particle; [0.2, 0.8] where not given"),
    "xps.enrichment_ln_sd": ("spread", "of ln of the enrichment of the surface; 0.4 where not"
                             " given"),
    "xrd.crystalline_share": ("share interval", "of the metal, [value, low, high]"),
    "xrd.detection_limit": ("share", "of the metal: nothing was seen, this would have been"),
    "xrd.diffracting": ("shares", "of metal in particles that diffracts, [least, most]; [0, 1]"
                        " where not given"),
}  # fmt: skip
"""Every setting: what it must be, and what it is."""
TABLES = tuple(dict.fromkeys(name.partition(".")[0] for name in SETTINGS))
REPEATABLE = ("exafs",)
"""Tables that may stand several times, as [[exafs]]: one for each path."""


@dataclass(frozen=True)
class SampleFile:
    """Settings as given, by table; a table that stands several times is the first and the rest."""

    path: Path
    tables: Mapping[str, Mapping[str, Any]]
    repeated: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Further tables of the same name."""

    def get(self, name: str, default: Any = None) -> Any:
        """A setting by its full name, or ``default``."""
        assert name in SETTINGS, name
        table, _, key = name.partition(".")
        return self.tables.get(table, {}).get(key, default)

    def linked(self) -> tuple[Path, ...]:
        """Results of other commands that the settings name."""
        tables = [*self.tables.values(), *(t for more in self.repeated.values() for t in more)]
        return tuple(self.path.parent / str(t["file"]) for t in tables if "file" in t)

    def require(self, *names: str, purpose: str) -> None:
        """Raise :class:`~adatom.errors.EvidenceError` that asks for all that is missing."""
        missing = [name for name in names if self.get(name) is None]
        if missing:
            each = "; ".join(f"{name} ({SETTINGS[name][1]})" for name in missing)
            raise EvidenceError(f"{self.path}: {purpose} needs {each}")


def read_sample_file(path: Path) -> SampleFile:
    """Read and check; raises :class:`~adatom.errors.EvidenceError` with what is wrong and how."""
    content = _loaded(path)
    tables: dict[str, Mapping[str, Any]] = {}
    repeated: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for name, entries in content.items():
        if name not in TABLES:
            raise EvidenceError(f"{path}: '{name}' is no table{_near(name, TABLES)}")
        several = entries if isinstance(entries, list) else [entries]
        if not several or not all(isinstance(e, dict) for e in several):
            raise EvidenceError(f"{path}: '{name}' must be a table [{name}], got {entries!r:.60}")
        if len(several) > 1 and name not in REPEATABLE:
            raise EvidenceError(f"{path}: [{name}] may stand once; put all of it into one table")
        first, *rest = (_checked_table(path, name, e) for e in several)
        tables[name], repeated[name] = first, tuple(rest)
    return SampleFile(path, tables, repeated)


def example_file() -> str:
    """A sample file with every table."""
    return (resources.files("adatom.evidence") / "example.toml").read_text(encoding="utf-8")


def _loaded(path: Path) -> dict[str, Any]:
    try:
        if path.is_dir():
            raise EvidenceError(f"{path} is a folder; expected a TOML file of one sample")
        if path.stat().st_size > LARGEST_BYTES:
            raise EvidenceError(f"{path}: too large; expected a few lines of TOML")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; adatom evidence --example shows one"
        ) from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{path}: not a TOML file: {error}") from error


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _checked_table(path: Path, table: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    known = tuple(n.partition(".")[2] for n in SETTINGS if n.startswith(f"{table}."))
    checked = {}
    for key, value in entries.items():
        if key not in known:
            raise EvidenceError(f"{path}: [{table}] has no setting '{key}'{_near(key, known)}")
        checked[key] = _Setting(path, f"{table}.{key}").checked(value)
    return checked


@dataclass(frozen=True)
class _Setting:
    """A value to be checked against its kind."""

    path: Path
    name: str

    def refuse(self, expected: str, value: Any) -> NoReturn:
        raise EvidenceError(
            f"{self.path}: {self.name} must be {expected}, got {value!r:.60}"
            f" ({SETTINGS[self.name][1]})"
        )

    def checked(self, value: Any) -> Any:
        kind = SETTINGS[self.name][0]
        if kind in ("text", "element"):
            return self.word(kind, value)
        if kind == "kinds":
            kinds = ("pairs", "clusters", "particles")
            if not isinstance(value, list) or not value or any(v not in kinds for v in value):
                self.refuse(f"a list of {', '.join(kinds)}", value)
            return tuple(value)
        if kind == "areas":
            if not isinstance(value, dict) or not value:
                self.refuse("a table such as { D1 = 60.0, sextet = 20.0 }", value)
            return {name: self.number(v, least=0.0) for name, v in value.items()}
        if kind in (
            "number interval",
            "ratio interval",
            "share interval",
            "four",
            "range",
            "shares",
            "sizes",
        ):
            return self.several(kind, value)
        return self.one(kind, value)

    def word(self, kind: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.refuse("text", value)
        if kind == "element" and (value == "X" or value not in atomic_numbers):
            self.refuse("an element such as Fe", value)
        return str(value).strip()

    def one(self, kind: str, value: Any) -> float:
        if kind in ("count", "number seen"):
            least = 1 if kind == "count" else 0
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 1e9:
                self.refuse(f"a whole number from {least} to 1e9", value)
            return int(value)
        number = self.number(value, least=None if kind == "number" else 0.0)
        if kind == "positive" and number == 0.0:
            self.refuse("positive", value)
        if kind == "relative" and number > 1.0:
            self.refuse("a share of the value, at most 1 (not percent)", value)
        if kind == "distance" and not 1.0 <= number <= 10.0:
            self.refuse("a distance in angstrom, from 1 to 10", value)
        if (kind == "fraction" and number >= 1.0) or (kind == "share" and not 0 < number <= 1):
            self.refuse("between 0 and 1", value)
        return number

    def several(self, kind: str, value: Any) -> tuple[float, ...]:
        count = 3 if kind.endswith("interval") else 4 if kind == "four" else 2
        if not isinstance(value, list) or len(value) != count:
            words = {3: "[value, low, high] with the 95 % interval", 4: "four numbers"}
            self.refuse(words.get(count, "[least, most]"), value)
        numbers = tuple(
            self.number(v, least=None if kind == "number interval" else 0.0) for v in value
        )
        if count == 3:
            middle, low, high = numbers
            if not (low <= middle <= high and low < high):
                self.refuse("[value, low, high] with low <= value <= high and low < high", value)
            if high <= 0.0:
                self.refuse("an interval that reaches above 0", value)
        elif count == 2 and not numbers[0] <= numbers[1]:
            self.refuse("[least, most]", value)
        if kind in ("share interval", "shares") and max(numbers) > 1.0:
            self.refuse("shares between 0 and 1 (not percent)", value)
        if kind == "shares" and numbers[1] == 0.0:
            self.refuse("shares of which the second is not 0", value)
        if kind == "sizes" and numbers[0] < 2.0:
            self.refuse("numbers of atoms, 2 or more", value)
        if kind == "four" and not any(numbers):
            self.refuse("four numbers that are not all 0", value)
        return numbers

    def number(self, value: Any, *, least: float | None) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self.refuse("made of numbers" if isinstance(value, list) else "a number", value)
        if least is not None and value < least:
            self.refuse("not negative", value)
        if abs(value) > 1e12:
            self.refuse("a number of reasonable size", value)
        return float(value)
