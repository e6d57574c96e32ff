"""The table that comes with the package, and tables that are refused."""

import pytest

from adatom.errors import LibraryError
from adatom.library.published import COLUMNS, METRICS, parse_published, published_catalysts, select

HEAD = ",".join(COLUMNS)
ROW = 'Fe1,Fe,single,ORR,0.1 M KOH,E_half,=,0.871,,V vs RHE,RDE,"A, J. 2022, 1",sec 2'


def test_every_number_has_a_source_a_place_and_the_unit_of_its_metric():
    entries = published_catalysts()
    assert len(entries) == 185
    assert all(e.source and e.locator and e.metals for e in entries)
    assert all(e.unit == METRICS[e.metric].unit for e in entries)


def test_numbers_of_one_paper():
    """Leng et al., Adv. Funct. Mater. 2022, 10.1002/adfm.202205637: 0.951 V and 47 mV/dec."""
    found = {
        (e.catalyst, e.metric): e.value
        for e in select(published_catalysts(), reaction="orr", electrolyte="0.1M KOH")
    }
    assert found["Fe2@PDA-ZIF-900", "E_half"] == 0.951
    assert found["Fe2@PDA-ZIF-900", "tafel_slope"] == 47.0
    assert found["Fe1@PDA-ZIF-900", "E_half"] == 0.871


def test_half_wave_potentials_are_potentials_and_overpotentials_are_positive():
    for e in published_catalysts():
        if e.metric in ("E_half", "onset_potential", "E_10"):
            assert 0.5 < e.value < 2.0, e
        if e.metric in ("overpotential_10", "tafel_slope"):
            assert 5.0 < e.value < 600.0, e


def test_a_bound_keeps_its_sign():
    (entry,) = parse_published(f"{HEAD}\n{ROW.replace(',=,', ',>,')}\n", "t.csv")
    assert (entry.qualifier, entry.value, entry.uncertainty) == (">", 0.871, None)


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("Fe,single", "Xy,single", "line 2: 'Xy' is no element"),
        ("V vs RHE", "mV", "E_half in 'mV', expected 'V vs RHE'"),
        ("E_half", "E_quarter", "metric 'E_quarter' is unknown"),
        ("0.871", "high", "'high' is no number"),
        ("0.871", "nan", "'nan' is no number"),
        ("0.871,", "0.871,-0.1", "uncertainty must be positive"),
        (",=,", ",about,", "qualifier must be one of"),
        (",sec 2", ",", "locator is missing"),
        ('"A, J. 2022, 1"', "", "source is missing"),
        (",sec 2", "", "expected 13 fields"),
        (",sec 2", ",sec 2,more", "expected 13 fields"),
        ("", "", "line 3: Fe1, E_half is there twice"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line(old, new, says):
    row = ROW.replace(old, new, 1) if old else f"{ROW}\n{ROW}"
    with pytest.raises(LibraryError, match=says):
        parse_published(f"{HEAD}\n{row}\n", "t.csv")


def test_another_header_is_refused():
    with pytest.raises(LibraryError, match="the columns must be catalyst, metals"):
        parse_published(HEAD.replace("locator", "where") + "\n", "t.csv")
