"""Circuits as text, their impedances in limits known analytically, their derivatives."""

import numpy as np
import pytest

from adatom.electrochem.impedance.elements import Frequencies
from adatom.electrochem.impedance.notation import LIBRARY, parse_circuit
from adatom.errors import CircuitError

F = np.logspace(5, -3, 81)
W = 2 * np.pi * F


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("R(RQ)", "R0-p(R1,CPE1)"),
        ("R([RW]Q)", "R0-p(R1-W1,CPE1)"),
        ("R0 - p(R1, CPE1) - W1", "R0-p(R1,CPE1)-W1"),
        ("LR(RQ)(RC)", "L1-R0-p(R1,CPE1)-p(R2,C1)"),
        ("R(C[R(RC)])", "R0-p(C1,R1-p(R2,C2))"),
        ("R3-R", "R3-R0"),
        ("randles", "R0-p(R1-W1,C1)"),
    ],
)
def test_both_notations_are_one_circuit(text, canonical):
    assert str(parse_circuit(text)) == canonical
    assert str(parse_circuit(canonical)) == canonical


@pytest.mark.parametrize("name", LIBRARY)
def test_library_is_written_as_it_is_printed(name):
    assert str(parse_circuit(name)) == LIBRARY[name][0]


@pytest.mark.parametrize(
    "text, position",
    [
        ("", 0),
        ("R0-p(R1)", 7),
        ("R(R", 3),
        ("R0-X1", 3),
        ("R0-R0", 3),
        ("R-", 2),
        ("R0)", 2),
        ("(R)", 2),
        ("R12345", 1),
        ("__import__('os')", 0),
        ("(" * 50, 20),
        ("R" * 300, 200),
    ],
)
def test_errors_point_at_the_character(text, position):
    with pytest.raises(CircuitError) as caught:
        parse_circuit(text)
    assert caught.value.position == position
    assert "circuit" in str(caught.value)


def test_derivatives_are_those_of_finite_differences():
    circuit = parse_circuit("R-p(R-W,C)-p(L,Ws)-Wo-G-TLM-CPE")
    point = np.random.default_rng(0).uniform(0.3, 0.9, len(circuit.names))
    frequencies = Frequencies.of(F)
    slopes = circuit.values(point, frequencies)[1]
    for k in range(len(point)):
        step = np.zeros(len(point))
        step[k] = 1e-6
        up, down = (
            np.where(circuit.exponents, point + s, point * np.exp(s)) for s in (step, -step)
        )
        pair = circuit.values(np.stack([up, down]), frequencies)[0]
        numerical = (pair[0] - pair[1]) / 2e-6
        assert np.abs(numerical - slopes[k]).max() < 1e-7 * np.abs(numerical).max()


def z(text, **values):
    named = {k.replace("_", "."): v for k, v in values.items()}
    return parse_circuit(text).impedance_ohm(named, F)


def test_randles_circuit_by_hand():
    expected = 10 + 1 / (1j * W * 1e-5 + 1 / (63 + 20 * (1 - 1j) / np.sqrt(W)))
    assert np.allclose(z("randles", R0=10, R1=63, W1=20, C1=1e-5), expected, rtol=1e-12)


def test_cpe_between_resistor_and_capacitor():
    assert np.allclose(z("CPE1", CPE1_Q=0.02, CPE1_n=0.0), 50.0)
    assert np.allclose(z("CPE1", CPE1_Q=0.02, CPE1_n=1.0), z("C1", C1=0.02), rtol=1e-12)


def test_finite_diffusion_in_its_limits():
    """Fast: a semi-infinite Warburg with sigma = R/sqrt(2 tau); slow: R, or R/3 and tau/R."""
    short = z("Ws1", Ws1_R=100.0, Ws1_tau=1.0)
    opened = z("Wo1", Wo1_R=100.0, Wo1_tau=1.0)
    warburg = z("W1", W1=100.0 / np.sqrt(2.0))
    fast = F > 1e3
    assert np.allclose(short[fast], warburg[fast], rtol=1e-9)
    assert np.allclose(opened[fast], warburg[fast], rtol=1e-9)
    assert short[-1] == pytest.approx(100.0, rel=3e-3)
    assert opened[-1].real == pytest.approx(100.0 / 3.0, rel=1e-5)
    assert opened[-1].imag == pytest.approx(-100.0 / W[-1], rel=1e-4)


def test_gerischer_and_pore_in_their_limits():
    gerischer = z("G1", G1_R=100.0, G1_tau=1.0)
    assert gerischer[-1] == pytest.approx(100.0, rel=4e-3)
    assert np.degrees(np.angle(gerischer[0])) == pytest.approx(-45.0, abs=1e-3)
    pore = z("TLM1", TLM1_R=30.0, TLM1_Q=1e-3, TLM1_n=1.0)
    assert pore[-1].real == pytest.approx(10.0, rel=1e-4)  # a third of the pore's resistance
    assert pore[-1].imag == pytest.approx(-1.0 / (W[-1] * 1e-3), rel=1e-3)
    assert np.degrees(np.angle(pore[0])) == pytest.approx(-45.0, abs=1e-3)
