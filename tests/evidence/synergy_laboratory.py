"""Result files of pairs of known S and their single atoms, from sweeps of a faulty instrument."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "electrochem"))
from laboratory import measured, straight_truth

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.result_file import read_result
from adatom.electrochem.sample import checked_sample
from adatom.readers.recording import Recording, Segment
from adatom.report.electrochem import analysis_json

LIMIT, SLOPE, AT = 5.6, 65.0, 0.85
LOADING_SD, METAL_SD = 0.06, 0.05
MASS = {"Fe": 55.845, "Co": 58.933}


def recording(name, potential_V, current_A):
    segment = Segment("linear sweep", {"potential_V": potential_V, "current_A": current_A})
    digest = sha256(potential_V.tobytes() + current_A.tobytes()).hexdigest()
    return Recording(Path(name), "made", (segment,), "", digest)


def analysed(folder, name, turnover, metals, offset_V, rng):
    """A file as ``adatom electrochem --json`` writes it, of a sample of known turnover (s-1)."""
    per_mg = sum(1e-5 * w / MASS[m] for m, w in metals.items())
    kinetic_per_mg = 1e3 * 4 * 96485.33212 * turnover * per_mg
    loading = rng.uniform(2.0, 6.0) / kinetic_per_mg  # j/j_L between a quarter and a half
    half = AT + 1e-3 * SLOPE * np.log10(loading * kinetic_per_mg / LIMIT)
    made = measured(straight_truth(SLOPE, half, LIMIT), np.zeros(951), rng)
    known = made.believed
    stated = {m: w * np.exp(METAL_SD * rng.standard_normal()) for m, w in metals.items()}
    weighed = loading * np.exp(LOADING_SD * rng.standard_normal())
    sample = checked_sample(
        {
            "electrode.area_cm2": known.area_cm2,
            "electrode.area_sd_cm2": known.area_sd_cm2,
            "electrolyte.name": "0.1 M KOH",
            "reference.offset_V": offset_V,
            "reference.offset_sd_V": known.offset_sd_V,
            "resistance.ohm": known.resistance_ohm,
            "resistance.sd_ohm": known.resistance_sd_ohm,
            "resistance.fraction": 1.0,
            "background.file": "n2",
            "loading.catalyst_mg_cm2": weighed,
            "loading.catalyst_sd_mg_cm2": LOADING_SD * weighed,
            "loading.metal_wt_percent": stated,
            "loading.metal_sd_wt_percent": {m: METAL_SD * w for m, w in stated.items()},
            "measurement.reaction": "ORR",
            "measurement.rotation_rpm": [1600.0],
            "measurement.scan_rate_mV_s": 10.0,
        },
        "made",
        Path(),
    )
    background = recording("n2", made.background_potential_V, made.background_A)
    found = analyse_recordings(
        [recording(name, made.potential_V, made.current_A)], sample,
        read=lambda _: background, resistance_of=lambda _: None, kinetic_at_V=(AT,),
    )  # fmt: skip
    path = folder / f"{name}.json"
    path.write_text(json.dumps(analysis_json(found), allow_nan=False))
    return read_result(path)


def laboratory(folder, synergy, rng):
    """Pair and single atoms of one laboratory, which has one reference electrode."""
    pair, fe, co = {"Fe": 1.2, "Co": 0.8}, {"Fe": 1.5}, {"Co": 2.0}
    x = 1.2 / MASS["Fe"] / (1.2 / MASS["Fe"] + 0.8 / MASS["Co"])
    offset = 0.95 + 0.002 * rng.standard_normal()
    mixture = x * 0.10 + (1.0 - x) * 0.04
    return (
        analysed(folder, "pair", synergy * mixture, pair, offset, rng),
        analysed(folder, "fe", 0.10, fe, offset, rng),
        analysed(folder, "co", 0.04, co, offset, rng),
    )
