"""Faradaic efficiencies, or turnover numbers, on matplotlib axes."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from adatom.electrochem.products.result import ProductResult
from adatom.figure_of_merit import FigureOfMerit
from adatom.plot.curves import COLOURS

SHOWN = (
    ("faradaic_efficiency_percent", "Faradaic efficiency / %"),
    ("turnover_number", "turnover number / per metal atom"),
    ("amount_umol", "amount / µmol"),
)
"""The first of these that the products have is drawn."""


def drawn_bars(result: ProductResult) -> tuple[str, list[tuple[str, FigureOfMerit]]]:
    """Title of the axis and figures by product, the sum last where there is one."""
    key, title = next(s for s in SHOWN if any(s[0] in p.figures for p in result.products))
    bars = [(p.name, p.figures[key]) for p in result.products if key in p.figures]
    if result.total_efficiency is not None:
        bars.append(("sum", result.total_efficiency))
    return title, bars


def plot_products(result: ProductResult, ax: Axes | None = None) -> Axes:
    """Draw one bar a product with its 95 % interval, and the sum; returns the axes."""
    ax = ax or plt.subplots(figsize=(6.0, 4.0))[1]
    title, bars = drawn_bars(result)
    if result.total_efficiency is not None:
        ax.axhline(100.0, color="0.5", linestyle="--", linewidth=0.8)
    for place, (name, figure) in enumerate(bars):
        colour = "0.55" if name == "sum" else COLOURS[place % len(COLOURS)]
        _bar(ax, place, figure, colour)
    ax.set_xticks(range(len(bars)), [name for name, _ in bars])
    ax.set_xlim(-0.6, len(bars) - 0.4)
    ax.margins(y=0.15)
    ax.set_ylabel(title)
    ax.set_title(f"{result.title}: 95 % intervals", fontsize="medium")
    return ax


def _bar(ax: Axes, place: int, figure: FigureOfMerit, colour: str) -> None:
    low, high = figure.interval_95
    if figure.value is None:
        text = "below detection" if "detection" in figure.reason else "no value"
        ax.annotate(text, (place, 0.0), (0, 4), textcoords="offset points", rotation=90,
                    ha="center", va="bottom", fontsize="small", color="0.3")  # fmt: skip
        return
    ax.bar(place, figure.value, color=colour, width=0.65)
    if low is not None and high is not None:
        ax.errorbar(place, figure.value, [[figure.value - low], [high - figure.value]],
                    color="black", capsize=4, linewidth=1.2)  # fmt: skip
    ax.annotate(f"{figure.value:.3g}", (place, high if high is not None else figure.value), (0, 3),
                textcoords="offset points", ha="center", va="bottom", fontsize="small")  # fmt: skip
