"""Activity maps: apexes known exactly, and every point the same as a single site there."""

import numpy as np
import pytest

from adatom.errors import AdatomError
from adatom.kinetics import volcano
from adatom.kinetics.mapped_activity import TurnoverActivity, limiting_activity
from adatom.kinetics.rates import RateModel, compile_network, state_energies
from adatom.kinetics.steady_state import steady_states
from adatom.kinetics.volcano import activity_map, stream_activity
from adatom.reactions import load_network, restricted
from adatom.thermo.given_lines import parse_line
from adatom.thermo.limiting import limiting_potential

FINE = np.round(np.linspace(0.0, 2.0, 2001), 3)


def on_the_lines(point):
    return {"*OH": point, "*O": 2 * point, "*OOH": point + 3.2}


def test_every_point_of_a_thermodynamic_map_is_the_limiting_potential_of_that_site(orr):
    grid = np.linspace(0.1, 1.9, 13)
    found = activity_map(orr, {"*OH": grid})
    for x, value, domain in zip(grid, found.values, found.domains, strict=True):
        single = limiting_potential(orr.paths[0], on_the_lines(x))
        assert value == pytest.approx(single.limiting_potential_V_rhe, abs=1e-12)
        assert single.determining_step in found.domain_names[domain].split(" = ")


def test_two_axes_are_y_by_x(orr):
    x, y = np.linspace(0.5, 1.5, 5), np.linspace(1.0, 3.0, 4)
    found = activity_map(orr, {"*OH": x, "*O": y})
    assert found.values.shape == found.domains.shape == (4, 5)
    site = {"*OH": x[3], "*O": y[1], "*OOH": x[3] + 3.2}
    single = limiting_potential(orr.paths[0], site)
    assert found.values[1, 3] == pytest.approx(single.limiting_potential_V_rhe, abs=1e-12)
    at, value = found.apex
    assert value == found.values.max()
    assert set(at) == {"*OH", "*O"}


def test_a_kinetic_map_equals_a_loop_over_single_solves(orr):
    grid = np.linspace(0.2, 1.8, 17)
    h2o2 = 1e-5
    found = activity_map(orr, {"*OH": grid}, potential_V_rhe=0.8, activities={"H2O2": h2o2})
    compiled = compile_network(found.network)
    for x, value, domain in zip(grid, found.values, found.domains, strict=True):
        energies = state_energies(found.network, on_the_lines(x))
        one = steady_states(compiled, energies, 0.8, activities=np.array([1.0, h2o2]))
        assert 10.0**value == pytest.approx(one.electron_turnover_Hz[0, 0], rel=1e-12)
        assert found.domain_names[domain] == orr.states[one.occupations[0, 0].argmax()]


def test_chunks_change_nothing(orr, monkeypatch):
    axes = {"*OH": np.linspace(0.2, 1.8, 9), "*O": np.linspace(0.5, 3.5, 7)}
    whole = activity_map(orr, axes, potential_V_rhe=0.8)
    monkeypatch.setattr(volcano, "CHUNK_BYTES", 5 * whole.activity.bytes_per_site)
    parts = activity_map(orr, axes, potential_V_rhe=0.8)
    assert np.array_equal(parts.values, whole.values)
    assert np.array_equal(parts.domains, whole.domains)


def test_the_streamed_file_holds_the_map(orr, tmp_path, monkeypatch):
    axes = {"*OH": np.linspace(0.2, 1.8, 9), "*O": np.linspace(0.5, 3.5, 7)}
    whole = activity_map(orr, axes, potential_V_rhe=0.8)
    monkeypatch.setattr(volcano, "CHUNK_BYTES", 5 * whole.activity.bytes_per_site)
    assert stream_activity(tmp_path / "map.npy", orr, axes, 0.8) == 63
    read = np.load(tmp_path / "map.npy", mmap_mode="r")
    assert read.dtype == np.float32
    assert read == pytest.approx(whole.values, rel=1e-6)
    assert [p.name for p in tmp_path.iterdir()] == ["map.npy"]


def test_a_failed_stream_leaves_no_file(orr, tmp_path, monkeypatch):
    def fails(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(TurnoverActivity, "__call__", fails)
    with pytest.raises(KeyboardInterrupt):
        stream_activity(tmp_path / "map.npy", orr, {"*OH": FINE}, 0.8)
    assert list(tmp_path.iterdir()) == []


def test_a_current_density_is_the_electrons_of_the_sites(orr):
    grid = np.linspace(0.4, 1.4, 5)
    site = activity_map(orr, {"*OH": grid}, potential_V_rhe=0.8).values
    found = activity_map(orr, {"*OH": grid}, potential_V_rhe=0.8, site_density_mol_cm2=1e-8)
    assert found.values - site == pytest.approx(np.log10(1e3 * 96485.332 * 1e-8), abs=1e-6)
    assert found.activity.unit == "log10(mA/cm2)"


def test_the_partial_current_of_peroxide_counts_two_electrons(orr):
    grid = np.linspace(0.9, 1.6, 5)
    made = activity_map(orr, {"*OH": grid}, potential_V_rhe=0.5, product="H2O2")
    partial = activity_map(orr, {"*OH": grid}, potential_V_rhe=0.5, product="H2O2",
                           site_density_mol_cm2=1e-9)  # fmt: skip
    shift = np.log10(2 * 1e3 * 96485.332 * 1e-9)
    assert partial.values - made.values == pytest.approx(shift, abs=1e-6)


def test_an_oxidation_has_its_apex_where_the_potential_is_lowest():
    """With dG_OOH = dG_OH + 3.2 the best OER site takes 1.60 V, half of 3.2 (Man et al. 2011)."""
    found = activity_map(load_network("OER"), {"*OH": FINE})
    at, value = found.apex
    assert value == pytest.approx(1.6, abs=1e-9)
    assert at["*OH"] == pytest.approx(1.6, abs=1e-9)


def test_hydrogen_evolution_has_its_apex_at_zero(her):
    found = activity_map(her, {"*H": np.linspace(-0.5, 0.5, 101)})
    at, value = found.apex
    assert value == pytest.approx(0.0, abs=1e-12)
    assert at["*H"] == pytest.approx(0.0, abs=1e-12)
    assert "Tafel" in found.closed_steps


def test_nothing_is_made_past_equilibrium(orr):
    found = activity_map(orr, {"*OH": np.linspace(0.5, 1.5, 5)}, potential_V_rhe=1.5)
    assert np.isnan(found.values).all()
    with pytest.raises(AdatomError, match="no apex"):
        _ = found.apex


def test_a_product_takes_the_easiest_of_its_paths():
    lines = [parse_line(t) for t in ("*COOH=0.6+0.5**CO", "*H=0.1", "*OCHO=0.05")]
    co2 = load_network("CO2RR")
    grid = np.linspace(-1.0, 0.5, 7)
    found = activity_map(co2, {"*CO": grid}, lines=lines, product="HCOOH")
    assert set(found.network.states) == {"*", "*CO", "*COOH", "*H", "*OCHO"}
    small = restricted(co2, {"*CO", "*COOH", "*H", "*OCHO"})
    paths = [p for p in small.paths if p.change("HCOOH")]
    assert len(paths) == 2
    for x, value in zip(grid, found.values, strict=True):
        site = {"*CO": x, "*COOH": 0.6 + 0.5 * x, "*H": 0.1, "*OCHO": 0.05}
        best = max(limiting_potential(p, site).limiting_potential_V_rhe for p in paths)
        assert value == pytest.approx(best, abs=1e-12)
    assert len(np.unique(found.values)) > 1


def test_the_product_of_a_network_is_counted_from_its_fluxes():
    lines = [parse_line(t) for t in ("*COOH=0.6+0.5**CO", "*H=0.1")]
    co2 = load_network("CO2RR")
    grid = np.linspace(-0.8, 0.5, 4)
    condition = {"potential_V_rhe": -0.6, "activities": {"CO": 1e-6}}
    found = activity_map(co2, {"*CO": grid}, lines=lines, product="CO", **condition)
    compiled = compile_network(found.network, activities={"CO": 1e-6})
    for x, value in zip(grid, found.values, strict=True):
        site = state_energies(found.network, {"*CO": x, "*COOH": 0.6 + 0.5 * x, "*H": 0.1})
        fluxes = steady_states(compiled, site, -0.6).net_fluxes_Hz[0, 0]
        leaving = fluxes[[s.name for s in found.network.steps].index("*CO -> CO")]
        assert 10.0**value == pytest.approx(leaving, rel=1e-12)


def test_results_are_read_only(orr):
    found = activity_map(orr, {"*OH": np.linspace(0.5, 1.5, 5)})
    for array in (found.values, found.domains, found.axes[0].values_eV):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("axes", "options", "message"),
    [
        ({}, {}, "one or two"),
        ({"*OH": [0, 1], "*O": [0, 1], "*OOH": [0, 1]}, {}, "one or two"),
        ({"*OH": [1.0, 0.5]}, {}, "rising"),
        ({"*OH": [0.5]}, {}, "rising"),
        ({"*OH": [0.5, np.nan]}, {}, "rising"),
        ({"*OH": np.arange(5000), "*O": np.arange(5000)}, {}, "at most"),
        ({"*OH": [0, 1]}, {"product": "CO"}, "no path to CO"),
        ({"*OH": [0, 1]}, {"potential_V_rhe": 0.8, "product": "CO"}, "does not make CO"),
        ({"*OH": [0, 1]}, {"potential_V_rhe": np.inf}, "within 5 V"),
        ({"*OH": [0, 1]}, {"potential_V_rhe": 0.8, "activities": {"CO": 1}}, "no dissolved CO"),
        ({"*OH": [0, 1]}, {"potential_V_rhe": 0.8, "activities": {"O2": -1}}, "O2 must be 0 or"),
        ({"*OH": [0, 1]}, {"potential_V_rhe": 0.8, "site_density_mol_cm2": 0}, "site density"),
        ({"*OH": [0, 1]}, {"activities": {"O2": 1}}, "needs a potential"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(orr, axes, options, message):
    with pytest.raises(AdatomError, match=message):
        activity_map(orr, axes, **options)


def test_several_products_must_be_told_apart():
    lines = [parse_line(t) for t in ("*COOH=0.6+0.5**CO", "*H=0.1")]
    with pytest.raises(AdatomError, match="name the product"):
        activity_map(load_network("CO2RR"), {"*CO": [0, 1]}, lines=lines, potential_V_rhe=-0.5)


def test_the_rate_model_is_used(orr):
    axes = {"*OH": np.linspace(0.5, 1.5, 5)}
    low = activity_map(orr, axes, potential_V_rhe=0.8, rates=RateModel(intrinsic_barrier_eV=0.1))
    high = activity_map(orr, axes, potential_V_rhe=0.8, rates=RateModel(intrinsic_barrier_eV=0.6))
    assert (low.values > high.values).all()


def test_limiting_activity_without_a_path_says_so(orr):
    with pytest.raises(AdatomError, match="no path to H2"):
        limiting_activity(orr, product="H2")
