from dataclasses import replace

import numpy as np
import pytest

from adatom import FreeEnergies, RateModel, load_electrolyte, load_network, predict_curves
from adatom.electrochem.koutecky_levich import koutecky_levich
from adatom.errors import AdatomError, CurveError, ElectrolyteError
from adatom.prediction.figures_of_merit import _crossings, kinetic_figures
from adatom.provenance import EnergySource


def site(label, hydroxide, oxygen, hydroperoxide, sd=0.1):
    values = {"*OH": hydroxide, "*O": oxygen, "*OOH": hydroperoxide}
    return FreeEnergies(label, values, dict.fromkeys(values, sd), EnergySource("table", "test"))


@pytest.fixture
def conditions(orr, koh):
    return {"network": orr, "electrolyte": koh, "site_density_mol_cm2": 1e-8}


def test_crossings_interpolate_and_mark_both_ends():
    grid = np.array([1.0, 0.9, 0.8])
    curves = np.array([[0.0, 1.0, 3.0], [5.0, 6.0, 7.0], [0.0, 0.1, 0.2]])
    found = _crossings(grid, curves, np.full(3, 2.0), logarithmic=False)
    assert found[0] == pytest.approx(0.85)
    assert found[1] == np.inf
    assert found[2] == -np.inf
    assert _crossings(grid, curves[:1], np.array([np.sqrt(3.0)]))[0] == pytest.approx(0.85)


def test_half_wave_is_where_half_the_plateau_flows(conditions):
    (found,) = predict_curves([site("A", 0.4, 1.6, 3.6)], **conditions).results
    curve = found.curve
    figure = found.figures.half_wave_V_rhe
    half = np.interp(figure.value, curve.potential_V_rhe[::-1], curve.current_density_mA_cm2[::-1])
    assert half == pytest.approx(curve.current_density_mA_cm2[-1] / 2, rel=1e-9)
    low, high = figure.interval_95
    assert low < figure.value < high


def test_an_inactive_site_has_no_half_wave_potential_and_a_reason(conditions):
    (found,) = predict_curves([site("dead", 3.5, 5.5, 6.9)], **conditions).results
    assert found.figures.half_wave_V_rhe.value is None
    assert "no diffusion-limited plateau" in found.figures.half_wave_V_rhe.reason


def test_the_tafel_slope_is_that_of_the_transport_corrected_curve(conditions):
    """A site limited by *OOH formation with dG(U) = Ga: transfer coefficient 1, 59 mV/dec."""
    (found,) = predict_curves([site("weak", 1.9, 3.2, 5.0)], **conditions).results
    assert found.figures.tafel_slope_mV_dec.value == pytest.approx(59.2, abs=0.5)


def test_koutecky_levich_of_predicted_curves_returns_four_electrons(conditions, koh):
    """Where kinetics and transport share the control and the order in O2 is one."""
    weak = site("weak", 1.9, 3.2, 5.0)
    speeds = np.array([400.0, 900.0, 1600.0, 2500.0])
    found = [predict_curves([weak], rotation_rpm=r, **conditions).results[0] for r in speeds]
    curves = [f.curve for f in found]
    at = int(np.argmin(np.abs(curves[2].potential_V_rhe - found[2].figures.half_wave_V_rhe.value)))
    currents = np.array([c.current_density_mA_cm2[at] for c in curves])
    n, kinetic = koutecky_levich(speeds, currents, koh)
    assert n == pytest.approx(4.0, abs=0.02)
    assert kinetic == pytest.approx(2.0 * abs(currents[2]), rel=0.2)


def test_each_uncertain_input_widens_the_interval(conditions, orr, koh):
    sharp = site("A", 0.4, 1.6, 3.6, sd=1e-6)
    certain = RateModel(attempt_span_decades=0.0)

    def interval(**given):
        return predict_curves([sharp], **given).results[0].figures.half_wave_V_rhe

    assert np.ptp(interval(**conditions, rates=certain).interval_95) < 1e-4
    density = interval(network=orr, electrolyte=koh, rates=certain)
    attempts = interval(**conditions)
    assert density.interval_95[0] < density.value < density.interval_95[1]
    # k_B T / h is an upper bound: the draws lie below the nominal curve.
    assert np.ptp(attempts.interval_95) > np.ptp(density.interval_95) > 0.01
    assert attempts.interval_95[1] < attempts.value


def test_the_same_energies_give_the_same_intervals_whatever_the_label(conditions):
    one, other = predict_curves(
        [site("A", 0.4, 1.6, 3.6), site("B", 0.4, 1.6, 3.6)], **conditions
    ).results
    assert one.figures == other.figures
    assert one.limiting_interval_V == other.limiting_interval_V


def test_figures_do_not_depend_on_how_coarse_the_given_potentials_are(conditions):
    weak = site("weak", 1.9, 3.2, 5.0)
    fine = predict_curves([weak], **conditions).results[0].figures
    coarse = predict_curves(
        [weak], potentials_V_rhe=np.array([1.23, 0.97, 0.60, 0.20]), **conditions
    ).results[0]
    assert coarse.curve.potential_V_rhe.size == 4
    assert coarse.figures.half_wave_V_rhe.value == pytest.approx(
        fine.half_wave_V_rhe.value, abs=1e-3
    )
    # A window that ends on the rise has no plateau, however few points sample it.
    rising = predict_curves(
        [weak], potentials_V_rhe=np.array([1.1, 0.97, 0.90, 0.80, 0.72, 0.66]), **conditions
    ).results[0]
    assert rising.figures.half_wave_V_rhe.value is None


def test_a_figure_before_the_window_is_told_from_one_beyond_it(conditions):
    on_plateau = predict_curves(
        [site("A", 0.4, 1.6, 3.6)], potentials_V_rhe=np.linspace(0.7, 0.4, 31), **conditions
    ).results[0]
    assert "already at 0.70 V" in on_plateau.figures.half_wave_V_rhe.reason
    grid = np.linspace(-0.4, -0.6, 21)
    strong, weak = -20.0 * np.ones((50, 21)), -1.0 * np.ones((50, 21))
    given = {"cathodic": True, "equilibrium_V_rhe": 0.0}
    assert "already" in kinetic_figures(grid, strong, **given).overpotential_at_10_V.reason
    assert "not reached" in kinetic_figures(grid, weak, **given).overpotential_at_10_V.reason


def test_kinetics_and_transport_share_the_control(conditions):
    """First order in O2 at half the plateau: each holds half of the current."""
    (found,) = predict_curves([site("weak", 1.9, 3.2, 5.0)], **conditions).results
    assert sum(found.rate_control.values()) == pytest.approx(1.0, abs=1e-8)
    assert found.kinetic_share == pytest.approx(0.5, abs=0.01)


def test_a_surface_at_equilibrium_has_no_apparent_orders(conditions):
    """Just below 1.23 V the net rate is the small difference of two large ones: its order in O2
    would be 1e5."""
    (found,) = predict_curves([site("ideal", 1.23, 2.35, 3.78)], **conditions).results
    assert found.rate_control_V_rhe > 1.22
    assert found.kinetic_share < 0.01
    assert found.sensitivities is None
    (found,) = predict_curves([site("weak", 1.9, 3.2, 5.0)], **conditions).results
    assert 0 < found.sensitivities.reaction_orders["O2"] <= 1


def test_occupations_are_those_at_the_surface(conditions):
    """On the plateau O2 is used up, so *OH leaves faster than it forms: the site is bare."""
    (found,) = predict_curves([site("A", 0.86, 2.2, 4.06)], **conditions).results
    at = int(np.argmin(np.abs(found.curve.potential_V_rhe - 0.5)))
    assert found.occupations[at, 0] > 0.99
    assert found.occupations.sum(axis=1) == pytest.approx(1.0)


def test_turnovers_carry_the_current(conditions):
    """Where the O-O bond is hard to break, on the site and in H2O2, peroxide leaves."""
    hindered = RateModel(step_barriers_eV={"*OOH -> *O": 1.5, "H2O2 -> *OH": 1.5})
    (found,) = predict_curves([site("2e", 1.1, 2.6, 4.2)], rates=hindered, **conditions).results
    four, two = found.turnover_Hz["4e associative"], found.turnover_Hz["2e"]
    electrons = 4.0 * four + 2.0 * two
    current = -1e3 * 96485.33212 * 1e-8 * electrons
    assert current == pytest.approx(found.curve.current_density_mA_cm2, rel=1e-9)
    at = int(np.nanargmax(found.peroxide_yield_percent))
    assert two[at] > 10 * abs(four[at])
    assert found.peroxide_yield_percent[at] > 90
    assert np.nanmin(found.electron_number) == pytest.approx(2.0, abs=0.2)
    assert found.paths["2e"].limiting_potential_V_rhe == pytest.approx(0.68)


def test_peroxide_in_the_bulk_is_refused(conditions, koh):
    solutes = dict(koh.solutes)
    solutes["H2O2"] = replace(solutes["H2O2"], bulk_mol_cm3=1e-6)
    with pytest.raises(ElectrolyteError, match="ring"):
        predict_curves(
            [site("A", 0.4, 1.6, 3.6)],
            **{**conditions, "electrolyte": replace(koh, solutes=solutes)},
        )


def test_intervals_cover_the_truth_at_their_stated_rate(conditions):
    """Nominal energies scattered around a truth with the stated spread: 95 % intervals of the
    limiting potential of a site with one clear limiting step cover it 93 to 97 % of the time."""
    rng = np.random.default_rng(5)
    truth, sd, hits, sets = np.array([0.2, 1.6, 3.4]), 0.1, 0, 600
    rho = FreeEnergies("x", {}, {}, EnergySource("table", "")).correlation
    for k in range(sets):
        noise = np.sqrt(rho) * rng.standard_normal() + np.sqrt(1 - rho) * rng.standard_normal(3)
        observed = truth + sd * noise
        measured = site(f"s{k}", *observed, sd=sd)
        draws = measured.draws(("*OOH", "*O", "*OH"), 400, seed=k)
        from adatom.thermo.limiting import limiting_potentials_V, path_step_energies_eV

        path = conditions["network"].paths[0]
        limits = limiting_potentials_V(
            path, path_step_energies_eV(path, ("*OOH", "*O", "*OH"), draws)
        )
        low, high = np.percentile(limits, [2.5, 97.5])
        hits += low <= 0.2 <= high
    assert 0.93 <= hits / sets <= 0.97


def test_curves_plot_themselves_on_given_axes(conditions):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    prediction = predict_curves([site("A", 0.4, 1.6, 3.6)], **conditions)
    _, ax = plt.subplots()
    assert prediction.plot(ax) is ax
    assert len(ax.lines) == 1
    assert "A" in prediction._repr_html_()
    frame = prediction.results[0].curve.to_frame()
    assert list(frame.columns)[:2] == ["potential_V_rhe", "current_density_mA_cm2"]
    with pytest.raises(ValueError, match="read-only"):
        prediction.results[0].curve.current_density_mA_cm2[0] = 1.0


def test_conditions_that_cannot_be_are_refused(conditions):
    good = [site("A", 0.4, 1.6, 3.6)]
    with pytest.raises(AdatomError, match="40 draws"):
        predict_curves(good, draws=5, **conditions)
    with pytest.raises(CurveError, match="out of order"):
        predict_curves(good, potentials_V_rhe=np.array([1.0, 0.5, 0.7]), **conditions)
    with pytest.raises(CurveError, match="site density"):
        predict_curves(good, **{**conditions, "site_density_mol_cm2": 1.0})


def test_oxygen_evolution_and_hydrogen_evolution_have_the_right_sign():
    oer = predict_curves(
        [site("A", 1.1, 2.6, 4.1)],
        network=load_network("OER"),
        electrolyte=load_electrolyte("0.1 M KOH"),
        site_density_mol_cm2=1e-8,
    ).results[0]
    assert np.all(oer.curve.current_density_mA_cm2 >= -1e-10)  # rounding at equilibrium
    assert oer.limiting.limiting_potential_V_rhe == pytest.approx(1.5)
    assert oer.figures.half_wave_V_rhe.value is None
    assert np.all(np.isnan(oer.electron_number))


def test_hydrogen_evolution_is_cathodic_and_told_by_its_overpotential():
    her = FreeEnergies("H", {"*H": 0.3}, {"*H": 0.05}, EnergySource("table", "test"))
    (found,) = predict_curves(
        [her], network=load_network("HER"), electrolyte=load_electrolyte("0.5 M H2SO4")
    ).results
    assert np.all(found.curve.current_density_mA_cm2 <= 1e-10)
    assert 0 < found.figures.overpotential_at_10_V.value < 0.3


def test_the_overpotential_at_ten_grows_smoothly_with_the_distance_from_thermoneutral():
    """Next to equilibrium the net current is rounding noise: it must not set the crossing."""
    found = []
    for value in np.linspace(0.02, 0.30, 15):
        her = FreeEnergies("H", {"*H": value}, {"*H": 0.05}, EnergySource("table", "test"))
        (one,) = predict_curves(
            [her], network=load_network("HER"), electrolyte=load_electrolyte("0.5 M H2SO4"),
            draws=40,
        ).results  # fmt: skip
        found.append(one.figures.overpotential_at_10_V.value)
    assert np.all(np.diff(found) > 0)
