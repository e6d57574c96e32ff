"""Products of one run, ready for table, JSON and picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from adatom.electrochem.products.ammonia import AmmoniaVerdict
from adatom.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ProductOutcome:
    """One product, all places together."""

    name: str
    equation: str
    """Balanced half-reaction; empty where no electrons are counted."""
    electrons: float | None
    """Per molecule, positive for a reduction."""
    figures: Mapping[str, FigureOfMerit]
    """By name with unit: amount_umol, faradaic_efficiency_percent, ..."""
    flags: tuple[str, ...]
    parts: tuple[Mapping[str, Any], ...]
    """How each place was read."""


@dataclass(frozen=True)
class ProductResult:
    """What an electrolysis or illumination made."""

    title: str
    products: tuple[ProductOutcome, ...]
    total_efficiency: FigureOfMerit | None
    """%, None for photocatalysis."""
    verdict: str
    """Whether the sum is compatible with 100 %."""
    ammonia: AmmoniaVerdict | None
    charge_C: FigureOfMerit | None
    duration_s: float
    calibrations: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    """What was taken as exact, and what else a reader must know."""
    inputs: Mapping[str, str]
    """Files read beside the product file, with their SHA-256."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "title": self.title,
            "duration_s": self.duration_s,
            "charge_C": None if self.charge_C is None else self.charge_C.as_dict(),
            "products": [
                {
                    "name": p.name,
                    "equation": p.equation,
                    "electrons": p.electrons,
                    "figures": {key: figure.as_dict() for key, figure in p.figures.items()},
                    "flags": list(p.flags),
                    "parts": [dict(part) for part in p.parts],
                }
                for p in self.products
            ],
            "total_efficiency_percent": (
                None if self.total_efficiency is None else self.total_efficiency.as_dict()
            ),
            "verdict": self.verdict,
            "ammonia": None if self.ammonia is None else self.ammonia.as_dict(),
            "calibrations": [dict(line) for line in self.calibrations],
            "notes": list(self.notes),
            "inputs_sha256": dict(self.inputs),
        }

    def to_frame(self) -> pd.DataFrame:
        """A row a product and figure: value, ends of the 95 % interval, unit, reason."""
        return pd.DataFrame(
            [
                {
                    "product": product.name,
                    "figure": key,
                    "value": figure.value,
                    "low_95": figure.interval_95[0],
                    "high_95": figure.interval_95[1],
                    "unit": figure.unit,
                    "reason": figure.reason,
                }
                for product in self.products
                for key, figure in product.figures.items()
            ]
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the efficiencies (or turnover numbers) with their intervals; returns the axes."""
        from adatom.plot.products import plot_products

        return plot_products(self, ax)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(max_rows=40))


def plain_name(key: str) -> str:
    """The name of a figure without its unit, for people."""
    for tail in ("_umol_h_cm2", "_umol_h_mg", "_ug_h_mg", "_umol", "_percent", "_mA_cm2", "_per_h"):
        key = key.removesuffix(tail)
    return key.replace("_", " ")
