"""What the distance of a site from a scaling line buys in limiting potential."""

from dataclasses import dataclass

import numpy as np

from adatom.errors import AdatomError
from adatom.reactions.network import ReactionPath
from adatom.thermo.free_energies import FreeEnergies
from adatom.thermo.limiting import limiting_potentials_V, path_step_energies_eV
from adatom.thermo.lines import LineFit

DEFAULT_DRAWS = 2000
_SEED = 1


@dataclass(frozen=True)
class LimitingGain:
    """What the distance of a site from a line buys in limiting potential."""

    path: str
    limiting_potential_V_rhe: float
    """Of the site as it is."""
    on_line_V_rhe: float
    """Of a site with the same energies but that of y, which lies on the line."""
    gain_V: float
    """Their difference, positive where the site needs less overpotential than on the line."""
    interval_95_V: tuple[float, float]
    """Over draws of the site's energies and of the lines that the others allow."""


def adsorbates_of(path: ReactionPath) -> tuple[str, ...]:
    """States of a path that hold an adsorbate, in order."""
    states = dict.fromkeys(s for step in path.steps for s in (step.start, step.end))
    return tuple(s for s in states if s.strip("*|"))


def limiting_gain(
    site: FreeEnergies,
    line: LineFit,
    x: str,
    y: str,
    path: ReactionPath,
    *,
    draws: int = DEFAULT_DRAWS,
    seed: int = _SEED,
) -> LimitingGain:
    """Limiting potential of a site against that of one at the same ``x`` with ``y`` on the line.

    The other energies of the site stay as they are. The interval is that of ``draws`` seeded
    draws of the site's energies, correlated as it says, and of the line. Raises
    :class:`~adatom.errors.AdatomError` where the path does not pass through both adsorbates, or
    an energy that it needs is missing.
    """
    adsorbed = adsorbates_of(path)
    if x not in adsorbed or y not in adsorbed:
        raise AdatomError(f"the path '{path.name}' does not pass through both {x} and {y}")
    missing = [s for s in adsorbed if s not in site.values_eV]
    if missing:
        raise AdatomError(
            f"{site.label}: no free energy of {', '.join(missing)}, which the path '{path.name}'"
            " needs"
        )
    rng = np.random.default_rng(seed)
    mean = np.array([site.values_eV[s] for s in adsorbed])
    sd = np.array([site.sd_eV[s] for s in adsorbed])
    shared = site.correlation + (1.0 - site.correlation) * np.eye(len(adsorbed))
    away = rng.multivariate_normal(np.zeros(len(adsorbed)), shared * np.outer(sd, sd), size=draws)
    energies = mean + np.vstack([np.zeros(len(adsorbed)), away])
    lines = np.vstack([[line.intercept, line.slope], line.draws(draws, rng)])
    obeying = energies.copy()
    obeying[:, adsorbed.index(y)] = lines[:, 0] + lines[:, 1] * energies[:, adsorbed.index(x)]
    own, on_line = (
        limiting_potentials_V(path, path_step_energies_eV(path, adsorbed, e))
        for e in (energies, obeying)
    )
    gains = (own - on_line) * (1.0 if path.electrons > 0 else -1.0)
    low, high = np.quantile(gains[1:], [0.025, 0.975])
    return LimitingGain(
        path=path.name,
        limiting_potential_V_rhe=float(own[0]),
        on_line_V_rhe=float(on_line[0]),
        gain_V=float(gains[0]),
        interval_95_V=(float(low), float(high)),
    )
