"""SevenNet-l3i5, an equivariant potential: weights ship inside its package, nothing is fetched."""

import contextlib
import io
from functools import lru_cache
from typing import Any

from adatom.energies.engines.definition import Engine, versions_of

PACKAGES = ("sevenn", "torch")
INSTALL = "pip install torch==2.13.0 'sevenn>=0.13'"


def sevennet() -> Engine:
    """The l3i5 model, trained on MPtrj: PBE, with a Hubbard U in oxides and fluorides."""
    return Engine(
        name="sevennet",
        description="SevenNet-l3i5, a universal interatomic potential (PBE and PBE+U of MPtrj)",
        versions=versions_of(PACKAGES),
        settings={"model": "7net-l3i5", "functional": "PBE and PBE+U, mixed (learned, MPtrj)"},
        citations=(
            "Park, Kim, Hwang, Han, J. Chem. Theory Comput. 2024, 20, 4857,"
            " 10.1021/acs.jctc.4c00190",
            "MPtrj: Deng et al., Nat. Mach. Intell. 2023, 5, 1031, 10.1038/s42256-023-00716-3",
        ),
        calculator=lambda atoms: _calculator(),
    )


@lru_cache(maxsize=1)
def _calculator() -> Any:
    import torch
    from sevenn.calculator import SevenNetCalculator

    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        return SevenNetCalculator(model="7net-l3i5", device="cpu")
