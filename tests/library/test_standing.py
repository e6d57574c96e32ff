"""Rank and percentile among published values: counted by hand, and refused where there are few."""

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from adatom.errors import LibraryError
from adatom.figure_of_merit import FigureOfMerit, no_figure
from adatom.library.published import COLUMNS, parse_published
from adatom.library.standing import SELECTION_BIAS, standing


def table(values, metric="E_half", unit="V vs RHE", electrolyte="0.1 M KOH", condition=""):
    rows = [
        f"cat{i},Fe;Co,dual,ORR,{electrolyte},{metric},=,{v},,{unit},{condition},paper {i},Table 1"
        for i, v in enumerate(values)
    ]
    return parse_published("\n".join([",".join(COLUMNS), *rows]), "t.csv")


FIVE = table([0.80, 0.85, 0.90, 0.95, 1.00])


def figure(value, half=0.0):
    return FigureOfMerit(value, (value - half, value + half))


def of(value, half=0.0, entries=FIVE, metric="E_half", electrolyte="0.1 M KOH", **options):
    return standing(
        metric, figure(value, half), electrolyte=electrolyte, reaction="ORR", entries=entries,
        **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "value, rank, percentile",
    [(1.1, 1, 100), (0.7, 6, 0), (0.91, 3, 60), (0.90, 3, 50), (0.899, 4, 40)],
)
def test_rank_and_percentile_by_hand(value, rank, percentile):
    found = of(value)
    assert (found.rank, found.percentile) == (rank, percentile)
    assert found.rank_interval_95 == (rank, rank)


def test_the_interval_of_the_sample_is_that_of_its_rank():
    found = of(0.91, 0.05)  # from 0.86 to 0.96
    assert found.rank_interval_95 == (2, 4)
    assert found.percentile_interval_95 == (40.0, 80.0)
    assert "rank 3 (2 to 4) among 5" in found.sentence
    opened = standing(
        "E_half", FigureOfMerit(0.91, (None, 0.96)), electrolyte="0.1 M KOH", reaction="ORR",
        entries=FIVE,
    )  # fmt: skip
    assert opened.rank_interval_95 == (2, None)
    assert opened.percentile_interval_95 == (None, 80.0)


def test_less_is_better_where_it_is():
    slopes = table([40, 50, 60, 70, 80], "tafel_slope", "mV dec-1")
    found = of(55.0, 10.0, entries=slopes, metric="tafel_slope")
    assert (found.rank, found.percentile) == (3, 60.0)
    assert found.rank_interval_95 == (2, 4)
    assert found.entries[0].value == 40.0


def test_the_nearest_come_with_their_citations():
    nearest = of(0.93).nearest
    assert [e.value for e in nearest] == [0.95, 0.90, 1.00]
    assert nearest[0].citation == "paper 3, Table 1"


def test_other_electrolytes_and_bounds_are_not_counted():
    mixed = (*FIVE, *table([0.5] * 3, electrolyte="0.5 M H2SO4"), replace(FIVE[0], qualifier=">"))
    found = of(0.91, entries=mixed)
    assert len(found.entries) == 5
    assert found.left_out == ("cat0: a bound (> 0.8)",)
    with pytest.raises(
        LibraryError, match=r"0.5 M H2SO4 to compare with: 3, .* 0.1 M KOH 5, 0.5 M H2SO4 3"
    ):
        of(0.91, entries=mixed, electrolyte="0.5 M H2SO4")


def test_a_potential_is_compared_with_the_same_potential():
    currents = table([1, 2, 3, 4, 5], "j_k", "mA cm-2", condition="0.85 V vs RHE")
    found = of(2.5, entries=currents, metric="j_k", condition="0.85 V vs RHE")
    assert found.rank == 4
    with pytest.raises(LibraryError, match=r"at 0.90 V vs RHE to compare with: 0"):
        of(2.5, entries=currents, metric="j_k", condition="0.90 V vs RHE")


def test_what_cannot_be_ranked_is_refused():
    with pytest.raises(LibraryError, match=r"E_half .* to compare with: 4, at least 5"):
        of(0.9, entries=FIVE[:4])
    with pytest.raises(LibraryError, match="metric 'activity' is unknown"):
        of(0.9, metric="activity")
    with pytest.raises(LibraryError, match="dG_H has no better or worse"):
        of(0.9, metric="dG_H")
    with pytest.raises(LibraryError, match="the sample has no E_half: no plateau"):
        standing("E_half", no_figure("no plateau"), electrolyte="0.1 M KOH", reaction="ORR")


def test_the_published_pair_stands_second_in_its_own_library():
    """Fe2@PDA-ZIF-900, 0.951 V (10.1002/adfm.202205637): only 0.96 V of A-CoPt-NC is more."""
    found = standing("E_half", figure(0.951), electrolyte="0.1 M KOH", reaction="ORR")
    assert found.rank == 2
    assert found.nearest[0].catalyst == "Fe2@PDA-ZIF-900"
    assert found.as_dict()["notes"][0] == SELECTION_BIAS


@pytest.mark.parametrize("metric, unit, right", [("E_half", "V vs RHE", True),
                                                 ("tafel_slope", "mV dec-1", False)])  # fmt: skip
def test_the_picture_has_the_better_values_on_the_right(metric, unit, right):
    values = [0.80, 0.85, 0.90, 0.95, 1.00]
    found = of(0.91, 0.02, entries=table(values, metric, unit), metric=metric)
    ax = found.plot()
    left, end = ax.get_xlim()
    assert bool(end > left) is right
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels[0] == found.entries[0].catalyst
    plt.close(ax.figure)
