"""Peak power of a real direct borohydride fuel cell.

ECSIM, dbfc-dataset, `Pd-C Catalyst/4.csv` (CC-BY-4.0), data paper 10.26434/chemrxiv.12174438:
Pd/C anode of 8.8 and 17.7 mg/cm2, 2 M KOH with 5 wt% NaBH4, air, room temperature, 4.5 cm2.
Current density (mA/cm2) and cell voltage (V) as printed there, with the power density they print.
"""

import numpy as np
import pytest

from adatom.electrochem.power import power_curve

CURVES = {
    8.8: (
        [347.02, 323.35, 297.54, 268.8, 235.27, 199.11, 164.91, 134.09, 106.33, 82.163, 61.588,
         43.591, 25.285, 10.76],
        [0.2155, 0.26618, 0.31592, 0.36568, 0.41539, 0.46605, 0.51593, 0.56571, 0.61578, 0.66628,
         0.7162, 0.76578, 0.81706, 0.86567],
        98.293,
    ),
    17.7: (
        [333.8, 308.01, 284.29, 258.84, 231.96, 204.75, 177.89, 153, 130.34, 108.8, 89.129, 70.707,
         52.807, 31.44, 17.537, 8.0485],
        [0.17431, 0.22491, 0.27458, 0.32455, 0.37425, 0.42519, 0.47481, 0.5248, 0.57466, 0.6253,
         0.6751, 0.72508, 0.77473, 0.82624, 0.87647, 0.90876],
        87.056,
    ),
}  # fmt: skip


@pytest.mark.parametrize("loading", CURVES)
def test_peak_is_that_of_the_largest_printed_power(loading):
    current, voltage, printed = CURVES[loading]
    curve = power_curve(np.array(current), np.array(voltage))
    peak = curve.peak_power_mW_cm2
    # The largest printed point lies on the peak within a per cent, not exactly at it.
    assert curve.power_mW_cm2.max() == pytest.approx(printed, rel=2e-4)
    assert peak.value == pytest.approx(printed, rel=0.01)
    assert peak.interval_95[0] <= printed * 1.01
    assert peak.interval_95[1] >= printed
