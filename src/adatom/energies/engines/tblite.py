"""GFN1-xTB by tblite: a tight-binding model with minimal orbitals, periodic at Gamma."""

from typing import Any

from ase import Atoms

from adatom.energies.engines.definition import Engine, versions_of

PACKAGES = ("tblite",)
INSTALL = "pip install 'tblite>=0.8'"
_SETTINGS: dict[str, Any] = {
    "method": "GFN1-xTB",
    "functional": "GFN1-xTB (tight binding)",
    "kpts": [1, 1, 1],
    "spin_polarised": False,
    "electronic_temperature_K": 300.0,
    "accuracy": 1.0,
    "dispersion": "D3(BJ), part of the model",
}


def tblite() -> Engine:
    """GFN1-xTB, neutral, without spin polarisation."""
    return Engine(
        name="tblite",
        description="GFN1-xTB tight binding, Gamma point, no spin polarisation (tblite)",
        versions=versions_of(PACKAGES),
        settings=dict(_SETTINGS),
        citations=(
            "Grimme, Bannwarth, Shushkov, J. Chem. Theory Comput. 2017, 13, 1989,"
            " 10.1021/acs.jctc.7b00118",
        ),
        calculator=_calculator,
    )


def _calculator(atoms: Atoms) -> Any:
    from tblite.ase import TBLite

    return TBLite(
        method=_SETTINGS["method"],
        electronic_temperature=_SETTINGS["electronic_temperature_K"],
        accuracy=_SETTINGS["accuracy"],
        charge=0,
        verbosity=0,
    )
