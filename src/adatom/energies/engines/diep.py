"""DIEP, run beside chgnet so that their spread is seen: weights ship inside its package."""

from functools import lru_cache
from typing import Any

from adatom.energies.engines.definition import Engine, versions_of

PACKAGES = ("diep", "torch")
INSTALL = "pip install torch==2.13.0 'diep>=2.0'"


def diep() -> Engine:
    """The first fold of DIEP 2."""
    return Engine(
        name="diep",
        description="DIEP, a universal interatomic potential for r2SCAN",
        versions=versions_of(PACKAGES),
        settings={"model": "diep_fold1", "functional": "r2SCAN (learned)"},
        citations=(
            "Tawfik et al., Digital Discovery 2024, 10.1039/D4DD00246F (weights: DIEP 2.0, MatPES)",
        ),
        calculator=lambda atoms: _calculator(),
    )


@lru_cache(maxsize=1)
def _calculator() -> Any:
    import torch
    from diep.pretrained import make_calculator

    torch.set_num_threads(1)
    return make_calculator(stress=False)
