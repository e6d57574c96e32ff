"""``adatom electrochem cell``, ``cycling``, ``capacity``: zinc-air, flow and fuel cells."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from adatom.cli.long_records import PlotOption, print_figures
from adatom.cli.options import JsonOption, output_files, put_json, put_plot, require_image
from adatom.cli.output import require_writable
from adatom.cli.segments import ColumnsOption, SegmentOption, column_map
from adatom.electrochem.cycling import analyse_cycling, specific_capacity
from adatom.electrochem.power import power_curve
from adatom.errors import AdatomError
from adatom.readers import read_recording
from adatom.readers.recording import Segment


def cell(
    file: Annotated[Path, typer.Argument(help="Polarization of a cell: voltage and current.")],
    area_cm2: Annotated[
        float | None, typer.Option(help="Of the electrode, where the file gives currents.")
    ] = None,
    area_sd_cm2: Annotated[float, typer.Option(min=0.0, help="Its standard deviation.")] = 0.0,
    segment: SegmentOption = None,
    columns: ColumnsOption = None,
    plot: PlotOption = None,
    json_file: JsonOption = None,
) -> None:
    """Power density of a discharge and its peak with an interval."""
    require_image(plot)
    require_writable(output_files(plot, json_file), inputs=[file])
    found = read_recording(file, column_map(columns or [])).segment("potential_V", number=segment)
    density = _density(file, found, area_cm2)
    if area_sd_cm2 and area_cm2 is None:
        raise AdatomError("--area-sd-cm2 needs --area-cm2, whose standard deviation it is")
    relative = area_sd_cm2 / area_cm2 if area_cm2 is not None else 0.0
    curve = power_curve(density, found["potential_V"], area_relative_sd=relative, label=file.name)
    put_plot(plot, curve)
    put_json(json_file, curve.as_dict())
    if json_file != "-":
        figures = {"peak power": curve.peak_power_mW_cm2, "at": curve.current_at_peak_mA_cm2}
        print_figures(file.name, figures, curve.notes)


def _density(file: Path, found: Segment, area_cm2: float | None) -> np.ndarray:
    if area_cm2 is not None and not area_cm2 > 0:
        raise AdatomError(f"--area-cm2 should be above 0, got {area_cm2:g}")
    if "current_density_mA_cm2" in found:
        return found["current_density_mA_cm2"]
    if "current_A" not in found:
        raise AdatomError(
            f"{file}: a power curve needs current_A or current_density_mA_cm2 beside potential_V;"
            f" its columns are {', '.join(found.columns)[:200]}"
        )
    if area_cm2 is None:
        raise AdatomError(f"{file} gives currents: state the electrode's --area-cm2")
    return 1e3 * found["current_A"] / area_cm2


def cycling(
    file: Annotated[Path, typer.Argument(help="Charge-discharge record, discharge negative.")],
    gap_rise_V: Annotated[
        float, typer.Option("--gap-rise", help="End of life: rise of the gap, V.")
    ] = 0.2,
    segment: SegmentOption = None,
    columns: ColumnsOption = None,
    plot: PlotOption = None,
    json_file: JsonOption = None,
) -> None:
    """Charge-discharge gap, round-trip efficiency and cycle life by the criterion stated."""
    require_image(plot)
    require_writable(output_files(plot, json_file), inputs=[file])
    found = read_recording(file, column_map(columns or [])).segment(
        "time_s", "potential_V", number=segment
    )
    names = [n for n in ("current_A", "current_density_mA_cm2") if n in found]
    if not names:
        raise AdatomError(f"{file}: cycling needs current_A or current_density_mA_cm2")
    result = analyse_cycling(
        found["time_s"], found["potential_V"], found[names[0]], gap_rise_V=gap_rise_V,
        label=file.name,
    )  # fmt: skip
    put_plot(plot, result)
    put_json(json_file, result.as_dict())
    if json_file != "-":
        notes = (f"end of life: {result.criterion}", *result.notes)
        print_figures(f"{file.name}, {len(result.start_h)} cycles", result.figures, notes)


def capacity(
    file: Annotated[Path, typer.Argument(help="Record of one full discharge.")],
    zinc_mg: Annotated[float, typer.Option(help="Zinc consumed, by weighing, mg.")],
    zinc_sd_mg: Annotated[float, typer.Option(min=0.0, help="Its standard deviation, mg.")] = 0.0,
    current_relative_sd: Annotated[
        float, typer.Option(min=0.0, max=0.3, help="Of the instrument's current.")
    ] = 0.0,
    segment: SegmentOption = None,
    columns: ColumnsOption = None,
    json_file: JsonOption = None,
) -> None:
    """Capacity per gram of zinc consumed, and its share of the theoretical 820 mAh/g."""
    require_writable(output_files(json_file), inputs=[file])
    found = read_recording(file, column_map(columns or [])).segment(
        "time_s", "current_A", number=segment
    )
    specific, share = specific_capacity(
        found["time_s"], found["current_A"], zinc_mg=zinc_mg, zinc_sd_mg=zinc_sd_mg,
        current_relative_sd=current_relative_sd,
    )  # fmt: skip
    put_json(
        json_file, {"capacity_mAh_g": specific.as_dict(), "utilisation_percent": share.as_dict()}
    )
    if json_file != "-":
        print_figures(file.name, {"capacity": specific, "utilisation": share}, ())
