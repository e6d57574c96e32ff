"""``energies vibrations``, ``barrier`` and ``dynamics`` as a user runs them."""

import json

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.io import write

from adatom.cli import main
from adatom.energies.engines import Engine
from adatom.energies.vibrations import CM1_PER_ROOT_EV_A2_AMU
from springs import Anchored

SPRING_EV_A2 = 4.0


class TwoWells(Calculator):
    """One atom between wells at x = 4 and x = 6, 0.5 eV apart from each other by a ridge."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        x, y, z = self.atoms.positions[0] - 5.0
        self.results = {
            "energy": 0.5 * (x**2 - 1) ** 2 + y**2 + z**2,
            "forces": np.array([[-2.0 * x * (x**2 - 1), -2.0 * y, -2.0 * z]]),
        }


def toy_engine(calculator):
    return Engine(
        name="toy", description="toy", versions={"toy": "1"}, settings={}, citations=(),
        max_force_eV_A=0.05, max_steps=100, spin_resolved=False, prerelax=None,
        calculator=calculator,
    )  # fmt: skip


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command in an empty folder with a toy engine."""
    monkeypatch.chdir(tmp_path)

    def command(
        *arguments, calculator=lambda atoms: Anchored(atoms.positions.copy(), SPRING_EV_A2)
    ):
        for module in ("vibrations", "barrier", "dynamics"):
            monkeypatch.setattr(f"adatom.cli.{module}.engine", lambda _: toy_engine(calculator))
        with pytest.raises(SystemExit) as stop:
            main(["energies", *[str(a) for a in arguments]])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return command


def test_vibrations_of_a_site_give_modes_terms_and_a_file_for_predict(run, tmp_path, capsys):
    code, _, err = run(
        "vibrations", "FeN4@graphene", "--adsorbate", "*O", "--adsorbate", "*OH", "--adsorbate",
        "*OOH", "--json", "v.json", "--plot", "v.png",
    )  # fmt: skip
    assert code == 0, err
    data = json.loads((tmp_path / "v.json").read_text())
    by_name = {v["state"] if v["state"] != "gas" else v["subject"]: v for v in data["vibrations"]}
    assert set(by_name) == {"*", "*O", "*OH", "*OOH", "H2", "H2O"}
    iron = CM1_PER_ROOT_EV_A2_AMU * np.sqrt(SPRING_EV_A2 / 55.845)
    assert by_name["*"]["frequencies_cm-1"] == pytest.approx([iron] * 3, rel=1e-4)
    assert len(by_name["*OH"]["frequencies_cm-1"]) == 9
    assert by_name["*OH"]["frequencies_cm-1"][-1] == pytest.approx(
        CM1_PER_ROOT_EV_A2_AMU * np.sqrt(SPRING_EV_A2 / 1.008), rel=1e-4
    )
    assert by_name["H2"]["thermal"]["symmetry_number"] == 2
    terms = data["adsorption_terms"]
    assert set(terms["values_eV"]) == {"*O", "*OH", "*OOH"}
    assert (tmp_path / "v.png").stat().st_size > 5000

    # The same file in the place of the usual terms, for a packaged site.
    def predicted(*more):
        with pytest.raises(SystemExit) as stop:
            main(["predict", "FeN4@graphene", "--json", "-", *more])
        out, err = capsys.readouterr()
        assert stop.value.code == 0, err
        return json.loads(out)["results"][0]

    usual, computed = predicted(), predicted("--thermal", "v.json")
    for state, tabulated in (("*O", 0.05), ("*OH", 0.35), ("*OOH", 0.40)):
        change = computed["free_energies_eV"][state] - usual["free_energies_eV"][state]
        assert change == pytest.approx(terms["values_eV"][state] - tabulated)
    recorded = computed["energy_source"]["corrections"]
    assert any("computed vibrations: toy" in c and "*OH" in c for c in recorded)
    assert not any("usual values" in c for c in recorded)


def test_vibrations_of_a_molecule_and_of_a_file(run, tmp_path):
    code, out, err = run("vibrations", "H2O", "--json", "-", "--temperature", "25C")
    assert code == 0, err
    data = json.loads(out)
    assert data["temperature_K"] == pytest.approx(298.15)
    assert len(data["vibrations"][0]["frequencies_cm-1"]) == 3
    atoms = Atoms("CFeOH", positions=[[1, 1, 1], [3, 3, 3], [3, 3, 4.8], [3, 3.9, 5.1]],
                  cell=[9] * 3, pbc=True)  # fmt: skip
    write(tmp_path / "a.extxyz", atoms)
    code, out, err = run("vibrations", "a.extxyz", "--adsorbate", "*OH", "--json", "-")
    assert code == 0, err
    (found,) = json.loads(out)["vibrations"]
    assert found["displaced_atoms"] == [1, 2, 3]


def test_a_start_that_relaxes_to_a_saddle_is_led_off_it(run, tmp_path):
    write(tmp_path / "top.extxyz", Atoms("Fe", positions=[[5, 5, 5]], cell=[10] * 3, pbc=True))
    code, out, err = run("vibrations", "top.extxyz", "--json", "-", calculator=lambda _: TwoWells())
    assert code == 0
    data = json.loads(out)
    unit = CM1_PER_ROOT_EV_A2_AMU / np.sqrt(55.845)
    assert data["vibrations"][0]["imaginary_cm-1"] == []
    exact = unit * np.sqrt([2.0, 2.0, 4.0])
    assert data["vibrations"][0]["frequencies_cm-1"] == pytest.approx(exact, rel=1e-2)
    (note,) = data["notes"]
    assert f"saddle ({unit * np.sqrt(2.0):.0f}i" in note
    assert "-0.500 eV" in note
    assert note in err


def test_what_stays_unstable_has_no_free_energy(run, tmp_path, monkeypatch):
    monkeypatch.setattr("adatom.energies.minima.MOST_ROUNDS", 0)
    write(tmp_path / "top.extxyz", Atoms("Fe", positions=[[5, 5, 5]], cell=[10] * 3, pbc=True))
    code, out, err = run("vibrations", "top.extxyz", "--json", "-", calculator=lambda _: TwoWells())
    assert code == 0
    data = json.loads(out)
    exact = CM1_PER_ROOT_EV_A2_AMU * np.sqrt(2.0 / 55.845)
    assert data["vibrations"][0]["imaginary_cm-1"] == pytest.approx([exact], rel=1e-3)
    assert data["vibrations"][0]["thermal"] is None
    assert "minimum has 0 imaginary modes" in data["refused"][0]
    assert "free energies are refused" in err


def wells(tmp_path):
    for name, x in (("start", 3.9), ("end", 6.1)):
        atoms = Atoms("Fe", positions=[[x, 5, 5]], cell=[10] * 3, pbc=True)
        write(tmp_path / f"{name}.extxyz", atoms)
    return "start.extxyz", "end.extxyz", "--atoms", "0"


@pytest.mark.parametrize("method", ["neb", "dimer"])
def test_a_barrier_between_two_files(run, tmp_path, method):
    code, out, err = run(
        "barrier", *wells(tmp_path), "--method", method, "--images", "3", "--max-force", "0.005",
        "--json", "b.json", "--plot", "b.png", "--checkpoint", "path.extxyz",
        calculator=lambda _: TwoWells(),
    )  # fmt: skip
    assert code == 0, err
    data = json.loads((tmp_path / "b.json").read_text())
    assert data["verified_transition_state"]
    assert data["forward_barrier_eV"] == pytest.approx(0.5, abs=1e-3)
    assert data["saddle"]["imaginary_cm-1"] == pytest.approx([98.7], abs=1.0)
    assert "barrier 0.500 eV forward, 0.500 eV back" in out
    assert (tmp_path / "b.png").stat().st_size > 5000
    assert (tmp_path / "path.extxyz").exists()


def test_a_path_without_saddle_is_no_transition_state(run, tmp_path):
    code, out, err = run(
        "barrier", "*OOH", "*O*OH", "--site", "FeCoN6@graphene", "--json", "b.json"
    )
    assert code == 0, err
    data = json.loads((tmp_path / "b.json").read_text())
    assert data["forward_barrier_eV"] is None
    assert "no verified transition state" in out
    # Fe and Co come last in the bare cell of 32 atoms, then O, O and H.
    moved = data["start"]["displaced_atoms"]
    assert len(moved) == 5
    assert data["bonds_broken"]
    assert any("Co" in bond for bond in data["bonds_formed"])


def test_dynamics_of_a_site(run, tmp_path):
    code, out, err = run(
        "dynamics", "FeN4@graphene", "--ps", "0.5", "--discard-ps", "0", "--folder", "run",
        "--json", "d.json", "--plot", "d.png",
    )  # fmt: skip
    assert code == 0, err
    data = json.loads((tmp_path / "d.json").read_text())
    (bond,) = data["distances"]
    assert bond["label"] == "Fe-N"
    assert bond["bonds"] == 4
    assert data["timestep_fs"] == 1.0
    assert bond["percentile_2.5_A"] < bond["mean_A"] < bond["percentile_97.5_A"]
    assert "kinetic temperature" in out
    assert (tmp_path / "d.png").stat().st_size > 5000
    assert (tmp_path / "run" / "dynamics.json").exists()


REFUSED = [
    (["vibrations", "nothing.cif"], "nothing.cif: no such file"),
    (["vibrations", "Foo"], "character 1"),
    (["vibrations", "H2O", "--adsorbate", "*OH"], "H2O is a molecule"),
    (["vibrations", "H2O", "--temperature", "25"], "298.15K or 25C"),
    (["vibrations", "H2O", "--temperature", "-300C"], "298.15K or 25C"),
    (["vibrations", "H2O", "--displacement", "3"], "0.0001..0.1"),
    (["vibrations", "H2O", "--plot", "x.doc"], ".png"),
    (["vibrations", "H2O", "--json", "no/where.json"], "does not exist"),
    (["vibrations", "FeN4@graphene", "--adsorbate", "*XX"], "*XX"),
    (["vibrations", "FeN4@graphene", "--adsorbate", "*OH", "--adsorbate", "*OH"], "twice"),
    (["barrier", "a.extxyz", "b.extxyz"], "--site"),
    (["barrier", "*OOH", "*O*OH", "--site", "FeN4@graphene"], "1 metal(s)"),
    (["barrier", "*OOH", "*OH", "--site", "FeN4@graphene"], "same atoms"),
    (["barrier", "OOH", "*O*OH", "--site", "FeN4@graphene"], "expected adsorbates"),
    (["barrier", "*OOH", "*OOH", "--site", "FeN4@graphene"], "one structure"),
    (["barrier", "*OOH", "*O*OH", "--site", "FeCoN6@graphene", "--method", "guess"], "neb, dimer"),
    (["dynamics", "H2O"], "is a molecule"),
    (["dynamics", "FeN4@graphene", "--ps", "1", "--discard-ps", "2"], "--discard-ps"),
    (["dynamics", "FeN4@graphene", "--ps", "0.1", "--discard-ps", "0"], "samples remain"),
    (["dynamics", "FeN4@graphene", "--timestep-fs", "-1"], "timestep_fs must be positive"),
    (["dynamics", "FeN4@graphene", "--ligand", "Xx"], "element"),
    (["dynamics", "FeN4@graphene", "--ligand", "O"], "no O is bonded"),
]


@pytest.mark.parametrize(("arguments", "says"), REFUSED)
def test_bad_input_is_one_line_and_exit_code_2(run, tmp_path, arguments, says):
    code, out, err = run(*arguments)
    assert code == 2, (out, err)
    assert says in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert not [p for p in tmp_path.iterdir() if p.suffix != ".db"]


@pytest.mark.parametrize(
    ("atoms", "adsorbate", "says"),
    [
        (Atoms("CO", positions=[[0, 0, 0], [0, 0, 3.0]], cell=[9] * 3, pbc=True), None, "no metal"),
        (Atoms("FeO", positions=[[0, 0, 0], [0, 0, 0.3]], cell=[9] * 3, pbc=True), None, "overlap"),
        (Atoms("FeO", positions=[[0, 0, 0], [0, 0, 2.0]], cell=[9] * 3, pbc=True), "*OH", "last 2"),
        (Atoms("CO", positions=[[0, 0, 0], [0, 0, 1.1]]), "*O", "holds no metal for"),
    ],
)
def test_structures_that_cannot_serve_are_refused(run, tmp_path, atoms, adsorbate, says):
    write(tmp_path / "s.extxyz", atoms)
    more = [] if adsorbate is None else ["--adsorbate", adsorbate]
    code, _, err = run("vibrations", "s.extxyz", *more)
    assert code == 2
    assert says in err


def test_a_file_that_is_no_structure_is_refused(run, tmp_path):
    (tmp_path / "s.cif").write_text("hello")
    code, _, err = run("vibrations", "s.cif")
    assert code == 2
    assert "s.cif: cannot be read as cif" in err
    (tmp_path / "s.txt").write_text("hello")
    code, _, err = run("vibrations", "s.txt")
    assert code == 2
    assert "format not known" in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("{}", "no 'adsorption_terms'"),
        ('{"adsorption_terms": {"site": 3}}', "no usable 'site'"),
        ('{"adsorption_terms": {"site": "FeN4@graphene", "temperature_K": 298.15, "method": "m",'
         ' "values_eV": {"*OH": 50}}}', "within 3 eV"),
        ('{"adsorption_terms": {"site": "FeN4@graphene", "temperature_K": 298.15, "method": "m",'
         ' "values_eV": {"*OH": 0.3}}}', "lack *O"),
        ('{"adsorption_terms": {"site": "CoN4@graphene", "temperature_K": 298.15, "method": "m",'
         ' "values_eV": {}}}', "no computed thermal terms"),
        ('{"adsorption_terms": {"site": "FeN4@graphene", "temperature_K": 350.0, "method": "m",'
         ' "values_eV": {"*O": 0, "*OH": 0.3, "*OOH": 0.4, "*H": 0.2}}}', "at 350 K"),
    ],
)  # fmt: skip
def test_thermal_files_that_cannot_serve_are_refused(capsys, tmp_path, text, says):
    file = tmp_path / "t.json"
    file.write_text(text)
    with pytest.raises(SystemExit) as stop:
        main(["predict", "FeN4@graphene", "--thermal", str(file)])
    _, err = capsys.readouterr()
    assert stop.value.code == 2
    assert says in err
