"""One absorption spectrum from file to edge energy, near edge and chi(k)."""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from adatom.errors import SpectrumError
from adatom.readers.spectrum import AbsorptionSpectrum
from adatom.xas.background import RBKG_ANGSTROM, fine_structure
from adatom.xas.calibration import FoilOffset, foil_offset, own_reference, shifted
from adatom.xas.edge_position import DEFINITIONS, EdgePosition, edge_position, locate_edge
from adatom.xas.edges import Edge, find_edge
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fourier import transform
from adatom.xas.normalisation import Normalised, normalise
from adatom.xas.quality import Fault, deglitch, faults, warnings_of
from adatom.xas.xanes import NearEdge, near_edge

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGE_DEFINITION = "first_inflection"
_SUSPICIOUS_EV = 20.0


@dataclass(frozen=True)
class Settings:
    """How spectra are analysed; offsets of windows count from E0."""

    element: str | None = None
    """Stated by the user; else the header's."""
    edge: str | None = None
    pre_edge_eV: tuple[float, float] | None = None
    post_edge_eV: tuple[float, float] | None = None
    rbkg_angstrom: float = RBKG_ANGSTROM
    k_range_per_angstrom: tuple[float, float] | None = None
    deglitch: bool = False
    calibrate: bool = False
    """Shift energies by the offset of the file's own reference channel."""
    foil: AbsorptionSpectrum | None = None
    """A foil measured with the sample; energies are shifted by its offset."""
    foil_edge_eV: float | None = None
    """Where the foil's first inflection is to be; None: Kraft et al. 1996, or the tables."""
    xanes_only: bool = False

    def __post_init__(self) -> None:
        place = self.foil_edge_eV
        if place is not None and not (isfinite(place) and place > 0.0):
            raise SpectrumError(f"foil edge {place:g} eV: expected a positive number")


@dataclass(frozen=True)
class SpectrumAnalysis:
    """What one spectrum shows."""

    spectrum: AbsorptionSpectrum
    """As analysed: calibrated and deglitched where that was asked for."""
    edge: Edge | None
    position: EdgePosition
    normal: Normalised
    near: NearEdge
    offset: FoilOffset | None
    """Of the energy scale of the file, before any shift."""
    shifted_eV: float
    """Added to the energies of the file."""
    faults: tuple[Fault, ...]
    warnings: tuple[str, ...]
    fine: FineStructure | None
    no_fine: str
    """Why there is no chi(k)."""

    @property
    def label(self) -> str:
        """The sample's name."""
        return self.spectrum.label

    def as_dict(self, definition: str = EDGE_DEFINITION) -> dict[str, Any]:
        """Plain data for JSON; ``definition`` chooses ``edge_energy_eV``."""
        found = self.position.by(definition)
        edge = self.edge
        content: dict[str, Any] = {
            "label": self.label,
            "element": edge.element if edge else None,
            "edge": edge.name if edge else None,
            "edge_energy_eV": found.value,
            "edge_energy_interval_95": list(found.interval_95),
            "edge_energy_definition": f"{definition}: {DEFINITIONS[definition]}",
            "edge_energies": {name: self.position.by(name).as_dict() for name in DEFINITIONS},
            "tabulated_edge_eV": edge.tabulated_eV if edge else None,
            "foil_edge_eV": edge.foil_eV if edge else None,
            "foil_offset_eV": self.offset.offset_eV if self.offset else None,
            "foil_offset": self.offset.as_dict() if self.offset else None,
            "energies_shifted_by_eV": self.shifted_eV,
            "edge_step": self.normal.edge_step,
            "edge_step_sd": self.normal.edge_step_sd,
            "noise_of_edge_step": self.position.noise_mu / self.normal.edge_step,
            "pre_edge_window_eV": list(self.normal.pre_edge_window_eV),
            "post_edge_window_eV": list(self.normal.post_edge_window_eV),
            "post_edge_order": self.normal.order,
            **{name: figure.as_dict() for name, figure in self.near.figures().items()},
            "faults": [
                {"kind": f.kind, "energy_eV": f.energy_eV, "edge_steps": f.height,
                 "sentence": f.sentence()} for f in self.faults
            ],
            "warnings": list(self.warnings),
            "fine_structure": self._fine(),
            "file": self.spectrum.origin(),
        }  # fmt: skip
        return content

    def _fine(self) -> dict[str, Any]:
        if self.fine is None:
            return {"reason": self.no_fine}
        data = self.fine
        found = transform(data)
        return {
            "k_range_per_angstrom": list(data.k_range_per_angstrom),
            "k_step_per_angstrom": data.k_step_per_angstrom,
            "background_radius_angstrom": data.background_radius_angstrom,
            "edge_energy_of_k_eV": data.edge_energy_eV,
            "edge_energy_of_k_definition": data.provenance["edge_energy_of_k"],
            "background": data.provenance["background"],
            "noise_chi": data.noise_chi,
            "highest_peak_angstrom": found.peak_angstrom(),
            "phase_corrected": False,
            "chi": [float(f"{v:.6g}") for v in data.chi],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the normalised edge on given axes (or new ones) and return them."""
        from adatom.plot.xas import plot_edge

        return plot_edge(self, ax)


def analyse_spectrum(spectrum: AbsorptionSpectrum, settings: Settings) -> SpectrumAnalysis:
    """Take everything from one spectrum that its range allows.

    Raises :class:`~adatom.errors.SpectrumError` where there is no edge to normalise, another edge
    than stated, or no foil to calibrate with.
    """
    edge = _stated_edge(spectrum, settings)
    spectrum, offset, moved = _calibrated(spectrum, edge, settings)
    rough = locate_edge(spectrum, edge)
    pre, post = settings.pre_edge_eV, settings.post_edge_eV
    position, normal = edge_position(spectrum, rough, pre_edge_eV=pre, post_edge_eV=post)
    found = faults(spectrum, normal.e0_eV, normal.edge_step)
    said = [f.sentence() for f in found]
    if settings.deglitch:
        spectrum, done = deglitch(spectrum, found)
        if done:
            position, normal = edge_position(spectrum, rough, pre_edge_eV=pre, post_edge_eV=post)
            said = [*done, *(f.sentence() for f in found if f.kind == "jump")]
    said += warnings_of(spectrum, normal.edge_step, position.noise_mu, edge)
    first = position.first_inflection.value
    assert first is not None
    if edge is not None and abs(first - edge.tabulated_eV) > _SUSPICIOUS_EV:
        said.append(
            f"the edge lies {first - edge.tabulated_eV:+.1f} eV from the tabulated {edge} edge:"
            " more than any oxidation state moves it; check the energy scale"
        )
    if offset is None:
        said.append(
            "no foil was measured with this spectrum: its energy scale is that of the file; give a"
            " foil of the same beamtime with --reference"
        )
    elif not moved:
        said.append(
            f"by {offset.measured_on} the energies are {offset.offset_eV:+.2f} eV off"
            f" ({offset.expected_source}); not corrected, ask with --calibrate"
        )
    fine, why = _fine_structure(normal, position, edge, settings)
    if fine is not None:
        jumps = [f for f in found if f.kind == "jump" and f.energy_eV > first]
        if jumps:
            said.append("a jump behind the edge falsifies chi(k); end --k-range before it")
    return SpectrumAnalysis(
        spectrum, edge, position, normal, near_edge(normal, position, edge), offset, moved,
        found, tuple(said), fine, why,
    )  # fmt: skip


def _stated_edge(spectrum: AbsorptionSpectrum, settings: Settings) -> Edge | None:
    element = settings.element or spectrum.element
    name = settings.edge or spectrum.edge
    if element is None:
        return None
    if settings.element and spectrum.element and settings.element != spectrum.element:
        raise SpectrumError(
            f"{spectrum.path}: --element {settings.element}, but the header says"
            f" {spectrum.element}; drop the option or give the other file"
        )
    return find_edge(element, name or "K")


def _calibrated(
    spectrum: AbsorptionSpectrum, edge: Edge | None, settings: Settings
) -> tuple[AbsorptionSpectrum, FoilOffset | None, float]:
    """The spectrum, the offset of its scale, and what was added to its energies."""
    asked = settings.calibrate or settings.foil is not None
    if edge is None:
        if asked:
            raise SpectrumError(
                f"{spectrum.path}: a calibration needs --element and --edge of the foil"
            )
        return spectrum, None, 0.0
    foil = settings.foil or own_reference(spectrum)
    if foil is None:
        if settings.calibrate:
            raise SpectrumError(
                f"{spectrum.path} has no reference channel to calibrate with; give the foil with"
                " --reference FILE"
            )
        return spectrum, None, 0.0
    try:
        offset = foil_offset(foil, edge, expected_eV=settings.foil_edge_eV)
    except SpectrumError:
        if asked:
            raise
        return spectrum, None, 0.0  # a reference channel that shows no edge is no reference
    if not asked:
        return spectrum, offset, 0.0
    why = f"{offset.measured_on} at {offset.expected_eV:.2f} eV ({offset.expected_source})"
    return shifted(spectrum, -offset.offset_eV, why), offset, -offset.offset_eV


def _fine_structure(
    normal: Normalised, position: EdgePosition, edge: Edge | None, settings: Settings
) -> tuple[FineStructure | None, str]:
    """chi(k) from the steepest point, where Athena and Larch put E0."""
    if settings.xanes_only:
        return None, "not asked for"
    e0 = position.steepest_point.value
    assert e0 is not None
    try:
        moved = normalise(
            normal.spectrum, e0, pre_edge_eV=settings.pre_edge_eV,
            post_edge_eV=settings.post_edge_eV,
        )  # fmt: skip
        return fine_structure(
            moved, rbkg_angstrom=settings.rbkg_angstrom,
            k_range_per_angstrom=settings.k_range_per_angstrom,
            element=edge.element if edge else None, edge=edge.name if edge else None,
        ), ""  # fmt: skip
    except SpectrumError as error:
        if settings.k_range_per_angstrom is not None or settings.rbkg_angstrom != RBKG_ANGSTROM:
            raise
        return None, str(error)
