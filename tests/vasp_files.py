"""Small files in the formats of VASP, written for the tests: structure, energy and settings."""

from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

import numpy as np
from ase.io import write

VALENCE = {"H": 1.0, "C": 4.0, "N": 5.0, "O": 6.0, "Fe": 8.0, "Co": 9.0, "Ni": 10.0}


@dataclass(frozen=True)
class Run:
    """What a run was asked to do and how it ended."""

    u_eV: float = 0.0
    """On every d metal; 0 leaves LDAU out."""
    cutoff: float = 400.0
    gga: str = "PE"
    spin: int = 2
    ivdw: int = 0
    mesh: tuple[int, int, int] = (3, 3, 1)
    electrons_more: float = 0.0
    loop: int = 20
    """Electronic steps of the last loop."""
    nelm: int = 60
    ended: bool = True


def grouped(atoms):
    """Atoms sorted by element, as VASP has them: symbols, counts, sorted atoms."""
    order = sorted(range(len(atoms)), key=lambda i: (atoms.symbols[i], i))
    atoms = atoms[order]
    runs = [(s, len(list(g))) for s, g in groupby(atoms.get_chemical_symbols())]
    return [s for s, _ in runs], [n for _, n in runs], atoms


def _electrons(symbols, counts, run):
    return sum(VALENCE[s] * n for s, n in zip(symbols, counts, strict=True)) + run.electrons_more


def _u(symbols, run):
    metal = [s in ("Fe", "Co", "Ni") for s in symbols]
    shells = " ".join("2" if m else "-1" for m in metal)
    values = " ".join(f"{run.u_eV if m else 0.0:.2f}" for m in metal)
    return shells, values, " ".join("0.00" for _ in metal)


def outcar(atoms, energy, run=None, forces=None):
    """Text of an OUTCAR; the energy is that for sigma -> 0."""
    run = run or Run()
    symbols, counts, atoms = grouped(atoms)
    forces = np.zeros((len(atoms), 3)) if forces is None else forces
    titles = [f"PAW_PBE {s} 08Apr2002" for s in symbols]
    lines = [" vasp.6.3.0 20Jan22 (build) complex",
             " distr:  one band on NCORES_PER_BAND=   8 cores", "", " INCAR:"]  # fmt: skip
    lines += [f"   ENCUT = {run.cutoff:g}", f"   LDAU = {'T' if run.u_eV else 'F'}", ""]
    lines += [f" POTCAR:    {t}" for t in titles]
    for s, t in zip(symbols, titles, strict=True):
        lines += [
            f" POTCAR:    {t}",
            f"   VRHFIN ={s}: s2p3",
            "   LEXCH  = PE",
            f"   TITEL  = {t}",
            f"   POMASS =   14.001; ZVAL   = {VALENCE[s]:8.3f}    mass and valenz",
        ]
    lines += [" KPOINTS: k-points", "", "Automatic generation of k-mesh.",
              " Grid dimensions read from file:",
              " generate k-points for: {:4d} {:4d} {:4d}".format(*run.mesh), "",
              "   k-points           NKPTS =      2   k-points in BZ     NKDIM =      2",
              f"   number of dos      NEDOS =    301   number of ions     NIONS = {len(atoms):6d}",
              "   ions per type =           " + " ".join(f"{n:3d}" for n in counts), "",
              " k-points in units of 2pi/SCALE and weight: Automatic",
              "   0.00000000  0.00000000  0.00000000       0.500",
              "   0.03333333  0.00000000  0.00000000       0.500", "",
              " k-points in reciprocal lattice and weights: Automatic",
              "   0.00000000  0.00000000  0.00000000       0.500",
              "   0.33333333  0.00000000  0.00000000       0.500", "",
              f"   ISPIN  = {run.spin:6d}    spin polarized calculation?",
              "   METAGGA=      F    non-selfconsistent MetaGGA calc.",
              f"   ENCUT  = {run.cutoff:6.1f} eV  29.40 Ry    5.42 a.u.",
              f"   NELM   = {run.nelm:6d};   NELMIN=  2; NELMDL= -5     # of ELM steps",
              "   NSW    =    100    number of steps for IOM",
              "   IBRION =      2    ionic relax: 0-MD 1-quasi-New 2-CG",
              "  Ionic Valenz",
              "   ZVAL   = " + " ".join(f"{VALENCE[s]:6.2f}" for s in symbols),
              f"   NELECT = {_electrons(symbols, counts, run):12.4f}    total number of electrons",
              "   ISMEAR =     0;   SIGMA  =   0.05  broadening in eV -4-tet -1-fermi 0-gaus",
              "   LDIPOL =      F    correct potential (dipole corrections)",
              "   IDIPOL =      0    1-x, 2-y, 3-z, 4-all directions", ""]  # fmt: skip
    if run.u_eV:
        shells, u, j = _u(symbols, run)
        lines += [" LDA+U is selected, type is set to LDAUTYPE =  2",
                  f"   angular momentum for each species LDAUL = {shells}",
                  f"   U (eV)           for each species LDAUU = {u}",
                  f"   J (eV)           for each species LDAUJ = {j}"]  # fmt: skip
    gga = "--" if run.gga == "PE" else run.gga
    lines += [" Exchange correlation treatment:", f"   GGA     =    {gga}    GGA type",
              "   LEXCH   =     8    internal setting for exchange type",
              "   LHFCALC =     F    Hartree Fock is set to",
              "   AEXX    =    0.0000 exact exchange contribution", ""]  # fmt: skip
    lines += [f"----------------- Iteration    1({i + 1:4d})  -----------------"
              for i in range(run.loop)]  # fmt: skip
    reached = "because EDIFF is reached" if run.loop < run.nelm else "EDIFF was not reached"
    lines += [f"------------------------ aborting loop {reached} -------------------", ""]
    if run.ivdw:
        lines += [f"  IVDW         = {run.ivdw}"]
    lines += [
        " VOLUME and BASIS-vectors are now :",
        "      direct lattice vectors                 reciprocal lattice vectors",
    ]
    lines += ["    " + "".join(f"{v:13.9f}" for v in (*row, 0.0, 0.0, 0.0))
              for row in atoms.cell[:]]  # fmt: skip
    lines += [
        "",
        " POSITION                                       TOTAL-FORCE (eV/Angst)",
        " " + "-" * 83,
    ]
    lines += ["  " + "".join(f"{v:13.5f}" for v in p) + "".join(f"{v:14.6f}" for v in f)
              for p, f in zip(atoms.positions, forces, strict=True)]  # fmt: skip
    lines += [" " + "-" * 83, "    total drift:      0.001      0.001     0.001", "",
              "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)",
              "  " + "-" * 51,
              f"  free  energy   TOTEN  = {energy - 0.01:18.8f} eV", "",
              f"  energy  without entropy={energy + 0.01:18.8f}"
              f"  energy(sigma->0) ={energy:18.8f}", "",
              " reached required accuracy - stopping structural energy minimisation"]  # fmt: skip
    if run.ended:
        lines += ["", " General timing and accounting informations for this job:"]
    return "\n".join(lines) + "\n"


def vasprun(atoms, energy, run=None, forces=None):
    """Text of a vasprun.xml; cut within the last element where the run did not end."""
    run = run or Run()
    symbols, counts, atoms = grouped(atoms)
    forces = np.zeros((len(atoms), 3)) if forces is None else forces

    def rows(name, values, tag="varray"):
        inner = "".join("<v>" + " ".join(f"{x:.8f}" for x in row) + "</v>\n" for row in values)
        return f'<{tag} name="{name}">\n{inner}</{tag}>\n'

    def energies(shift):
        return (
            f'<energy><i name="e_fr_energy">{energy - 0.01 + shift:.8f}</i>'
            f'<i name="e_wo_entrp">{energy + 0.01 + shift:.8f}</i>'
            f'<i name="e_0_energy">{energy + shift:.8f}</i></energy>\n'
        )

    shells, u, j = _u(symbols, run)
    plus_u = (
        '<i type="logical" name="LDAU"> T </i><v type="int" name="LDAUTYPE"> 2</v>'
        f'<v type="int" name="LDAUL">{shells}</v><v name="LDAUU">{u}</v><v name="LDAUJ">{j}</v>'
        if run.u_eV
        else ""
    )
    structure = (
        "<crystal>" + rows("basis", atoms.cell[:]) + "</crystal>"
        + rows("positions", atoms.get_scaled_positions(wrap=False))
    )  # fmt: skip
    types = "".join(
        f"<rc><c>{n:4d}</c><c>{s:2s}</c><c>10.0</c><c>{VALENCE[s]:.8f}</c>"
        f"<c>  PAW_PBE {escape(s)} 08Apr2002 </c></rc>"
        for s, n in zip(symbols, counts, strict=True)
    )
    each = "".join(f"<rc><c>{s:2s}</c><c>1</c></rc>" for s in atoms.get_chemical_symbols())
    steps = f"<scstep>{energies(0.0)}</scstep>\n" * run.loop
    gga = "" if run.gga == "PE" else f'<i type="string" name="GGA">{run.gga}</i>'
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<modeling>\n'
        '<generator><i name="program" type="string">vasp </i>'
        '<i name="version" type="string">6.3.0 </i></generator>\n'
        f'<incar><i name="ENCUT">{run.cutoff:.8f}</i><i type="int" name="IVDW">{run.ivdw}</i>'
        f"{plus_u}{gga}</incar>\n"
        '<kpoints><generation param="Gamma"><v type="int" name="divisions">'
        f"{' '.join(str(n) for n in run.mesh)}</v></generation>"
        + rows("kpointlist", [[0, 0, 0], [1 / 3, 0, 0]]) + "</kpoints>\n"
        '<parameters><separator name="electronic">'
        f'<i name="ENMAX">{run.cutoff:.8f}</i><i type="int" name="NELM">{run.nelm}</i>'
        f'<i name="NELECT">{_electrons(symbols, counts, run):.8f}</i>'
        f'<i type="int" name="ISPIN">{run.spin}</i><i type="int" name="ISMEAR">0</i>'
        '<i name="SIGMA">0.05</i><i type="int" name="NSW">100</i>'
        '<i type="int" name="IBRION">2</i></separator></parameters>\n'
        f"<atominfo><atoms>{len(atoms)}</atoms><types>{len(symbols)}</types>"
        f'<array name="atoms"><set>{each}</set></array>'
        f'<array name="atomtypes"><set>{types}</set></array></atominfo>\n'
        f'<structure name="initialpos">{structure}</structure>\n'
        f"<calculation>{steps}<structure>{structure}</structure>\n"
        + rows("forces", forces) + energies(0.0) + "</calculation>\n"
        f'<structure name="finalpos">{structure}</structure>\n'
    )  # fmt: skip
    return text + ("</modeling>\n" if run.ended else "<calculation><scstep>\n")


def write_oszicar(folder, atoms, energy, run=None):
    """OSZICAR, INCAR, KPOINTS and CONTCAR of one run in a new folder."""
    run = run or Run()
    symbols, _, atoms = grouped(atoms)
    folder.mkdir(parents=True)
    loop = [f"DAV: {i + 1:3d}    {energy:.12E}   -0.1E+00   -0.1E+00  1000   0.1E+00"
            for i in range(run.loop)]  # fmt: skip
    last = [f"   1 F= {energy - 0.01:.8E} E0= {energy:.8E}  d E =-.1E-02  mag= 2.0"]
    lines = ["       N       E                     dE             d eps       ncg     rms", *loop]
    (folder / "OSZICAR").write_text("\n".join(lines + (last if run.ended else [])) + "\n")
    tags = [f"ENCUT = {run.cutoff:g} ! eV", f"GGA = {run.gga}; ISPIN = {run.spin}", "NSW = 100",
            "IBRION = 2", f"IVDW = {run.ivdw}", f"NELM = {run.nelm}"]  # fmt: skip
    if run.u_eV:
        shells, u, j = _u(symbols, run)
        tags += ["LDAU = .TRUE.", "LDAUTYPE = 2", f"LDAUL = {shells}", f"LDAUU = {u}",
                 f"LDAUJ = {j}"]  # fmt: skip
    (folder / "INCAR").write_text("\n".join(tags) + "\n")
    mesh = " ".join(str(n) for n in run.mesh)
    (folder / "KPOINTS").write_text(f"mesh\n0\nGamma\n{mesh}\n0 0 0\n")
    write(folder / "CONTCAR", atoms, format="vasp")
