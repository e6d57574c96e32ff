"""Coordination numbers and distances through many scans of one sample.

The mean chi(k) of the scans is compared with all candidate models; its posterior, drawn over models
and parameters, says what is true of all scans alike. Where each scan departs from the mean,

    chi of scan - mean chi = J (parameters of scan - parameters of mean) + noise,

J the derivatives of the model at a draw: dE0, numbers and distances may change, S02 and sigma2,
which one scan seldom tells from N, may not. What FEFF gets wrong is the same in every scan and
drops out. Linear in the changes: those of distances should stay below some 0.03 angstrom.
"""

from collections.abc import Callable, Sequence

import numpy as np

from adatom.errors import SpectrumError
from adatom.figure_of_merit import NORMAL_95, FigureOfMerit
from adatom.xas.exafs_result import ExafsEvidence, ModelEvidence
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import data_in
from adatom.xas.likelihood import observe
from adatom.xas.models import Shell
from adatom.xas.series import ScanFigures, widened
from adatom.xas.spectrum_model import SpectrumModel

DRAWS = 200
"""Of model and parameters of the mean."""
_COMMON = 0.5
"""Share of the draws that must hold a shell for its distance to be followed."""
SHELLS: dict[str, Callable[[Shell], bool]] = {
    "M-N": lambda shell: shell.name == "M-N",
    "metal-metal": lambda shell: shell.metal_metal,
    "M-C": lambda shell: shell.name.startswith("M-C"),
    "M-O": lambda shell: shell.name == "M-O",
}
"""What is followed, whichever shells of a model stand for it."""


def mean_scan(scans: Sequence[FineStructure]) -> FineStructure:
    """Mean chi(k), each scan counted from its own E0, over the k that all scans have.

    Raises :class:`~adatom.errors.SpectrumError` where scans are of different edges, differ in
    their steps of k, or share no usable range.
    """
    first = scans[0]
    for scan in scans[1:]:
        if (scan.element, scan.edge) != (first.element, first.edge):
            raise SpectrumError(
                f"{scan.label} is of another edge than {first.label}: no mean of the two"
            )
        if abs(scan.k_step_per_angstrom - first.k_step_per_angstrom) > 1e-9:
            raise SpectrumError(f"{scan.label} has other steps of k than {first.label}")
    length = min(len(s.chi) for s in scans)
    k = first.k_per_angstrom[:length]
    low = max(s.k_range_per_angstrom[0] for s in scans)
    high = min(*(s.k_range_per_angstrom[1] for s in scans), float(k[-1]))
    if low >= high:
        raise SpectrumError("the scans share no usable range of k; give fewer scans, or --k-range")
    return FineStructure(
        label=f"mean of {len(scans)} scans",
        k_per_angstrom=k,
        chi=np.mean([s.chi[:length] for s in scans], axis=0),
        k_range_per_angstrom=(low, high),
        noise_chi=float(np.sqrt(sum(s.noise_chi**2 for s in scans)) / len(scans)),
        edge_energy_eV=float(np.mean([s.edge_energy_eV for s in scans])),
        background_radius_angstrom=max(s.background_radius_angstrom for s in scans),
        element=first.element,
        edge=first.edge,
        provenance={"scans": [s.label for s in scans]},
    )


def path_figures(
    scans: Sequence[FineStructure], mean: FineStructure, evidence: ExafsEvidence, *, seed: int = 0
) -> dict[str, ScanFigures]:
    """N and R of ``SHELLS`` in every scan, for :func:`~adatom.xas.series.scan_series`.

    ``mean``: of :func:`mean_scan`; ``evidence``: of
    :func:`~adatom.xas.evidence.compare_models` on it. N is 0 in models without the shell, R
    that of the models with it; a shell that no model has is left out.
    """
    seen = observe(mean, evidence.window)
    away = np.array([data_in(seen.space, scan) for scan in scans]) - data_in(seen.space, mean)
    white = (seen.space.matrix**2).sum(axis=1)
    noise = np.outer([scan.noise_chi**2 for scan in scans], white)
    random = np.random.default_rng(seed)
    counts = random.multinomial(DRAWS, [one.probability for one in evidence.models])
    drawn: dict[str, list[np.ndarray]] = {}
    for one, count in zip(evidence.models, counts, strict=True):
        spectrum = SpectrumModel(one.model, seen.space)
        for draw in one.draws[random.integers(len(one.draws), size=count)]:
            for name, values in _followed(one, spectrum, draw, away, noise).items():
                drawn.setdefault(name, []).append(values)
    # A shell that no model had is not known to be absent.
    compared = [
        name
        for name, belongs in SHELLS.items()
        if any(belongs(shell) for one in evidence.models for shell in one.model.shells)
    ]
    return {
        f"{quantity} {shell}": _figures(title, np.array(drawn[title]))
        for shell in compared
        for quantity, title in (
            ("coordination_number", f"N({shell})"),
            ("distance_angstrom", f"R({shell}) / angstrom"),
        )
        if len(drawn.get(title, ())) >= _COMMON * DRAWS
    }


def _followed(
    one: ModelEvidence,
    spectrum: SpectrumModel,
    draw: np.ndarray,
    away: np.ndarray,
    noise: np.ndarray,
) -> dict[str, np.ndarray]:
    """Value and standard deviation (2, S) of N and R of each shell in every scan, for one draw."""
    parameters = one.model.parameters
    free = 1 + np.array([n for n, p in enumerate(parameters) if not p.name.startswith("sigma2")])
    span = np.array([parameters[c - 1].high - parameters[c - 1].low for c in free])
    slopes = spectrum.jacobian(draw, free)
    moved, covariance = [], []
    for change, variance in zip(away, noise, strict=True):
        # Changes are a priori of the size of the parameter's range (12: variance of a uniform one).
        inverse = np.linalg.inv((slopes.T / variance) @ slopes + np.diag(12.0 / span**2))
        moved.append(draw[free] + inverse @ (slopes.T @ (change / variance)))
        covariance.append(inverse)
    values, spread = np.array(moved), np.array(covariance)
    place = {parameters[c - 1].name: n for n, c in enumerate(free)}
    found = {}
    for name, belongs in SHELLS.items():
        shells = [shell for shell in one.model.shells if belongs(shell)]
        weights = np.zeros(len(free))
        for shell in shells:
            weights[place[f"N({shell.name})"]] = shell.bulk_number
        sd = np.sqrt(np.einsum("i,sij,j->s", weights, spread, weights))
        found[f"N({name})"] = np.stack([values @ weights, sd])
        if len(shells) == 1:
            at = place[f"dR({shells[0].name})"]
            distance = shells[0].distance_angstrom + values[:, at]
            found[f"R({name}) / angstrom"] = np.stack([distance, np.sqrt(spread[:, at, at])])
    return found


def _figures(title: str, drawn: np.ndarray) -> ScanFigures:
    """Medians of draws (D, 2, S) with what noise and the draws leave open."""
    values, sd = np.median(drawn, axis=0)
    half = NORMAL_95 * sd
    return ScanFigures(
        title,
        tuple(
            FigureOfMerit(float(v), widened(float(v), (float(v - h), float(v + h)), column))
            for v, h, column in zip(values, half, drawn[:, 0].T, strict=True)
        ),
        drawn[:, 0],
    )
