"""From a normalised spectrum to chi(k): E0, spline background below Rbkg, usable range, noise.

The spline is that of AUTOBK (Newville et al. 1993, Phys. Rev. B 47, 14126,
10.1103/PhysRevB.47.14126), solved by rexafs; E0, the edge step and the post-edge range are ours, so
that one definition runs through the whole analysis.
"""

from importlib import metadata

import numpy as np

from adatom.errors import SpectrumError
from adatom.xas.extra import rexafs_module
from adatom.xas.fine_structure import K2_PER_EV, FineStructure
from adatom.xas.fourier import noise_of_chi
from adatom.xas.normalisation import Normalised

RBKG_ANGSTROM = 1.0
K_STEP_PER_ANGSTROM = 0.05
K_WEIGHT = 2
"""Of the spline's fit: with 1 the background of oxides leaves a false shell at 1 angstrom."""
K_MIN_PER_ANGSTROM = 3.0
NARROWEST_RANGE_PER_ANGSTROM = 2.0
"""Of k, that a user may ask for."""
SHORTEST_RANGE_PER_ANGSTROM = 4.0
"""A transform over less resolves shells no closer than 0.4 angstrom."""
LEAST_SIGNAL = 1.5
"""Root mean square of chi over noise, within 1 / angstrom, up to which chi is used."""


def wavenumber_per_angstrom(energy_eV: np.ndarray | float, e0_eV: float) -> np.ndarray:
    """k of a photoelectron, 1 / angstrom; 0 below the edge."""
    above = np.maximum(np.asarray(energy_eV, dtype=float) - e0_eV, 0.0)
    return np.asarray(np.sqrt(above * K2_PER_EV))


def fine_structure(
    normal: Normalised,
    *,
    rbkg_angstrom: float = RBKG_ANGSTROM,
    k_range_per_angstrom: tuple[float, float] | None = None,
    element: str | None = None,
    edge: str | None = None,
) -> FineStructure:
    """chi(k) of a normalised spectrum; k counts from the E0 of ``normal``.

    Without a range the upper end lies where chi sinks into its noise. Raises
    :class:`~adatom.errors.SpectrumError` where the scan is too short for fine structure, the
    background does not come out, or rexafs is not installed.
    """
    rexafs = rexafs_module()
    e = normal.energy_eV
    reach = float(wavenumber_per_angstrom(e[-1], normal.e0_eV))
    if reach < K_MIN_PER_ANGSTROM + SHORTEST_RANGE_PER_ANGSTROM:
        raise SpectrumError(
            f"{normal.spectrum.path}: the scan ends at k = {reach:.1f} / angstrom; fine structure"
            f" needs {K_MIN_PER_ANGSTROM + SHORTEST_RANGE_PER_ANGSTROM:g} or more (XANES is"
            " possible)"
        )
    if not 0.3 <= rbkg_angstrom <= 1.8:
        raise SpectrumError(
            f"Rbkg {rbkg_angstrom:g} angstrom, expected 0.3 to 1.8: the first shell starts there"
        )
    pre, post = normal.pre_edge_window_eV, normal.post_edge_window_eV
    scan = rexafs.Spectrum(e, normal.spectrum.mu)
    scan.set_normalization_method(rexafs.NormalizationMethod.PrePostEdge(rexafs.PrePostEdge(
        e0=normal.e0_eV, pre_edge_start=pre[0], pre_edge_end=pre[1], norm_start=post[0],
        norm_end=post[1], norm_polyorder=normal.order, edge_step=normal.edge_step,
    )))  # fmt: skip
    scan.set_background_method(rexafs.BackgroundMethod.AUTOBK(rexafs.AUTOBK(
        rbkg=rbkg_angstrom, kstep=K_STEP_PER_ANGSTROM, ek0=normal.e0_eV, kweight=K_WEIGHT,
    )))  # fmt: skip
    try:
        scan.calc_background()
    except (RuntimeError, ValueError) as error:
        raise SpectrumError(f"{normal.spectrum.path}: no background: {error}") from None
    k, chi = np.array(scan.k()), np.array(scan.chi())
    if not np.isfinite(chi).all():
        raise SpectrumError(f"{normal.spectrum.path}: the background is no finite number")
    last = float(k[-1])
    noise = noise_of_chi(k, chi, (K_MIN_PER_ANGSTROM, last))
    limits = k_range_per_angstrom or (K_MIN_PER_ANGSTROM, usable_end(k, chi, noise))
    if not 0.0 <= limits[0] < limits[1] <= last + 1e-9:
        raise SpectrumError(
            f"k range {limits[0]:g} to {limits[1]:g} must lie within 0 to {last:g} / angstrom"
        )
    if limits[1] - limits[0] < NARROWEST_RANGE_PER_ANGSTROM:
        raise SpectrumError(
            f"k range {limits[0]:g} to {limits[1]:g}: expected at least"
            f" {NARROWEST_RANGE_PER_ANGSTROM:g} / angstrom, in which a distance can be told"
        )
    return FineStructure(
        normal.spectrum.label, k, chi, limits, max(noise_of_chi(k, chi, limits), 1e-9),
        normal.e0_eV, rbkg_angstrom, element, edge,
        {"background": f"AUTOBK, rexafs {metadata.version('rexafs')}",
         "edge_energy_of_k": "steepest_point", "edge_step": normal.edge_step,
         **normal.spectrum.origin()},
    )  # fmt: skip


def usable_end(k: np.ndarray, chi: np.ndarray, noise: float) -> float:
    """Where the root mean square of chi within 1 / angstrom sinks to :data:`LEAST_SIGNAL` times
    its noise; at least :data:`SHORTEST_RANGE_PER_ANGSTROM` above the lower end."""
    half = round(1.0 / (k[1] - k[0]) / 2.0)
    total = np.concatenate([[0.0], np.cumsum(chi**2)])
    at = np.arange(half, len(k) - half)
    rms = np.sqrt((total[at + half] - total[at - half]) / (2 * half))
    weak = np.flatnonzero((rms < LEAST_SIGNAL * noise) & (k[at] > K_MIN_PER_ANGSTROM))
    end = float(k[at[weak[0]]]) if weak.size else float(k[-1])
    shortest = K_MIN_PER_ANGSTROM + SHORTEST_RANGE_PER_ANGSTROM
    return min(float(k[-1]), max(end, shortest))
