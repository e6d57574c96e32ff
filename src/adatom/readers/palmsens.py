"""PalmSens .pssession: UTF-16 JSON of PSTrace, measurements with their arrays.

PSTrace writes anodic currents positive, in microampere, and ``-Z''``, which is turned.
"""

import json
from typing import Any

import numpy as np

from adatom.readers.naming import Heading, name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source
from adatom.readers.tables import unique_names

NAME = "PalmSens .pssession"
MAX_BYTES = 64_000_000
"""Of a session: JSON takes many times its size once decoded."""
_UNITS = {
    "MicroAmpere": ("current_A", 1e-6),
    "MilliAmpere": ("current_A", 1e-3),
    "Ampere": ("current_A", 1.0),
    "Volt": ("potential_V", 1.0),
    "Time": ("time_s", 1.0),
    "Hertz": ("frequency_Hz", 1.0),
    "ZRe": ("impedance_real_ohm", 1.0),
    "ZIm": ("impedance_imaginary_ohm", 1.0),
}
_FIRST = {0: "time_s", 1: "potential_V", 2: "current_A", 5: "frequency_Hz"}
_FIRST |= {7: "impedance_real_ohm", 8: "impedance_imaginary_ohm"}
"""Kinds of arrays (ArrayType) and what they hold; others keep their description."""
_METHODS = {
    "eis": "impedance",
    "cv": "cyclic voltammetry",
    "lsv": "linear sweep",
    "ad": "chronoamperometry",
    "pot": "chronopotentiometry",
    "ocp": "open circuit",
}


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.head.startswith("{") and "PalmSens." in source.head[:4096]


def read(source: Source) -> Recording:
    """Read every measurement.

    Raises :class:`~adatom.errors.RecordingError` where the JSON is cut off or holds no arrays.
    """
    if len(source.data) > MAX_BYTES:
        raise source.refuse(
            f"{len(source.data) / 1e6:.0f} MB, at most {MAX_BYTES // 1_000_000} MB of a session are"
            " read; save its measurements one by one"
        )
    try:
        content, _ = json.JSONDecoder().raw_decode(source.plain.decode(source.codec))
    except (ValueError, RecursionError) as error:
        raise source.refuse(f"the session is cut off or damaged ({str(error)[:80]})") from None
    notes: list[str] = []
    segments: list[Segment] = []
    measurements = _list(content, "Measurements")
    for measurement in measurements:
        method = _pairs(_get(measurement, "Method"))
        for group in _groups(_list(_get(measurement, "DataSet"), "Values")):
            segment = _segment(group, method, _get(measurement, "Title"), notes)
            if segment is not None:
                segments.append(segment)
    if not segments:
        raise source.refuse("the session holds no measurement with values")
    header = str(_get(content, "MethodForMeasurement") or "")
    return Recording(
        source.path, NAME, tuple(segments), header, source.sha256, tuple(dict.fromkeys(notes))
    )


def _get(content: Any, name: str) -> Any:
    return content.get(name) if isinstance(content, dict) else None


def _list(content: Any, name: str) -> list[Any]:
    found = _get(content, name)
    return found if isinstance(found, list) else []


def _groups(arrays: list[Any]) -> list[list[Any]]:
    """Arrays of one scan each: a kind that comes again starts the next."""
    groups: list[list[Any]] = []
    seen: set[Any] = set()
    for array in arrays:
        kind = _get(array, "ArrayType")
        if _get(array, "Hidden") is True or not isinstance(kind, int):
            continue
        if not groups or (kind in seen and kind in _FIRST):
            groups.append([])
            seen = set()
        seen.add(kind)
        groups[-1].append(array)
    return groups


def _segment(
    arrays: list[Any], method: dict[str, str], title: Any, notes: list[str]
) -> Segment | None:
    names = unique_names([str(_get(a, "Description")) for a in arrays])
    values = [_values(a) for a in arrays]
    kinds = [_get(a, "ArrayType") for a in arrays]
    main = kinds.index(5) if 5 in kinds else max(range(len(values)), key=lambda n: len(values[n]))
    length = len(values[main])
    if not length:
        return None
    raw, known = {}, {}
    for name, column, array, kind in zip(names, values, arrays, kinds, strict=True):
        if len(column) != length:
            notes.append(f"array '{name}' has {len(column)} values instead of {length}: left out")
            continue
        raw[name] = column
        unit = _get(array, "Unit")
        quantity, factor = _UNITS.get(str(_get(unit, "Type")).rpartition(".")[2], ("", 1.0))
        turned = str(_get(unit, "Q")).startswith("-")
        known[name] = Heading(
            quantity if quantity and quantity == _FIRST.get(kind) else None,
            -factor if turned and quantity else factor,
        )
    columns = name_columns(raw, known=known).columns
    technique = _METHODS.get(method.get("METHOD_ID", "").lower(), "table")
    if (technique == "impedance") != ("frequency_Hz" in columns):
        technique = "impedance" if "frequency_Hz" in columns else "table"
    settings = {"Title": str(title), **method}
    if "SCAN_RATE" in method and technique in ("cyclic voltammetry", "linear sweep"):
        settings["scan_rate_V_s"] = method["SCAN_RATE"]
    if method.get("REF_ELECTRODE_NAME"):
        settings["reference"] = method["REF_ELECTRODE_NAME"]
    if method.get("USE_IR_DROP_COMP") == "True":
        settings["ir_compensation"] = f"{method.get('IR_DROP_COMP_RES', '?')} ohm"
    return Segment(technique, columns, settings)


def _values(array: Any) -> np.ndarray:
    found = []
    for entry in _list(array, "DataValues"):
        value = _get(entry, "V")
        whole = isinstance(value, (int, float)) and not isinstance(value, bool)
        found.append(float(value) if whole and abs(value) < 1e300 else np.nan)
    return np.array(found)


def _pairs(method: Any) -> dict[str, str]:
    found = {}
    for line in str(method or "").splitlines():
        name, equal, value = line.partition("=")
        if equal and not name.startswith("#"):
            found[name.strip()] = value.strip()
    return found
