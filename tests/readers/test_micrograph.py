import struct
import sys

import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.readers import micrograph as module
from adatom.readers.image_checks import inspect_intensities, scan_distortion
from adatom.readers.image_files import RawImage
from adatom.readers.micrograph import read_micrograph


def speckle(side=256, seed=0, mean=400.0):
    """Shot noise on a smooth support with blurred spots, as a probe gives it."""
    from scipy import ndimage

    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    support = mean * (1.0 + 0.2 * np.sin(x / 60.0) * np.cos(y / 47.0))
    spots = ndimage.gaussian_filter((random.random((side, side)) < 0.003).astype(float), 3.0)
    return random.poisson(support + 12e3 * spots / 1.0)


def write_tiff(path, image, **keywords):
    tifffile = pytest.importorskip("tifffile")
    pytest.importorskip("rsciio")
    tifffile.imwrite(path, image, **keywords)
    return path


@pytest.mark.parametrize(
    "unit, per_pixel, expected",
    [("nm", 0.02, 0.2), ("pm", 20.0, 0.2), ("micron", 2e-5, 0.2), ("Angstrom", 0.2, 0.2)],
)
def test_scale_of_imagej_tags(tmp_path, unit, per_pixel, expected):
    path = write_tiff(
        tmp_path / "a.tif",
        speckle().astype(np.uint16),
        imagej=True,
        resolution=(1 / per_pixel, 1 / per_pixel),
        metadata={"unit": unit},
    )
    image = read_micrograph(path)
    assert image.pixel_size_angstrom == pytest.approx(expected, rel=1e-4)
    assert image.intensity == pytest.approx(speckle())
    assert len(image.sha256) == 64
    assert unit in image.header


def test_unsigned_32_bit_tiff(tmp_path):
    counts = (speckle() * 3000).astype(np.uint32)
    path = write_tiff(tmp_path / "a.tif", counts)
    image = read_micrograph(path, pixel_size_angstrom=0.3)
    assert (image.intensity == counts).all()
    assert not image.intensity.flags.writeable


def test_no_scale_is_asked_for(tmp_path):
    path = write_tiff(tmp_path / "a.tif", speckle().astype(np.uint16))
    with pytest.raises(ImageError, match=r"no scale in the file.*--pixel-size"):
        read_micrograph(path)
    with pytest.raises(ImageError, match="above 0"):
        read_micrograph(path, pixel_size_angstrom=-0.1)


def test_dots_per_inch_are_no_scale(tmp_path):
    path = write_tiff(
        tmp_path / "a.tif", speckle().astype(np.uint16), resolution=(72, 72), resolutionunit="INCH"
    )
    with pytest.raises(ImageError, match="no scale"):
        read_micrograph(path)


def test_a_contradicting_scale_is_said(tmp_path):
    path = write_tiff(
        tmp_path / "a.tif",
        speckle().astype(np.uint16),
        imagej=True,
        resolution=(50, 50),
        metadata={"unit": "nm"},
    )
    image = read_micrograph(path, pixel_size_angstrom=0.1)
    assert image.pixel_size_angstrom == 0.1
    assert any("the file says 0.2 A per pixel, 0.1 A was given" in note for note in image.notes)
    assert read_micrograph(path, pixel_size_angstrom=0.2).notes == ()


def test_oblong_pixels_are_refused(tmp_path):
    path = write_tiff(
        tmp_path / "a.tif",
        speckle().astype(np.uint16),
        imagej=True,
        resolution=(50, 40),
        metadata={"unit": "nm"},
    )
    with pytest.raises(ImageError, match="square pixels"):
        read_micrograph(path)


def test_mrc_in_angstrom(tmp_path):
    pytest.importorskip("rsciio")
    image = speckle(128).astype(np.int16)
    head = bytearray(1024)
    struct.pack_into("<10i", head, 0, 128, 128, 1, 1, 0, 0, 0, 128, 128, 1)
    struct.pack_into("<6f", head, 40, 128 * 0.15, 128 * 0.15, 0.15, 90.0, 90.0, 90.0)
    struct.pack_into("<3i", head, 64, 1, 2, 3)
    head[208:212] = b"MAP "
    head[212:216] = b"\x44\x44\0\0"
    path = tmp_path / "a.mrc"
    path.write_bytes(bytes(head) + image.tobytes())
    read = read_micrograph(path)
    assert read.file_format == "MRC"
    assert read.pixel_size_angstrom == pytest.approx(0.15, rel=1e-5)
    assert (read.intensity == image).all()


def test_digital_micrograph_in_micrometres(data_folder):
    pytest.importorskip("rsciio")
    image = read_micrograph(data_folder / "stem" / "rsciio_test_dm_image_um_unit.dm3")
    assert image.pixel_size_angstrom == pytest.approx(1686.747, rel=1e-6)
    assert image.intensity.shape == (68, 68)


def test_velox_detectors_are_asked_for_by_name(data_folder):
    pytest.importorskip("rsciio")
    path = data_folder / "stem" / "rsciio_fei_example_dpc_titles.emd"
    with pytest.raises(ImageError, match=r"0 of them named HAADF; name one: .*DF4-C"):
        read_micrograph(path)
    with pytest.raises(ImageError, match="2 x 2 pixels; at least 64"):
        read_micrograph(path, image="DF4-C")
    with pytest.raises(ImageError, match="0 images are named 'HAADF'"):
        read_micrograph(path, image="HAADF")


def _raw(title, data):
    return RawImage(title, data, (0.2, 0.2), "", "{}")


def test_haadf_is_taken_where_one_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.emd"
    path.write_bytes(b"any")
    images = [_raw("BF", speckle(seed=1)), _raw("HAADF", speckle(seed=2))]
    monkeypatch.setattr(module, "read_images", lambda _: ("EMD", images))
    image = read_micrograph(path)
    assert image.title == "HAADF"
    assert image.notes == ("'HAADF' is taken of the images BF, HAADF",)
    assert read_micrograph(path, image="bf").title == "BF"


def test_frames_of_a_stack_are_asked_for(tmp_path):
    path = tmp_path / "a.npy"
    stack = np.stack([speckle(seed=n) for n in range(4)])
    np.save(path, stack)
    with pytest.raises(ImageError, match=r"a stack of 4 frames; name one: --frame 1 to 4"):
        read_micrograph(path, pixel_size_angstrom=0.2)
    second = read_micrograph(path, pixel_size_angstrom=0.2, frame=2)
    assert (second.intensity == stack[1]).all()
    with pytest.raises(ImageError, match="frame 5 of a stack of 4"):
        read_micrograph(path, pixel_size_angstrom=0.2, frame=5)


@pytest.mark.parametrize("shape", [(256, 256, 1), (1, 256, 256), (256, 1, 256)])
def test_axes_of_one_pixel_are_dropped(tmp_path, shape):
    path = tmp_path / "a.npy"
    np.save(path, speckle().reshape(shape))
    assert (read_micrograph(path, pixel_size_angstrom=0.2).intensity == speckle()).all()


def test_a_single_row_is_no_image(tmp_path):
    np.save(tmp_path / "a.npy", speckle()[:1])
    with pytest.raises(ImageError, match="1 x 256 pixels"):
        read_micrograph(tmp_path / "a.npy", pixel_size_angstrom=0.2)
    path = write_tiff(tmp_path / "a.tif", speckle()[:1].astype(np.uint16))
    with pytest.raises(ImageError, match="no image of real numbers"):
        read_micrograph(path, pixel_size_angstrom=0.2)


def test_reciprocal_space_is_refused_by_file(tmp_path):
    path = write_tiff(
        tmp_path / "a.tif", speckle().astype(np.uint16), imagej=True, resolution=(50, 50),
        metadata={"unit": "1/nm"},
    )  # fmt: skip
    with pytest.raises(ImageError, match=r"a\.tif: the scale is in 1/nm"):
        read_micrograph(path)


def test_grey_png_with_a_given_scale(tmp_path):
    from PIL import Image

    grey = (speckle() / 8).clip(0, 254).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="a PNG holds none"):
        read_micrograph(tmp_path / "a.png")
    image = read_micrograph(tmp_path / "a.png", pixel_size_angstrom=0.2)
    assert (image.intensity == grey).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_screenshots_are_refused(tmp_path, mode):
    from PIL import Image

    pytest.importorskip("rsciio")
    grey = Image.fromarray((speckle() / 8).clip(0, 255).astype(np.uint8))
    for end in ("png", "tif"):
        grey.convert(mode).save(tmp_path / f"a.{end}")
        with pytest.raises(ImageError, match=r"colours \(RGB or palette\)"):
            read_micrograph(tmp_path / f"a.{end}", pixel_size_angstrom=0.2)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "is empty"),
        (b"plain text", "no image format known"),
        (b"II*\0" + b"\xff" * 99, "cannot"),
    ],
)
def test_what_is_no_image_is_said(tmp_path, content, said):
    pytest.importorskip("rsciio")
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=said):
        read_micrograph(path, pixel_size_angstrom=0.2)


def test_pickles_are_not_read(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([[{"a": 1}]], dtype=object), allow_pickle=True)
    with pytest.raises(ImageError, match="no array of numbers"):
        read_micrograph(path, pixel_size_angstrom=0.2)


def test_size_is_checked_before_pixels_are_read(tmp_path, monkeypatch):
    path = write_tiff(tmp_path / "a.tif", np.zeros((9000, 9000), np.uint8), compression="zlib")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ImageError, match="at most 67 million"):
        read_micrograph(path, pixel_size_angstrom=0.2)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(ImageError, match="at most 0 MB"):
        read_micrograph(path, pixel_size_angstrom=0.2)


def test_absent_reader_gives_the_install_line(tmp_path, monkeypatch):
    path = write_tiff(tmp_path / "a.tif", speckle().astype(np.uint16))
    monkeypatch.setitem(sys.modules, "rsciio.tiff", None)
    with pytest.raises(ImageError, match=r"pip install 'adatom\[stem\]'"):
        read_micrograph(path, pixel_size_angstrom=0.2)


def test_a_sound_image_is_not_complained_of():
    for seed in range(5):
        assert inspect_intensities("a", speckle(seed=seed)) == []
        assert inspect_intensities("a", speckle(seed=seed, mean=2.0)) == []


def test_missing_and_constant_pixels():
    image = speckle().astype(float)
    image[3, 4] = np.nan
    with pytest.raises(ImageError, match="1 pixels are not numbers"):
        inspect_intensities("a", image)
    with pytest.raises(ImageError, match="every pixel is 7"):
        inspect_intensities("a", np.full((128, 128), 7.0))


def test_saturation_by_its_share():
    image = speckle()
    bright = np.minimum(image, np.quantile(image, 0.97))
    with pytest.raises(ImageError, match=r"saturated, 3\.\d % of the pixels"):
        inspect_intensities("a", bright)
    few = np.minimum(image, np.quantile(image, 0.998))
    assert any("clipped at the largest value" in note for note in inspect_intensities("a", few))


def test_overflow_of_16_bits():
    counts = speckle(mean=30_000.0)
    counts = (counts - counts.min()) * 3.5 + 5_000  # passes 32767
    assert counts.max() < 65_536
    with pytest.raises(ImageError, match="unsigned numbers read as signed: add 65536"):
        inspect_intensities("a", counts.astype(np.uint16).view(np.int16))
    high = speckle(mean=58_000.0)
    with pytest.raises(ImageError, match="16-bit overflow; values jump"):
        inspect_intensities("a", np.mod(high, 65_536).astype(np.uint16))


def few_counts():
    """Atoms of up to 30 electrons a pixel, on 2."""
    rows, columns = np.indices((256, 256))
    mean = np.full((256, 256), 2.0)
    for x, y in np.random.default_rng(1).uniform(10, 246, (60, 2)):
        mean += 25.0 * np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / 2.5**2)
    return np.random.default_rng(2).poisson(mean)


def test_few_counts_clipped_or_wrapped_are_noticed():
    counts = few_counts()
    assert inspect_intensities("a", counts * (60_000 // counts.max())) == []
    with pytest.raises(ImageError, match="saturated"):
        inspect_intensities("a", np.minimum(counts, 12) * 5_000)
    with pytest.raises(ImageError, match="16-bit overflow"):
        inspect_intensities("a", np.mod(counts * 4_000, 65_536).astype(np.uint16))


def test_tiles_and_mosaics():
    with pytest.raises(ImageError, match="tiled, parts repeat"):
        inspect_intensities("a", np.tile(speckle(128), (2, 2)))
    copied = speckle()
    copied[150:230, 20:100] = copied[10:90, 140:220]
    with pytest.raises(ImageError, match="at a distance of 120 columns and 140 rows"):
        inspect_intensities("a", copied)
    parts = [speckle(128, seed=n, mean=m) for n, m in enumerate((400, 600, 500, 800))]
    with pytest.raises(ImageError, match="seams after row 128 and column 128"):
        inspect_intensities("a", np.block([parts[:2], parts[2:]]))


def test_torn_rows_are_counted():
    image = speckle(512, seed=4)
    torn = image.copy()
    for row, shift in ((100, 4), (200, -5), (350, 6)):
        torn[row:] = np.roll(torn[row:], shift, axis=1)
    notes = scan_distortion(torn.astype(float))
    assert any("3 rows jump sideways" in note and "largest 6 pixels" in note for note in notes)
    assert scan_distortion(image.astype(float)) == []


def test_stretched_features_are_named():
    from scipy import ndimage

    image = ndimage.zoom(speckle(512, seed=4).astype(float), (1.0, 2.0), order=1)
    assert any("times as wide along x" in note for note in scan_distortion(image))
