"""Headers and units."""

import math

import pytest

from adatom.readers.naming import canonical_name, heading, unit_of


@pytest.mark.parametrize(
    "text, name, factor, reference",
    [
        ("E (V)", "potential_V", 1.0, ""),
        ("I/mA", "current_A", 1e-3, ""),
        ("j (mA cm-2)", "current_density_mA_cm2", 1.0, ""),
        ("j / uA cm-2", "current_density_mA_cm2", 1e-3, ""),
        ("j [A/m2]", "current_density_mA_cm2", 0.1, ""),
        ("Current density (mA/cm^2)", "current_density_mA_cm2", 1.0, ""),
        ("j (mA·cm⁻²)", "current_density_mA_cm2", 1.0, ""),
        ("Potential/V", "potential_V", 1.0, ""),
        ("Potential (V vs. RHE)", "potential_V", 1.0, "RHE"),
        ("E / V vs Ag/AgCl", "potential_V", 1.0, "Ag/AgCl"),
        ("<Ewe>/V", "potential_V", 1.0, ""),
        ("<I>/mA", "current_A", 1e-3, ""),
        ("-Im(Z)/Ohm", "impedance_imaginary_ohm", -1.0, ""),
        ("-Z'' (Ω)", "impedance_imaginary_ohm", -1.0, ""),
        ("Z' (kOhm)", "impedance_real_ohm", 1e3, ""),
        ("WE(1).Current (A)", "current_A", 1.0, ""),
        ("Column 13 (RPM)", "rotation_rpm", 1.0, ""),
        ("rotation rate/rpm", "rotation_rpm", 1.0, ""),
        ("Rotation (rad/s)", "rotation_rpm", 30 / math.pi, ""),
        ("Freq (kHz)", "frequency_Hz", 1e3, ""),
        ("Freq (mHz)", "frequency_Hz", 1e-3, ""),
        ("time/min", "time_s", 60.0, ""),
        ("cycle number", "cycle", 1.0, ""),
        ("potential_V_rhe", "potential_V", 1.0, "RHE"),
        ("current_density_mA_cm2", "current_density_mA_cm2", 1.0, ""),
        ("ring current / uA", "ring_current_A", 1e-6, ""),
    ],
)
def test_clear_headers(text, name, factor, reference):
    found = heading(text)
    assert (found.name, found.reference) == (name, reference)
    assert found.factor == pytest.approx(factor, rel=1e-14)


@pytest.mark.parametrize(
    "text",
    ["E", "I", "j", "Potential", "E (mA)", "I (V)", "Freq (mhz)", "Z' (ohm cm2)", "|Z|/Ohm",
     "Phase(Z)/deg", "ω (rad/s)", "Ewe-Ece/V", "T (K)", "-I/mA", "", "(V)", "P/W"],
)  # fmt: skip
def test_unclear_headers_are_never_guessed(text):
    assert heading(text).name is None


def test_units():
    assert unit_of("mA cm-2") == ("density", 1.0, "")
    assert unit_of("MOhm") == ("resistance", 1e6, "")
    assert unit_of("mA.h") == ("capacity", 1.0, "")
    assert unit_of("bananas") is None
    assert canonical_name("current_density_uA_cm2") == ("current_density_mA_cm2", 1e-3, "")
    assert canonical_name("current_V") is None
