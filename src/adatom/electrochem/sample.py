"""What is known of a sample and its cell: ``sample.toml`` beside the data, or the command line.

Nothing here has a default that changes a number: what a figure needs and nobody gave is asked
for by name.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import float_info
from typing import Any

from adatom.errors import SampleError
from adatom.toml_file import read_toml

SETTINGS: Mapping[str, tuple[str, str]] = {
    "sample.name": ("text", "what the sample is called"),
    "electrode.area_cm2": ("positive", "geometric area of the (disk) electrode"),
    "electrode.area_sd_cm2": ("spread", "its standard deviation"),
    "electrode.collection_efficiency": ("share", "of the ring, N"),
    "electrode.collection_efficiency_sd": ("spread", "its standard deviation"),
    "electrode.specific_capacitance_uF_cm2": ("positive", "of a smooth surface, for the ECSA"),
    "electrode.specific_capacitance_sd_uF_cm2": ("spread", "its standard deviation"),
    "electrolyte.name": ("text", "as '0.1 M KOH', or an electrolyte file (.toml)"),
    "electrolyte.pH": ("number", "where RHE follows from a tabulated electrode"),
    "electrolyte.pH_sd": ("spread", "its standard deviation"),
    "reference.electrode": ("text", "a named reference electrode, or RHE"),
    "reference.offset_V": ("number", "E(RHE) - E(reference electrode), measured"),
    "reference.offset_sd_V": ("spread", "its standard deviation"),
    "reference.calibration_file": ("text", "open circuit of the reference electrode against RHE"),
    "reference.calibration_of": ("text", "'reference' (its potential against RHE was recorded) or"
                                 " 'RHE' (that of an RHE against it)"),
    "resistance.ohm": ("spread", "uncompensated resistance R_u"),
    "resistance.sd_ohm": ("spread", "its standard deviation"),
    "resistance.eis_file": ("text", "impedance from which R_u is taken"),
    "resistance.fraction": ("fraction", "of R_u to be corrected for in all"),
    "resistance.compensated": ("fraction", "of R_u that the instrument compensated"),
    "background.file": ("text", "the same sweep without the reactant (N2 or Ar)"),
    "background.zero": ("text", "'foot': the current before the wave is subtracted (OER, HER)"),
    "ring.file": ("text", "currents of the ring, where they are in a file of their own"),
    "ring.zero": ("text", "'foot': the ring's current before the wave is subtracted"),
    "loading.catalyst_mg_cm2": ("positive", "per geometric area"),
    "loading.catalyst_sd_mg_cm2": ("spread", "its standard deviation"),
    "loading.metal_wt_percent": ("metals", "from ICP, as { Fe = 1.2, Co = 0.8 }"),
    "loading.metal_sd_wt_percent": ("metals", "standard deviations"),
    "measurement.reaction": ("text", "ORR (assumed where not given), OER or HER"),
    "measurement.onset_mA_cm2": ("positive", "current density of the onset; 0.1 where not given"),
    "measurement.rotation_rpm": ("numbers", "of every sweep in order, or one for all"),
    "measurement.scan_rate_mV_s": ("positive", "of the sweeps"),
}  # fmt: skip
"""Every setting: what it must be, and what it is."""
LEAST_LIKENESS = 0.6
"""Of an unknown name to the setting that is suggested for it (difflib's ratio)."""


@dataclass(frozen=True)
class Sample:
    """Settings of one sample, by their names in :data:`SETTINGS`."""

    values: Mapping[str, Any] = field(default_factory=dict)
    source: str = "command line"
    folder: Path = field(default_factory=Path)
    """Files named in the settings are looked for here."""

    def get(self, name: str, default: Any = None) -> Any:
        """A setting, or ``default`` where it was not given."""
        if name not in SETTINGS:
            raise KeyError(name)
        return self.values.get(name, default)

    def require(self, name: str, purpose: str) -> Any:
        """A setting that ``purpose`` needs.

        Raises :class:`~adatom.errors.SampleError` that asks for it by name.
        """
        value = self.get(name)
        if value is None:
            raise SampleError(
                f"{purpose} needs {name} ({SETTINGS[name][1]}), which was not given; set it in"
                f" sample.toml or by --set {name}=..."
            )
        return value

    def relative_sd(self, name: str, sd_name: str) -> float:
        """Standard deviation of a setting over its value; 0 where either was not given."""
        value = self.get(name)
        return float(self.get(sd_name, 0.0) / value) if value else 0.0

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the settings name."""
        named = (name for name in self.values if name.endswith("file"))
        return tuple(self.folder / self.values[name] for name in named)

    def file(self, name: str) -> Path | None:
        """A file named by a setting, found beside ``sample.toml``."""
        value = self.get(name)
        return None if value is None else self.folder / value


def load_sample(path: Path | None, overrides: Sequence[str] = ()) -> Sample:
    """Settings from a TOML file and from ``NAME=VALUE`` texts, which win.

    Raises :class:`~adatom.errors.SampleError` for unknown names, with the nearest known one, and
    for values of the wrong kind.
    """
    values: dict[str, Any] = {}
    folder = Path()
    if path is not None:
        values |= _from_file(path)
        folder = path.parent
    for text in overrides:
        name, equal, value = text.partition("=")
        if not equal or not value.strip():
            raise SampleError(
                f"--set '{text}' must be NAME=VALUE, for example electrode.area_cm2=0.196"
            )
        values[name.strip()] = _from_text(name.strip(), value.strip())
    return checked_sample(values, str(path) if path else "command line", folder)


def checked_sample(values: Mapping[str, Any], source: str, folder: Path) -> Sample:
    """Settings by name, each of its kind and none against another.

    Raises :class:`~adatom.errors.SampleError` otherwise.
    """
    checked = {name: _checked(name, value) for name, value in values.items()}
    _require_consistent(checked)
    return Sample(checked, source, folder)


def _from_file(path: Path) -> dict[str, Any]:
    found = {}
    for table, entries in read_toml(path, SampleError).items():
        if not isinstance(entries, dict):
            raise SampleError(f"{path}: '{table}' stands outside a table; expected {_tables()}")
        for key, value in entries.items():
            found[f"{table}.{key}"] = value
    return found


def _tables() -> str:
    return ", ".join(f"[{t}]" for t in dict.fromkeys(name.partition(".")[0] for name in SETTINGS))


def _known(name: str) -> str:
    if name not in SETTINGS:
        near = max(SETTINGS, key=lambda known: _likeness(name, known))
        alike = _likeness(name, near) >= LEAST_LIKENESS
        hint = f"; did you mean {near}?" if alike else f"; known: {', '.join(SETTINGS)}"
        raise SampleError(f"setting '{name}' is unknown{hint}")
    return SETTINGS[name][0]


def _likeness(name: str, known: str) -> float:
    """Of two names, or of what stands behind their tables: a table is easily left out."""
    pairs = [(name, known), (name.rpartition(".")[2], known.rpartition(".")[2])]
    return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs)


def _from_text(name: str, text: str) -> Any:
    kind = _known(name)
    try:
        if kind == "metals":
            pairs = (part.partition(":") for part in text.split(","))
            return {metal.strip(): float(share) for metal, _, share in pairs}
        if kind == "numbers":
            return [float(part) for part in text.split(",")]
        return text if kind == "text" else float(text)
    except ValueError:
        form = {"metals": "Fe:1.2,Co:0.8", "numbers": "400,900,1600"}.get(kind, "a number")
        raise SampleError(f"--set {name}: expected {form}, got '{text}'") from None


def _checked(name: str, value: Any) -> Any:
    kind = _known(name)
    if kind == "text":
        if not isinstance(value, str) or not value.strip():
            raise SampleError(f"{name} must be text, got {value!r}")
        return value.strip()
    if kind == "numbers":
        several = value if isinstance(value, list) else [value]
        return tuple(_number(name, v, least=0.0) for v in several)
    if kind == "metals":
        if not isinstance(value, dict) or not value:
            raise SampleError(f"{name} must be a table such as {{ Fe = 1.2 }}, got {value!r}")
        return {metal: _number(f"{name}.{metal}", v, least=0.0) for metal, v in value.items()}
    number = _number(name, value, least=None if kind == "number" else 0.0)
    if name == "electrolyte.pH" and not -2.0 <= number <= 16.0:
        raise SampleError(f"electrolyte.pH must lie between -2 and 16, got {number:g}")
    if kind == "positive" and number == 0.0:
        raise SampleError(f"{name} must be positive, got 0")
    if (kind == "share" and not 0.0 < number < 1.0) or (kind == "fraction" and number > 1.0):
        raise SampleError(f"{name} must lie between 0 and 1, got {number:g}")
    return number


def _number(name: str, value: Any, *, least: float | None) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SampleError(f"{name} must be a number, got {value!r}")
    if not abs(value) <= float_info.max:
        raise SampleError(f"{name} must be a number of finite size")
    if least is not None and value < least:
        raise SampleError(f"{name} must not be negative, got {value:g}")
    return float(value)


def _require_consistent(values: Mapping[str, Any]) -> None:
    def only_one(*names: str) -> None:
        given = [n for n in names if n in values]
        if len(given) > 1:
            raise SampleError(f"{' and '.join(given)} say the same thing; give one of them")

    only_one("reference.electrode", "reference.offset_V", "reference.calibration_file")
    only_one("resistance.ohm", "resistance.eis_file")
    only_one("background.file", "background.zero")
    resistance = "resistance.ohm" in values or "resistance.eis_file" in values
    if resistance and "resistance.fraction" not in values:
        raise SampleError(
            "a resistance is given but not how much of it to correct for: set resistance.fraction"
            " (1 for all of it, 0 for none; resistance.compensated is what the instrument did)"
        )
    choices = {
        "ring.zero": ("foot",),
        "background.zero": ("foot",),
        "reference.calibration_of": ("reference", "RHE"),
    }
    for name, allowed in choices.items():
        if name in values and values[name] not in allowed:
            raise SampleError(f"{name} must be {' or '.join(allowed)}, got '{values[name]}'")
