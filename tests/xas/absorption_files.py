"""Synthetic absorption spectra with known edge, step and shells, and files of them."""

from pathlib import Path

import numpy as np

from adatom.readers.spectrum import AbsorptionSpectrum

HBAR2_2M = 3.809982
"""eV angstrom^2."""


def energies(e0: float = 7112.0, below: float = 180.0, above: float = 900.0) -> np.ndarray:
    """Steps of 5, 0.25 and 0.05 / angstrom, as beamlines scan."""
    k = np.arange(2.6, np.sqrt(above / HBAR2_2M), 0.05)
    return np.concatenate(
        [
            np.arange(e0 - below, e0 - 30, 5.0),
            np.arange(e0 - 30, e0 + 25, 0.25),
            e0 + HBAR2_2M * k**2,
        ]
    )


def chi_of_shell(k: np.ndarray, distance: float, sigma2: float = 0.005, n: float = 4.0):
    """One shell without phase shift: n exp(-2 sigma2 k^2) sin(2 k R) / (k R^2), times 0.5."""
    safe = np.maximum(k, 0.5)
    return 0.5 * n * np.exp(-2 * sigma2 * k**2) * np.sin(2 * k * distance) / (safe * distance**2)


def edge_mu(
    e: np.ndarray,
    e0: float = 7112.0,
    *,
    step: float = 1.0,
    width: float = 1.0,
    distance: float | None = None,
    noise: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """A line, an arctangent edge whose inflection is e0, and one shell above it."""
    rise = 0.5 + np.arctan((e - e0) / width) / np.pi
    mu = 0.3 - 1e-4 * (e - e0) + step * rise
    if distance is not None:
        k = np.sqrt(np.maximum(e - e0, 0.0) / HBAR2_2M)
        mu = mu + step * chi_of_shell(k, distance) * (1.0 - np.exp(-((k / 2.0) ** 4)))
    return mu + noise * np.random.default_rng(seed).standard_normal(len(e))


def spectrum(e: np.ndarray, mu: np.ndarray, **more) -> AbsorptionSpectrum:
    given = {"label": "sample", "mode": "as given", "element": "Fe", "edge": "K",
             "path": Path("sample.xdi")} | more  # fmt: skip
    return AbsorptionSpectrum(energy_eV=e, mu=mu, **given)


def write_xdi(
    path: Path,
    e: np.ndarray,
    mu: np.ndarray,
    *,
    order: tuple[str, ...] = ("energy", "i0", "itrans"),
    element: str = "Fe",
    reference: np.ndarray | None = None,
    unit: str = "eV",
) -> Path:
    """Transmission columns in any order."""
    i0 = np.full(len(e), 2e5)
    columns = {"energy": e, "i0": i0, "itrans": i0 * np.exp(-mu)}
    if reference is not None:
        columns["irefer"] = columns["itrans"] * np.exp(-reference)
    lines = ["# XDI/1.0"]
    lines += [f"# Column.{n}: {c}{' ' + unit if c == 'energy' else ''}"
              for n, c in enumerate(order, 1)]  # fmt: skip
    lines += [f"# Element.symbol: {element}", "# Element.edge: K", "# Mono.d_spacing: 3.1355",
              "# Sample.name: made up", "# ///", "#----"]  # fmt: skip
    table = np.column_stack([columns[c] for c in order])
    lines += [" ".join(f"{v:.6f}" for v in row) for row in table]
    path.write_text("\n".join(lines) + "\n")
    return path
