"""Detection against human labels on Pt on N-doped carbon.

Mitchell et al., J. Am. Chem. Soc. 2022, 144, 8018, doi:10.1021/jacs.1c12466.

Labels are clicks on whole pixels beside the maxima, and not complete; the authors count a match
where boxes of 21 pixels overlap by half.
"""

import numpy as np
import pandas as pd
import pytest
from planted_fields import matches

from adatom.readers.micrograph import read_micrograph
from adatom.stem.detection import detect_atoms

IMAGES = {
    "021": "021_HAADF_15nm_Sample_PtNC_21Oct20.tif",
    "034": "034_HAADF_15nm_Sample_PtNC_20Oct20.tif",
    "048": "048_HAADF_15nm_Sample_PtNC_21Oct20.tif",
    "051": "051_HAADF_15nm_Sample_PtNC_21Oct20.tif",
}


def test_labels_are_met_as_far_as_clicks_allow(data_folder):
    pytest.importorskip("rsciio")
    folder = data_folder / "stem"
    near, wide = [], []
    for name, file in IMAGES.items():
        labels = pd.read_csv(folder / f"{name}_Results.csv")[["X", "Y"]].to_numpy(float)
        atoms = detect_atoms(read_micrograph(folder / file))
        assert atoms.pixel_size_angstrom == pytest.approx(0.29297, rel=1e-4)
        assert 0.7 < atoms.width_angstrom < 1.3
        found = atoms.positions_angstrom / atoms.pixel_size_angstrom - 0.5
        total = len(found) + len(labels)
        near.append(2 * len(matches(found, labels, 3.0)[0]) / total)
        wide.append(2 * len(matches(found, labels, 6.0)[0]) / total)
    print(f"F1 within 3 pixels {np.round(near, 2)}, within 6 {np.round(wide, 2)}")
    assert np.mean(near) > 0.45
    assert np.mean(wide) > 0.60
