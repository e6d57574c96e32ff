"""Energy engines: any ASE calculator chosen by name, with its settings and version recorded.

``chgnet`` is the embedded default, ``diep`` runs beside it so that their spread is seen,
``sevennet`` and ``tblite`` are further cheap ones, the ``gpaw`` presets are density-functional
theory. Weights of the potentials ship inside their packages; nothing is downloaded.
"""

from collections.abc import Callable
from importlib import util
from types import ModuleType

from adatom.energies.engines import chgnet, diep, gpaw, sevennet, tblite
from adatom.energies.engines.definition import Engine, initial_moments
from adatom.errors import EngineError

__all__ = ["ENGINES", "SINGLE_POINTS", "Engine", "engine", "initial_moments"]

_MAKERS: dict[str, tuple[ModuleType, Callable[[], Engine]]] = {
    "chgnet": (chgnet, chgnet.chgnet),
    "diep": (diep, diep.diep),
    "sevennet": (sevennet, sevennet.sevennet),
    "tblite": (tblite, tblite.tblite),
    **{name: (gpaw, make) for name, make in gpaw.PRESETS.items()},
}
ENGINES: tuple[str, ...] = tuple(_MAKERS)
"""Names of the engines; the first is the default."""
SINGLE_POINTS = frozenset({"gpaw-point", "gpaw-point-k3", "gpaw-pw"})
"""Those that relax nothing; known by name where they are not installed."""


def engine(name: str) -> Engine:
    """The engine called ``name``, ready to use.

    Raises :class:`~adatom.errors.EngineError` when it is unknown or not installed; the
    message holds the exact install line.
    """
    if name not in _MAKERS:
        raise EngineError(f"engine '{name}' is unknown; expected one of: {', '.join(ENGINES)}")
    module, make = _MAKERS[name]
    if util.find_spec(module.PACKAGES[0]) is None:
        raise EngineError(f"engine '{name}' is not installed; install it with: {module.INSTALL}")
    return make()
