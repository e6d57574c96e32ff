"""Two measured curves of oxygen reduction as CSV files for adatom fit, from public raw files.

The files are read from the folder ADATOM_DATA (default ../shared/data), echem/ in it:

DW25 (elchempy, MyPyDavid, MIT; VersaStudio): 0.5 M H2SO4, O2, 1500 rpm and 10 mV/s (Comment and
Action10 of the file), upward sweep. RHE: the open circuit of an RHE against the same Ag/AgCl,
OCP_RHE_AgAgCl4.par. Area 0.2376 cm2, a disk of 5.5 mm: assumed, the file says 1 cm2.

Super P (gcarrascohuertas, GPL-3; NOVA): 0.1 M KOH, 1600 rpm, 10 mV/s, disk of 4 mm, Ag/AgCl in
3.5 M KCl (protocol of that repository); upward sweep minus that in N2 at 1000 rpm. RHE: 0.205 V
(3.5 M KCl, 25 C) + 0.05916 pH with pH 13. iR: the real part
of the file's own impedance where its imaginary part is smallest above 1 kHz. DW25 has no
resistance beside it and is not corrected (0.73 mA: 10 ohm would be 7 mV).

    python validation/measured_curves.py FOLDER
"""

import csv
import math
import os
import re
import sys
from pathlib import Path

import numpy as np

DISK_CM2 = 0.2376
GLASSY_CARBON_CM2 = math.pi * 0.2**2
SILVER_CHLORIDE_V, PH = 0.205, 13.0
LAST_SWEEP = 9
"""Segment of the sweeps at 0, 200, 400, 900 and 1500 rpm: 1, 3, 5, 7 and 9."""
IMPEDANCE = ("Frequency (Hz)", "Z' (Ω)", "-Z'' (Ω)")
COLUMNS = ("WE(1).Potential (V)", "WE(1).Current (A)")


def versastudio(path: Path) -> np.ndarray:
    """Segment, point, E (V), I (A), t (s) of every row."""
    text = path.read_text(encoding="utf-8-sig")
    (body,) = re.findall(r"<Segment1>(.*?)</Segment1>", text, re.DOTALL)
    rows = [line.split(",")[:5] for line in body.splitlines() if re.match(r"-?\d", line)]
    return np.array(rows, dtype=float)


def nova(path: Path, columns: tuple[str, ...] = COLUMNS) -> np.ndarray:
    """E (V) and I (A), or other columns, of every row that has them."""
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    rows = [[row[c] for c in columns] for row in csv.DictReader(lines, delimiter=";")]
    return np.array([row for row in rows if row[0]], dtype=float)


def resistance_ohm(path: Path) -> float:
    """Where the impedance of the file is the most ohmic, above 1 kHz."""
    frequency, real, imaginary = nova(path, IMPEDANCE).T
    fast = frequency > 1e3
    return float(real[fast][np.argmin(np.abs(imaginary[fast]))])


def dw25(folder: Path) -> np.ndarray:
    """V vs RHE and mA/cm2 of the upward sweep at 1500 rpm."""
    offset = -versastudio(folder / "elchempy_OCP_RHE_AgAgCl4.par")[-20:, 2].mean()
    rows = versastudio(folder / "elchempy_DW25_ORR_disk.par")
    sweep = rows[rows[:, 0] == LAST_SWEEP]
    up = sweep[np.argmin(sweep[:, 2]) :]
    return np.column_stack([up[:, 2] + offset, 1e3 * up[:, 3] / DISK_CM2])


def super_p(folder: Path) -> np.ndarray:
    """V vs RHE and mA/cm2 of the upward sweep at 1600 rpm, minus that in N2, corrected for iR."""
    file = folder / "autolab_superP_O2_1600rpm.txt"
    oxygen = nova(file)
    nitrogen = nova(folder / "autolab_superP_N2_1000rpm.txt")
    up = slice(int(np.argmin(oxygen[:, 0])), int(np.argmax(oxygen[:, 0])) + 1)
    current = oxygen[up, 1] - nitrogen[up, 1]
    potential = oxygen[up, 0] - oxygen[up, 1] * resistance_ohm(file)
    potential += SILVER_CHLORIDE_V + 0.05916 * PH
    return np.column_stack([potential, 1e3 * current / GLASSY_CARBON_CM2])


def averaged(points: np.ndarray, every: int) -> np.ndarray:
    """Means of neighbours, so that the potentials rise."""
    kept = points[: len(points) // every * every]
    return kept.reshape(-1, every, 2).mean(axis=1)


def main() -> None:
    """Write dw25.csv and super_p.csv."""
    target = Path(sys.argv[1])
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ADATOM_DATA", default)) / "echem"
    curves = {"dw25": averaged(dw25(folder), 10), "super_p": averaged(super_p(folder), 5)}
    header = "potential_V_rhe,current_density_mA_cm2"
    for name, points in curves.items():
        file = target / f"{name}.csv"
        np.savetxt(file, points, fmt="%.5f", delimiter=",", header=header, comments="")


if __name__ == "__main__":
    main()
