import numpy as np
import pytest

from adatom.errors import ImageError
from adatom.stem.exposure import expose


def test_electrons_are_counted():
    rng = np.random.default_rng(0)
    counts = expose(np.full((200, 200), 0.002), pixel_A=0.2, dose_e_A2=1e5, rng=rng)
    assert counts.mean() == pytest.approx(8.0, abs=4 * np.sqrt(8.0 / 40000))
    assert counts.var() == pytest.approx(8.0, rel=0.05)


def test_rows_jump_by_the_jitter():
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * np.arange(100) / 25.0)
    fraction = np.tile(wave, (4000, 1))
    counts = expose(
        fraction, pixel_A=0.2, dose_e_A2=1e9, rng=np.random.default_rng(1), row_jitter_rms_A=0.3
    )
    phase = np.angle(np.fft.rfft(counts, axis=1)[:, 4] / np.fft.rfft(wave)[4])
    shift = phase / (2 * np.pi) * 25.0 * 0.2
    assert shift.std() == pytest.approx(0.3, rel=0.06)


@pytest.mark.parametrize(
    "settings", [{"dose_e_A2": 0.0}, {"dose_e_A2": 1e4, "row_jitter_rms_A": 5.0}]
)
def test_impossible_exposures_are_refused(settings):
    with pytest.raises(ImageError):
        expose(np.ones((4, 4)), pixel_A=0.2, rng=np.random.default_rng(0), **settings)
