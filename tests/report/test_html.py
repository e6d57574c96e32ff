"""The page: self-contained, safe with any label, and drawn by a browser."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from ase.calculators.singlepoint import SinglePointCalculator

from adatom import FreeEnergies, load_electrolyte, load_network, predict_curves
from adatom.provenance import EnergySource
from adatom.report.figures import structures_figure
from adatom.report.html import report_html
from adatom.report.tables import cautions
from adatom.sites.adsorbates import starting_geometries
from adatom.sites.notation import parse_site
from adatom.sites.structure import build_site

VALUES = {"*OH": 0.9, "*O": 2.4, "*OOH": 4.1}


def structures(notation):
    bare = build_site(parse_site(notation))
    states = {"*": bare}
    for adsorbate in VALUES:
        states[adsorbate] = starting_geometries(bare, adsorbate)[0][1]
    for atoms in states.values():
        atoms.calc = SinglePointCalculator(atoms, energy=0.0)
    return states


@pytest.fixture(scope="module")
def prediction():
    sites = [
        FreeEnergies(
            label=label,
            values_eV=VALUES,
            sd_eV=dict.fromkeys(VALUES, 0.1),
            source=EnergySource("table", "<b>a table</b> & more"),
            structures=states,
        )
        for label, states in (
            ("FeN4@graphene", structures("FeN4@graphene")),
            ("FeCoN6@graphene", structures("FeCoN6@graphene")),
            ("<script>alert('x')</script>", {}),
        )
    ]
    return predict_curves(
        sites, network=load_network("ORR"), electrolyte=load_electrolyte("0.1 M KOH"), draws=40
    )


def test_nothing_is_fetched_and_no_label_becomes_markup(prediction):
    page = report_html(prediction)
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    # Pictures stand in the page itself.
    assert not re.search(r"(?:src|href)\s*=(?!'data:image/png;base64,[A-Za-z0-9+/=]+')", outside)
    assert "<script>alert" not in page
    assert "<b>a table" not in page


def test_every_state_of_a_site_is_drawn_around_its_metals(prediction):
    figure = structures_figure(prediction)
    # Bonds and atoms of four states of two sites; the third has no structures.
    assert len(figure.data) == 2 * 4 * 2
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == [
        "FeN4@graphene", "FeCoN6@graphene",
    ]  # fmt: skip
    for trace in figure.data[1::2]:
        assert "N" in trace.text
        assert trace.text.count("Fe") == 1
    assert sum(trace.visible for trace in figure.data) == 8


def test_a_browser_draws_every_figure(prediction, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium to draw the page with")
    path = tmp_path / "page.html"
    path.write_text(report_html(prediction))
    command = [
        browser, "--headless", "--no-sandbox", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000", "--dump-dom",
        path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    for name in ("curves", "diagram", "structures", "occupation"):
        drawn = re.search(rf'<div id="{name}"[^>]*class="[^"]*js-plotly-plot', done.stdout)
        assert drawn, name
    drawn = re.sub(r"<script.*?</script>", "", done.stdout, flags=re.DOTALL)
    assert drawn.count('class="main-svg"') >= 4


def test_sites_of_different_methods_are_not_to_be_ranked(prediction):
    assert "compare sites with each other" in cautions(prediction)[-1]
    first = prediction.results[0]
    other = replace(first.energies, source=EnergySource("engine", "another method"))
    mixed = replace(prediction, results=(first, replace(first, energies=other)))
    assert "do not rank" in cautions(mixed)[-1]
