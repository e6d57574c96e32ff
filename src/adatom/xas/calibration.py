"""The energy scale, by the foil measured with the sample."""

from dataclasses import dataclass, replace
from typing import Any

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.edge_position import edge_position, locate_edge
from adatom.xas.edges import Edge


@dataclass(frozen=True)
class FoilOffset:
    """How far the energy scale is off, by the first inflection of a metal foil."""

    found_eV: FigureOfMerit
    """First inflection of the foil on the scale of the file."""
    expected_eV: float
    expected_source: str
    measured_on: str
    """The file's own reference channel, or the file of the foil."""

    @property
    def offset_eV(self) -> float:
        """Found minus expected: energies are too high by so much."""
        assert self.found_eV.value is not None
        return self.found_eV.value - self.expected_eV

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "offset_eV": self.offset_eV,
            "foil_first_inflection_eV": self.found_eV.as_dict(),
            "expected_eV": self.expected_eV,
            "expected_source": self.expected_source,
            "measured_on": self.measured_on,
        }


def foil_offset(
    foil: AbsorptionSpectrum, edge: Edge, *, expected_eV: float | None = None
) -> FoilOffset:
    """Offset of an energy scale from a scan of the metal foil of ``edge``.

    The foil is expected where Kraft et al. (1996) or, failing that, the tables have it, unless
    ``expected_eV`` says otherwise. Raises :class:`~adatom.errors.SpectrumError` where the scan does
    not show that edge.
    """
    position, _ = edge_position(foil, locate_edge(foil, edge))
    found = position.first_inflection
    if expected_eV is not None:
        return FoilOffset(found, expected_eV, "as given", foil.label)
    return FoilOffset(found, edge.reference_eV, edge.reference_source, foil.label)


def own_reference(spectrum: AbsorptionSpectrum) -> AbsorptionSpectrum | None:
    """The reference channel measured together with the sample, as a spectrum."""
    if spectrum.reference_mu is None:
        return None
    return replace(
        spectrum, mu=spectrum.reference_mu, reference_mu=None, i0=None,
        label=f"the reference channel of {spectrum.path.name}",
    )  # fmt: skip


def shifted(spectrum: AbsorptionSpectrum, by_eV: float, why: str) -> AbsorptionSpectrum:
    """The spectrum with ``by_eV`` added to every energy, noted."""
    if abs(by_eV) > 50.0:
        raise SpectrumError(
            f"{spectrum.path}: a calibration of {by_eV:+.1f} eV is no calibration; check that the"
            " foil is of this element"
        )
    note = f"energies shifted by {by_eV:+.3f} eV: {why}"
    return replace(spectrum, energy_eV=spectrum.energy_eV + by_eV, notes=(*spectrum.notes, note))
