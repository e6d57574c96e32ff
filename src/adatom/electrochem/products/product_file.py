"""The product file: TOML with sections electrolysis (or illumination), calibration, product."""

from pathlib import Path
from typing import Any

import numpy as np

from adatom.electrochem.products.calibration import CalibrationLine
from adatom.electrochem.products.charge import charge_of
from adatom.electrochem.products.experiment import (
    AMMONIA,
    Experiment,
    InternalStandard,
    Part,
    Value,
)
from adatom.electrochem.products.sections import (
    AMMONIA_NEEDS,
    ammonia_controls,
    catalyst,
    taken_as_exact,
    vessel,
)
from adatom.electrochem.products.toml_table import TomlTable
from adatom.errors import SampleError
from adatom.toml_file import read_toml

MOST_BYTES = 5_000_000
"""Larger files are refused unread."""
MOST_PRODUCTS = 200


def read_products(path: Path) -> Experiment:
    """Read and check a product file.

    Raises :class:`~adatom.errors.SampleError` naming section and key of what is missing, not
    understood or impossible.
    """
    root = TomlTable(read_toml(path, SampleError, most_bytes=MOST_BYTES), str(path))
    title = root.text("title", "", path.stem)
    notes: list[str] = []
    lit = "illumination" in root
    if lit == ("electrolysis" in root):
        raise SampleError(f"{path}: exactly one section [electrolysis] or [illumination] is needed")
    run = root.table("illumination" if lit else "electrolysis", "what was done")
    passed = _run(run, path.parent, lit)
    lines = _lines(root, notes)
    products = root.raw("product", "at least one [[product]]")
    if not isinstance(products, list) or not 0 < len(products) <= MOST_PRODUCTS:
        raise SampleError(f"{path}: 1 to {MOST_PRODUCTS} sections [[product]] are needed")
    parts: list[Part] = []
    reactants: dict[str, tuple[str, ...]] = {}
    for number, item in enumerate(products, 1):
        table = TomlTable(item, f"{path}, product {number}")
        part = _part(table, lines)
        named = () if lit else table.texts("reactant", 'what it is made from, as "CO2"')
        if reactants.setdefault(part.product, named) != named:
            raise SampleError(f"{table.where}: {part.product} has two different reactants")
        if any(part.title == other.title for other in parts):
            raise SampleError(f"{table.where}: {part.title} is given twice; tell apart by 'where'")
        table.done()
        notes += taken_as_exact(table)
        parts.append(part)
    metal = catalyst(root.table("catalyst", ""), notes) if "catalyst" in root else None
    ammonia = None
    if any(name in reactants for name in AMMONIA) or "ammonia" in root:
        ammonia = ammonia_controls(root.table("ammonia", AMMONIA_NEEDS), lit, notes)
    root.done()
    notes += passed.pop("notes")
    return Experiment(
        title=title, parts=tuple(parts), reactants=reactants, catalyst=metal, ammonia=ammonia,
        notes=tuple(notes), **passed,
    )  # fmt: skip


def _run(table: TomlTable, folder: Path, lit: bool) -> dict[str, Any]:
    """Fields of the experiment that the run's section gives."""
    area = table.value("area_cm2", "of the electrode") if "area_cm2" in table else None
    if lit:
        found: dict[str, Any] = {"duration_s": table.value("duration_s", "of the illumination"),
                                 "charge_C": None}  # fmt: skip
        notes = taken_as_exact(table)
    elif "file" in table:
        if "charge_C" in table or "duration_s" in table:
            raise SampleError(
                f"{table.where}: file gives charge and duration; leave out the others"
            )
        found, notes = _recorded(table, folder, area)
    else:
        charge = table.value("charge_C", "charge passed, C, or 'file' with the recorded current")
        found = {"charge_C": charge, "duration_s": table.value("duration_s", "of the electrolysis")}
        notes = taken_as_exact(table)
    table.done()
    return {**found, "area_cm2": area, "notes": notes}


def _recorded(
    table: TomlTable, folder: Path, area: Value | None
) -> tuple[dict[str, Any], list[str]]:
    from adatom.readers.detection import read_recording

    path = folder / table.text("file", "record of the current")
    gain = table.number("current_relative_sd", "", 0.0)
    if not 0.0 <= gain < 0.3:
        raise SampleError(f"{table.where}: current_relative_sd should be 0 to 0.3, got {gain:g}")
    times = {key: table.number(key, "s") for key in ("from_s", "to_s") if key in table}
    columns = {}
    if "columns" in table:
        inner = table.table("columns", "")
        columns = {name: inner.text(name, "a column of the file") for name, _ in inner.items()}
    recording = read_recording(path, columns or None)
    number = table.count("segment", "from 1, of the file") if "segment" in table else None
    charge = charge_of(
        recording.segment("time_s", number=number),
        from_s=times.get("from_s"),
        to_s=times.get("to_s"),
        area_cm2=None if area is None else area.value,
        current_relative_sd=gain,
    )
    fields = {
        "charge_C": charge.charge_C,
        "charge_sign": charge.sign,
        "duration_s": Value(charge.duration_s),
        "charge_source": f"{path.name}, integral of the current",
        "inputs": {str(path): recording.sha256},
    }
    return fields, [f"{table.where}: {note}" for note in charge.notes]


def _lines(root: TomlTable, notes: list[str]) -> dict[str, CalibrationLine]:
    if "calibration" not in root:
        return {}
    lines = {}
    for name, item in root.table("calibration", "").items():
        table = TomlTable(item, f"{root.where}, [calibration.{name}]")
        lines[name] = line = CalibrationLine(
            name=name,
            unit=table.text("unit", "of the amounts: ppm, %, mM, uM, mg/L, umol"),
            amounts=table.readings("amount", "of the standards, in 'unit'"),
            responses=table.readings("response", "of the standards"),
            sd=table.readings("response_sd", "of each standard")
            if "response_sd" in table
            else None,
            relative_sd=table.number("relative_sd", "common to all standards", 0.0),
            extrapolate=table.switch("extrapolate"),
        )
        if not 0.0 <= line.relative_sd < 0.3:
            raise SampleError(f"{table.where}: relative_sd should be 0 to 0.3")
        if "relative_sd" not in table:
            notes.append(f"{table.where}: the standards are taken as exact (no relative_sd)")
        table.done()
        notes += [f"calibration {name}: {note}" for note in line.notes]
    return lines


def _part(table: TomlTable, lines: dict[str, CalibrationLine]) -> Part:
    product = table.text("name", 'formula of the product, as "CO"')
    nothing = np.array([])
    source: CalibrationLine | InternalStandard | Value
    ways = [key for key in ("calibration", "internal_standard", "result") if key in table]
    if len(ways) != 1:
        raise SampleError(
            f"{table.where} ({product}): exactly one of calibration (with response),"
            f" internal_standard (with response) or result (with unit) is needed, got {len(ways)}"
        )
    readings = nothing if ways == ["result"] else table.readings("response", "of the sample")
    if ways == ["calibration"]:
        name = table.text("calibration", "which line")
        if name not in lines:
            raise SampleError(f"{table.where}: there is no [calibration.{name}]")
        source, unit = lines[name], lines[name].unit
    elif ways == ["internal_standard"]:
        inner = table.table("internal_standard", "")
        source = InternalStandard(
            Value(*(1e-3 * x for x in inner.value("concentration_mM", "of the standard"))),
            inner.readings("response", "integrals of the standard, one beside each response"),
            inner.count("nuclei", "of the standard's signal"),
            inner.count("product_nuclei", "of the product's signal"),
        )
        inner.done()
        unit = "M"
        if len(source.responses) != len(readings) or len(readings) < 2:
            raise SampleError(
                f"{table.where}: at least two spectra, with one integral of standard and product"
                f" each, got {len(source.responses)} and {len(readings)}"
            )
        if (source.responses <= 0).any():
            raise SampleError(f"{inner.where}: integrals of the standard should be above 0")
    else:
        source = table.value("result", "with its unit", positive=False)
        unit = table.text("unit", "of the result: umol, mM, ppm ...")
    blanked = "blank_response" in table
    if blanked and ways != ["calibration"]:
        raise SampleError(f"{table.where}: blank_response belongs to a calibration")
    part = Part(
        product=product,
        where=table.text("where", "", ""),
        readings=readings,
        blank=table.readings("blank_response", "of the blank") if blanked else nothing,
        source=source,
        unit=unit,
        dilution=(
            table.value("dilution", "volume after over volume before")
            if "dilution" in table
            else Value(1.0)
        ),
        vessel=vessel(table),
        calibrated_as=table.text("calibrated_as", "formula weighed", product),
    )
    if part.dilution.value < 1.0:
        raise SampleError(f"{table.where}: dilution is volume after over before, 1 or more")
    part.factor()
    return part
