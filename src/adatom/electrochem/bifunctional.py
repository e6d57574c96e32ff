"""Oxygen electrodes: E_10 of evolution less E_half of reduction."""

from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit, no_figure


def bifunctional_gap(half_wave_V_rhe: FigureOfMerit, e_10_V_rhe: FigureOfMerit) -> FigureOfMerit:
    """E_10 - E_half in V, two measurements taken as independent.

    Distances to the bounds add in quadrature, each side by itself. An error of the reference
    electrode that both share would cancel: the interval is then too wide, never too narrow.
    Raises :class:`~adatom.errors.SampleError` where a figure is no potential against RHE.
    """
    for name, figure in (("E_half", half_wave_V_rhe), ("E_10", e_10_V_rhe)):
        if figure.value is not None and figure.unit != "V vs RHE":
            raise SampleError(f"{name} must be in V vs RHE, got '{figure.unit}'")
    if half_wave_V_rhe.value is None or e_10_V_rhe.value is None:
        missing = "E_half" if half_wave_V_rhe.value is None else "E_10"
        why = half_wave_V_rhe.reason if half_wave_V_rhe.value is None else e_10_V_rhe.reason
        return no_figure(f"no {missing}: {why}", "V")
    gap = e_10_V_rhe.value - half_wave_V_rhe.value
    (half_low, half_high), (low, high) = half_wave_V_rhe.interval_95, e_10_V_rhe.interval_95
    below = _quadrature(e_10_V_rhe.value, low, half_wave_V_rhe.value, half_high)
    above = _quadrature(e_10_V_rhe.value, high, half_wave_V_rhe.value, half_low)
    reason = "; ".join(f for f in (half_wave_V_rhe.reason, e_10_V_rhe.reason) if f)
    return FigureOfMerit(
        gap,
        (None if below is None else gap - below, None if above is None else gap + above),
        reason,
        "V",
        {"E_10_V_rhe": e_10_V_rhe.value, "E_half_V_rhe": half_wave_V_rhe.value},
    )


def _quadrature(
    first: float, first_bound: float | None, second: float, second_bound: float | None
) -> float | None:
    if first_bound is None or second_bound is None:
        return None
    return float(((first - first_bound) ** 2 + (second - second_bound) ** 2) ** 0.5)
