"""Elements of equivalent circuits: impedance and its derivatives by the logarithms.

Derivatives are by ln p, by p itself for exponents. Sources: Boukamp, Solid State Ionics 1986, 20,
31, 10.1016/0167-2738(86)90031-7 (elements, Warburg, CPE); the finite Warburg elements are the
solutions of Fick's law with absorbing (Ws) and reflecting (Wo) boundary; Gerischer is diffusion
with a homogeneous reaction; TLM is de Levie's blocking pore.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

Values = tuple[np.ndarray, tuple[np.ndarray, ...]]
"""Impedance (..., N) in ohm, and its derivatives (..., N), one a parameter."""


@dataclass(frozen=True)
class Frequencies:
    """Frequencies with what every element needs of them."""

    jw: np.ndarray
    """(N,), j times the angular frequency in rad/s."""
    log_jw: np.ndarray
    """(N,)."""

    @classmethod
    def of(cls, frequency_Hz: np.ndarray) -> "Frequencies":
        """From (N,) frequencies in Hz."""
        jw = 2j * np.pi * np.asarray(frequency_Hz, dtype=float)
        return cls(jw, np.log(jw))


@dataclass(frozen=True)
class Kind:
    """A kind of element."""

    symbol: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    """Name and unit; the single parameter of an element has the element's own name."""
    values: Callable[[tuple[np.ndarray, ...], Frequencies], Values]
    start: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray | float, ...]]
    """Parameters that give about the impedances (S,) in ohm at frequencies (S,) in rad/s."""


def _resistor(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    z = p[0] + 0.0 * f.jw
    return z, (z,)


def _capacitor(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    z = 1.0 / (p[0] * f.jw)
    return z, (-z,)


def _inductor(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    z = p[0] * f.jw
    return z, (z,)


def _constant_phase(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    z = np.exp(-p[1] * f.log_jw) / p[0]
    return z, (-z, -z * f.log_jw)


def _warburg(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    z = p[0] * np.sqrt(2.0) / np.sqrt(f.jw)
    return z, (z,)


def _over_argument(r: np.ndarray, t: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R t(x)/x and its derivative by ln x, of t = tanh or coth: both have t' = 1 - t^2."""
    z = r * t / x
    return z, r * (1.0 - t * t) - z


def _short_warburg(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    x = np.sqrt(f.jw * p[1])
    z, by_x = _over_argument(p[0], np.tanh(x), x)
    return z, (z, 0.5 * by_x)


def _open_warburg(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    x = np.sqrt(f.jw * p[1])
    z, by_x = _over_argument(p[0], 1.0 / np.tanh(x), x)
    return z, (z, 0.5 * by_x)


def _gerischer(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    y = f.jw * p[1]
    z = p[0] / np.sqrt(1.0 + y)
    return z, (z, -0.5 * z * y / (1.0 + y))


def _pore(p: tuple[np.ndarray, ...], f: Frequencies) -> Values:
    r, q, n = p
    x = np.sqrt(r * q * np.exp(n * f.log_jw))
    z, by_x = _over_argument(r, 1.0 / np.tanh(x), x)
    return z, (z + 0.5 * by_x, 0.5 * by_x, 0.5 * by_x * f.log_jw)


_OHM, _S = "ohm", "s"
START_EXPONENT = 0.9
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.symbol: kind
        for kind in (
            Kind("R", "resistor", (("", _OHM),), _resistor, lambda w, z: (z,)),
            Kind("C", "capacitor", (("", "F"),), _capacitor, lambda w, z: (1.0 / (w * z),)),
            Kind("L", "inductor", (("", "H"),), _inductor, lambda w, z: (z / w,)),
            Kind(
                "CPE",
                "constant phase element, 1/(Q (jw)^n)",
                (("Q", "S s^n"), ("n", "1")),
                _constant_phase,
                lambda w, z: (1.0 / (z * w**START_EXPONENT), START_EXPONENT),
            ),
            Kind(
                "W",
                "semi-infinite Warburg, sigma (1-j)/sqrt(w)",
                (("", "ohm s^-0.5"),),
                _warburg,
                lambda w, z: (z * np.sqrt(w),),
            ),
            Kind(
                "Ws",
                "finite-length Warburg, R tanh(sqrt(jw tau))/sqrt(jw tau)",
                (("R", _OHM), ("tau", _S)),
                _short_warburg,
                lambda w, z: (z, 1.0 / w),
            ),
            Kind(
                "Wo",
                "finite-space Warburg, R coth(sqrt(jw tau))/sqrt(jw tau)",
                (("R", _OHM), ("tau", _S)),
                _open_warburg,
                lambda w, z: (z, 1.0 / w),
            ),
            Kind(
                "G",
                "Gerischer, R/sqrt(1 + jw tau)",
                (("R", _OHM), ("tau", _S)),
                _gerischer,
                lambda w, z: (z, 1.0 / w),
            ),
            Kind(
                "TLM",
                "blocking pore, R coth(x)/x with x = sqrt(R Q (jw)^n)",
                (("R", _OHM), ("Q", "S s^n"), ("n", "1")),
                _pore,
                lambda w, z: (z, 1.0 / (z * w**START_EXPONENT), START_EXPONENT),
            ),
        )
    }
)
"""By symbol."""
ALIASES: Mapping[str, str] = MappingProxyType({"Q": "CPE"})
"""Boukamp's letters that differ."""
