"""Background, transforms and edges of the iron foil, beside larch where it is installed."""

import os
from pathlib import Path

import numpy as np
import pytest

from adatom.readers.absorption import read_spectra
from adatom.xas.background import fine_structure
from adatom.xas.edge_position import edge_position
from adatom.xas.fourier import transform
from adatom.xas.wavelet import cauchy_wavelet

E0_EV = 7110.75
K_RANGE = (3.0, 12.5)


@pytest.fixture(scope="module")
def foil():
    pytest.importorskip("rexafs")
    folder = Path(os.environ.get("ADATOM_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder} (set ADATOM_DATA)")
    (scan,) = read_spectra(folder / "xas" / "xaslib_Fe_Fe_Foil_rt_2016Foils.xdi")
    _, normal = edge_position(scan, E0_EV)
    return normal


@pytest.fixture(scope="module")
def chi(foil):
    return fine_structure(foil, k_range_per_angstrom=K_RANGE)


@pytest.fixture(scope="module")
def larch_group(foil):
    larch, xafs = pytest.importorskip("larch"), pytest.importorskip("larch.xafs")
    group = larch.Group(energy=np.array(foil.energy_eV), mu=np.array(foil.spectrum.mu))
    pre, post = foil.pre_edge_window_eV, foil.post_edge_window_eV
    xafs.pre_edge(
        group, e0=foil.e0_eV, pre1=pre[0], pre2=pre[1], norm1=post[0], norm2=post[1], nnorm=2
    )
    xafs.autobk(group, rbkg=1.0, e0=foil.e0_eV, edge_step=foil.edge_step, kweight=2)
    return group, xafs


@pytest.mark.benchmark(group="xas background")
def test_background(benchmark, rates, foil):
    found = benchmark.pedantic(fine_structure, (foil,), rounds=30, warmup_rounds=3)
    assert len(found.chi) > 200
    rates["chi(k) of the foil: adatom"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="xas background")
def test_background_larch(benchmark, rates, foil, larch_group):
    group, xafs = larch_group
    options = {"rbkg": 1.0, "e0": foil.e0_eV, "edge_step": foil.edge_step, "kweight": 2}
    benchmark.pedantic(xafs.autobk, (group,), options, rounds=10, warmup_rounds=1)
    rates["chi(k) of the foil: larch"] = 1.0 / benchmark.stats.stats.min


def test_chi_is_that_of_larch(foil, chi, larch_group):
    k = chi.k_per_angstrom
    used = (k >= K_RANGE[0]) & (k <= K_RANGE[1])
    theirs = np.interp(k[used], larch_group[0].k, larch_group[0].chi)
    difference = np.sqrt(np.mean((chi.chi[used] - theirs) ** 2))
    print(f"\nchi(k) differs from larch by {difference:.1e} (root mean square)")
    assert difference < 1e-3


@pytest.mark.benchmark(group="xas transform")
def test_transform(benchmark, rates, chi):
    found = benchmark.pedantic(transform, (chi,), rounds=30, warmup_rounds=3)
    assert found.peak_angstrom() == pytest.approx(2.2, abs=0.1)
    rates["Fourier transform: adatom"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="xas transform")
def test_transform_larch(benchmark, rates, larch_group):
    group, xafs = larch_group
    options = {"kmin": 3, "kmax": 12.5, "dk": 1, "window": "hanning", "kweight": 2}
    benchmark.pedantic(xafs.xftf, (group,), options, rounds=30, warmup_rounds=3)
    rates["Fourier transform: larch"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="xas wavelet")
def test_wavelet(benchmark, rates, chi):
    """Target: 30 ms."""
    found = benchmark.pedantic(cauchy_wavelet, (chi,), rounds=30, warmup_rounds=3)
    assert found.peak()[1] == pytest.approx(2.25, abs=0.1)
    assert benchmark.stats.stats.min < 0.030
    rates["Cauchy wavelet: adatom"] = 1.0 / benchmark.stats.stats.min


@pytest.mark.benchmark(group="xas wavelet")
def test_wavelet_larch(benchmark, rates, larch_group):
    group, xafs = larch_group
    options = {"kweight": 2, "rmax_out": 6}
    benchmark.pedantic(xafs.cauchy_wavelet, (group,), options, rounds=10)
    rates["Cauchy wavelet: larch"] = 1.0 / benchmark.stats.stats.min
