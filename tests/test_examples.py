"""Every example is a program that runs."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
SAYS = {
    "01_volcano": "thermodynamic apex: 0.86 V",
    "02_pair_beside_its_halves": "FeCoN6@graphene",
    "03_koutecky_levich": "n = 4.00",
    "06_joint_evidence": "metal outside the fields of view",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_example(path, tmp_path):
    done = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert SAYS[path.stem] in done.stdout
