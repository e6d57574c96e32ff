"""What a measured reaction is: its direction, its equilibrium, and whether diffusion limits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from adatom.electrochem.sample import Sample
from adatom.errors import SampleError


@dataclass(frozen=True)
class MeasuredReaction:
    """One of the reactions whose sweeps are analysed."""

    name: str
    cathodic: bool
    equilibrium_V_rhe: float
    """At 25 C and 1 bar of the gas."""
    limited: bool
    """Whether the current reaches a plateau that diffusion sets."""
    electrons: int
    """Per molecule of the gas."""
    currents_at_V_rhe: tuple[float, ...]
    """Where kinetic currents are taken unless other potentials are asked for."""


REACTIONS: Mapping[str, MeasuredReaction] = MappingProxyType(
    {
        "ORR": MeasuredReaction("ORR", True, 1.229, True, 4, (0.9, 0.85, 0.8)),
        "OER": MeasuredReaction("OER", False, 1.229, False, 4, (1.5, 1.55, 1.6)),
        "HER": MeasuredReaction("HER", True, 0.0, False, 2, (-0.05, -0.1, -0.15)),
    }
)
"""1.229 V: O2 + 4 H+ + 4 e- = 2 H2O (IUPAC; Bard, Parsons, Jordan, Standard Potentials 1985)."""
ASSUMED = "ORR"


def measured_reaction(sample: Sample) -> MeasuredReaction:
    """The reaction that the sample names, oxygen reduction where it names none.

    Raises :class:`~adatom.errors.SampleError` for a reaction that is not known.
    """
    name = sample.get("measurement.reaction", ASSUMED).upper()
    if name not in REACTIONS:
        raise SampleError(
            f"measurement.reaction must be {', '.join(REACTIONS)}, got"
            f" '{sample.get('measurement.reaction')}'"
        )
    return REACTIONS[name]
