import numpy as np
import pytest

from adatom import FreeEnergies, RateModel, load_electrolyte, load_network, predict_curves
from adatom.errors import AdatomError, CurveError
from adatom.prediction import _crossings
from adatom.provenance import EnergySource
from adatom.transport.rotating_disk import koutecky_levich


def site(label, hydroxide, oxygen, hydroperoxide, sd=0.1):
    values = {"*OH": hydroxide, "*O": oxygen, "*OOH": hydroperoxide}
    return FreeEnergies(label, values, dict.fromkeys(values, sd), EnergySource("table", "test"))


@pytest.fixture
def conditions(orr, koh):
    return {"network": orr, "electrolyte": koh, "site_density_mol_cm2": 1e-8}


def test_crossings_interpolate_and_mark_both_ends():
    grid = np.array([1.0, 0.9, 0.8])
    curves = np.array([[0.0, 1.0, 3.0], [5.0, 6.0, 7.0], [0.0, 0.1, 0.2]])
    found = _crossings(grid, curves, np.full(3, 2.0), log=False)
    assert found[0] == pytest.approx(0.85)
    assert found[1] == np.inf
    assert found[2] == -np.inf
    assert _crossings(grid, curves[:1], np.array([np.sqrt(3.0)]))[0] == pytest.approx(0.85)


def test_half_wave_is_where_half_the_plateau_flows(conditions):
    (found,) = predict_curves([site("A", 0.4, 1.6, 3.6)], **conditions).results
    curve = found.curve
    half = np.interp(
        found.half_wave_V_rhe.value, curve.potential_V_rhe[::-1], curve.current_density_mA_cm2[::-1]
    )
    assert half == pytest.approx(curve.current_density_mA_cm2[-1] / 2, rel=1e-9)
    low, high = found.half_wave_V_rhe.interval_95
    assert low < found.half_wave_V_rhe.value < high


def test_an_inactive_site_has_no_half_wave_potential_and_a_reason(conditions):
    (found,) = predict_curves([site("dead", 3.5, 5.5, 6.9)], **conditions).results
    assert found.half_wave_V_rhe.value is None
    assert "no diffusion-limited plateau" in found.half_wave_V_rhe.reason


def test_the_tafel_slope_is_that_of_the_transport_corrected_curve(conditions):
    """A site limited by *OOH formation with dG(U) = Ga: transfer coefficient 1, 59 mV/dec."""
    (found,) = predict_curves([site("weak", 1.9, 3.2, 5.0)], **conditions).results
    assert found.tafel_slope_mV_dec.value == pytest.approx(59.2, abs=0.5)


def test_koutecky_levich_of_predicted_curves_returns_four_electrons(conditions, koh):
    speeds = np.array([400.0, 900.0, 1600.0, 2500.0])
    curves = [
        predict_curves([site("A", 0.4, 1.6, 3.6)], rotation_rpm=r, **conditions).results[0].curve
        for r in speeds
    ]
    at = int(np.argmin(np.abs(curves[0].potential_V_rhe - 0.6)))
    n, _ = koutecky_levich(speeds, np.array([c.current_density_mA_cm2[at] for c in curves]), koh)
    assert n == pytest.approx(4.0, abs=0.01)


def test_each_uncertain_input_widens_the_interval(conditions, orr, koh):
    sharp = site("A", 0.4, 1.6, 3.6, sd=1e-6)
    certain = RateModel(attempt_sd_decades=0.0)

    def width(**given):
        low, high = predict_curves([sharp], **given).results[0].half_wave_V_rhe.interval_95
        return high - low

    assert width(**conditions, rates=certain) < 1e-4
    density = width(network=orr, electrolyte=koh, rates=certain)
    attempts = width(**conditions)
    both = width(network=orr, electrolyte=koh)
    # Both scale the kinetic current only, so their spreads add as squares.
    assert 0.01 < density < attempts < both
    assert both == pytest.approx(np.hypot(density, attempts), rel=0.02)


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
        draws = measured.draws(("*", "*OOH", "*O", "*OH"), 400, seed=k)
        from adatom.thermo.limiting import limiting_potentials_V, path_step_energies_eV

        path = conditions["network"].paths[0]
        limits = limiting_potentials_V(
            path, path_step_energies_eV(path, ("*", "*OOH", "*O", "*OH"), draws)
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
    assert oer.half_wave_V_rhe.value is None
    assert np.all(np.isnan(oer.electron_number))
