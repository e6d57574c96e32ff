"""The uncompensated resistance of a cell: a number of the sample's, or from its impedance."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adatom.electrochem.sample import Sample
from adatom.errors import SampleError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers.recording import Recording


@dataclass(frozen=True)
class Resistance:
    """The uncompensated resistance and where it comes from."""

    ohm: float
    sd_ohm: float
    source: str


def cell_resistance(
    sample: Sample,
    read: Callable[[Path], Recording],
    resistance_of: Callable[[Recording], FigureOfMerit],
) -> Resistance | None:
    """The resistance that a sample gives or names an impedance file for; None where it does not.

    Raises :class:`~adatom.errors.SampleError` where that file tells none.
    """
    ohm = sample.get("resistance.ohm")
    if ohm is not None:
        return Resistance(ohm, sample.get("resistance.sd_ohm", 0.0), "resistance given")
    path = sample.file("resistance.eis_file")
    if path is None:
        return None
    figure = resistance_of(read(path))
    if figure.value is None:
        raise SampleError(f"{path}: no uncompensated resistance: {figure.reason}")
    if figure.normal_sd is None:
        raise SampleError(f"{path}: the resistance {figure.value:.3g} ohm has no interval")
    return Resistance(figure.value, figure.normal_sd, f"impedance {path.name}")
