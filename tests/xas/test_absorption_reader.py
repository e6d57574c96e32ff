import gzip

import numpy as np
import pytest
from absorption_files import edge_mu, energies, write_xdi

from adatom.errors import RecordingError
from adatom.readers.absorption import read_spectra
from adatom.readers.spectrum import bragg_energy_eV

E = energies()
MU = edge_mu(E)


@pytest.mark.parametrize(
    "order", [("energy", "i0", "itrans"), ("energy", "itrans", "i0"), ("i0", "energy", "itrans")]
)
def test_labels_decide_whatever_the_order_of_columns(tmp_path, order):
    (found,) = read_spectra(write_xdi(tmp_path / "a.xdi", E, MU, order=order))
    assert found.mu == pytest.approx(MU, abs=1e-8)
    assert (found.element, found.edge, found.mode) == ("Fe", "K", "transmission")
    assert found.d_spacing_angstrom == 3.1355
    assert "Sample.name: made up" in found.header
    assert len(found.sha256) == 64


def test_reference_channel_is_the_log_of_itrans_over_irefer(tmp_path):
    order = ("energy", "irefer", "i0", "itrans")
    (found,) = read_spectra(write_xdi(tmp_path / "a.xdi", E, MU, order=order, reference=0.5 * MU))
    assert found.reference_mu == pytest.approx(0.5 * MU, abs=1e-6)


def test_missing_i0_is_asked_for(tmp_path):
    with pytest.raises(RecordingError, match=r"no column of I0.*--column i0="):
        read_spectra(write_xdi(tmp_path / "a.xdi", E, MU, order=("energy", "itrans")))


def test_energies_in_kev(tmp_path):
    path = tmp_path / "a.dat"
    np.savetxt(path, np.column_stack([E / 1e3, MU]), header="energy mu")
    with pytest.raises(RecordingError, match="--energy-unit keV"):
        read_spectra(path)
    (found,) = read_spectra(path, energy_unit="keV")
    assert found.energy_eV == pytest.approx(E)
    assert any("keV" in note for note in found.notes)
    (labelled,) = read_spectra(write_xdi(tmp_path / "b.xdi", E / 1e3, MU, unit="keV"))
    assert labelled.energy_eV == pytest.approx(E, abs=1e-2)


def test_falling_and_repeated_energies_are_mended_and_said(tmp_path):
    path = tmp_path / "a.dat"
    rows = np.column_stack([E, MU])[::-1]
    rows = np.vstack([rows, rows[-1:]])
    np.savetxt(path, rows, header="energy mu")
    (found,) = read_spectra(path)
    assert np.all(np.diff(found.energy_eV) > 0)
    assert found.mu == pytest.approx(MU)
    assert any("turned round" in n for n in found.notes)
    assert any("1 repeated" in n for n in found.notes)


def test_two_scans_in_one_file_are_refused(tmp_path):
    path = tmp_path / "a.dat"
    np.savetxt(path, np.tile(np.column_stack([E, MU]), (2, 1)), header="energy mu")
    with pytest.raises(RecordingError, match="more than one scan"):
        read_spectra(path)


def test_columns_without_labels_are_named_by_the_user(tmp_path):
    path = tmp_path / "a.dat"
    np.savetxt(path, np.column_stack([np.exp(-MU), E, np.ones(len(E))]))
    with pytest.raises(RecordingError, match="--column energy="):
        read_spectra(path)
    (found,) = read_spectra(path, columns={"energy": "2", "i0": "3", "itrans": "1"})
    assert found.mu == pytest.approx(MU, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7112 1\n" * 3, "3 points"),
        ("# energy mu\n7000 0.1\n7001 x\n", "line 3"),
        ("# energy i0 itrans\n" + "\n".join(f"{7000 + i} 1 -1" for i in range(30)), "itrans is -1"),
        ("PK\x03\x04", "ZIP"),
    ],
)
def test_broken_files_are_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "a.dat"
    path.write_text(text)
    with pytest.raises(RecordingError, match=said) as refused:
        read_spectra(path)
    assert "\n" not in str(refused.value)


def test_angles_become_energies(tmp_path):
    # Cu K alpha 1: 1.540593 angstrom, 8047.8 eV (X-ray Data Booklet).
    angle = np.degrees(np.arcsin(1.540593 / (2 * 3.1355)))
    assert bragg_energy_eV(np.array([angle]), 3.1355) == pytest.approx([8047.8], abs=0.1)
    path = tmp_path / "a.xdi"
    angle = np.degrees(np.arcsin(12398.41984 / (2 * 3.1355 * E)))
    rows = "\n".join(f"{a:.9f} {m:.9f}" for a, m in zip(angle, MU, strict=True))
    path.write_text(
        "# XDI/1.0\n# Column.1: angle degrees\n# Column.2: mutrans\n# Mono.d_spacing: 3.1355\n"
        + rows
    )
    (found,) = read_spectra(path)
    assert found.energy_eV == pytest.approx(E, abs=1e-3)


def _project(*records: str) -> bytes:
    head = "# Athena project file -- Demeter version 0.9.20\n"
    return gzip.compress((head + "\n".join(records)).encode())


def _record(label: str, tag: str, e=E, mu=MU, extra: str = "") -> str:
    numbers = ",".join(f"'{v:.9g}'" for v in e), ",".join(f"'{v:.9g}'" for v in mu)
    return (
        f"$old_group = '{tag}';\n@args = ('label','{label}','tag','{tag}','bkg_z','Fe',"
        f"'fft_edge','k','is_xmu',1,'xdi_column',{{'name' => {{'x' => 1}}}},'titles',['a, b)'],"
        f"{extra}'last','');\n"
        f"@x = ({numbers[0]});\n@y = ({numbers[1]});\n[record]\n"
    )


def test_what_is_no_number_is_refused_in_mu_and_left_out_beside_it(tmp_path):
    path = tmp_path / "a.prj"
    broken = MU.copy()
    broken[5] = np.nan
    path.write_bytes(_project(_record("sample", "abcd", mu=broken)))
    with pytest.raises(RecordingError, match=r"absorption at 69\d\d.\d\d eV is no finite"):
        read_spectra(path)
    path.write_bytes(
        _project(
            _record("sample", "abcd", extra="'reference','efgh',"),
            _record("foil", "efgh", mu=MU),
        )
    )
    assert read_spectra(path)[0].reference_mu is not None
    rows = np.column_stack([E, MU, np.where(np.arange(len(E)) == 3, np.inf, MU)])
    text = tmp_path / "a.dat"
    text.write_text("# energy mu murefer\n" + "\n".join(" ".join(map(str, r)) for r in rows))
    (found,) = read_spectra(text)
    assert found.reference_mu is None
    assert any("left out" in note for note in found.notes)


def test_energies_no_edge_has_are_refused(tmp_path):
    text = tmp_path / "a.dat"
    text.write_text(
        "# energy mu\n" + "\n".join(f"{1e3 * e} {m}" for e, m in zip(E, MU, strict=True))
    )
    with pytest.raises(RecordingError, match="expected at most 200000"):
        read_spectra(text)


def test_decimal_commas_are_named(tmp_path):
    text = tmp_path / "a.dat"
    rows = (f"{e:.2f} {m:.5f}".replace(".", ",") for e, m in zip(E, MU, strict=True))
    text.write_text("# energy mu\n" + "\n".join(rows))
    with pytest.raises(RecordingError, match="decimal commas"):
        read_spectra(text)


def test_projects_know_their_columns(tmp_path):
    path = tmp_path / "a.prj"
    path.write_bytes(_project(_record("sample", "abcd")))
    with pytest.raises(RecordingError, match="leave out --column"):
        read_spectra(path, energy_unit="keV")


def test_athena_project_with_nested_lists_shift_and_reference(tmp_path):
    path = tmp_path / "a.prj"
    path.write_bytes(
        _project(
            _record("it\\'s Fe", "abcd", extra="'bkg_eshift','1.5','reference','efgh',"),
            _record("foil", "efgh", mu=2 * MU),
        )
    )
    sample, foil = read_spectra(path)
    assert sample.label == "it's Fe"
    assert sample.energy_eV == pytest.approx(E + 1.5)
    assert any("+1.500 eV" in note for note in sample.notes)
    assert sample.reference_mu == pytest.approx(2 * MU)
    assert (foil.element, foil.edge) == ("Fe", "K")
    assert foil.reference_mu is None


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda d: d[: len(d) // 2], "compressed data"),
        (lambda d: _project("$old_group = 'a';\n@args = ('b',[1,2);"), "was expected"),
        (lambda d: _project("$old_group = 'a';\n@args = ('b'," + "[" * 50 + ");"), "nested deeper"),
        (lambda d: _project("$old_group = 'a';\n@args = (`rm`);"), "expected a string"),
        (lambda d: _project("nothing"), "without a record"),
        (lambda d: _project(_record("a", "b"), _record("c", "d")[:-2000]), "without its end"),
        (lambda d: _project(_record("a", "b"), "$old_group = 'c';\n"), "record is cut off"),
        (lambda d: _project(_record("a", "b", extra="'bkg_eshift','1,5',")), "is no number"),
    ],
)
def test_damaged_projects_are_refused(tmp_path, damage, said):
    path = tmp_path / "a.prj"
    path.write_bytes(damage(_project(_record("a", "b"))))
    with pytest.raises(RecordingError, match=said):
        read_spectra(path)


def test_real_files(data_folder):
    labels = {"Fe_Fe_Foil_rt_2016Foils": ("Fe", 532), "Zn_Zn_foil": ("Zn", 526)}
    for name, (element, points) in labels.items():
        (found,) = read_spectra(data_folder / "xas" / f"xaslib_{name}.xdi")
        assert (found.element, len(found.mu)) == (element, points)
        # Both orders of i0 and itrans occur; wrongly read, the edge would fall.
        assert found.mu[-1] > found.mu[0]
    (cu,) = read_spectra(data_folder / "xas" / "larch_cu_150k.xmu")
    assert (cu.element, cu.edge, cu.mode, cu.label) == ("Cu", "K", "as given", "Cu foil 150K")
    project = read_spectra(data_folder / "xas" / "larch_Fe.prj")
    assert [s.label for s in project][:3] == ["Fe foil", "Ferrihydrite", "Goerthite"]
    assert project[0].energy_eV[0] == pytest.approx(6911.98862 + 5.81162)
