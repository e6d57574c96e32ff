"""Polarization curves: the one object that predictions and instrument files share."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adatom.errors import CurveError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class PolarizationCurve:
    """Current against potential, IUPAC signs (cathodic negative)."""

    label: str
    potential_V_rhe: np.ndarray
    """(P,), strictly monotonic in the order of the sweep."""
    current_density_mA_cm2: np.ndarray
    """(P,), disk current per geometric area."""
    electrolyte: str
    rotation_rpm: float | None = None
    ring_current_density_mA_cm2: np.ndarray | None = None
    """(P,), per geometric disk area, anodic positive."""
    collection_efficiency: float | None = None
    interval_95_mA_cm2: tuple[np.ndarray, np.ndarray] | None = None
    """Lower and upper 95 % bounds of the disk current, each (P,)."""
    normalisation: str = "geometric area"
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Copies: the caller's arrays stay the caller's.
        for name in ("potential_V_rhe", "current_density_mA_cm2", "ring_current_density_mA_cm2"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, np.array(getattr(self, name), dtype=float))
        if self.interval_95_mA_cm2 is not None:
            low, high = (np.array(a, dtype=float) for a in self.interval_95_mA_cm2)
            object.__setattr__(self, "interval_95_mA_cm2", (low, high))
        arrays = [self.potential_V_rhe, self.current_density_mA_cm2]
        arrays += [a for a in (self.ring_current_density_mA_cm2,) if a is not None]
        arrays += list(self.interval_95_mA_cm2 or ())
        if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1:
            raise CurveError(f"{self.label}: potentials and currents must be equally long")
        require_monotonic(self.potential_V_rhe)
        for array in arrays:
            array.flags.writeable = False

    def to_frame(self) -> pd.DataFrame:
        """Columns with units in their names."""
        columns = {
            "potential_V_rhe": self.potential_V_rhe,
            "current_density_mA_cm2": self.current_density_mA_cm2,
        }
        if self.interval_95_mA_cm2 is not None:
            low, high = self.interval_95_mA_cm2
            columns |= {"lower_95_mA_cm2": low, "upper_95_mA_cm2": high}
        if self.ring_current_density_mA_cm2 is not None:
            columns["ring_current_density_mA_cm2"] = self.ring_current_density_mA_cm2
        return pd.DataFrame(columns)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the curve with its band on given axes (or new ones) and return them."""
        from adatom.plot.curves import plot_curve

        return plot_curve(self, ax)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(max_rows=12))


def require_monotonic(potentials_V: np.ndarray) -> None:
    """Raise :class:`~adatom.errors.CurveError` at the first potential that is out of order."""
    values = np.asarray(potentials_V, dtype=float)
    if values.size < 2:
        raise CurveError(f"at least two potentials are needed, got {values.size}")
    if not np.isfinite(values).all():
        raise CurveError("potentials must be finite numbers, V vs RHE")
    steps = np.diff(values)
    wrong = np.flatnonzero(np.sign(steps) != np.sign(steps[0]) if steps[0] else steps == 0)
    if steps[0] == 0 or wrong.size:
        at = int(wrong[0]) if wrong.size else 0
        raise CurveError(
            f"potentials must rise or fall throughout; number {at + 2} ({values[at + 1]:g} V)"
            f" is out of order after {values[at]:g} V"
        )
