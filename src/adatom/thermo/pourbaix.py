"""Which state of a site is lowest at a potential and pH: covered site, or hole and lost metal.

Everything is counted from one reference: the empty hole (the site without metal), its metals
as bulk crystals, H2O, and H+ and e- at the hydrogen electrode. A state of the site that binds
n_O oxygen and n_H hydrogen has released 2 n_O - n_H electrons and as many protons; a lost metal
releases those of its form (:mod:`adatom.thermo.dissolution`). All free energies are linear in
U and pH, so the boundaries are straight lines, found exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from adatom.errors import AdatomError
from adatom.thermo.dissolution import NERNST_V, Form, forms_of

SCALES = ("SHE", "RHE")


@dataclass(frozen=True)
class SiteState:
    """The site with all its metals (bare or covered), or a hole that some or all have left."""

    name: str
    lost: tuple[str, ...]
    """Metals that have left, sorted; empty for the whole site."""
    free_energy_eV: float
    """Against the empty hole, the bulk of the metals still on the site, H2O and H2."""
    sd_eV: float
    """Standard deviation of the adsorbate or of the saturating hydrogen; 0 for bare ones."""
    electrons: int
    """2 n_O - n_H of what it binds: electrons, and protons, released."""

    def at_eV(self, potential_V_rhe: float) -> float:
        """Free energy at a potential, eV, without the lost metals."""
        return self.free_energy_eV - self.electrons * potential_V_rhe


@dataclass(frozen=True)
class Plane:
    """One state with each lost metal in one form: a free energy linear in U (SHE) and pH."""

    name: str
    state: str
    lost: tuple[str, ...]
    free_energy_eV: float
    """At U = 0 V vs SHE and pH 0, at the activity of the dissolved forms."""
    electrons: float
    protons: float

    def at_eV(self, potential_V_she: np.ndarray | float, pH: np.ndarray | float) -> np.ndarray:
        """Free energy, eV, of the shape that both broadcast to."""
        return np.asarray(
            self.free_energy_eV - self.electrons * potential_V_she - self.protons * NERNST_V * pH
        )


def she(potential_V: float, scale: str, pH: float) -> float:
    """A potential given on the SHE or RHE scale, V vs SHE: U_SHE = U_RHE - 0.0592 V pH."""
    if scale not in SCALES:
        raise AdatomError(f"scale '{scale}' is unknown; expected one of: {', '.join(SCALES)}")
    return potential_V - (NERNST_V * pH if scale == "RHE" else 0.0)


def lowest_form(metal: str, potential_V_she: float, pH: float, activity: float) -> Form:
    """The form in which a metal that has left is lowest."""
    return min(forms_of(metal), key=lambda form: form.at_eV(potential_V_she, pH, activity))


def planes(states: Sequence[SiteState], activity: float) -> tuple[Plane, ...]:
    """Every state with every form of its lost metals that is lowest anywhere in water."""
    found = []
    for state in states:
        choices = [_relevant_forms(metal, activity) for metal in state.lost]
        # Two equal metals that have left take the same form.
        distinct = {
            tuple(sorted(f.name for f in forms)): forms
            for forms in product(*choices)
            if len({(f.metal, f.name) for f in forms}) == len({f.metal for f in forms})
        }
        for forms in distinct.values():
            found.append(
                Plane(
                    name=" + ".join([state.name, *(f.name for f in forms)]),
                    state=state.name,
                    lost=state.lost,
                    free_energy_eV=state.free_energy_eV
                    + sum(f.at_eV(0.0, 0.0, activity) for f in forms),
                    electrons=state.electrons + sum(f.electrons for f in forms),
                    protons=state.electrons + sum(f.protons for f in forms),
                )
            )
    return tuple(found)


@cache
def _relevant_forms(metal: str, activity: float) -> tuple[Form, ...]:
    forms = forms_of(metal)
    U, pH = np.meshgrid(np.linspace(-4.0, 4.0, 161), np.linspace(-1.0, 16.0, 69))
    energies = [
        f.at_eV(0.0, 0.0, activity) - f.electrons * U - f.protons * NERNST_V * pH for f in forms
    ]
    return tuple(forms[i] for i in np.unique(np.argmin(energies, axis=0)))


@dataclass(frozen=True)
class Boundary:
    """Where one state takes over from another along the potential."""

    potential_V_she: float
    potential_V_rhe: float
    below: str
    above: str


def boundaries(
    candidates: Sequence[Plane], pH: float, *, window_V_she: tuple[float, float] = (-3.0, 3.0)
) -> tuple[Boundary, ...]:
    """Exact boundaries along the potential at one pH, upwards through ``window_V_she``."""
    low, high = window_V_she
    here = min(candidates, key=lambda p: (float(p.at_eV(low, pH)), -p.electrons))
    found: list[Boundary] = []
    potential = low
    while True:
        rivals = [
            (
                float(rival.at_eV(0.0, pH) - here.at_eV(0.0, pH))
                / (rival.electrons - here.electrons),
                -rival.electrons,
                n,
            )
            for n, rival in enumerate(candidates)
            if rival.electrons > here.electrons + 1e-9
        ]
        rivals = [r for r in rivals if r[0] >= potential - 1e-9]
        if not rivals or min(rivals)[0] > high:
            return tuple(found)
        potential, _, n = min(rivals)
        above = candidates[n]
        found.append(Boundary(potential, potential + NERNST_V * pH, here.name, above.name))
        here = above


@dataclass(frozen=True)
class PourbaixMap:
    """The lowest state over potential and pH."""

    label: str
    scale: str
    """SHE or RHE."""
    potentials_V: np.ndarray
    """(U,) on ``scale``."""
    pH: np.ndarray
    """(P,)."""
    names: tuple[str, ...]
    """States that are lowest somewhere, by first appearance."""
    whole: tuple[bool, ...]
    """Whether each of ``names`` keeps all metals."""
    lowest: np.ndarray
    """(U, P) indices into ``names``."""
    loss_energy_eV: np.ndarray
    """(U, P): lowest state that has lost metal minus lowest whole site, eV; positive: stable."""
    activity: float


def pourbaix_map(
    label: str,
    states: Sequence[SiteState],
    *,
    activity: float,
    scale: str = "SHE",
    potentials_V: np.ndarray | None = None,
    pH: np.ndarray | None = None,
) -> PourbaixMap:
    """Map the lowest state of a site; default -1 to 2 V in 20 mV and pH 0 to 14 in 0.25."""
    potentials = np.linspace(-1.0, 2.0, 151) if potentials_V is None else np.array(potentials_V)
    acidity = np.linspace(0.0, 14.0, 57) if pH is None else np.array(pH)
    she(0.0, scale, 0.0)
    grid_pH = np.broadcast_to(acidity, (len(potentials), len(acidity)))
    grid_U = potentials[:, None] - (NERNST_V * grid_pH if scale == "RHE" else 0.0)
    found = planes(states, activity)
    best = np.full(grid_pH.shape, np.inf)
    sides = {True: best.copy(), False: best.copy()}
    index = np.zeros(grid_pH.shape, dtype=int)
    for n, plane in enumerate(found):  # one plane at a time keeps memory at a few grids
        energy = plane.at_eV(grid_U, grid_pH)
        index[energy < best] = n
        best = np.minimum(best, energy)
        side = sides[not plane.lost]
        np.minimum(side, energy, out=side)
    used, lowest = np.unique(index, return_inverse=True)
    result = PourbaixMap(
        label=label,
        scale=scale,
        potentials_V=potentials,
        pH=acidity,
        names=tuple(found[n].name for n in used),
        whole=tuple(not found[n].lost for n in used),
        lowest=lowest.reshape(index.shape),
        loss_energy_eV=sides[False] - sides[True],
        activity=activity,
    )
    for array in (result.potentials_V, result.pH, result.lowest, result.loss_energy_eV):
        array.flags.writeable = False
    return result
