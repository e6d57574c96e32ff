"""What ``adatom xas`` prints."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from adatom.cli.terminal import wide_console
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.analysis import SpectrumAnalysis
from adatom.xas.series import ScanSeries


def print_spectra(
    found: Sequence[SpectrumAnalysis],
    contents: Sequence[dict[str, Any]],
    series: ScanSeries | None,
) -> None:
    """Print edges, oxidation states, what was said of each spectrum, paths and trends."""
    console = wide_console()
    definition = contents[0]["edge_energy_definition"].split(":")[0]
    table = Table(title="X-ray absorption")
    for head in ("spectrum", "edge", f"E0 ({definition.replace('_', ' ')}) / eV",
                 "half height / eV", "foil offset / eV", "white line", "state (95 %)"):  # fmt: skip
        table.add_column(head, overflow="fold")
    for one, content in zip(found, contents, strict=True):
        offset = content["foil_offset_eV"]
        table.add_row(
            Text(one.label), str(one.edge or "?"), one.position.by(definition).text(2),
            one.position.half_height.text(2),
            "no foil" if offset is None else f"{offset:+.2f}{' (shifted)' * bool(one.shifted_eV)}",
            one.near.white_line_height.text(2), _state(content),
        )  # fmt: skip
    console.print(table)
    said = [_said(one, content) for one, content in zip(found, contents, strict=True)]
    of_all = [sentence for sentence in said[0] if all(sentence in of_one for of_one in said)]
    for sentence in of_all:
        console.print(Text(sentence))
    for one, sentences in zip(found, said, strict=True):
        for sentence in sentences:
            if sentence not in of_all:
                console.print(Text(f"{one.label}: {sentence}"))
    if any(content["paths"] for content in contents):
        console.print(_path_table(found, contents))
    if series is not None:
        for sentence in series.sentences():
            console.print(Text(sentence))


def _said(found: SpectrumAnalysis, content: dict[str, Any]) -> list[str]:
    """Sentences about one spectrum."""
    said = [f"E0 is the {content['edge_energy_definition']}", *found.warnings]
    if content.get("oxidation_state_line") and content["oxidation_state_reason"]:
        said.append(f"oxidation state: {content['oxidation_state_reason']}")
    if "combination" in content:
        said.append(content["combination"]["sentence"])
    said.append(_fine_sentence(content["fine_structure"]))
    if "exafs" in content:
        said.append(content["exafs"]["sentence"])
    said.append(f"paths: {content['paths_reason']}")
    return said


def _path_table(found: Sequence[SpectrumAnalysis], contents: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Paths")
    for head in ("spectrum", "shell", "to", "N (95 %)", "R / angstrom (95 %)"):
        table.add_column(head, overflow="fold")
    for one, content in zip(found, contents, strict=True):
        for path in content["paths"]:
            number, distance = (
                FigureOfMerit(path[name], tuple(path[interval]))
                for name, interval in (
                    ("coordination_number", "coordination_number_interval_95"),
                    ("distance_angstrom", "distance_interval_95"),
                )
            )
            table.add_row(
                Text(one.label), path["shell"], path["species"], number.text(2), distance.text(3)
            )
    return table


def _fine_sentence(fine: dict[str, Any]) -> str:
    if "reason" in fine:
        return f"no fine structure: {fine['reason']}"
    low, high = fine["k_range_per_angstrom"]
    return (
        f"fine structure: k {low:.1f} to {high:.1f} 1/angstrom, highest |chi(R)| at"
        f" {fine['highest_peak_angstrom']:.2f} angstrom (not phase corrected)"
    )


def _state(content: dict[str, Any]) -> str:
    value = content["oxidation_state"]
    if value is None:
        return "none" if content.get("oxidation_state_line") else ""
    low, high = content["oxidation_state_interval_95"]
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
