"""The benchmark against an engine whose errors are known, and the packaged results."""

import importlib.util
import json
from dataclasses import replace
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from ase.calculators.calculator import Calculator, all_changes

from adatom.cli import main as command
from adatom.energies.engines import Engine, engine
from adatom.energies.store import Store
from adatom.errors import AdatomError, AdatomWarning, EngineError
from adatom.reactions import load_network
from adatom.sites.notation import parse_site
from adatom.thermo.benchmark import benchmark
from adatom.thermo.error_statistics import error_statistics
from adatom.thermo.free_energies import THERMAL_EV
from adatom.thermo.packaged import packaged_folder, plane_wave_differences_eV
from adatom.thermo.reference import ORBITALS, PLANE_WAVES, packaged_reference, reference_from
from adatom.thermo.sources import from_engine
from adatom.thermo.stated_errors import ENGINE_SD_EV, engine_sd_eV, packaged_benchmarks

ROOT = Path(__file__).parents[2]


class Additive(Calculator):
    """Energies of atoms added up: every formation energy against H2O and H2 is exactly zero.

    On cobalt every oxygen costs 0.5 eV more; *OOH on nickel fails.
    """

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        symbols = list(atoms.symbols)
        if "Ni" in symbols and symbols.count("O") == 2:
            raise RuntimeError("no convergence")
        extra = 0.5 * symbols.count("O") if "Co" in symbols else 0.0
        self.results = {
            "energy": -0.1 * float(sum(atoms.numbers)) + extra,
            "forces": np.zeros((len(atoms), 3)),
        }


def additive(atoms):
    return Additive()


ENGINE = Engine(
    name="additive", description="sums of atoms", versions={"additive": "1"}, settings={},
    citations=(), max_force_eV_A=0.05, max_steps=5, spin_resolved=False, prerelax=None,
    calculator=additive,
)  # fmt: skip

# The engine gives 0.35 and 0.40 eV (thermal terms) on Fe and Ni, 0.85 and 1.40 eV on Co.
TABLE = """site,*OH,*OOH,*OH_sd,*OOH_sd
FeN4@graphene,0.25,0.60,0.3,0.3
CoN4@graphene,0.65,1.20,0.3,0.3
NiN4@graphene,0.55,0.70,0.3,0.3
my pair,0.1,0.2,0.3,0.3
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "mine.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture(scope="module")
def database(table):
    return table.with_name("a.db")


@pytest.fixture(scope="module")
def result(table, database):
    return benchmark(ENGINE, reference_from(table), store=Store(database), workers=1)


def test_errors_of_a_users_table_are_the_known_ones(result):
    errors = {c.name: c.error_eV for c in result.compared}
    assert errors == pytest.approx({
        "FeN4@graphene *OH": 0.10, "CoN4@graphene *OH": 0.20, "NiN4@graphene *OH": -0.20,
        "FeN4@graphene *OOH": -0.20, "CoN4@graphene *OOH": 0.20,
    })  # fmt: skip
    overall = result.overall
    assert overall.mean_signed_eV == pytest.approx(0.02)
    assert overall.mean_absolute_eV == pytest.approx(0.18)
    assert overall.rms_eV == pytest.approx(np.sqrt(0.17 / 5))
    # *OH: Fe = Ni < Co by the engine, Fe < Ni < Co by the table; *OOH: Fe < Co by both.
    assert result.statistics["given", "*OH"].spearman == pytest.approx(np.sqrt(3) / 2)
    assert result.statistics["given", "*OH"].kendall == pytest.approx(2 / 3)
    assert overall.kendall == pytest.approx(3 / 4)
    assert abs(result.largest.error_eV) == pytest.approx(0.2)


def test_the_sd_to_state_holds_bias_scatter_and_the_references_own(result):
    assert result.reference_sd_eV == pytest.approx(0.3)
    assert result.stated_sd_eV == round(hypot(np.sqrt(0.17 / 5), 0.3), 2)
    assert result.covered == 5


def test_what_is_lost_or_cannot_be_built_is_named(result):
    assert [c.name for c in result.lost] == ["NiN4@graphene *OOH"]
    assert "no convergence" in result.lost[0].lost
    assert list(result.left_out) == ["my pair"]
    assert result.outcomes["failed"] == 2  # both starts of *OOH
    assert result.outcomes["adsorbed"] == 10
    assert len(result.seconds) == 15  # three bare sites, two starts of six adsorbates


def test_a_run_resumes_from_the_store(result, table, database):
    seen = []
    again = benchmark(
        ENGINE, reference_from(table), store=Store(database), workers=1,
        progress=lambda done, total, record: seen.append(record),
    )  # fmt: skip
    # The failed ones, tried again.
    assert [r.state for r in seen if r is not None] == ["*OOH", "*OOH"]
    assert again.overall == result.overall


def test_json_is_strict_and_complete(result):
    data = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert data["command"] == "adatom energies benchmark --engine additive --energies mine.csv"
    assert data["values"][0] == {
        "site": "FeN4@graphene", "state": "*OH", "reference": "given", "reference_eV": 0.25,
        "engine_eV": THERMAL_EV["*OH"],
    }  # fmt: skip
    assert data["left_out"].keys() == {"my pair"}


def test_it_draws_itself(result):
    ax = result.plot()
    assert "additive" in ax.get_ylabel()
    drawn = [line for line in ax.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in drawn) == 5


def test_the_reference_is_plane_waves_where_there_are_some():
    reference = packaged_reference()
    differences = plane_wave_differences_eV()
    for value in reference.values:
        known = value.state in differences.get(value.site, {})
        assert value.kind == (PLANE_WAVES if known else ORBITALS)
    assert "plane waves" in reference.description


def test_an_engine_that_computed_the_reference_is_compared_without_running(tmp_path):
    """Its errors are what plane waves change: the packaged table, by another way."""
    settings = json.loads((packaged_folder() / "calculation.json").read_text())["settings"]

    def never(atoms):
        raise AssertionError("must not run")

    same = Engine(**{**vars(ENGINE), "name": "gpaw", "settings": settings, "calculator": never})
    found = benchmark(same, packaged_reference(), store=Store(tmp_path / "a.db"))
    changes = [d for states in plane_wave_differences_eV().values() for d in states.values()]
    assert found.overall.values == len(changes)
    assert found.overall.mean_signed_eV == pytest.approx(-np.mean(changes))
    assert found.overall.rms_eV == pytest.approx(np.sqrt(np.mean(np.square(changes))))
    assert len(found.seconds) >= len(changes)
    assert not (tmp_path / "a.db").exists()


def test_single_points_where_the_reference_started_are_on_record(tmp_path):
    """By hand for one site: lowest initial spin of the lowest geometry, and the gases'."""
    pytest.importorskip("gpaw")

    def never(atoms):
        raise AssertionError("must not run")

    point = replace(engine("gpaw-point"), calculator=never)
    found = benchmark(point, packaged_reference(), store=Store(tmp_path / "a.db"))
    assert not (tmp_path / "a.db").exists()
    content = json.loads((packaged_folder() / "calculation.json").read_text())
    records = {
        r["state"]: min(energy for _, _, energy in r["spin_trials"])
        for r in content["records"]["IrN4@graphene"]
        if r["engine"] == "gpaw"
    }
    formed = records["*OH"] - records["*"] - (records["H2O"] - records["H2"] / 2.0)
    by_hand = formed + THERMAL_EV["*OH"]
    (value,) = [c for c in found.comparisons if c.name == "IrN4@graphene *OH"]
    assert value.engine_eV == pytest.approx(by_hand, abs=1e-9)
    assert len(found.compared) == len(packaged_reference().values)
    assert {kind for kind, _ in found.statistics} == {PLANE_WAVES, ORBITALS}


def test_single_points_from_other_starts_are_not(tmp_path, monkeypatch):
    pytest.importorskip("gpaw")

    def computed(*arguments, **options):
        raise EngineError("computed")

    monkeypatch.setattr("adatom.thermo.benchmark.compute_energies", computed)
    point = engine("gpaw-point")
    for other in (replace(point, prerelax=None), engine("gpaw-point-k3"), engine("gpaw-pw")):
        with pytest.raises(EngineError, match="computed"):
            benchmark(other, packaged_reference(), store=Store(tmp_path / "a.db"))


def test_an_engine_is_not_compared_with_itself(tmp_path):
    settings = json.loads((packaged_folder() / "calculation.json").read_text())["settings"]
    same = Engine(**{**vars(ENGINE), "name": "gpaw", "settings": settings})
    with pytest.raises(AdatomError, match=r"computed gpaw-pbe-lcao-dzp.*itself"):
        benchmark(same, reference_from(packaged_folder()), store=Store(tmp_path / "a.db"))


def test_a_table_without_a_site_that_can_be_built_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("site,*OH\nmy pair,0.5\n")
    with pytest.raises(AdatomError, match=r"t\.csv.*no site can be built.*'my pair'"):
        benchmark(ENGINE, reference_from(path), store=Store(tmp_path / "a.db"))
    path.write_text("site,*N2\nFeN4@graphene,0.5\n")
    with pytest.raises(AdatomError, match=r"none of .* to compare with"):
        reference_from(path)


@pytest.mark.parametrize("name", sorted(packaged_benchmarks()))
def test_packaged_results_follow_from_their_values_and_the_packaged_reference(name):
    result = packaged_benchmarks()[name]
    reference = {(v.site, v.state): v for v in packaged_reference().values}
    values = [v for v in result["values"] if v["reference"] == PLANE_WAVES]
    for value in values:
        now = reference[value["site"], value["state"]]
        assert now.kind == PLANE_WAVES
        assert value["reference_eV"] == pytest.approx(now.value_eV, abs=1e-4)
    kept = [v for v in values if v["engine_eV"] is not None]
    found = error_statistics(
        [v["site"] for v in kept], [v["state"] for v in kept],
        np.array([v["reference_eV"] for v in kept]), np.array([v["engine_eV"] for v in kept]),
    )  # fmt: skip
    (entry,) = [
        e for e in result["statistics"] if (e["reference"], e["state"]) == (PLANE_WAVES, "all")
    ]
    assert entry["rms_eV"] == pytest.approx(found.rms_eV, abs=1e-3)
    assert entry["mean_absolute_eV"] == pytest.approx(found.mean_absolute_eV, abs=1e-3)
    assert result["stated_sd_eV"] == pytest.approx(hypot(found.rms_eV, 0.25), abs=0.006)
    assert ENGINE_SD_EV[name] == result["stated_sd_eV"]
    assert result["versions"]["ase"]


def test_an_engine_without_benchmark_is_refused_with_the_command_that_measures_it():
    with pytest.raises(EngineError, match="adatom energies benchmark --engine brand-new"):
        engine_sd_eV("brand-new")


def test_the_tables_of_the_page_are_those_of_the_packaged_results():
    path = ROOT / "validation" / "accuracy_tables.py"
    if not path.exists():
        pytest.skip("not a checkout")
    spec = importlib.util.spec_from_file_location("accuracy_tables", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert module.filled(page) == page


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        command([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_a_lost_adsorbate_leaves_the_other_sites_predictable(result, database, monkeypatch):
    """*OOH fails on nickel only; the sites are relaxed again with *O, which the ORR needs."""
    monkeypatch.setattr("adatom.energies.compute.engine", lambda name: ENGINE)
    sites = [parse_site(name) for name in ("NiN4@graphene", "FeN4@graphene")]
    given = {"engine_name": "additive", "store": Store(database), "workers": 1, "sd_eV": 0.5}
    with pytest.warns(AdatomWarning, match=r"left out: .*NiN4@graphene: \*OOH does not stay"):
        (free,) = from_engine(sites, load_network("ORR"), **given)
    assert free.label == "FeN4@graphene"
    assert free.values_eV == pytest.approx({s: THERMAL_EV[s] for s in free.values_eV})
    assert free.source.uncertainty == "given, sd 0.5 eV"
    with pytest.raises(EngineError, match=r"NiN4@graphene: \*OOH"):
        from_engine(sites[:1], load_network("ORR"), **given)


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr("adatom.cli.benchmark.find_engine", lambda name: ENGINE)
    monkeypatch.setattr("adatom.thermo.benchmark.engine", lambda name: ENGINE)


def test_the_command_writes_table_json_and_figure(capsys, result, table, database, tmp_path, toy):
    numbers, figure = tmp_path / "b.json", tmp_path / "b.png"
    code, out, err = run(
        capsys, "energies", "benchmark", "--engine", "additive", "--energies", table,
        "--database", database, "--workers", 1, "--json", numbers, "--plot", figure,
    )  # fmt: skip
    assert code == 0, err
    data = json.loads(numbers.read_text())
    assert f"--sd {data['stated_sd_eV']:g}" in out
    assert "lost adsorbates: NiN4@graphene *OOH" in out
    assert "left out: my pair" in out
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.json", "b.png"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--engine", "nonsense"], "engine 'nonsense' is unknown"),
        (["--engine", "chgnet", "--energies", "absent.csv"], "absent.csv does not exist"),
        (["--engine", "chgnet", "--plot", "x.bmp"], "ends in .png"),
        (["--engine", "chgnet", "--json", "no/such/b.json"], "does not exist; create it"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, message):
    code, _, err = run(capsys, "energies", "benchmark", *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
