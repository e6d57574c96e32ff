"""Princeton Applied Research VersaStudio .par: actions, and segments of up to 24 columns.

VersaStudio writes anodic currents positive and Z'' itself. The speed of a rotating electrode is
not in the file: only the voltage on the analog output that drives it, which is kept as a setting
(its factor in the file is a default that users do not keep to).
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from adatom.readers.electrode_area import area_note, area_of
from adatom.readers.naming import Heading, name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import number_table, unique_names

NAME = "VersaStudio .par"
ANALOG_OUTPUT = "DAC Control: Potential (V)"
"""Setting of the segments that follow an action of that name: it drives the rotation."""
_HEADINGS = {
    "E(V)": Heading("potential_V"),
    "I(A)": Heading("current_A"),
    "Elapsed Time(s)": Heading("time_s"),
    "Frequency(Hz)": Heading("frequency_Hz"),
    "Z Real": Heading("impedance_real_ohm"),
    "Z Imag": Heading("impedance_imaginary_ohm"),
}
_ALTERNATING = ("frequency_Hz", "impedance_real_ohm", "impedance_imaginary_ohm")
_TECHNIQUES = (
    ("eis", "impedance"),
    ("impedance", "impedance"),
    ("cyclic voltammetry", "cyclic voltammetry"),
    ("linear scan", "linear sweep"),
    ("linear sweep", "linear sweep"),
    ("linear polarization", "linear sweep"),
    ("tafel", "linear sweep"),
    ("open circuit", "open circuit"),
    ("chronoamperometry", "chronoamperometry"),
    ("potentiostatic", "chronoamperometry"),
    ("chronopotentiometry", "chronopotentiometry"),
    ("galvanostatic", "chronopotentiometry"),
)
_OPEN = re.compile(r"<(\w+)>")
_SILENT = ("Common", "DAC Control", "Loop", "Delay", "Message Prompt")
"""Actions that record nothing."""


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    head = source.head[:4096]
    return "<Application>" in head and ("VersaStudio" in head or "<Action0>" in head)


def read(source: Source) -> Recording:
    """Read every segment with the settings of the action that made it.

    Raises :class:`~adatom.errors.RecordingError` where no segment holds a row.
    """
    lines = source.lines
    notes: list[str] = []
    actions: list[dict[str, str]] = []
    common: dict[str, str] = {}
    segments: list[Segment] = []
    ids: list[int] = []
    header: list[str] = []
    for name, first, last, closed in _blocks(lines):
        if re.fullmatch(r"Segment\d+", name):
            parts, numbers = _read_block(source, lines, first, last, closed, notes)
            segments += parts
            ids += numbers
            continue
        header += lines[first - 1 : last + 1]
        if name == "Action0":
            common = _pairs(lines[first:last])
        elif re.fullmatch(r"Action\d+", name):
            actions.append(_pairs(lines[first:last]))
    if not segments:
        raise source.refuse("no segment with rows of numbers; the measurement was never started")
    settings = _settings_of_segments(actions, ids, notes)
    notes += _common_notes(common, settings)
    return Recording(
        source.path,
        NAME,
        tuple(_with_settings(s, common, own) for s, own in zip(segments, settings, strict=True)),
        "\n".join(header),
        source.sha256,
        tuple(notes),
    )


def _blocks(lines: list[str]) -> Iterator[tuple[str, int, int, bool]]:
    """Name, first line, one past the last line, and whether it is closed, of every block."""
    at = 0
    while at < len(lines):
        match = _OPEN.fullmatch(lines[at].strip())
        at += 1
        if match is None:
            continue
        first, end = at, f"</{match[1]}>"
        while at < len(lines) and lines[at].strip() != end:
            at += 1
        yield match[1], first, at, at < len(lines)
        if at == len(lines):  # an unclosed block of another kind must not hide what follows
            at = first


def _pairs(lines: list[str]) -> dict[str, str]:
    """``name=value`` lines; lines without a name belong to the value before."""
    found: dict[str, str] = {}
    last = ""
    for line in lines:
        name, equal, value = line.partition("=")
        if equal:
            last = name.strip()
            found[last] = value.strip()
        elif last == "Comment" and line.strip():
            found[last] += f" | {line.strip()}"
    return found


def _read_block(
    source: Source, lines: list[str], first: int, last: int, closed: bool, notes: list[str]
) -> tuple[list[Segment], list[int]]:
    """Segments of a block without their settings, and the id of the action of each."""
    at = next((n for n in range(first, last) if lines[n].startswith("Definition=")), None)
    if at is None:
        return [], []
    names = [x.strip() for x in lines[at].removeprefix("Definition=").split(",")]
    rows = lines[at + 1 : last]
    width = rows[0].count(",") + 1 if rows else 0
    if not closed:
        notes.append("the file ends within a segment: it is cut off")
    if width < 2:
        return [], []
    names = [*names[:width], *[""] * (width - len(names))]
    text = "\n".join(rows) + ("\n" if closed else "")
    table = number_table(
        source, text.encode("utf-8"), unique_names(names), separator=",", first_line=at + 1
    )
    notes += table.notes
    if not len(table):
        return [], []
    number = table.columns.get("Segment #", np.zeros(len(table)))
    action = table.columns.get("ActionId", np.full(len(table), np.nan))
    columns = name_columns(table.columns, known=_HEADINGS).columns
    edges = [0, *(np.flatnonzero(np.diff(number) != 0) + 1).tolist(), len(table)]
    parts, ids = [], []
    for a, b in pairwise(edges):
        part = {name: values[a:b] for name, values in columns.items()}
        frequency = part.get("frequency_Hz")
        alternating = frequency is not None and bool((frequency > 0).any())
        if not alternating:  # zeros stand for what was not measured
            part = {k: v for k, v in part.items() if k not in _ALTERNATING}
        parts.append(Segment("impedance" if alternating else "table", part))
        ids.append(int(action[a]) if np.isfinite(action[a]) else -1)
    return parts, ids


def _settings_of_segments(
    actions: list[dict[str, str]], ids: list[int], notes: list[str]
) -> list[dict[str, str]]:
    """Settings of the action behind each segment, actions taken in their order.

    Where the kinds of actions in the rows contradict that order (loops), none are attached.
    """
    ordered: list[dict[str, str]] = []
    output: str | None = None
    for number, action in enumerate(actions, start=1):
        name = action.get("Name", "")
        if name == "DAC Control":
            output = action.get("Potential (V),Value")
        if name in _SILENT or not name:
            continue
        drive = {} if output is None else {ANALOG_OUTPUT: output}
        count = action.get("Segments", "1")
        repeats = int(count) if count.isdecimal() and len(count) <= 4 else 1
        ordered += [{"Action": str(number), **action, **drive}] * min(max(repeats, 1), 1000)
        if len(ordered) > len(ids):
            break
    kinds: dict[int, str] = {}
    fits = len(ids) <= len(ordered) and not any(a.get("Name") == "Loop" for a in actions)
    for kind, own in zip(ids, ordered, strict=False):
        fits = fits and kinds.setdefault(kind, own["Name"]) == own["Name"]
    if not fits:
        notes.append("segments do not follow the order of the actions: settings not attached")
        return [{} for _ in ids]
    return ordered[: len(ids)]


def _with_settings(segment: Segment, common: dict[str, str], own: dict[str, str]) -> Segment:
    low = own.get("Name", "").lower()
    technique = next((name for part, name in _TECHNIQUES if part in low), segment.technique)
    if (segment.technique == "impedance") != (technique == "impedance"):
        technique = segment.technique
    settings = dict(own)
    if technique in ("linear sweep", "cyclic voltammetry") and own.get("Scan Rate (V/s)"):
        settings["scan_rate_V_s"] = own["Scan Rate (V/s)"]
    if "iR Compensation" in own:
        settings["ir_compensation"] = own["iR Compensation"]
    if "Working Electrode Area (cm2)" in common:
        area = area_of(common["Working Electrode Area (cm2)"])
        settings |= {} if area is None else {"area_cm2": f"{area:.12g}"}
    if "Reference Electrode" in common:
        settings["reference"] = common["Reference Electrode"]
    return Segment(technique, segment.columns, settings)


def _common_notes(common: dict[str, str], settings: list[dict[str, str]]) -> Iterator[str]:
    yield from area_note(area_of(common.get("Working Electrode Area (cm2)", "")))
    outputs = list(dict.fromkeys(s[ANALOG_OUTPUT] for s in settings if ANALOG_OUTPUT in s))
    if outputs:
        yield (
            "the rotation speed is not in the file, only the analog output that drives it:"
            f" {', '.join(outputs)} V; give the speeds in rpm"
        )
    if common.get("Comment"):
        yield f"comment in the file: {common['Comment']}"
