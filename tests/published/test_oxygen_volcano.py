"""The top of the oxygen-reduction volcano.

Source: Norskov et al., J. Phys. Chem. B 2004, 108, 17886 (10.1021/jp047349j) and the universal
scaling dG_OOH = dG_OH + 3.2 eV (Rossmeisl et al. 2007; Viswanathan et al. 2012,
10.1021/jz301476w). Conditions: CHE, 25 C. Values: apex U_L = 0.86 V, overpotential 0.37 V at
dG_OH = 0.86 eV; an offset of 2.46 eV allows 1.23 V; with 2.41 eV *OOH and *OH limit no more.
Tolerance: 1e-9 V, the arithmetic is exact.
"""

import json

import numpy as np
import pytest

from adatom.cli import main
from adatom.thermo.limiting import limiting_potential


def scaled(hydroxide, offset):
    return {"*OH": hydroxide, "*O": hydroxide + 0.5 * offset, "*OOH": hydroxide + offset}


def test_apex_of_the_scaling_line(orr):
    grid = np.linspace(0.0, 2.0, 2001)
    limits = [
        limiting_potential(orr.paths[0], scaled(x, 3.2)).limiting_potential_V_rhe for x in grid
    ]
    assert max(limits) == pytest.approx(0.86, abs=1e-9)
    assert grid[int(np.argmax(limits))] == pytest.approx(0.86, abs=1e-9)
    assert limiting_potential(orr.paths[0], scaled(0.86, 3.2)).overpotential_V == pytest.approx(
        0.37
    )


def test_the_ideal_offset_removes_the_loss(orr):
    best = limiting_potential(orr.paths[0], scaled(1.23, 2.46))
    assert best.limiting_potential_V_rhe == pytest.approx(1.23, abs=1e-9)


def test_with_the_offset_of_dual_sites_the_outer_steps_no_longer_limit(orr):
    """At 2.41 eV some binding passes both *OOH formation and *OH removal at 1.23 V."""
    site = {"*OH": 1.25, "*O": 2.40, "*OOH": 1.25 + 2.41}
    found = limiting_potential(orr.paths[0], site)
    assert found.determining_step not in ("O2 -> *OOH", "*OH -> H2O")


def test_the_command_says_so_for_a_table(capsys, tmp_path):
    path = tmp_path / "volcano.csv"
    path.write_text("site,*OH,*O,*OOH\nscaling 3.2,0.86,2.46,4.06\noffset 2.46,1.23,2.46,3.69\n")
    with pytest.raises(SystemExit) as stop:
        main(["predict", "--energies", str(path), "--json", "-"])
    assert stop.value.code == 0
    apex, ideal = json.loads(capsys.readouterr().out)["results"]
    assert apex["limiting_potential_V_rhe"] == pytest.approx(0.86, abs=1e-9)
    assert apex["overpotential_V"] == pytest.approx(0.37, abs=1e-9)
    assert ideal["limiting_potential_V_rhe"] == pytest.approx(1.23, abs=1e-9)
