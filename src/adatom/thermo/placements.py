"""Which computed minima stand for the states of a site: the lowest of all, or one a position.

Where an adsorbate sits is told from the bonds of its relaxed structure, not from where it started.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from adatom.energies.compute import SiteEnergies
from adatom.energies.workers import Finished
from adatom.errors import EngineError
from adatom.reactions.energy_names import energy_name
from adatom.reactions.mechanism import BARE
from adatom.reactions.network import Network
from adatom.sites.adsorbates import BRIDGE_REACH_A, classify, starting_metals
from adatom.sites.positions import Positions, positions_of

_ON_EACH = "lowest minimum on each metal kept"


@dataclass(frozen=True)
class Placements:
    """The minimum behind every energy of a site."""

    minima: Mapping[str, Finished]
    """Name of the energy (``*OH``, ``*OH@Fe``, ``*O*@Co-Fe``) -> relaxation."""
    positions: tuple[str, ...]
    description: str
    """Which minima these are, for people."""
    notes: tuple[str, ...] = ()
    caution: str = ""


def lowest_of_all(result: SiteEnergies, network: Network) -> Placements:
    """The lowest minimum of each adsorbate, wherever it sits: a site of one position.

    Raises :class:`~adatom.errors.EngineError` where a required adsorbate was lost.
    """
    result.require(network.required)
    return Placements(result.lowest, (BARE,), "lowest position kept")


def lowest_on_each(result: SiteEnergies, network: Network) -> Placements:
    """The lowest minimum of each adsorbate on each metal of the site, a cluster being one.

    An adsorbate that bridges two positions has an energy where the network names it (``*O*``),
    and is said otherwise. A position that every relaxation left gets no energy, and that is said.
    Raises :class:`~adatom.errors.EngineError` for a position that an adsorbate was not relaxed on,
    and for a required adsorbate that stays on none.
    """
    positions = positions_of(result.site)
    if len(positions.names) == 1:
        return replace(lowest_of_all(result, network), description=_ON_EACH)
    result.require(network.required)
    minima: dict[str, Finished] = {}
    notes: list[str] = []
    cautions: list[str] = []
    for adsorbate in network.required:
        ends = [(_sits_on(f, positions), f) for f in result.finished(adsorbate)]
        missing = []
        for name in dict.fromkeys(positions.names):
            here = [f for where, f in ends if [positions.names[p] for p in where] == [name]]
            if here:
                minima[energy_name(adsorbate, (name,))] = min(here, key=_energy_eV)
            else:
                missing.append(_left(result, adsorbate, name, positions))
        single = [_energy_eV(f) for where, f in ends if len(where) == 1]
        if not single:
            raise EngineError(
                f"{result.engine.name}: no single metal of {result.site} holds {adsorbate}"
                f" ({'; '.join(missing)}); predict it without positions, or give its energies in a"
                " table with --energies"
            )
        cautions += [f"{text}: steps that need it there are closed" for text in missing]
        for pair in dict.fromkeys(where for where, _ in ends if len(where) > 1):
            lowest = min((f for where, f in ends if where == pair), key=_energy_eV)
            over = tuple(positions.names[p] for p in pair)
            if len(pair) == 2 and f"{adsorbate}*" in network.mechanism.occupants:
                name = energy_name(f"{adsorbate}*", over)
                minima[name] = min(lowest, minima.get(name, lowest), key=_energy_eV)
                continue
            above = _energy_eV(lowest) - min(single)
            text = (
                f"{adsorbate} over {'+'.join(over)} lies {above:+.2f} eV from on one metal,"
                f" and {network.name} has no state for it"
            )
            if above < 0:
                cautions.append(f"{text}: what it blocks is left out (docs/pairs.md)")
            else:
                notes.append(f"{text}; not used")
    cautions += _far_apart(result, positions)
    notes += [
        f"{name}: started {record.position}"
        + ("" if record.converged else f", largest force left {record.max_force_eV_A:.2f} eV/A")
        for name, (record, _) in minima.items()
    ]
    return Placements(minima, positions.names, _ON_EACH, tuple(notes), "; ".join(cautions))


def _energy_eV(finished: Finished) -> float:
    return finished[0].energy_eV


def _sits_on(finished: Finished, positions: Positions) -> tuple[int, ...]:
    """Positions that the adsorbate of a relaxed structure is bonded to; none where it left."""
    record, atoms = finished
    return () if record.outcome == "failed" else positions.holding(classify(atoms).metals)


def _left(result: SiteEnergies, adsorbate: str, name: str, positions: Positions) -> str:
    """Where the relaxations that started on a position ended.

    Raises :class:`~adatom.errors.EngineError` where there is none, or one failed: that is no
    evidence that the adsorbate does not stay.
    """
    ends = []
    for record, atoms in result.finished(adsorbate):
        start = positions.holding(starting_metals(record.position))
        if [positions.names[p] for p in start] != [name]:
            continue
        where = _sits_on((record, atoms), positions)
        became = "to " + "+".join(positions.names[p] for p in where) if where else record.outcome
        ends.append(f"{record.position} {became}")
    if not ends or any(end.endswith("failed") for end in ends):
        why = ", ".join(ends) or "no relaxation started there; others were lower before"
        raise EngineError(
            f"{result.engine.name} gives no energy of {adsorbate} on {name} of {result.site}"
            f" ({why}); give it in a table with --energies, or use another --engine"
        )
    return f"{adsorbate} does not stay on {name} ({', '.join(ends)})"


def _far_apart(result: SiteEnergies, positions: Positions) -> list[str]:
    """Positions too far from each other to share an adsorbate, though the network lets them."""
    atoms = result.bare[1]
    metals = list(atoms.info["metals"])
    found = []
    for a, b in combinations(range(len(positions.names)), 2):
        apart = min(
            float(atoms.get_distance(metals[i], metals[j], mic=True))
            for i, p in enumerate(positions.of_metal)
            for j, q in enumerate(positions.of_metal)
            if (p, q) == (a, b)
        )
        if apart > BRIDGE_REACH_A:
            found.append(
                f"{positions.names[a]} and {positions.names[b]} are {apart:.1f} A apart and share"
                " no adsorbate; steps over both are taken as possible"
            )
    return found
