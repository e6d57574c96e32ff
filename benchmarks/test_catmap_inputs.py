"""CatMAP's hydrogen evolution inputs: the chain beside a mean field of our own on the same steps.

CatMAP itself is not on PyPI, so its own time is not here (docs/benchmarks.md).
"""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.reactions import load_network

ROOT = Path(__file__).resolve().parents[1]
POTENTIALS = np.linspace(-0.4, 0.0, 401)


@pytest.fixture(scope="module")
def published():
    """The published test of the same inputs: their free energies, steps and mean field."""
    path = ROOT / "tests" / "published" / "test_catmap_hydrogen.py"
    spec = importlib.util.spec_from_file_location("catmap_hydrogen", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def metals(published):
    data = Path(os.environ.get("ADATOM_DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        pytest.skip(f"no reference data at {data} (set ADATOM_DATA)")
    return published.read_metals(data)


@pytest.mark.benchmark(group="HER of CatMAP's inputs")
def test_chain(benchmark, rates, published, metals, tmp_path):
    """Seven metals at 401 potentials; every rate is the mean field's to 1e-9 without Tafel."""
    path = tmp_path / "her.toml"
    path.write_text(published.NETWORK)
    network = load_network(path)
    ready = [
        (
            compile_network(
                network,
                RateModel(step_barriers_eV=published.intrinsic_barriers_eV(metal)),
                activities={"H2": published.H2_BAR},
            ),
            state_energies(network, {f"*{s}": metal[s] for s in ("H", "O", "OH")}),
        )
        for metal in metals.values()
    ]

    def solve():
        return [steady_states(c, e, POTENTIALS).net_fluxes_Hz[0, :, 1] for c, e in ready]

    found = benchmark.pedantic(solve, rounds=5, warmup_rounds=1)
    for rate, metal in zip(found, metals.values(), strict=True):
        for n in (0, 200, 400):
            expected, _ = published.mean_field(metal, POTENTIALS[n], tafel=False)
            assert rate[n] == pytest.approx(expected, rel=1e-9)
    count = len(ready) * POTENTIALS.size
    rates["HER of CatMAP's inputs: adatom, a chain"] = count / benchmark.stats.stats.min


@pytest.mark.benchmark(group="HER of CatMAP's inputs")
def test_mean_field(benchmark, rates, published, metals):
    """The same steps as a bracketed root of the balance of *H, in doubles."""
    few = POTENTIALS[::40]

    def solve():
        return [
            published.mean_field(metal, u, tafel=False) for metal in metals.values() for u in few
        ]

    benchmark.pedantic(solve, rounds=3)
    count = len(metals) * few.size
    rates["HER of CatMAP's inputs: mean field, one root a point"] = (
        count / benchmark.stats.stats.min
    )
