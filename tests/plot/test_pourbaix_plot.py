"""The drawn map: domains, names and the working point."""

import matplotlib as mpl
import pytest

from adatom.thermo.pourbaix import SiteState, pourbaix_map

mpl.use("Agg")
STATES = (
    SiteState("*", (), -3.0, 0.0, 0),
    SiteState("*OH", (), -2.0, 0.2, 1),
    SiteState("empty", ("Co",), 0.0, 0.0, 0),
    SiteState("empty, 2 H", ("Co",), -2.4, 0.2, -2),
)


def test_domains_are_named_and_the_working_point_is_on_the_axis_shown():
    from adatom.plot.pourbaix import plot_pourbaix

    for scale, shown in (("SHE", 0.8 - 7 * 0.05916), ("RHE", 0.8)):
        diagram = pourbaix_map("Co-N4", STATES, activity=1e-6, scale=scale)
        ax = plot_pourbaix(diagram, working_point=(0.8, 7.0))
        words = "\n".join(t.get_text() for t in ax.texts)
        assert "bare site" in words
        assert "*OH" in words
        assert scale in ax.get_ylabel()
        marker = ax.lines[-1]
        assert marker.get_ydata()[0] == pytest.approx(shown, abs=1e-3)


def test_names_are_set_as_in_print():
    from adatom.plot.pourbaix import readable

    assert readable("empty, 2 H + Co++") == "empty, 2H + Co$^{2+}$"
    assert readable("empty + HCrO4-") == "empty + HCrO$_{4}$$^{−}$"
    assert readable("empty + Fe2O3(s)") == "empty + Fe$_{2}$O$_{3}$(s)"
    assert readable("*") == "bare site"
