"""Real curves of oxygen reduction (see validation/measured_curves.py for what each number is).

No published parameters belong to them; what is checked is what the fit says: plateaus against the
Levich limit, and that a mechanism which does not describe a curve is told so.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adatom.electrolytes import load_electrolyte
from adatom.fitting.fit import fit_curve
from adatom.fitting.measured import read_curve
from adatom.reactions import load_network
from adatom.sites.notation import parse_site
from adatom.thermo.sources import from_package

SCRIPT = Path(__file__).resolve().parents[2] / "validation" / "measured_curves.py"


@pytest.fixture(scope="module")
def folder(data_folder, tmp_path_factory):
    target = tmp_path_factory.mktemp("curves")
    environment = os.environ | {"ADATOM_DATA": str(data_folder)}
    subprocess.run([sys.executable, str(SCRIPT), str(target)], check=True, env=environment)
    return target


def fitted(folder, name, electrolyte, rpm, free, fixed):
    orr = load_network("ORR")
    site = from_package(parse_site("FeN4@graphene"), orr, corrections=["plane-waves"])
    curve = read_curve(folder / f"{name}.csv", electrolyte=electrolyte, rotation_rpm=rpm).curve
    return fit_curve(
        curve, site=site, network=orr, electrolyte=load_electrolyte(electrolyte), free=free,
        fixed=fixed,
    )  # fmt: skip


def test_a_plateau_below_the_levich_limit_is_told(folder):
    """0.5 M H2SO4, 1500 rpm: 3.07 mA/cm2 of 4.13, the rest of the oxygen leaves as H2O2."""
    found = fitted(folder, "dw25", "0.5 M H2SO4", 1500.0, ["density"], {"barrier": 0.26})
    assert not found.describes
    # 0.62 n F D^(2/3) w^(1/2) nu^(-1/6) C with the electrolyte's own constants
    w = 2 * np.pi * 1500 / 60
    levich = 0.62 * 4 * 96485.33 * 1.4e-5 ** (2 / 3) * w**0.5 * 0.01 ** (-1 / 6) * 1.1e-6 * 1e3
    assert found.levich_limit_mA_cm2 == pytest.approx(levich, rel=1e-3)
    assert np.abs(found.curve.current_density_mA_cm2).max() == pytest.approx(3.07, abs=0.01)
    (said,) = [s for s in found.sentences() if "levels off" in s]
    assert "4.13" in said
    assert "3.07" in said
    assert "free transport" in said


def test_with_transport_free_the_plateau_is_no_longer_the_trouble(folder):
    """0.1 M KOH, 1600 rpm, 4 mm disk: 7.3 mA/cm2, more than four electrons allow (5.7)."""
    found = fitted(
        folder, "super_p", "0.1 M KOH", 1600.0, ["density", "transport"], {"barrier": 0.26}
    )
    (transport,) = [p for p in found.parameters if p.name == "transport"]
    assert transport.value == pytest.approx(7.0 / found.levich_limit_mA_cm2, rel=0.05)
    assert not found.describes
    assert not any("levels off" in s for s in found.sentences())
