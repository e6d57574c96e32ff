import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adatom.kinetics.rate_control import degree_of_rate_control
from adatom.kinetics.rates import RateModel, compile_network
from adatom.reactions import load_network, restricted

ORR = compile_network(load_network("ORR"))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(-2.0, 6.0), min_size=3, max_size=3),
    st.floats(0.2, 1.1),
    st.floats(-8.0, -3.0),
)
def test_degrees_of_rate_control_add_up_to_one(energies, potential, log_peroxide):
    control = degree_of_rate_control(
        ORR, np.array([0.0, *energies]), potential, activities=np.array([1.0, 10.0**log_peroxide])
    )
    # Near a zero of the net current the degrees diverge and cancel.
    assert control.sum() == pytest.approx(1.0, abs=1e-8 * max(1.0, np.abs(control).max()))


def test_control_equals_the_finite_difference_of_the_rate():
    her = restricted(load_network("HER"), {"*H"})
    energies, step = np.array([0.0, 0.1]), 1e-5
    # Scaling a step's constants by exp(x) lowers its barrier by x kT.
    base = compile_network(her)
    from adatom.kinetics.steady_state import steady_states

    found = degree_of_rate_control(base, energies, -0.2)
    for e, name in enumerate(s.name for s in her.steps):
        rates = [
            steady_states(
                compile_network(
                    her, RateModel(step_barriers_eV={name: 0.26 - sign * step * base.thermal_eV})
                ),
                energies,
                -0.2,
            ).electron_turnover_Hz[0, 0]
            for sign in (1.0, -1.0)
        ]
        assert found[e] == pytest.approx(np.log(rates[0] / rates[1]) / (2 * step), abs=1e-6)
