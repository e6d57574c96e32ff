"""Analyse the real laboratory files and write docs/real-files.md: commands, figures, pictures.

    python validation/real_files.py [NAME ...]

Reads the files where ``ADATOM_DATA`` says (``../shared/data`` without it). Each table stands in the
page between two comments, ``<!-- NAME -->`` and ``<!-- /NAME -->``; pictures go to docs/pictures.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accuracy_tables import table
from PIL import Image

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "real-files.md"
DATA = Path(os.environ.get("ADATOM_DATA", ROOT.parent / "shared" / "data")) / "echem"
WIDTH = 900
"""Of pictures, in points."""
ADATOM = Path(sys.executable).with_name("adatom")


@dataclass(frozen=True)
class Case:
    """One command on real files."""

    name: str
    arguments: tuple[str, ...]
    drawn: tuple[str, ...] = ()
    """Of the picture, where that is another command."""

    @property
    def picture(self) -> str:
        """Its file, seen from the page."""
        return f"pictures/{self.name}.png"

    @property
    def text(self) -> str:
        """The commands, as one types them in the folder of the files."""
        if not self.drawn:
            return _typed((*self.arguments, "--plot", self.picture))
        return f"{_typed(self.arguments)}\n{_typed((*self.drawn, '--plot', self.picture))}"


def _typed(arguments: tuple[str, ...]) -> str:
    lines, line = [], "adatom electrochem"
    for word in (f'"{word}"' if " " in word else word for word in arguments):
        if len(line) + len(word) > 92:
            lines.append(line + " \\")
            line = " "
        line += " " + word
    return "\n".join(f"    {text}" for text in [*lines, line])


CASES = (
    Case("dw25", (
        "elchempy_DW25_ORR_disk.par", "--set", "electrode.area_cm2=0.2376",
        "--set", "electrode.collection_efficiency=0.38", "--set", "electrolyte.name=0.5 M H2SO4",
        "--set", "reference.calibration_of=RHE",
        "--set", "reference.calibration_file=elchempy_OCP_RHE_AgAgCl4.par",
        "--set", "measurement.rotation_rpm=0,200,400,900,1500",
        "--set", "ring.file=elchempy_DW25_ORR_ring.par",
    )),
    Case("super-p", (
        *(f"autolab_superP_O2_{speed}rpm.txt"
          for speed in ("0250", "0500", "0750", "1000", "1400", "1600", "2000")),
        "--set", "electrode.area_cm2=0.1257", "--set", "electrolyte.name=0.1 M KOH",
        "--set", "electrolyte.pH=13", "--set", "reference.electrode=Ag/AgCl 3.5 M KCl",
        "--set", "background.file=autolab_superP_N2_1000rpm.txt",
        "--set", "resistance.eis_file=autolab_superP_O2_1600rpm.txt",
        "--set", "resistance.fraction=1",
    )),
    Case(
        "five-formats",
        ("eis", *(f"pyimpspec_data.{kind}" for kind in ("dfr", "dta", "i2b", "pssession", "z"))),
        ("eis", "pyimpspec_data.z"),
    ),
    Case("series", ("eis", "elchempy_JOS2_O2_EIS.par", "--circuit", "R0-CPE1")),
)  # fmt: skip


def run(case: Case) -> dict[str, Any]:
    """The result of the command; draws its picture."""
    picture = PAGE.parent / case.picture
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result.json"
        drawing = ("--plot", str(picture))
        if case.drawn:
            _adatom(case.drawn, drawing)
            drawing = ()
        _adatom(case.arguments, (*drawing, "--json", str(result)))
        found: dict[str, Any] = json.loads(result.read_text())
    _shrink(picture)
    return found


def _adatom(arguments: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    command = [str(ADATOM), "electrochem", *arguments, *outputs]
    subprocess.run(command, cwd=DATA, check=True, stdout=subprocess.DEVNULL)


def _shrink(path: Path) -> None:
    """A tenth of the size, for a repository: fewer points and a palette."""
    with Image.open(path) as whole:
        small = whole.convert("RGB").resize((WIDTH, WIDTH * whole.height // whole.width))
    small.quantize(64).save(path, optimize=True)


def figure(found: dict[str, Any] | None, digits: int) -> str:
    """A value with its interval, or why there is none."""
    if not found or found["value"] is None:
        return "none"
    ends = ["open" if x is None else f"{x:.{digits}f}" for x in found["interval_95"]]
    return f"{found['value']:.{digits}f} ({ends[0]} to {ends[1]})"


def sweeps(found: dict[str, Any]) -> str:
    """Figures of every sweep and of Koutecky-Levich."""
    head = ["sweep", "E_half / V vs RHE", "j_L / mA/cm2", "Tafel / mV/dec"]
    ring = any("electron_number" in sweep for sweep in found["sweeps"])
    rows = []
    for sweep in found["sweeps"]:
        row = [
            sweep["label"],
            figure(sweep["half_wave_potential"], 3),
            figure(sweep["limiting_current_density"], 2),
            figure(sweep["tafel_slope"], 0),
        ]
        if ring:
            row += [
                figure(sweep.get("electron_number"), 2), figure(sweep.get("peroxide_yield"), 1)
            ]  # fmt: skip
        rows.append(row)
    head += ["n (ring)", "H2O2 / %"] if ring else []
    lines = [table(head, rows), ""]
    for series in found["koutecky_levich"]:
        lines.append(
            f"Koutecky-Levich, {series['direction']}: n = {figure(series['electron_number'], 2)}."
        )
        lines += [f"- {flag}" for flag in series["flags"]]
    return "\n".join(lines)


def spectra(found: dict[str, Any]) -> str:
    """Resistance and validity of every spectrum."""
    rows = [
        [
            spectrum["label"],
            "" if spectrum["potential_V"] is None else f"{spectrum['potential_V']:.3f}",
            "consistent" if spectrum["kramers_kronig"]["consistent"] else "FAILS",
            figure(spectrum["uncompensated_resistance"], 3),
        ]
        for spectrum in found["spectra"]
    ]
    return table(["spectrum", "potential / V", "Kramers-Kronig", "R_u / ohm (95 %)"], rows)


def main() -> None:
    """Run every case and fill the page."""
    (PAGE.parent / "pictures").mkdir(exist_ok=True)
    page = PAGE.read_text(encoding="utf-8")
    for case in CASES:
        if sys.argv[1:] and case.name not in sys.argv[1:]:
            continue
        found = run(case)
        body = sweeps(found) if "sweeps" in found else spectra(found)
        text = f"{case.text}\n\n{body}\n\n![{case.name}]({case.picture})"
        pattern = re.compile(rf"(<!-- {case.name} -->\n).*?(<!-- /{case.name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise SystemExit(f"{PAGE}: no place for {case.name}")
        page = pattern.sub(lambda m, text=text: m[1] + text + "\n" + m[2], page)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
