import numpy as np
import pytest
from ase import Atoms

from adatom.errors import ImageError
from adatom.stem.atom_images import packaged_atom_images
from adatom.stem.carbon import CARBON_PER_A3, amorphous_carbon
from adatom.stem.exposure import expose
from adatom.stem.linear_image import linear_image
from adatom.stem.microscope import PACKAGED
from adatom.stem.visibility import Support, visibility

IMAGES = packaged_atom_images(PACKAGED[0])
PIXEL, SIDE, THICK = 0.2, 100.0, 15.0
SUPPORT = Support("C", CARBON_PER_A3 * THICK)


def _seen(symbol="Fe", dose=2e4, support=SUPPORT):
    return visibility(symbol, IMAGES, support, dose_e_A2=dose, pixel_A=PIXEL, density_per_nm2=1.0)


@pytest.mark.parametrize("dose", [2e3, 2e4])
def test_signal_to_noise_is_that_of_simulated_images(dose):
    """A matched filter made from images alone, run over a simulated field."""
    rng = np.random.default_rng(4)
    film = amorphous_carbon(field_A=(SIDE, SIDE), thickness_A=THICK, rng=rng)
    at = (np.stack(np.meshgrid(np.arange(9), np.arange(9)), -1).reshape(-1, 2) + 1) * 10.0 + 0.1
    iron = Atoms(f"Fe{len(at)}", np.column_stack([at, np.full(len(at), 5.0)]))
    settings = {"field_A": (SIDE, SIDE), "pixel_A": PIXEL}
    empty = linear_image(film, IMAGES, **settings)
    full = linear_image(film + iron, IMAGES, **settings)
    template = linear_image(Atoms("Fe", [[SIDE / 2 + 0.1, SIDE / 2 + 0.1, 0]]), IMAGES, **settings)
    scale = dose * PIXEL**2
    # Noise spectrum from counted images of the support alone, smoothed over rings.
    noise = np.zeros((500, 500))
    for _ in range(4):
        counts = expose(empty, pixel_A=PIXEL, dose_e_A2=dose, rng=rng)
        noise += np.abs(np.fft.fft2(counts - counts.mean())) ** 2 / 4.0
    f = np.hypot(np.fft.fftfreq(500)[:, None], np.fft.fftfreq(500)[None])
    ring = np.minimum((f * 200).astype(int), 120)
    noise = (np.bincount(ring.ravel(), noise.ravel()) / np.bincount(ring.ravel()))[ring]
    matched = np.conj(np.fft.fft2(np.fft.ifftshift(scale * template))) / noise
    matched[0, 0] = 0.0

    def answer(fraction):
        counts = expose(fraction, pixel_A=PIXEL, dose_e_A2=dose, rng=rng)
        return np.fft.ifft2(np.fft.fft2(counts) * matched).real

    background = answer(empty)
    rows = np.round((at - 0.1) / PIXEL).astype(int)
    peaks = answer(full)[rows[:, 1], rows[:, 0]]
    measured = (peaks.mean() - background.mean()) / background.std()
    found = _seen(dose=dose)
    assert measured == pytest.approx(found.snr, rel=0.1)
    assert peaks.std() / background.std() == pytest.approx(found.spread, rel=0.25)


def test_structure_factor_has_the_compressibility_of_hard_spheres():
    # S(0) = (1 - eta)^4 / (1 + 2 eta)^2, and no order at short wavelengths.
    eta = np.pi / 6.0 * CARBON_PER_A3 * 1.42**3
    found = SUPPORT.structure_factor(np.array([0.0, 40.0]))
    assert found[0] == pytest.approx((1 - eta) ** 4 / (1 + 2 * eta) ** 2, rel=1e-4)
    assert found[1] == pytest.approx(1.0, abs=0.01)


def test_more_dose_sees_more_until_the_speckle():
    snr = [_seen(dose=d).snr for d in (1e2, 1e3, 1e4, 1e6, 1e8)]
    assert (np.diff(snr) > 0.0).all()
    # Counting alone at low dose: the square root of the dose.
    assert snr[1] / snr[0] == pytest.approx(np.sqrt(10.0), rel=0.1)
    assert snr[4] / snr[3] < 2.0


def test_heavier_atoms_and_thinner_supports_are_seen_better():
    assert _seen("Pt").recall >= _seen("Fe").recall
    assert _seen(support=Support("C", 0.5)).snr > _seen().snr
    assert _seen(dose=200.0).recall < 0.5


def test_false_atoms_come_at_the_rate_allowed():
    # Maxima of a smooth Gaussian field above the threshold, counted.
    rng = np.random.default_rng(8)
    from scipy.ndimage import maximum_filter

    from adatom.stem.visibility import _threshold

    sigma = 3.0  # of a Gaussian filter on white noise: curvature 1 / (2 sigma^2) per pixel^2
    k = np.hypot(np.fft.fftfreq(1000)[:, None], np.fft.fftfreq(1000)[None])
    smooth = np.exp(-2 * np.pi**2 * k**2 * sigma**2)
    wanted = 4e-5
    level = _threshold(1.0 / (2.0 * sigma**2), wanted)
    found = 0
    for _ in range(4):
        field = np.fft.ifft2(np.fft.fft2(rng.standard_normal(k.shape)) * smooth).real
        field /= field.std()
        found += ((field == maximum_filter(field, 5)) & (field > level)).sum()
    expected = wanted * k.size * 4
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_coarse_pixels_are_refused():
    with pytest.raises(ImageError, match="too coarse"):
        visibility("Fe", IMAGES, SUPPORT, dose_e_A2=1e4, pixel_A=0.8, density_per_nm2=1.0)
