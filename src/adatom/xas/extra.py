"""The optional library behind backgrounds and wavelets."""

from types import ModuleType

from adatom.errors import SpectrumError

INSTALL = "pip install 'adatom[xas]'"


def rexafs_module() -> ModuleType:
    """The package rexafs.

    Raises :class:`~adatom.errors.SpectrumError` with the install line where it is absent.
    """
    try:
        import rexafs
    except ImportError:
        raise SpectrumError(
            f"fine structure needs rexafs: {INSTALL} (XANES works without: --xanes-only)"
        ) from None
    module: ModuleType = rexafs
    return module
