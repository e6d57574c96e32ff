"""CHGNet, the embedded default: weights ship inside its package."""

import contextlib
import io
from functools import lru_cache
from typing import Any

from adatom.energies.engines.definition import Engine, versions_of

PACKAGES = ("chgnet", "torch")
INSTALL = "pip install torch==2.13.0 'chgnet>=0.4.2'"


def chgnet() -> Engine:
    """The r2SCAN model of CHGNet."""
    return Engine(
        name="chgnet",
        description="CHGNet r2SCAN, a universal interatomic potential",
        versions=versions_of(PACKAGES),
        settings={"model": "r2scan", "functional": "r2SCAN (learned)"},
        citations=("Deng et al., Nat. Mach. Intell. 2023, 5, 1031, 10.1038/s42256-023-00716-3",),
        calculator=lambda atoms: _calculator(),
    )


@lru_cache(maxsize=1)
def _calculator() -> Any:
    import torch
    from chgnet.model import CHGNet, CHGNetCalculator

    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        model = CHGNet.load(model_name="r2scan", use_device="cpu", verbose=False)
        return CHGNetCalculator(model, use_device="cpu", on_isolated_atoms="ignore")
