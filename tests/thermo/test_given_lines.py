"""Lines of energies over descriptors: read without evaluation, complete or asked for by name."""

import numpy as np
import pytest

from adatom.errors import AdatomError
from adatom.reactions import load_network
from adatom.thermo.given_lines import EnergyLine, coefficients, lines_for, parse_line


@pytest.mark.parametrize(
    ("text", "name", "intercept", "slopes"),
    [
        ("*OOH=3.2+1.0**OH", "*OOH", 3.2, {"*OH": 1.0}),
        ("*OOH = *OH + 3.2", "*OOH", 3.2, {"*OH": 1.0}),
        ("*OOH=3.2+1.0*OH", "*OOH", 3.2, {"*OH": 1.0}),
        ("*O=-0.1 + 2 *OH", "*O", -0.1, {"*OH": 2.0}),
        ("*OOH=1e-1-0.5**OH+0.25*O", "*OOH", 0.1, {"*OH": -0.5, "*O": 0.25}),
        ("*CHO=.5+.5", "*CHO", 1.0, {}),
        ("*OH@Fe=0.1+0.9**OH@Co", "*OH@Fe", 0.1, {"*OH@Co": 0.9}),
        ("*O2*@Co-Fe=1+*O@Fe-0.5", "*O2*@Co-Fe", 0.5, {"*O@Fe": 1.0}),
    ],
)
def test_a_line_is_read(text, name, intercept, slopes):
    line = parse_line(text)
    assert line.name == name
    assert line.intercept_eV == pytest.approx(intercept, abs=1e-15)
    assert dict(line.slopes) == slopes
    again = parse_line(str(line))
    assert (again.name, again.intercept_eV, again.slopes) == (name, line.intercept_eV, line.slopes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*OOH", "expected for example"),
        ("*OOH=", "expected for example"),
        ("OOH=3.2", "names no adsorbate"),
        ("*OOH=3.2 1.0", "cannot read '1.0'"),
        ("*OOH=__import__('os')", "cannot read"),
        ("*OOH=3.2+nan**OH", "cannot read"),
        ("*OOH=3.2***OH", "cannot read"),
        ("*OOH=32+*OH", "intercept"),
        ("*OOH=3.2+11**OH", "slope"),
        ("*OOH=1e400", "intercept"),
        ("*OOH=*OH+*OH", "twice"),
        ("*OOH=*OOH", "itself"),
    ],
)
def test_what_is_no_line_is_refused(text, message):
    with pytest.raises(AdatomError, match=message.replace("(", r"\(")):
        parse_line(text)


def test_known_lines_carry_their_source_and_give_way_to_given_ones(orr):
    lines = {line.name: line for line in lines_for(orr, ["*OH"])}
    assert lines["*OOH"].intercept_eV == 3.2
    assert "10.1021/jz301476w" in lines["*OOH"].source
    mine = EnergyLine("*OOH", 2.46, {"*OH": 1.0}, "given")
    assert lines_for(orr, ["*OH"], [mine])[0] is mine
    assert [line.name for line in lines_for(orr, ["*OH", "*O"])] == ["*OOH"]


@pytest.mark.parametrize(
    ("reaction", "descriptors", "given", "message"),
    [
        ("CO2RR", ["*CO"], (), r"no line is known for \*COOH, \*H"),
        ("ORR", ["*O"], (), r"no line is known for \*OH"),
        ("ORR", ["*O"], ("*OH=0.5**O",), r"rests on \*OH"),
        ("ORR", ["*OH", "*OH"], (), "both axes"),
        ("ORR", ["*H"], (), r"has no \*H"),
        ("ORR", ["*OH"], ("*CO=1",), r"has no \*CO"),
        ("ORR", ["*OH"], ("*O=1", "*O=2"), "two lines"),
        ("ORR", ["*OH"], ("*OH=1",), "is an axis"),
    ],
)
def test_missing_lines_are_asked_for_by_name(reaction, descriptors, given, message):
    with pytest.raises(AdatomError, match=message):
        lines_for(load_network(reaction), descriptors, [parse_line(t) for t in given])


def test_coefficients_turn_descriptors_into_energies(orr):
    table = coefficients(orr.energy_names, ["*OH"], lines_for(orr, ["*OH"]))
    energies = dict(zip(orr.energy_names, table @ np.array([1.0, 0.8]), strict=True))
    assert energies == pytest.approx({"*OH": 0.8, "*O": 1.6, "*OOH": 4.0})
