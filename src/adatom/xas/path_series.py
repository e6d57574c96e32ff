"""Coordination numbers and distances through many scans of one sample.

All scans are fitted with one model: the most probable one of their mean chi(k), whose evidence
says whether there is a metal-metal path at all. dE0, numbers and distances are free in every
scan. S02 and sigma2, which one scan seldom tells from N, are taken to be the same in all, and are
drawn from the posterior of the mean: their errors stretch N of all scans, and its slope, alike.
What FEFF gets wrong is the same in every scan as well, and drops out of the changes.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adatom.errors import SpectrumError
from adatom.figure_of_merit import FigureOfMerit
from adatom.xas.exafs_result import ExafsEvidence
from adatom.xas.fine_structure import FineStructure
from adatom.xas.fit_space import FitSpace, r_space
from adatom.xas.models import Model, Shell
from adatom.xas.path_fit import PathFit, fit_paths
from adatom.xas.series import ScanFigures, widened

DRAWS = 40
"""Of S02 and sigma2; each costs a fit of every scan."""


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


def path_figures(scans: Sequence[FineStructure], mean: ExafsEvidence) -> dict[str, ScanFigures]:
    """N and R of every shell in every scan, for :func:`~adatom.xas.series.scan_series`.

    ``mean``: of :func:`~adatom.xas.evidence.compare_models` on :func:`mean_scan`. Half a second
    a scan. Raises :class:`~adatom.errors.SpectrumError` where a fit finds no minimum.
    """
    best = mean.models[0]
    draws = best.draws[:: max(1, len(best.draws) // DRAWS)]
    spaces = [r_space(scan, mean.window) for scan in scans]
    seen = list(zip(scans, spaces, strict=True))
    central = _fits(seen, best.model, np.median(best.draws, axis=0))
    shared = [_fits(seen, best.model, draw) for draw in draws]
    found = {}
    for shell in best.model.shells:
        unsure = shell.metal_metal and mean.verdict != "supported"
        doubt = " (if there is such a path)" if unsure else ""
        for name, title, of in (
            (number_name(shell), f"N({shell.name}){doubt}", PathFit.coordination_number),
            (distance_name(shell), f"R({shell.name}){doubt} / angstrom", PathFit.distance_angstrom),
        ):
            drawn = np.array([[of(fit, shell).value for fit in fits] for fits in shared])
            values = tuple(
                _wider(of(fit, shell), column) for fit, column in zip(central, drawn.T, strict=True)
            )
            found[name] = ScanFigures(title, values, drawn)
    return found


def number_name(shell: Shell) -> str:
    """Of a shell's coordination number among the figures."""
    return f"coordination_number {shell.name}"


def distance_name(shell: Shell) -> str:
    """Of a shell's distance among the figures."""
    return f"distance_angstrom {shell.name}"


def _fits(
    seen: Sequence[tuple[FineStructure, FitSpace]], model: Model, parameters: np.ndarray
) -> list[PathFit]:
    """Every scan from these parameters (1 + D,), S02 and sigma2 held at them."""
    start = {p.name: float(v) for p, v in zip(model.parameters, parameters[1:], strict=True)}
    held = {name: value for name, value in start.items() if name.startswith("sigma2")}
    s02 = float(parameters[0])
    return [
        fit_paths(scan, model, s02=s02, space=space, fixed=held, start=start)
        for scan, space in seen
    ]


def _wider(figure: FigureOfMerit, drawn: np.ndarray) -> FigureOfMerit:
    """A fitted number with the error that S02 and sigma2 leave."""
    low, high = figure.interval_95
    if figure.value is None or low is None or high is None:
        return figure
    return replace(figure, interval_95=widened(figure.value, (low, high), drawn))
