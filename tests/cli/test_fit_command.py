"""``adatom fit`` as a user runs it."""

import json

import pytest

from adatom.cli import main

TABLE = "site,*OH,*O,*OOH\nA,0.8,2.4,4.4\nB,1.6,3.2,4.8\n"


@pytest.fixture
def files(tmp_path, capsys):
    """A table of energies, and the curve that the prediction makes of its first site."""
    table, curve = tmp_path / "energies.csv", tmp_path / "curve.csv"
    table.write_text(TABLE)
    potentials = ",".join(f"{1.0 - 0.02 * n:.2f}" for n in range(31))
    code, out, err = run(
        capsys, "predict", "A", "--energies", table, "--potentials", potentials, "--site-density",
        "1e-6", "--barrier", "0.40", "--json", "-",
    )  # fmt: skip
    assert code == 0, err
    predicted = json.loads(out)["results"][0]["curve"]
    rows = zip(predicted["potential_V_rhe"], predicted["current_density_mA_cm2"], strict=True)
    text = "potential_V_rhe,current_density_mA_cm2,sd_mA_cm2\n"
    curve.write_text(text + "".join(f"{u},{j},0.01\n" for u, j in rows))
    return table, curve


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_a_predicted_curve_comes_back_as_what_it_was_made_of(capsys, files, tmp_path):
    table, curve = files
    picture = tmp_path / "fit.png"
    code, out, err = run(
        capsys, "fit", curve, "--energies", table, "--site", "A", "--rpm", 1600, "--free",
        "density", "--fix", "barrier=0.40", "--json", "-", "--plot", picture,
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["parameters"]["density"]["value"] == pytest.approx(-6.0, abs=1e-3)
    assert found["describes_the_curve"]
    assert found["fixed"] == {"barrier": 0.4, "transport": 1.0}
    assert picture.stat().st_size > 10_000


def test_what_cannot_be_told_apart_is_printed(capsys, files):
    table, curve = files
    code, out, err = run(
        capsys, "fit", curve, "--energies", table, "--site", "A", "--rpm", 1600,
    )  # fmt: skip
    assert code == 0, err
    assert "not determined" in out
    assert "cannot tell density and barrier apart" in out


def test_bad_input_is_one_line_and_exit_code_2(capsys, files, tmp_path):
    table, curve = files
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("E/V,j\n0.9,-0.1\n")
    both = tmp_path / "both.csv"
    both.write_text("potential_V_rhe,current_density_mA_cm2\n0.9,-1\n0.8,-2\n0.9,-1\n")
    given = ["--energies", table, "--site", "A", "--rpm", 1600]
    for arguments, said in (
        ([curve], "--rpm"),
        ([curve, "--rpm", 1600], "name the site"),
        ([curve, "--rpm", 1600, "--energies", table], "has A, B; name one"),
        ([curve, "--rpm", 1600, "--energies", table, "--site", "C"], "site 'C' is not in"),
        ([curve, "--rpm", 1600, "--site", "FeN4@graphene", "--correction", "x"], "'x' is unknown"),
        ([wrong, *given], "expected the columns"),
        ([both, *given], "one sweep direction"),
        ([curve, *given, "--free", "densty"], "'densty' is unknown"),
        ([curve, *given, "--fix", "barrier"], "--fix 'barrier' must be NAME=NUMBER"),
        ([curve, *given, "--free", "barrier"], "fix it: density=1e-8"),
        ([curve, *given, "--rate-law", "butler-volmer"], "needs its k0"),
        ([curve, *given, "--plot", tmp_path / "fit.txt"], "ends in .png"),
        ([curve, *given, "--json", curve], "read by this command"),
    ):
        code, out, err = run(capsys, "fit", *arguments)
        assert code == 2, arguments
        assert said in err
        assert err.count("\n") == 1
        assert out == ""
