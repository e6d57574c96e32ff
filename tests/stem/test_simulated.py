import json

import numpy as np
from ase import Atoms

from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.carbon import graphene_layers
from adatom.stem.microscope import PACKAGED
from adatom.stem.simulated import simulate_micrograph
from adatom.stem.specimen import scatter_sites


def test_bright_dots_lie_where_the_metal_is():
    rng = np.random.default_rng(7)
    field = (40.0, 30.0)
    sheet = graphene_layers(field_A=field, layers=1, rng=rng)
    atom = Atoms("Pt")
    made = scatter_sites([(atom, 4)], sheet, field_A=field, thickness_A=4.0, rng=rng, margin_A=-3.0)
    image = simulate_micrograph(
        made, packaged_atom_images(PACKAGED[1]), pixel_A=0.2, dose_e_A2=3e5, rng=rng,
        row_jitter_rms_A=0.05,
    )  # fmt: skip
    assert image.intensity.shape == (150, 200)
    assert image.field_angstrom == field
    for x, y in made.positions_A:
        row, column = int(y / 0.2), int(x / 0.2)
        near = image.intensity[row - 3 : row + 4, column - 3 : column + 4]
        assert near.max() > 3.0 * np.median(image.intensity)
    assert json.loads(json.dumps(image.settings))["dose_e_per_angstrom2"] == 3e5
