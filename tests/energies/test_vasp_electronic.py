"""A small VASP folder, written here in VASP's formats from known densities of states and fields."""

import numpy as np
import pytest
from ase import Atoms
from ase.io import write

from adatom.cli import main
from adatom.energies import vasp_dos, vasp_grid, vasp_outcar
from adatom.energies.vasp_electronic import vasp_electronic
from adatom.errors import AdatomError, EnergyTableError

FERMI = -2.5
CELL = np.diag([6.0, 6.0, 16.0])
# Fe on a sheet of two carbons, an O2 above it.
SYMBOLS = ("Fe", "C", "C", "O", "O")
POSITIONS = np.array(
    [[3.0, 3.0, 5.0], [1.0, 1.0, 5.0], [5.0, 5.0, 5.0], [3.0, 3.0, 6.8], [3.0, 3.0, 8.1]]
)
VALENCES = (8.0, 4.0, 4.0, 6.0, 6.0)
ELECTRONS = (6.9, 4.1, 4.2, 6.3, 6.5)  # what the density below puts around each nucleus
SHAPE = (24, 24, 64)

OUTCAR = """ vasp.6.3.0 20Jan22 (build) complex
   POMASS =   55.847; ZVAL   =    8.000    mass and valenz
   POMASS =   12.011; ZVAL   =    4.000    mass and valenz
   POMASS =   16.000; ZVAL   =    6.000    mass and valenz
   ions per type =               1   2   2
   NKPTS =      1   k-points in BZ     NKDIM =      1   number of bands    NBANDS=     30
   ISPIN  =      2    spin polarized calculation?
   LNONCOLLINEAR =      F non collinear calculations
   ENCUT  =  500.0 eV  36.75 Ry    6.06 a.u.   9.2  9.2 22.0*2*pi/ulx,y,z
   NELECT =      28.0000    total number of electrons
   ISMEAR =     0;   SIGMA  =   0.05  broadening in eV -4-tet -1-fermi 0-gaus
   LDIPOL =      F    correct potential
   IDIPOL =      3
   LVTOT  =      F    write LOCPOT, total local potential
   LVHAR  =      T    write LOCPOT, Hartree potential only
--------------------------------------- Iteration      1(   1)  ----------------------
 E-fermi :   9.9999     XC(G=0):  -3.0
--------------------------------------- Iteration      1(   2)  ----------------------
------------------------ aborting loop because EDIFF is reached ------------------------
 E-fermi :  -2.5000     XC(G=0):  -3.0000     alpha+bet : -1.0
 number of electron      28.0000000 magnetization       2.0000000
 magnetization (x)

# of ion       s       p       d       tot
------------------------------------------
    1        0.010   0.010   1.800   1.820
    2        0.000   0.010   0.000   0.010
    3        0.000   0.010   0.000   0.010
    4        0.000   0.050   0.000   0.050
    5        0.000   0.060   0.000   0.060
--------------------------------------------------
tot          0.010   0.140   1.800   1.950

 General timing and accounting informations for this job:
"""


def structure():
    return Atoms(SYMBOLS, positions=POSITIONS, cell=CELL, pbc=True)


def write_grid(path, fields, *, augmentation=False):
    """VASP's format: POSCAR, empty line, dimensions, five numbers a line, first index fastest."""
    write(path, structure(), format="vasp", direct=True)
    with path.open("a") as file:
        for n, values in enumerate(fields):
            if n and augmentation:
                file.write("augmentation occupancies   1  3\n  0.1E+00  0.2E+00  0.3E+00\n")
                file.write("  1.0  0.0  0.0  0.0  0.0\n")
            if not n:
                file.write("\n")
            file.write("  {}  {}  {}\n".format(*values.shape))
            flat = values.ravel(order="F")
            for start in range(0, len(flat), 5):
                file.write(" ".join(f"{v:.11E}" for v in flat[start : start + 5]) + "\n")


def rectangles():
    """Energies (absolute) and d densities of spin up and down: two rectangular bands."""
    energies = np.linspace(FERMI - 12.0, FERMI + 8.0, 2001)
    e = energies - FERMI
    return energies, np.where(abs(e + 3.0) < 2.0, 1.25, 0), np.where(abs(e - 0.0) < 1.0, 2.5, 0)


def write_doscar(path, *, lm=True):
    energies, up, down = rectangles()
    head = f"  {energies[-1]:.4f}  {energies[0]:.4f} {len(energies)}  {FERMI:.8f}  1.0\n"
    lines = ["   5   5   1   0\n", " 1 2 3 4 5\n", " 1e-4\n", "  CAR\n", " unknown\n", head]
    lines += [f" {e:.4f} 0.1E+01 0.1E+01 0.0 0.0\n" for e in energies]
    for atom in range(len(SYMBOLS)):
        lines.append(head)
        for e, a, b in zip(energies, up, down, strict=True):
            d = [a, b] if atom == 0 else [0.0, 0.0]
            columns = [0.3, 0.3] + [0.2, 0.2] * (3 if lm else 1)
            columns += [d[0] / 5, d[1] / 5] * 5 if lm else d
            lines.append(f" {e:.4f} " + " ".join(f"{c:.5E}" for c in columns) + "\n")
    path.write_text("".join(lines))


def write_vasprun(path):
    energies, up, down = rectangles()
    names = ["energy", "s", "py", "pz", "px", "dxy", "dyz", "dz2", "dxz", "x2-y2"]
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><modeling><calculation><dos>'
    text += f'<i name="efermi"> {FERMI} </i><total><array><field>energy</field><set>'
    text += '<set comment="spin 1"><r> 0 1 1 </r></set></set></array></total><partial><array>'
    text += "".join(f"<field> {n} </field>" for n in names) + "<set>"
    for atom in range(len(SYMBOLS)):
        text += f'<set comment="ion {atom + 1}">'
        for spin, density in ((1, up), (2, down)):
            text += f'<set comment="spin {spin}">'
            for e, v in zip(energies, density if atom == 0 else 0 * up, strict=True):
                text += f"<r> {e:.4f} 0.3 0.2 0.2 0.2" + f" {v / 5:.5f}" * 5 + " </r>"
            text += "</set>"
        text += "</set>"
    path.write_text(text + "</set></array></partial></dos></calculation></modeling>")


def fields():
    """Potential with a step of 0.4 eV, valence and core density of Gaussians."""
    z = np.arange(SHAPE[2]) * 16.0 / SHAPE[2]
    relative = (z - 5.0 + 8.0) % 16.0 - 8.0
    side = 0.5 * (1 + np.tanh((relative - 1.5) / 0.3))
    planar = 1.8 + 0.4 * side - 0.4 / 16.0 * relative - 12.0 * np.exp(-(relative**2))
    potential = np.broadcast_to(planar, SHAPE).copy()
    axes = [np.arange(n) / n for n in SHAPE]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    valence, spin = np.zeros(SHAPE), np.zeros(SHAPE)
    for i, (place, electrons) in enumerate(zip(POSITIONS, ELECTRONS, strict=True)):
        shift = points - place @ np.linalg.inv(CELL)
        r2 = (((shift - np.round(shift)) @ CELL) ** 2).sum(axis=-1)
        shape = np.exp(-r2 / (2 * 0.28**2))
        shape /= shape.mean()  # integrates to the volume: VASP's density times volume
        valence += electrons * shape
        spin += (2.0 if i == 0 else 0.0) * shape
    return potential, valence, spin


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "FeO2"
    home.mkdir()
    (home / "OUTCAR").write_text(OUTCAR)
    write(home / "CONTCAR", structure(), format="vasp")
    write_doscar(home / "DOSCAR")
    potential, valence, spin = fields()
    write_grid(home / "LOCPOT", [potential])
    write_grid(home / "CHGCAR", [valence, spin], augmentation=True)
    write_grid(home / "AECCAR0", [0.5 * valence])
    write_grid(home / "AECCAR2", [valence])
    return home


def check_bands(bands):
    up, down, both = bands
    assert (up.spin, down.spin, both.spin) == ("up", "down", "both")
    assert (up.centre_eV, down.centre_eV) == pytest.approx((-3.0, 0.0), abs=0.01)
    assert up.width_eV == pytest.approx(4.0 / np.sqrt(12.0), abs=0.02)
    assert down.filling == pytest.approx(0.5, abs=0.01)
    assert both.states == pytest.approx(10.0, abs=0.05)


def test_a_folder_gives_every_quantity(folder):
    found = vasp_electronic(folder, adsorbate="O2")
    assert dict(found.missing) == {}
    check_bands(found.d_bands)
    assert found.sphere_moments_bohr == pytest.approx([1.82, 0.01, 0.01, 0.05, 0.06])
    assert (found.fermi_eV, found.total_moment_bohr) == (-2.5, 2.0)
    assert found.bader.charges_e == pytest.approx(np.subtract(VALENCES, ELECTRONS), abs=0.02)
    assert found.bader.moments_bohr[0] == pytest.approx(2.0, abs=0.02)
    assert found.bader.charges_e.sum() == pytest.approx(0.0, abs=1e-6)
    assert found.transfer.formula == "O2"
    assert found.transfer.electrons == pytest.approx(0.8, abs=0.02)
    # Vacuum levels 2.2 and 1.8 eV above a Fermi level at -2.5 eV.
    assert found.work_function.top_eV == pytest.approx(4.7, abs=0.01)
    assert found.work_function.bottom_eV == pytest.approx(4.3, abs=0.01)
    assert found.source.versions == {"vasp": "vasp.6.3.0"}
    assert "one k-point" in found.source.caution


def test_layouts_of_the_density_of_states_agree(folder):
    write_doscar(folder / "DOSCAR", lm=False)
    check_bands(vasp_electronic(folder).d_bands)
    (folder / "DOSCAR").unlink()
    write_vasprun(folder / "vasprun.xml")
    check_bands(vasp_electronic(folder).d_bands)


def write_acf(path, *, shift=0.0, charges=ELECTRONS):
    rows = [
        f"{i + 1:5d} {x:.6f} {y:.6f} {z + shift:.6f} {q:.6f} 0.5 10.0\n"
        for i, ((x, y, z), q) in enumerate(zip(POSITIONS, charges, strict=True))
    ]
    head = "    #         X           Y           Z       CHARGE      MIN DIST   ATOMIC VOL\n"
    rule = " ---------------------------------------------\n"
    foot = "    VACUUM CHARGE:               0.0000\n    NUMBER OF ELECTRONS:  28.0\n"
    path.write_text(head + rule + "".join(rows) + rule + foot)


def test_acf_dat_is_read(folder):
    write_acf(folder / "ACF.dat")
    found = vasp_electronic(folder, adsorbate="3,4")
    assert found.bader.charges_e == pytest.approx(np.subtract(VALENCES, ELECTRONS))
    assert found.transfer.electrons == pytest.approx(0.8)
    assert "Bader charges: ACF.dat" in found.source.notes


def test_what_is_missing_is_asked_for_by_name(folder):
    for name in ("DOSCAR", "LOCPOT", "AECCAR0"):
        (folder / name).unlink()
    found = vasp_electronic(folder, adsorbate="O2")
    assert (found.d_bands, found.bader, found.work_function) == ((), None, None)
    assert "LORBIT = 11" in found.missing["d bands"]
    assert "LAECHG" in found.missing["Bader charges"]
    assert "LVHAR" in found.missing["work function"]
    assert "Bader" in found.missing["charge transfer"]
    assert found.sphere_moments_bohr is not None


def test_a_window_without_states_is_told(folder):
    found = vasp_electronic(folder, window_eV=(6.0, 7.0))
    assert found.d_bands == ()
    assert "widen the window" in found.missing["d band of Fe 0"]


def test_a_dipole_correction_is_seen(folder):
    text = (folder / "OUTCAR").read_text()
    (folder / "OUTCAR").write_text(text.replace("LDIPOL =      F", "LDIPOL =      T"))
    z = np.arange(SHAPE[2]) * 16.0 / SHAPE[2]
    relative = (z - 5.0 + 7.0) % 16.0 - 7.0  # the layer 9 A above the sheet
    planar = 1.8 + 0.4 * (relative > 1.5) - 12.0 * np.exp(-(relative**2))
    write_grid(folder / "LOCPOT", [np.broadcast_to(planar, SHAPE)])
    work = vasp_electronic(folder).work_function
    # O2 stands 3.1 A above the plane: vacuum from 6.6 to 12.5 A, the layer at 9 A within it.
    assert (work.top_eV, work.bottom_eV) == pytest.approx((4.7, 4.3), abs=1e-4)
    assert "dipole correction" in work.treatment
    write_grid(folder / "LOCPOT", [np.zeros(SHAPE)])
    (folder / "OUTCAR").write_text(
        text.replace("LDIPOL =      F", "LDIPOL =      T").replace("IDIPOL =      3", "")
    )
    assert "IDIPOL" in vasp_electronic(folder).missing["work function"]


def test_a_charged_cell_has_no_work_function(folder):
    text = (folder / "OUTCAR").read_text()
    (folder / "OUTCAR").write_text(text.replace("NELECT =      28.0000", "NELECT =      29.0000"))
    (folder / "CHGCAR").unlink()
    assert "charge of -1.00 e" in vasp_electronic(folder).missing["work function"]


def edit(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def cut(folder, name, keep=0.6):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * keep)])


SPOILT = {
    "no OUTCAR": (lambda f: (f / "OUTCAR").unlink(), "no OUTCAR"),
    "no structure": (lambda f: (f / "CONTCAR").unlink(), "no CONTCAR"),
    "unfinished": (lambda f: edit(f, "OUTCAR", "General timing", ""), "has not finished"),
    "not converged": (lambda f: edit(f, "OUTCAR", "aborting loop", ""), "not converged"),
    "non-collinear": (
        lambda f: edit(f, "OUTCAR", "LNONCOLLINEAR =      F", "LNONCOLLINEAR =      T"),
        "non-collinear",
    ),
    "no valences": (lambda f: edit(f, "OUTCAR", "ions per type", "x"), "valences"),
    "bad number": (lambda f: edit(f, "OUTCAR", "-2.5000", "*****"), "OUTCAR"),
    "other structure": (
        lambda f: write(f / "CONTCAR", structure()[:4], format="vasp"),
        "4 atoms, OUTCAR has 5",
    ),
    "structure not a POSCAR": (lambda f: (f / "CONTCAR").write_text("hello\n"), "POSCAR"),
    "DOSCAR cut": (lambda f: cut(f, "DOSCAR", 0.1), "DOSCAR"),
    "DOSCAR text": (lambda f: (f / "DOSCAR").write_text("nothing\n" * 9), "not a DOSCAR"),
    "DOSCAR of others": (
        lambda f: edit(f, "DOSCAR", "   5   5   1   0", "   7   7   1   0"),
        "of 7 atoms",
    ),
    "LOCPOT cut": (lambda f: cut(f, "LOCPOT"), "is the file complete"),
    "LOCPOT words": (lambda f: edit(f, "LOCPOT", "E+00 ", "E+00 x "), "LOCPOT"),
    "AECCAR moved": (
        lambda f: edit(f, "AECCAR0", "0.3125000000000000", "0.4125000000000000"),
        "AECCAR0",
    ),
    "ACF of another run": (lambda f: write_acf(f / "ACF.dat", shift=0.2), "different runs"),
    "ACF with core electrons": (
        lambda f: write_acf(f / "ACF.dat", charges=(24.9, 6.1, 6.2, 8.3, 8.5)),
        "valence charge",
    ),
    "ACF cut": (lambda f: (f / "ACF.dat").write_text(" 1 0.0 0.0\n"), "ACF.dat, line 1"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_damaged_folders_are_refused_in_one_line(name, folder, capsys):
    spoil, message = SPOILT[name]
    spoil(folder)
    with pytest.raises(AdatomError, match=message) as caught:
        vasp_electronic(folder)
    assert "\n" not in str(caught.value)


def test_files_over_the_limit_are_refused_unread(folder, monkeypatch):
    for module, name in (
        (vasp_outcar, "OUTCAR"), (vasp_dos, "DOSCAR"), (vasp_grid, "AECCAR0"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(module, "MAX_BYTES", 100)
            with pytest.raises(EnergyTableError, match=f"{name} is larger"):
                vasp_electronic(folder)


def test_a_vasprun_that_is_cut_or_lacks_projections_is_refused(folder):
    (folder / "DOSCAR").unlink()
    write_vasprun(folder / "vasprun.xml")
    whole = (folder / "vasprun.xml").read_text()
    (folder / "vasprun.xml").write_text(whole[: len(whole) // 2])
    with pytest.raises(EnergyTableError, match=r"not a complete vasprun\.xml"):
        vasp_electronic(folder)
    (folder / "vasprun.xml").write_text("<modeling><calculation/></modeling>")
    with pytest.raises(EnergyTableError, match="LORBIT"):
        vasp_electronic(folder)


def test_the_command_prints_writes_and_draws(folder, tmp_path, capsys):
    import json

    target, plots = tmp_path / "out.json", tmp_path / "plots"
    with pytest.raises(SystemExit) as stop:
        main(
            ["energies", "electronic", str(folder), "--adsorbate", "O2", "--json", str(target),
             "--plot", str(plots)]
        )  # fmt: skip
    assert stop.value.code == 0
    numbers = json.loads(target.read_text())
    assert numbers["charge_transfer"]["electrons_gained"] == pytest.approx(0.8, abs=0.02)
    assert numbers["work_function"]["top_eV"] == pytest.approx(4.7, abs=0.01)
    assert {p.name for p in plots.iterdir()} == {
        "d_bands.png", "moments.png", "bader_charges.png", "work_function.png",
    }  # fmt: skip
    assert "work function, top: 4.70" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--window", "5,-5"], "window '5,-5' is empty"),
        (["--window", "a"], "must be LOW,HIGH"),
        (["--adsorbate", "N2"], "the last atoms of the structure are O O"),
        (["--adsorbate", "3,9"], "between 0 and 4"),
        (["--adsorbate", "??"], "expected a formula"),
        (["--json", "/nowhere/x.json"], "does not exist"),
        (["--plot", "/nowhere/plots"], "does not exist"),
    ],
)
def test_bad_arguments_exit_with_2(arguments, message, folder, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["energies", "electronic", str(folder), *arguments])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "no such file or folder"),
        (["XyN4@graphene"], "character 1"),
        (["TiN4@graphene"], "no packaged structure"),
        (["FeN4@graphene", "--state", "OO"], "is not packaged"),
        (["FeN4@graphene", "--engine", "chgnet"], "no electron density"),
    ],
)
def test_bad_sites_exit_with_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["energies", "electronic", *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "hello", "format not known"),
        ("a.extxyz", "hello\n", "cannot be read as extxyz"),
        ("a.xyz", "1\n\nH 0 0 0\n", "no structure in a cell"),
        ("CONTCAR", "hello\n", "cannot be read as vasp"),
        ("a.extxyz", "x" * 3000, "larger than"),
    ],
)
def test_bad_structure_files_exit_with_2(name, content, message, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("adatom.sites.files.MAX_BYTES", 2000)
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(SystemExit) as stop:
        main(["energies", "electronic", str(path)])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
