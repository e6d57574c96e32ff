"""What ``adatom electrochem FILE... --json`` wrote, read back and checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from sys import float_info
from typing import Any, NoReturn

from adatom.electrochem.one_sweep import DIRECTIONS, one_sweep
from adatom.electrochem.reference import RheOffset
from adatom.electrochem.sample import Sample, checked_sample
from adatom.errors import RecordingError, SampleError
from adatom.figure_of_merit import FigureOfMerit

LARGEST_BYTES = 64_000_000
FIGURES = (
    "half_wave_potential",
    "limiting_current_density",
    "onset_potential",
    "tafel_slope",
    "electron_number",
    "peroxide_yield",
)
"""Single figures of a sweep; those of the ring only where there is one."""


@dataclass(frozen=True)
class SweepResult:
    """The figures of one sweep."""

    label: str
    direction: str
    """``cathodic`` or ``anodic``."""
    normalisation: str
    corrected_for: tuple[str, ...]
    """Names of the corrections applied, in order."""
    rotation_rpm: float | None
    scan_rate_mV_s: float | None
    figures: Mapping[str, FigureOfMerit]
    """By the names in :data:`FIGURES`, those that the file has."""
    kinetic_mA_cm2: tuple[FigureOfMerit, ...]
    """j_k; in their conditions ``at_V_rhe``, where there is a value ``share_of_plateau``, and
    where its interval is closed ``sd_of_ln``."""


@dataclass(frozen=True)
class ResultFile:
    """Figures of merit of one sample, as a file says them."""

    path: Path
    sample: Sample
    reference: RheOffset
    sweeps: tuple[SweepResult, ...]

    def sweep(
        self,
        *,
        direction: str | None = None,
        rotation_rpm: float | None = None,
        cycle: int | None = None,
    ) -> SweepResult:
        """The one sweep that is meant; ``cycle`` counts from 1 among those alike.

        Raises :class:`~adatom.errors.RecordingError` where none or several are left.
        """
        return one_sweep(
            self.path, self.sweeps, direction=direction, rotation_rpm=rotation_rpm, cycle=cycle
        )


def read_result(path: Path) -> ResultFile:
    """Read one file; raises :class:`~adatom.errors.RecordingError` naming what is wrong."""
    return result_of(_loaded(path), path)


def read_figure(path: Path, reaction: str, name: str) -> FigureOfMerit:
    """The one figure of that name in the file of one sweep of a reaction.

    Raises :class:`~adatom.errors.RecordingError` naming what is wrong.
    """
    part = _Part(path, "", _loaded(path))
    ran = part.within("reaction").text("name")
    if ran != reaction:
        raise RecordingError(f"{path} is an analysis of {ran}; expected one of {reaction}")
    sweeps = part.parts("sweeps")
    if len(sweeps) != 1:
        labels = ", ".join(sweep.text("label") for sweep in sweeps)
        raise RecordingError(f"{path} has {len(sweeps)} sweeps ({labels}); give an analysis of one")
    return _figure(sweeps[0].within(name))


def result_of(content: Mapping[str, Any], path: Path) -> ResultFile:
    """The same from the plain data of an analysis, which ``path`` stands for in messages."""
    if "analyses" in content:
        raise RecordingError(
            f"{path} holds the analyses of a folder; analyse the files of one sample:"
            " adatom electrochem FILE... --json"
        )
    part = _Part(path, "", content)
    reference = part.within("reference")
    try:
        settings = checked_sample(part.table("sample"), str(path), path.parent)
    except SampleError as error:
        raise RecordingError(f"{path}: {error}") from error
    sweeps = tuple(_sweep(s) for s in part.parts("sweeps"))
    if not sweeps:
        raise RecordingError(f"{path} has no sweeps")
    offset = RheOffset(
        reference.number("offset_V"), reference.number("sd_V"), reference.text("source")
    )
    return ResultFile(path, settings, offset, sweeps)


def _loaded(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise RecordingError(f"{path} is no file; expected the JSON of adatom electrochem")
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise RecordingError(f"{path}: {size / 1e6:.0f} MB; expected a result of a few kB")
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(
            f"{path}: not the JSON of adatom electrochem FILE... --json: {error}"
        ) from error
    if not isinstance(content, dict):
        raise RecordingError(f"{path}: not the JSON of adatom electrochem FILE... --json")
    return content


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


@dataclass(frozen=True)
class _Part:
    """A table within the file, whose entries are asked for with their kind."""

    path: Path
    where: str
    content: Mapping[str, Any]

    def refuse(self, name: str, expected: str) -> NoReturn:
        found = self.content.get(name, "nothing")
        raise RecordingError(
            f"{self.path}: {self.where}{name} must be {expected}, got {str(found)[:60]}; write the"
            " file again with adatom electrochem FILE... --json"
        )

    def table(self, name: str) -> Mapping[str, Any]:
        value = self.content.get(name)
        if not isinstance(value, dict):
            self.refuse(name, "a table")
        return value

    def within(self, name: str) -> "_Part":
        return _Part(self.path, f"{self.where}{name}.", self.table(name))

    def parts(self, name: str) -> list["_Part"]:
        value = self.content.get(name)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.refuse(name, "a list of tables")
        return [_Part(self.path, f"{self.where}{name}[{i}].", v) for i, v in enumerate(value)]

    def text(self, name: str) -> str:
        value = self.content.get(name)
        if not isinstance(value, str):
            self.refuse(name, "text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.content.get(name)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.refuse(name, "a list of texts")
        return tuple(value)

    def number(self, name: str) -> float:
        value = self.content.get(name)
        if not _is_number(value):
            self.refuse(name, "a number")
        return float(value)  # type: ignore[arg-type]

    def number_or_none(self, name: str) -> float | None:
        return None if self.content.get(name, "") is None else self.number(name)


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= float_info.max


def _sweep(part: _Part) -> SweepResult:
    direction = part.text("direction")
    if direction not in DIRECTIONS:
        part.refuse("direction", " or ".join(DIRECTIONS))
    return SweepResult(
        label=part.text("label"),
        direction=direction,
        normalisation=part.text("normalisation"),
        corrected_for=part.texts("corrected_for"),
        rotation_rpm=part.number_or_none("rotation_rpm"),
        scan_rate_mV_s=part.number_or_none("scan_rate_mV_s"),
        figures={name: _figure(part.within(name)) for name in FIGURES if name in part.content},
        kinetic_mA_cm2=tuple(_kinetic(k) for k in part.parts("kinetic_current_density")),
    )


def _kinetic(part: _Part) -> FigureOfMerit:
    figure, conditions = _figure(part), part.within("conditions")
    conditions.number("at_V_rhe")
    if figure.value is not None:
        conditions.number("share_of_plateau")
        if None not in figure.interval_95:
            for name in ("reference", "resistance", "area", "rest"):
                conditions.within("sd_of_ln").number(name)
        if figure.value <= 0:
            part.refuse("value", "positive")
    return figure


def _figure(part: _Part) -> FigureOfMerit:
    value = part.number_or_none("value")
    interval = part.content.get("interval_95")
    if (
        not isinstance(interval, list)
        or len(interval) != 2
        or not all(side is None or _is_number(side) for side in interval)
    ):
        part.refuse("interval_95", "two numbers, null where open")
    low, high = (None if side is None else float(side) for side in interval)
    if value is not None and (
        (low is not None and low > value) or (high is not None and high < value)
    ):
        part.refuse("interval_95", f"around the value {value:g}")
    return FigureOfMerit(
        value, (low, high), part.text("reason"), part.text("unit"), part.table("conditions")
    )
