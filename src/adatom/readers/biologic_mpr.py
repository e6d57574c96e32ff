"""BioLogic .mpr: the binary of EC-Lab, read through yadg (GPL, an extra).

Values are the instrument's 32-bit floats: they equal the text export to its last printed digit.
"""

import json
from typing import Any

import numpy as np

from adatom.readers import biologic
from adatom.readers.electrode_area import area_note, area_of
from adatom.readers.logged import kept_warnings
from adatom.readers.naming import name_columns
from adatom.readers.recording import Recording, Segment
from adatom.readers.source import Source

NAME = "BioLogic .mpr"
INSTALL = "pip install 'yadg>=7.0'"
_TECHNIQUES = {
    "CV": "cyclic voltammetry",
    "CVA": "cyclic voltammetry",
    "LSV": "linear sweep",
    "LP": "linear sweep",
    "OCV": "open circuit",
    "CA": "chronoamperometry",
    "CP": "chronopotentiometry",
    "GCPL": "chronopotentiometry",
    "PEIS": "impedance",
    "GEIS": "impedance",
    "SPEIS": "impedance",
    "ZIR": "impedance",
}
_MISLABELLED = "Q charge or discharge"
"""Left out: yadg 7.0 labels it C where EC-Lab's own export of the same file says mA.h."""
_MILLIVOLTS_PER_SECOND = 1
"""Code of that unit of a scan rate, the only one that could be checked against a text export."""


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    return source.data.startswith(b"BIO-LOGIC MODULAR FILE")


def read(source: Source) -> Recording:
    """Read the one technique of the file.

    Raises :class:`~adatom.errors.RecordingError` without yadg, and where yadg cannot read it.
    """
    try:
        from yadg.extractors.eclab import mpr
    except ImportError:
        raise source.refuse(
            f"reading .mpr needs yadg: {INSTALL}; or export the file as text (.mpt) in EC-Lab"
        ) from None
    try:
        with kept_warnings("yadg") as warnings:
            tree = mpr.extract(source.data, timezone="UTC")
            data = tree.to_dataset()
    except Exception as error:  # another's parser of a binary format: anything may come
        raise source.refuse(
            f"yadg cannot read this .mpr ({type(error).__name__}: {str(error)[:120]}); export it as"
            " text (.mpt) in EC-Lab"
        ) from None
    return _recording(source, data, warnings)


def _recording(source: Source, data: Any, warnings: list[str]) -> Recording:
    raw: dict[str, np.ndarray] = {}
    for name, column in data.variables.items():
        if str(name).endswith("_uncertainty") or name == "uts" or column.ndim != 1:
            continue
        if name == _MISLABELLED:
            continue
        if column.dtype.kind in "fiub":
            unit = str(column.attrs.get("units", "")).replace("mA·h", "mA.h").replace("Ω", "Ohm")
            with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
                values = np.asarray(column.values, dtype=float)
            raw[f"{name}/{unit}" if unit else str(name)] = values
    lengths = {len(values) for values in raw.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise source.refuse("the file holds no points; the measurement was never started")
    header = str(data.attrs.get("original_metadata", ""))
    settings, technique = _settings(header)
    notes = [f"yadg: {message}" for message in warnings]
    columns = name_columns(raw, known=biologic.HEADINGS).columns
    return Recording(
        source.path,
        NAME,
        (Segment(technique, columns, settings),),
        header,
        source.sha256,
        (*notes, *area_note(area_of(settings.get("area_cm2", "")))),
    )


def _settings(header: str) -> tuple[dict[str, str], str]:
    """Settings as yadg gives them, and the technique."""
    import ast

    try:
        content = json.loads(header)
    except ValueError:
        try:
            content = ast.literal_eval(header)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}, "table"
    if not isinstance(content, dict):
        return {}, "table"
    general = content.get("settings") or {}
    parameters = content.get("params") or {}
    settings = {str(k): str(v) for k, v in general.items() if v not in ("", None)}
    for name, values in parameters.items():
        shown = values if isinstance(values, list) else [values]
        settings[str(name)] = "; ".join(str(v) for v in shown)
    area = general.get("electrode_area")
    if isinstance(area, float) and area > 0:
        settings["area_cm2"] = f"{area:.7g}"
    if str(general.get("reference_electrode", "")).strip("()") not in ("", "unspecified"):
        settings["reference"] = str(general["reference_electrode"])
    rate, unit = parameters.get("dE/dt"), parameters.get("dE/dt unit")
    if unit == [_MILLIVOLTS_PER_SECOND] and isinstance(rate, list) and len(rate) == 1:
        settings["scan_rate_V_s"] = f"{float(rate[0]) / 1e3:.7g}"
    if "comp. level (%)" in settings:
        settings["ir_compensation"] = f"{settings['comp. level (%)']} %"
    return settings, _TECHNIQUES.get(str(general.get("technique")), "table")
