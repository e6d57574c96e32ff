"""``adatom scaling``: table in; relations, JSON and picture out; bad input in one line."""

import json

import pytest

from adatom.cli import main

HEAD = "site,*OH,*O,*OOH,*OH_sd,*O_sd,*OOH_sd\n"
BUMPS = {
    "Mn": (0.35, 0.05),
    "Fe": (0.62, -0.06),
    "Co": (0.98, 0.02),
    "Ni": (1.82, 0.04),
    "Cu": (1.55, -0.05),
    "Ru": (0.15, 0.0),
}
ROWS = "".join(
    f"{metal}N4@graphene,{x},{2 * x + 0.4 + bump:.2f},{x + 3.2 - bump / 2:.3f},0.05,0.08,0.05\n"
    for metal, (x, bump) in BUMPS.items()
)
PAIR = "FeCoN6@graphene,1.10,2.30,3.70,0.05,0.08,0.05\n"


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main(["scaling", *map(str, arguments)])
    return stop.value.code


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text(HEAD + ROWS + PAIR)
    return path


def test_the_pair_that_breaks_the_relation_is_found_and_its_gain_given(table, capsys):
    assert run(table, "--y", "*OOH", "--json", "-") == 0
    content = json.loads(capsys.readouterr().out)
    (relation,) = content["relations"]
    assert content["line_sites_chosen"] == "those whose notation has one metal"
    assert relation["sites_on_line"] == 6
    assert relation["slope"] == pytest.approx(1.0, abs=0.1)
    low, high = relation["slope_interval_95"]
    assert low < relation["slope"] < high
    assert relation["slope_of_bond_counting"]["expected"] == 1.0
    pair = next(s for s in relation["sites"] if s["site"] == "FeCoN6@graphene")
    assert pair["breaks_scaling"]
    assert pair["distance_eV"] == pytest.approx(3.70 - (1.10 + 3.2), abs=0.05)
    # On the line *OOH forms at 4.92 - 4.30 V; as it is, *OH leaves at 1.10 V.
    assert pair["gain"]["gain_V"] == pytest.approx(1.10 - 0.62, abs=0.05)


def test_the_table_says_it_in_words_and_a_picture_is_drawn(table, tmp_path, capsys):
    picture = tmp_path / "scaling.png"
    assert run(table, "--plot", picture) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "*OOH against *OH" in out
    assert "*O against *OH" in out
    assert "agrees with 2 of bond counting" in out
    assert "those whose notation has one metal; --line names others" in out
    assert "breaks" in out
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_lines_may_be_named_and_few_sites_are_warned_of(table, capsys):
    names = [o for m in ("Mn", "Co", "Ni") for o in ("--line", f"{m}N4@graphene")]
    assert run(table, "--y", "*OOH", *names) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "only 3 sites" in out
    assert "sites of the lines: as named" in out
    assert "not set against the line: MnN4@graphene: *OOH against *OH: a line needs 3 sites" in out


@pytest.mark.parametrize(
    "text, options, message",
    [
        (HEAD + PAIR, [], "0 of 1 have a notation with one metal"),
        (HEAD + ROWS, ["--x", "*CO"], "no site has a free energy of '*CO'"),
        (HEAD + ROWS, ["--line", "AuN4@graphene"], "not among"),
        (HEAD + ROWS, ["--plot", "scaling.txt"], "ends in .png, .pdf or .svg"),
        (HEAD + ROWS, ["--reaction", "XXX"], "reaction 'XXX' is unknown"),
        (HEAD + ROWS.replace("0.05,0.08", "-0.05,0.08"), [], "cannot be negative"),
        (HEAD + ROWS.replace("0.05,0.08", "3,0.08"), [], "differ no more than their errors"),
        (HEAD + ROWS.replace("0.62,", "nan,", 1), [], "not a finite energy"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, capsys, text, options, message):
    path = tmp_path / "sites.csv"
    path.write_text(text)
    assert run(path, "--json", tmp_path / "out.json", *options) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.json").exists()


def test_a_folder_is_no_table(tmp_path, capsys):
    assert run(tmp_path) == 2
    assert "is a folder; expected a table" in capsys.readouterr().err
