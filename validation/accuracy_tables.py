"""Write the tables of docs/accuracy.md again, from the packaged benchmarks and plane waves.

    python validation/accuracy_tables.py

Each table stands between two comments, ``<!-- NAME -->`` and ``<!-- /NAME -->``.
"""

import re
from pathlib import Path
from typing import Any

from adatom.cli.benchmark import cells
from adatom.energies.folder import read_folder
from adatom.thermo.error_statistics import ErrorStatistics
from adatom.thermo.packaged import packaged_folder, plane_wave_differences_eV
from adatom.thermo.sources import ADSORBATES, free_energies_of
from adatom.thermo.stated_errors import packaged_benchmarks

PAGE = Path(__file__).parents[1] / "docs" / "accuracy.md"
# Free energies in eV, thermal terms of this package added to electronic formation energies.
# CoN4: VASP PBE of the HybridPB Co-N-C set (tests/published).
PUBLISHED = {
    ("CoN4@graphene", "*OH"): 1.15,
    ("CoN4@graphene", "*O"): 2.31,
    ("CoN4@graphene", "*H"): 0.64,
}


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plane_waves() -> str:
    """The packaged set with orbitals and with plane waves."""
    rows = []
    differences = plane_wave_differences_eV()
    for site in read_folder(packaged_folder(), adsorbates=ADSORBATES):
        free = free_energies_of(site, "packaged", "packaged", required=(), optional=ADSORBATES)
        for state, difference in differences.get(site.label, {}).items():
            value = free.values_eV[state]
            numbers = [f"{value:.2f}", f"{value + difference:.2f}", f"{-difference:+.2f}"]
            rows.append([site.label, state, *numbers])
    return table(["site", "state", "orbitals / eV", "plane waves / eV", "difference / eV"], rows)


def _statistics(entry: dict[str, Any]) -> list[str]:
    known = {k: v for k, v in entry.items() if k not in ("reference", "state")}
    return cells(ErrorStatistics(**known))


COLUMNS = [
    "values", "mean error / eV", "mean absolute / eV", "sd / eV", "rms / eV", "Spearman (95 %)",
    "Kendall",
]  # fmt: skip


def engines() -> str:
    """One row an engine: everything together."""
    rows = []
    for name, result in packaged_benchmarks().items():
        for entry in result["statistics"]:
            if entry["state"] != "all":
                continue
            seconds = result["median_relaxation_s"]
            rows.append([
                name,
                entry["reference"],
                *_statistics(entry),
                "" if seconds is None else f"{seconds:.0f}",
                str(len(result["lost"])),
                f"{result['stated_sd_eV']:.2f}",
            ])  # fmt: skip
    more = ["s per relaxation", "lost", "stated sd / eV"]
    return table(["engine", "reference", *COLUMNS, *more], rows)


def adsorbates() -> str:
    """One row an engine and adsorbate."""
    rows = [
        [name, entry["reference"], entry["state"], *_statistics(entry)]
        for name, result in packaged_benchmarks().items()
        for entry in result["statistics"]
        if entry["state"] != "all"
    ]
    return table(["engine", "reference", "state", *COLUMNS], rows)


def notes() -> str:
    """What each benchmark was computed with, its largest error, outliers and losses."""
    lines = []
    for name, result in packaged_benchmarks().items():
        versions = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
        lost = "; ".join(f"{k} {v}" for k, v in result["lost"].items()) or "none"
        outliers = ", ".join(f"{k} {v:+.2f}" for k, v in result["outlier_errors_eV"].items())
        ((where, worst),) = result["largest_error_eV"].items()
        lines.append(
            f"- {name}: `{result['command']}` ({versions}). Largest error: {where} {worst:+.2f} eV."
            f" Outliers: {outliers or 'none'}. Lost: {lost}. Within 1.96 stated sd:"
            f" {result['values_within_1_96_stated_sd']} of {result['values_measured']}."
        )
    return "\n".join(lines)


def _columns() -> tuple[dict[tuple[str, str], str], dict[str, dict[tuple[str, str], float | None]]]:
    """Reference of each value as text, and the values of every column."""
    kinds: dict[tuple[str, str], str] = {}
    columns: dict[str, dict[tuple[str, str], float | None]] = {"reference": {}}
    for name, result in packaged_benchmarks().items():
        columns[name] = {}
        for value in result["values"]:
            key = value["site"], value["state"]
            kinds[key] = value["reference"]
            columns["reference"][key] = value["reference_eV"]
            columns[name][key] = value["engine_eV"]
    return kinds, columns


def values() -> str:
    """Every free energy, beside published ones."""
    kinds, columns = _columns()
    rows = []
    for key, kind in sorted(kinds.items()):
        numbers = [columns[name].get(key) for name in columns]
        texts = ["" if number is None else f"{number:.2f}" for number in numbers]
        rows.append([*key, kind, *texts, str(PUBLISHED.get(key, ""))])
    return table(["site", "state", "reference is", *columns, "published"], rows)


def gaps() -> str:
    """*OOH minus *OH, about 3.2 eV on any surface."""
    kinds, columns = _columns()
    rows = []
    for site in sorted({site for site, _ in kinds}):
        texts = []
        for found in columns.values():
            high, low = found.get((site, "*OOH")), found.get((site, "*OH"))
            texts.append("" if high is None or low is None else f"{high - low:.2f}")
        rows.append([site, *texts])
    return table(["*OOH minus *OH / eV", *columns], rows)


TABLES = {
    "plane waves": plane_waves,
    "engines": engines,
    "adsorbates": adsorbates,
    "notes": notes,
    "values": values,
    "gaps": gaps,
}


def filled(text: str) -> str:
    """The page with every table written again; raises ValueError where a marker is missing."""
    for name, make in TABLES.items():
        marked = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not marked.search(text):
            raise ValueError(f"no place for the table '{name}'")
        body = make()
        text = marked.sub(lambda m, body=body: f"{m[1]}{body}\n{m[2]}", text)
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
