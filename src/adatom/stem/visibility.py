"""How well an atom stands above its support: matched filter, dose and speckle.

The best linear detector of a known shape in stationary noise has the signal-to-noise ratio

    snr^2 = int |H(k)|^2 / (b / D + c S(k) |C(k)|^2) d2k,

H and C the transforms of the images of the metal and of a support atom (A2), c the support atoms
per area, b their mean signal (fraction of the beam), D the dose: counting noise is white, the
support's speckle is coloured by the probe and, atoms not lying on each other, by their structure
factor S: that of hard spheres (Percus and Yevick; Wertheim, Phys. Rev. Lett. 1963, 10, 321,
10.1103/PhysRevLett.10.321) of a bond's diameter. Matched filter: Turin, IRE Trans. Inf. Theory
1960, 6, 311, 10.1109/TIT.1960.1057571. Without support b is the signal at the atom, averaged over
its image.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import simpson
from scipy.stats import norm

from adatom.errors import ImageError
from adatom.stem.atom_images import AtomImages
from adatom.stem.carbon import BOND_A, CARBON_PER_A3

_FREQUENCIES = 600


@dataclass(frozen=True)
class Support:
    """What the metal lies on: atoms of one element, at random but for a hard core."""

    symbol: str
    atoms_per_A2: float
    """In projection."""
    atoms_per_A3: float = CARBON_PER_A3
    diameter_A: float = BOND_A

    def structure_factor(self, frequency_per_A: np.ndarray) -> np.ndarray:
        """Of hard spheres (Percus, Yevick) at spatial frequencies (K,)."""
        filled = np.pi / 6.0 * self.atoms_per_A3 * self.diameter_A**3
        first = (1.0 + 2.0 * filled) ** 2 / (1.0 - filled) ** 4
        second = -((1.0 + filled / 2.0) ** 2) / (1.0 - filled) ** 4
        x = np.linspace(0.0, 1.0, 401)
        direct = -(first + 6.0 * filled * second * x + filled / 2.0 * first * x**3)
        phase = 2.0 * frequency_per_A[:, None] * self.diameter_A * x
        volume = 4.0 * np.pi * self.diameter_A**3
        transform = volume * simpson(x**2 * direct * np.sinc(phase), x=x, axis=1)
        return np.asarray(1.0 / (1.0 - self.atoms_per_A3 * transform))


@dataclass(frozen=True)
class Visibility:
    """How an atom is seen at a dose."""

    snr: float
    """Of the matched filter at the atom, against the background without it."""
    spread: float
    """Standard deviation of the filter's answer at an atom over that without one."""
    width_fwhm_A: float
    """Of the image of the atom, source and vibration included."""
    resolution_A: float
    """Where two equal Gaussians of that width just show a dip (Sparrow), FWHM / 1.18."""
    position_sd_A: float
    """Of the centre of an atom, each direction (Cramer-Rao of the matched filter)."""
    recall: float
    """Expected share of atoms found with the share of false atoms allowed."""
    threshold: float
    """Standard deviations of background at which that many false atoms appear."""


def visibility(
    symbol: str,
    images: AtomImages,
    support: Support,
    *,
    dose_e_A2: float,
    pixel_A: float,
    density_per_nm2: float,
    false_share: float = 0.02,
    vibration_rms_A: float = 0.08,
) -> Visibility:
    """Expected signal-to-noise ratio, width, recall at ``false_share`` of what is found.

    Raises :class:`~adatom.errors.ImageError` for pixels too coarse for the width of an atom.
    """
    optics = images.microscope
    blur = optics.source_rms_A**2 + vibration_rms_A**2
    k = np.linspace(0.0, optics.cutoff_per_A, _FREQUENCIES)
    folded = np.exp(-2.0 * np.pi**2 * blur * k**2)
    metal = images.transfer_A2(symbol, k) * folded
    carbon = images.transfer_A2(support.symbol, k) * folded
    ring = 2.0 * np.pi * k
    width = _fwhm(k, metal)
    if pixel_A > width / 2.0:
        raise ImageError(
            f"pixels of {pixel_A:g} A are too coarse for atoms {width:.2f} A wide; take"
            f" {width / 4.0:.2f} A or less"
        )
    background = support.atoms_per_A2 * carbon[0]
    own = float(simpson(metal**2 * ring, x=k) / metal[0])
    counting = max(background, 1e-3 * own)
    speckle = support.atoms_per_A2 * support.structure_factor(k) * carbon**2
    noise = counting / dose_e_A2 + speckle
    power = metal**2 / noise * ring
    snr = math.sqrt(float(simpson(power, x=k)))
    position = 1.0 / math.sqrt(float(simpson(power * 0.5 * (2.0 * np.pi * k) ** 2, x=k)))
    # The atom's own electrons are counted with noise of their own, weighted by the filter squared.
    filter_k = metal / noise
    spread = math.sqrt(1.0 + _own_noise(k, metal, filter_k) / dose_e_A2 / snr**2)
    # Independent places an area holds: the band of the filter, by its mean square frequency
    # (Adler, The Geometry of Random Fields, 1981: maxima of a smooth field above a threshold).
    curvature = float(simpson(power * (2.0 * np.pi * k) ** 2, x=k) / 2.0) / snr**2
    threshold = _threshold(curvature, false_share * density_per_nm2 / 100.0)
    recall = float(norm.sf((threshold - snr) / spread))
    return Visibility(
        snr, spread, width, width / math.sqrt(2.0 * math.log(2.0)), position * spread, recall,
        threshold,
    )  # fmt: skip


def _threshold(curvature_per_A2: float, false_per_A2: float) -> float:
    """Height above which a Gaussian field has so many maxima per area.

    Their density is curvature u exp(-u^2 / 2) / (2 pi)^1.5 for large u.
    """
    heights = np.linspace(1.0, 8.0, 7001)
    maxima = curvature_per_A2 * heights * np.exp(-(heights**2) / 2.0) / (2.0 * np.pi) ** 1.5
    enough = np.flatnonzero(maxima <= false_per_A2)
    return float(heights[enough[0]]) if len(enough) else float(heights[-1])


def _own_noise(k: np.ndarray, metal: np.ndarray, filter_k: np.ndarray) -> float:
    """Integral over the plane of the atom's image times the filter squared."""
    r = np.linspace(0.0, 6.0, 601)
    kernel = _plane(k, r)
    image, filtered = kernel @ metal, kernel @ filter_k
    return float(simpson(np.maximum(image, 0.0) * filtered**2 * 2.0 * np.pi * r, x=r))


def _fwhm(k: np.ndarray, transfer: np.ndarray) -> float:
    r = np.linspace(0.0, 4.0, 2001)
    image = _plane(k, r) @ transfer
    return 2.0 * float(r[np.argmax(image < image[0] / 2.0)])


def _plane(k: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Matrix (R, K) from a radial transform back to the image, trapezoidal in k."""
    from scipy.special import j0

    weight = np.full(len(k), k[1] - k[0])
    weight[[0, -1]] /= 2.0
    return np.asarray(j0(2.0 * np.pi * np.outer(r, k)) * 2.0 * np.pi * k * weight)
