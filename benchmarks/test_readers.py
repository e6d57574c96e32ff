"""Tables read a second: format, units, signs and hash, beside a bare pandas that knows none."""

import numpy as np
import pandas as pd
import pytest

from adatom.readers import read_recording

FILES, POINTS = 50, 1200


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    potential = np.linspace(1.1, 0.2, POINTS)
    for n in range(FILES):
        current = -6 / (1 + np.exp((potential - 0.85) / 0.03)) + rng.normal(0, 0.01, POINTS)
        frame = pd.DataFrame({"E (V vs RHE)": potential, "j (mA cm-2)": current})
        frame.to_csv(folder / f"{n}.csv", index=False)
    return sorted(folder.iterdir())


@pytest.mark.benchmark(group="tables of 1,200 points")
@pytest.mark.parametrize("read", [read_recording, pd.read_csv], ids=["adatom", "bare pandas"])
def test_tables(benchmark, rates, tables, read, request):
    benchmark.pedantic(lambda: [read(path) for path in tables], rounds=5, warmup_rounds=1)
    name = f"table of {POINTS} points: {request.node.callspec.id}"
    rates[name] = FILES / benchmark.stats.stats.min
