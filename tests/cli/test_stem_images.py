"""``adatom stem`` on images: from pixels to the share in pairs, pictures, refusals."""

import json

import numpy as np
import pytest

from adatom.cli import main

tifffile = pytest.importorskip("tifffile", reason="extra stem is not installed")
pytest.importorskip("rsciio", reason="extra stem is not installed")

PIXEL_NM = 0.02
WIDTH_PIXELS = 2.5
SIDE = 640


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """80 atoms, all in pairs of 2.4 to 4 A, on a support with shot noise; far above the noise."""
    random = np.random.default_rng(4)
    cells = [(i, j) for i in range(1, 8) for j in range(1, 8)]
    centres = np.array([cells[k] for k in random.permutation(len(cells))[:40]]) * 80.0
    angle = random.uniform(0.0, np.pi, 40)
    half = 0.5 * random.uniform(12.0, 20.0, 40)[:, None]
    shift = half * np.column_stack([np.cos(angle), np.sin(angle)])
    y, x = np.mgrid[:SIDE, :SIDE]
    dose = np.full((SIDE, SIDE), 60.0)
    for px, py in np.vstack([centres + shift, centres - shift]):
        dose += 90.0 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2.0 * WIDTH_PIXELS**2))
    path = tmp_path_factory.mktemp("images") / "field.tif"
    tifffile.imwrite(
        path, random.poisson(dose).astype(np.uint16), imagej=True,
        resolution=(1.0 / PIXEL_NM, 1.0 / PIXEL_NM), metadata={"unit": "nm"},
    )  # fmt: skip
    return path


def run(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    said = capsys.readouterr()
    return stop.value.code, said.out, said.err


def test_image_to_pairs_with_pictures(image, capsys, tmp_path):
    picture, profiles = tmp_path / "picture.png", tmp_path / "profiles.png"
    code, out, err = run(
        ["stem", image, "--json", "-", "--picture", picture, "--profiles", profiles], capsys
    )
    assert code == 0, err
    found = json.loads(out)
    assert 76 <= found["atoms"] <= 84
    assert found["verdict"].startswith("paired atoms: yes")
    assert found["pair_fraction_interval_95"][1] > 0.9
    (seen,) = found["images"]
    assert len(seen["atoms"]) == found["atoms"]
    assert seen["pixel_size_angstrom"] == pytest.approx(10.0 * PIXEL_NM)
    bright = seen["planted"]["found"][-1] / seen["planted"]["planted"][-1]
    assert bright > 0.9
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert profiles.read_bytes().startswith(b"\x89PNG")
    assert any("false fraction 0.01" in text for text in found["assumed"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--field-angstrom", "128"], "which has its own size"),
        (["--picture", "map.txt"], "map.txt"),
        (["--pair-distance", "3"], "LOW:HIGH"),
    ],
)
def test_options_that_do_not_fit_an_image(image, capsys, options, said):
    code, _, err = run(["stem", image, *options], capsys)
    assert code == 2
    assert said in err
    assert err.strip().count("\n") == 0


def test_images_and_tables_are_analysed_apart(image, capsys, tmp_path):
    table = tmp_path / "atoms.csv"
    table.write_text("x_angstrom,y_angstrom\n1,2\n")
    code, _, err = run(["stem", image, table], capsys)
    assert code == 2
    assert "apart" in err
