"""Readers of finished calculations, against ASE's own readers and against what was written."""

import gzip
from pathlib import Path

import ase
import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io import read, write

from adatom.energies.finished import read_finished
from adatom.energies.finished.outcar import read_outcar
from adatom.energies.finished.vasp import parse_incar, parse_kpoints
from adatom.energies.finished.vasprun import read_vasprun
from adatom.energies.settings import PLANE_WAVES
from adatom.errors import EnergyTableError
from vasp_files import Run, grouped, outcar, vasprun, write_oszicar

ASE_FILES = Path(ase.__file__).parent / "test" / "testdata" / "vasp"


@pytest.fixture
def site():
    """Fe with four N and two C in a slanted cell; forces of different sizes."""
    rng = np.random.default_rng(1)
    atoms = Atoms("FeN4C2", positions=rng.uniform(1.0, 6.0, (7, 3)), pbc=True)
    atoms.set_cell([[7.0, 0, 0], [-3.5, 6.0, 0], [0, 0, 12.0]])
    return atoms, rng.normal(0.0, 0.1, (7, 3))


@pytest.mark.parametrize(
    ("name", "text", "kind"), [("OUTCAR", outcar, "vasp-out"), ("vasprun.xml", vasprun, "vasp-xml")]
)
def test_structure_and_energy_are_those_that_ase_reads(tmp_path, site, name, text, kind):
    atoms, forces = site
    (tmp_path / name).write_text(text(atoms, -123.45678901, forces=forces))
    found = read_finished(tmp_path)
    theirs = read(tmp_path / name, format=kind, index=-1)
    assert found.file.name == name
    assert found.energy_eV == pytest.approx(-123.45678901, abs=1e-8)
    assert found.energy_eV == pytest.approx(theirs.get_potential_energy(), abs=1e-8)
    assert found.atoms.get_chemical_symbols() == theirs.get_chemical_symbols()
    assert found.atoms.positions == pytest.approx(theirs.positions, abs=1e-6)
    assert found.atoms.cell[:] == pytest.approx(theirs.cell[:], abs=1e-6)
    assert found.atoms.get_forces() == pytest.approx(theirs.get_forces(), abs=1e-6)
    assert found.max_force_eV_A == pytest.approx(np.linalg.norm(forces, axis=1).max(), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "reader", "kind", "tolerance"),
    [
        ("OUTCAR_example_1", read_outcar, "vasp-out", 1e-8),
        # With PSTRESS the summary of a step is an enthalpy; the pressure's unit limits agreement.
        ("vasprun_pstress.xml", read_vasprun, "vasp-xml", 1e-7),
    ],
)
def test_real_files_of_ase_are_read_as_ase_does(name, reader, kind, tolerance):
    file = ASE_FILES / name
    if not file.is_file():
        pytest.skip(f"this installation of ASE has no {name}")
    found, theirs = reader(file), read(file, format=kind, index=-1)
    assert found.energy_eV == pytest.approx(theirs.get_potential_energy(), abs=tolerance)
    assert found.atoms.positions == pytest.approx(theirs.positions)
    assert found.atoms.get_forces() == pytest.approx(theirs.get_forces())


def test_settings_of_real_files():
    if not (ASE_FILES / "OUTCAR_example_1").is_file():
        pytest.skip("this installation of ASE has no VASP examples")
    old = read_outcar(ASE_FILES / "OUTCAR_example_1").settings  # VASP 5.3, 18 Ni
    assert (old.functional, old.cutoff_eV, old.spin_polarised) == ("PBE", 300.0, True)
    assert (old.kpoints, old.charge_e) == ((1, 1, 1), 0.0)
    assert old.pseudopotentials == {"Ni": "PAW_PBE Ni 02Aug2007"}
    new = read_vasprun(ASE_FILES / "vasprun_pstress.xml").settings  # VASP 6.3, diamond
    assert (new.functional, new.cutoff_eV, new.spin_polarised) == ("LDA", 400.0, False)
    assert (new.kpoints, new.kpoints_gamma) == ((4, 4, 4), False)


RUN = Run(u_eV=4.0, cutoff=520.0, gga="RP", spin=2, ivdw=12, mesh=(5, 5, 1))


def write_run(folder, kind, atoms, run=RUN):
    if kind == "OSZICAR":
        write_oszicar(folder, atoms, -50.0, run)
        return
    folder.mkdir()
    text = {"OUTCAR": outcar, "vasprun.xml": vasprun}[kind](atoms, -50.0, run)
    (folder / kind).write_text(text)


@pytest.mark.parametrize("kind", ["OUTCAR", "vasprun.xml", "OSZICAR"])
def test_all_ways_of_vasp_tell_the_same_settings(tmp_path, site, kind):
    write_run(tmp_path / "run", kind, site[0])
    found = read_finished(tmp_path / "run")
    s = found.settings
    assert found.energy_eV == pytest.approx(-50.0, abs=1e-7)
    assert s.hubbard_u_eV == {"C": 0.0, "Fe": 4.0, "N": 0.0}
    assert s.hubbard_scheme == "Dudarev: Fe d"
    assert (s.code, s.functional, s.dispersion) == ("VASP", "RPBE", "D3(BJ)")
    assert (s.cutoff_eV, s.basis, s.spin_polarised) == (520.0, PLANE_WAVES, True)
    assert (s.kpoints, s.kpoints_gamma, s.charge_e) == ((5, 5, 1), True, 0.0)
    if kind == "OSZICAR":
        assert s.pseudopotentials is None
    else:
        assert s.pseudopotentials["Fe"] == "PAW_PBE Fe 08Apr2002"


def test_a_charged_cell_is_seen(tmp_path, site):
    for name, text in (("a.outcar", outcar), ("b.xml", vasprun)):
        (tmp_path / name).write_text(text(site[0], -1.0, Run(electrons_more=1.0)))
        assert read_finished(tmp_path / name).settings.charge_e == pytest.approx(-1.0)


def test_gzipped_files_are_read(tmp_path, site):
    for name, text in (("OUTCAR.gz", outcar), ("vasprun.xml.gz", vasprun)):
        folder = tmp_path / name[:3]
        folder.mkdir()
        with gzip.open(folder / name, "wt") as file:
            file.write(text(site[0], -7.5))
        assert read_finished(folder).energy_eV == pytest.approx(-7.5)


def test_fixed_atoms_do_not_count_as_unrelaxed(tmp_path, site):
    atoms, _ = site
    _, _, ordered = grouped(atoms)
    forces = np.zeros((7, 3))
    forces[0] = 3.0
    (tmp_path / "OUTCAR").write_text(outcar(atoms, -1.0, forces=forces))
    assert read_finished(tmp_path).max_force_eV_A == pytest.approx(np.sqrt(27.0))
    ordered.set_constraint(FixAtoms([0]))
    write(tmp_path / "CONTCAR", ordered, format="vasp")
    assert read_finished(tmp_path).max_force_eV_A == 0.0


@pytest.mark.parametrize("kind", ["OUTCAR", "vasprun.xml", "OSZICAR"])
@pytest.mark.parametrize(
    ("run", "words"), [(Run(loop=60), "NELM = 60"), (Run(ended=False), "not a finished")]
)
def test_unfinished_runs_are_refused(tmp_path, site, kind, run, words):
    write_run(tmp_path / "run", kind, site[0], run)
    with pytest.raises(EnergyTableError, match=words) as caught:
        read_finished(tmp_path / "run")
    assert str(tmp_path / "run") in str(caught.value)


@pytest.mark.parametrize("name", ["OUTCAR", "vasprun.xml", "a.pwo", "a.json", "a.traj"])
@pytest.mark.parametrize("content", ["", "nonsense\n", "<modeling>", "\x00" * 50])
def test_nonsense_is_refused_with_the_file(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(EnergyTableError) as caught:
        read_finished(tmp_path)
    assert name in str(caught.value)


def test_an_entity_bomb_does_not_expand(tmp_path):
    lines = ['<!ENTITY a0 "aaaaaaaaaa">']
    lines += [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 9)]
    (tmp_path / "vasprun.xml").write_text(
        f"<?xml version='1.0'?><!DOCTYPE m [{''.join(lines)}]><modeling><incar>"
        "<i name='SYSTEM'>&a8;</i></incar></modeling>"
    )
    with pytest.raises(EnergyTableError):
        read_finished(tmp_path)


def test_several_calculations_in_a_folder_are_not_guessed_between(tmp_path):
    atoms = molecule("H2", vacuum=3.0)
    atoms.calc = SinglePointCalculator(atoms, energy=-6.7)
    for name in ("a.extxyz", "b.extxyz"):
        write(tmp_path / name, atoms)
    with pytest.raises(EnergyTableError, match=r"a\.extxyz, b\.extxyz"):
        read_finished(tmp_path)


def test_incar_and_kpoints_files():
    tags = parse_incar("ENCUT = 500 # eV\nldau=.TRUE.; LDAUU = 4.0 \\\n 0.0\n! GGA = RP\n")
    assert tags == {"ENCUT": "500", "LDAU": ".TRUE.", "LDAUU": "4.0   0.0"}
    assert parse_kpoints("k\n0\nMonkhorst\n4 4 1\n0 0 0\n") == ((4, 4, 1), False)
    assert parse_kpoints("k\n0\nM\n3 3 1\n") == ((3, 3, 1), True)
    assert parse_kpoints("k\n1\nReciprocal\n0 0 0 1\n") == ((1, 1, 1), True)
    assert parse_kpoints("k\n0\nGamma\n3 3 1\n0.5 0 0\n") is None
    assert parse_kpoints("line mode\n20\nLine\nreciprocal\n0 0 0\n") is None


def pw_output(**changes):
    """A pw.x output of H2 in a hexagonal cell, 3 x 3 x 1 k-points, in the format of 7.x."""
    words = {"xc": "PBE", "u": "", "scf": "", "end": "   JOB DONE.\n", "d3": ""} | changes
    return f"""
     Program PWSCF v.7.2 starts on  1Jan2024 at 12: 0: 0
     bravais-lattice index     =            0
     lattice parameter (alat)  =      10.0000  a.u.
     unit-cell volume          =    1732.0508 (a.u.)^3
     number of atoms/cell      =            2
     number of atomic types    =            1
     number of electrons       =         2.00
     kinetic-energy cutoff     =      40.0000  Ry
     charge density cutoff     =     320.0000  Ry
     Exchange-correlation= {words["xc"]}
                           (   1   4   3   4   0   0   0)
     celldm(1)=  10.000000  celldm(2)=   0.000000  celldm(3)=   0.000000

     crystal axes: (cart. coord. in units of alat)
               a(1) = (   1.000000   0.000000   0.000000 )
               a(2) = (  -0.500000   0.866025   0.000000 )
               a(3) = (   0.000000   0.000000   2.000000 )

     reciprocal axes: (cart. coord. in units 2 pi/alat)
               b(1) = (  1.000000  0.577350  0.000000 )
               b(2) = (  0.000000  1.154701  0.000000 )
               b(3) = (  0.000000  0.000000  0.500000 )

     PseudoPot. # 1 for H  read from file:
     /home/pseudo/H.pbe-kjpaw_psl.1.0.0.UPF
     MD5 check sum: 0

     atomic species   valence    mass     pseudopotential
        H              1.00     1.00800     H ( 1.00)

     Starting magnetic structure
     atomic species   magnetization
        H            0.500
{words["u"]}
   Cartesian axes

     site n.     atom                  positions (alat units)
         1           H   tau(   1) = (   0.0000000   0.0000000   0.0000000  )
         2           H   tau(   2) = (   0.0000000   0.0000000   0.1400000  )

     number of k points=     3  Gaussian smearing, width (Ry)=  0.0100
                       cart. coord. in units 2pi/alat
        k(    1) = (   0.0000000   0.0000000   0.0000000), wk =   0.1111111
        k(    2) = (   0.0000000   0.3849002   0.0000000), wk =   0.6666667
        k(    3) = (   0.3333333   0.5773503   0.0000000), wk =   0.2222222

     Self-consistent Calculation
     End of self-consistent calculation

     Number of k-points >= 100: set verbosity='high' to print the bands.
{words["scf"]}
     the Fermi energy is     1.0000 ev

!    total energy              =      -2.30000000 Ry
     estimated scf accuracy    <          8.1E-11 Ry
{words["d3"]}
     total magnetization       =     0.00 Bohr mag/cell

     convergence has been achieved in  23 iterations

     Forces acting on atoms (cartesian axes, Ry/au):

     atom    1 type  1   force =     0.00000000    0.00000000    0.00100000
     atom    2 type  1   force =     0.00000000    0.00000000   -0.00100000

     Total force =     0.001000     Total SCF correction =     0.000000
{words["end"]}"""


def test_quantum_espresso(tmp_path):
    file = tmp_path / "H2.pwo"
    file.write_text(pw_output(d3="     DFT-D3 Dispersion         =       -0.00010000 Ry"))
    found = read_finished(file)
    s = found.settings
    assert found.energy_eV == pytest.approx(-2.3 * 13.605693, abs=1e-5)
    assert found.max_force_eV_A == pytest.approx(0.001 * 13.605693 / 0.529177, rel=1e-4)
    assert (s.code, s.functional, s.dispersion) == ("Quantum ESPRESSO", "PBE", "D3")
    assert s.cutoff_eV == pytest.approx(40.0 * 13.605693, abs=1e-3)
    # Three points that symmetry left of nine.
    assert (s.kpoints, s.kpoints_gamma) == ((3, 3, 1), True)
    assert (s.spin_polarised, s.charge_e, s.hubbard_u_eV) == (True, 0.0, {"H": 0.0})
    assert s.pseudopotentials == {"H": "H.pbe-kjpaw_psl.1.0.0.UPF"}


OLD_U = """     Simplified LDA+U calculation (l_max = 2) with parameters (eV):
     atomic species    L          U    alpha       J0     beta
        H              0     5.2000   0.0000   0.0000   0.0000
"""
NEW_U = """     Hubbard projectors: ortho-atomic
     Hubbard parameters of DFT+U (Dudarev formulation) in eV:
     U(H-1s) =  5.2000
"""


@pytest.mark.parametrize("text", [OLD_U, NEW_U])
def test_hubbard_u_of_old_and_new_espresso(tmp_path, text):
    (tmp_path / "H2.out").write_text(pw_output(u=text))
    s = read_finished(tmp_path / "H2.out").settings
    assert s.hubbard_u_eV == {"H": 5.2}
    assert s.hubbard_scheme == "Dudarev: H s"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end": ""}, "cut off"),
        ({"scf": "     convergence NOT achieved after 100 iterations: stopping\n!"}, "no final"),
    ],
)
def test_unfinished_espresso_runs_are_refused(tmp_path, changes, words):
    text = pw_output(**changes)
    if "scf" in changes:
        text = text.split("\n!")[0] + "\n   JOB DONE.\n"
        words = "convergence NOT achieved"
    (tmp_path / "a.pwo").write_text(text)
    with pytest.raises(EnergyTableError, match=words):
        read_finished(tmp_path / "a.pwo")


@pytest.mark.parametrize("energy", [float("nan"), float("inf")])
def test_energies_that_are_no_numbers_are_refused(tmp_path, site, energy):
    (tmp_path / "OUTCAR").write_text(outcar(site[0], energy))
    with pytest.raises(EnergyTableError, match="no number"):
        read_finished(tmp_path)


def test_memory_stays_bounded_on_a_large_vasprun(tmp_path, site):
    """Projections of a large run are dropped band by band."""
    import tracemalloc

    row = "<r> 0.1000 0.2000 0.3000 </r>\n"
    block = "<set comment='spin'>" + f"<set comment='band'>{row * 50}</set>\n" * 2000 + "</set>"
    text = vasprun(site[0], -9.0).replace(
        "</calculation>", f"<projected>{block}</projected></calculation>"
    )
    (tmp_path / "vasprun.xml").write_text(text)
    tracemalloc.start()
    assert read_finished(tmp_path).energy_eV == pytest.approx(-9.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000 < len(text) / 1.2


def test_an_old_outcar_does_not_tell_of_a_solvent_unless_its_incar_is_there(tmp_path, site):
    text = outcar(site[0], -5.0)
    old = "\n".join(line for line in text.splitlines() if line not in (
        "   ENCUT = 400", "   LDAU = F")) + "\n"  # fmt: skip
    (tmp_path / "OUTCAR").write_text(old)
    assert read_finished(tmp_path).settings.solvation is None
    (tmp_path / "INCAR").write_text("LSOL = .TRUE.\nENCUT = 300\n")
    found = read_finished(tmp_path).settings
    assert (found.solvation, found.cutoff_eV) == ("VASPsol", 400.0)
    (tmp_path / "OUTCAR").write_text(text)
    assert read_finished(tmp_path).settings.solvation == "none"
    meta = old.replace("METAGGA=      F", "METAGGA=      T")
    (tmp_path / "OUTCAR").write_text(meta)
    assert read_finished(tmp_path).settings.functional == "meta-GGA"
