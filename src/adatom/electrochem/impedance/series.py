"""One circuit over a series of potentials: each fit also starts from its neighbour's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from adatom.electrochem.impedance.circuit import Circuit
from adatom.electrochem.impedance.fit import CircuitFit, fit_circuit
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.electrochem.impedance.spectrum import ImpedanceSpectrum
from adatom.errors import ImpedanceError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ImpedanceSeries:
    """Fits of one circuit, in the order of falling potential."""

    circuit: Circuit
    fits: tuple[CircuitFit, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a potential; three columns a parameter, with its unit in the name."""
        rows = []
        for fit in self.fits:
            row: dict[str, Any] = {
                "label": fit.spectrum.label,
                "potential_V": fit.spectrum.potential_V,
                "describes": fit.describes,
                "residuals_rms_percent": fit.rms_percent,
            }
            for name, figure in fit.parameters.items():
                key = f"{name}_{figure.unit.replace(' ', '_')}" if figure.unit != "1" else name
                row[key] = figure.value
                row[f"{key}_lower_95"], row[f"{key}_upper_95"] = figure.interval_95
            rows.append(row)
        return pd.DataFrame(rows)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"circuit": str(self.circuit), "fits": [fit.as_dict() for fit in self.fits]}

    def plot(self) -> "Axes":
        """Draw every parameter against potential on a figure of its own; returns the first axes."""
        from adatom.plot.impedance import plot_series

        return plot_series(self)


def fit_series(
    spectra: Sequence[ImpedanceSpectrum],
    circuit: Circuit | str,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ImpedanceSeries:
    """Fit one circuit to spectra at several potentials, from the highest down.

    Each fit keeps its own starting points beside the neighbour's result, so that one bad fit is
    not handed on. Raises :class:`~adatom.errors.ImpedanceError` where a potential is unknown.
    """
    model = parse_circuit(circuit) if isinstance(circuit, str) else circuit
    unknown = [s.label for s in spectra if s.potential_V is None]
    if unknown:
        raise ImpedanceError(
            f"a series needs the potential of each spectrum; {', '.join(unknown[:3])} has none"
        )
    ordered = sorted(spectra, key=lambda s: -(s.potential_V or 0.0))
    fits: list[CircuitFit] = []
    for n, spectrum in enumerate(ordered):
        start = fits[-1].best_point if fits else None
        fits.append(fit_circuit(spectrum, model, start=start))
        if progress is not None:
            progress(n + 1, len(ordered))
    return ImpedanceSeries(model, tuple(fits))
