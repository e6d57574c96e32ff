import numpy as np
import pytest

from adatom.errors import EnergyTableError
from adatom.thermo.table import DEFAULT_SD_EV, read_free_energies

REQUIRED = ("*OOH", "*O", "*OH")


def read(tmp_path, text):
    path = tmp_path / "energies.csv"
    path.write_text(text, encoding="utf-8")
    return read_free_energies(path, required=REQUIRED)


def test_wide_and_tidy_tables_say_the_same(tmp_path):
    wide = read(tmp_path, "site,*OH,*O,*OOH,*OH_sd\nA,0.9,2.1,4.1,0.1\nB,1.0,2.2,4.2,\n")
    tidy = read(
        tmp_path,
        "site,species,free_energy_eV,sd_eV\nA,*OH,0.9,0.1\nA,*O,2.1,\nA,*OOH,4.1,\n"
        "B,*OH,1.0,\nB,*O,2.2,\nB,*OOH,4.2,\n",
    )
    for a, b in zip(wide, tidy, strict=True):
        assert (a.label, a.values_eV, a.sd_eV) == (b.label, b.values_eV, b.sd_eV)
    assert wide[0].sd_eV == {"*OOH": DEFAULT_SD_EV, "*O": DEFAULT_SD_EV, "*OH": 0.1}
    assert "stated default" in wide[0].source.uncertainty


def test_comments_byte_order_marks_spaces_and_unstarred_names_are_read(tmp_path):
    found = read(tmp_path, "\ufeff# mine\nsite, OH, O, OOH, remark\nA, 0.9, 2.1, 4.1, fine\n")
    assert found[0].values_eV == {"*OOH": 4.1, "*O": 2.1, "*OH": 0.9}
    assert found[0].source.notes == ("columns not used: remark",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["is empty"]),
        ("site,*OH,*O,*OOH\n", ["no sites"]),
        ("name,*OH,*O,*OOH\nA,1,2,4\n", ["line 1", "no column 'site'"]),
        ("site;*OH;*O;*OOH\nA;1;2;4\n", ["line 1", "semicolons", "commas"]),
        ("site,*OH,*O\nA,1,2\n", ["'A' has no *OOH"]),
        ("site,*OH,*O,*OOH\nA,1,2,\n", ["'A' has no *OOH"]),
        ("site,*OH,*O,*OOH\nA,1,nan,4\n", ["line 2", "column *O", "not a finite"]),
        ("site,*OH,*O,*OOH\nA,1,inf,4\n", ["line 2", "column *O", "not a finite"]),
        ("site,*OH,*O,*OOH\nA,1,two,4\n", ["line 2", "column *O", "'two'"]),
        ("site,*OH,*O,*OOH\nA,1,2,4\nA,1,2,4\n", ["line 3", "'A' is repeated", "line 2"]),
        (
            "site,*OH,*O,*OOH\nFeCoN6@graphene,1,2,4\nCoFeN6@graphene,1,2,4\n",
            ["are the same site"],
        ),
        ("site,*OH,*O,*OOH\nA,83,200,390\n", ["line 2", "column *OH", "kJ/mol"]),
        ("site,*OH,*O,*OOH\n,1,2,4\n", ["line 2", "no name"]),
        ("site,*OH,*O,*OOH\nA,1,2\n", ["line 2", "3 cells"]),
        ("site,*OH,*O,*OOH\nA,0,9,2,1,4,1\n", ["line 2", "decimal commas"]),
        ("site,*OH,*O,*OOH,*OH_sd\nA,1,2,4,-0.1\n", ["*OH_sd", "negative"]),
        ("site,*OH,*O,*OOH,*N_sd\nA,1,2,4,0.1\n", ["'*N_sd' has no column '*N'"]),
        ("site,*OH,*OH,*O,*OOH\nA,1,1,2,4\n", ["'*OH' is given twice"]),
        ("site,species,free_energy_eV\nA,*OH,1\nA,*OH,1\n", ["line 3", "given twice"]),
        ('site,*OH,*O,*OOH\n"A,1,2,4\n', ["not a comma-separated table"]),
        ("site,*OH,*O,*OOH,*OH_std\nA,1,2,4,0.1\n", ["'*OH_std' is no adsorbate", "_sd"]),
    ],
)
def test_bad_tables_are_refused_with_place_and_remedy(tmp_path, text, words):
    with pytest.raises(EnergyTableError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert "energies.csv" in message
    for word in words:
        assert word in message


def test_binary_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "energies.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(EnergyTableError, match="UTF-8"):
        read_free_energies(path, required=REQUIRED)
    with pytest.raises(EnergyTableError, match="does not exist"):
        read_free_energies(tmp_path / "none.csv", required=REQUIRED)


def test_draws_have_the_stated_spread_and_correlation(tmp_path):
    (site,) = read(tmp_path, "site,*OH,*O,*OOH,*OH_sd\nA,0.9,2.1,4.1,0.1\n")
    names = ("*OOH", "*O", "*OH")
    draws = site.draws(names, 200_000, seed=0)
    assert draws.mean(axis=0) == pytest.approx([4.1, 2.1, 0.9], abs=3e-3)
    assert draws.std(axis=0) == pytest.approx([0.2, 0.2, 0.1], rel=0.01)
    correlations = np.corrcoef(draws.T)[np.triu_indices(3, 1)]
    assert correlations == pytest.approx(site.correlation, abs=0.01)
    assert np.array_equal(draws, site.draws(names, 200_000, seed=0))


def test_spreadsheet_leftovers_are_read_over(tmp_path, orr):
    path = tmp_path / "e.csv"
    path.write_text(
        '\ufeffsite,*OH,*O,*OOH,*CO\r\n# a comment\r\n"a pair\nof two lines",1,2,4,9\r\n,,,,\r\n',
        encoding="utf-8",
        newline="",
    )
    (row,) = read_free_energies(path, required=orr.required)
    assert row.label == "a pair of two lines"
    assert set(row.values_eV) == {"*OH", "*O", "*OOH"}
