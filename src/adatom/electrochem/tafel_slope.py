"""The Tafel slope of a window as a figure of merit, and what a referee would object to."""

import numpy as np

from adatom.electrochem.draws import drawn_figure
from adatom.electrochem.reference import NERNST_V
from adatom.electrochem.tafel_window import LEAST_DECADES
from adatom.figure_of_merit import FigureOfMerit


def tafel_slope(windows: np.ndarray, of: str) -> FigureOfMerit:
    """The slope (a magnitude) of the measured sweep and its draws.

    ``windows`` (1 + D, 6) are the first of :data:`~adatom.electrochem.tafel_window.FIGURES`;
    ``of`` says in which current a window was looked for.
    """
    start, end, low, high = windows[0, 2:].tolist()
    return drawn_figure(
        np.abs(windows[:, 0]),
        unit="mV/dec",
        reason=f"no window of constant slope covers {LEAST_DECADES:g} decades of {of}",
        conditions={
            "window_V_rhe": [start, end],
            "window_mA_cm2": [low, high],
            "decades": float(np.log10(high / low)) if low > 0 else None,
        },
    )


def slope_flags(slope: FigureOfMerit, electrons: int) -> tuple[str, ...]:
    """Windows of less than a decade; slopes below that of ``electrons`` in equilibrium,
    RT ln(10)/(nF)."""
    if slope.value is None:
        return ()
    flags = []
    decades = slope.conditions.get("decades")
    if decades is not None and decades < 1.0:
        flags.append(f"the Tafel slope covers {decades:.2f} decades, less than one")
    least = 1e3 * NERNST_V / electrons
    high = slope.interval_95[1]
    if (slope.value if high is None else high) < least:
        flags.append(
            f"the Tafel slope is below {least:.1f} mV/dec, that of {electrons} electrons in"
            " equilibrium: no kinetics are so steep; is the resistance that was corrected for too"
            " large?"
        )
    return tuple(flags)
