"""The right model on simulated spectra; `cannot tell` where noise hides it. Longer version with
particles and first-shell oxygen: validation/exafs_models.py."""

from dataclasses import replace

import numpy as np
import pytest
from exafs_simulated import S02, spectrum

from adatom.errors import SpectrumError
from adatom.xas.evidence import compare_models
from adatom.xas.exafs_result import odds
from adatom.xas.fit_space import FitWindow, default_window
from adatom.xas.likelihood import Likelihood, observe
from adatom.xas.models import candidate_models, packaged_candidates


@pytest.fixture(scope="module")
def few():
    """Pair or single atom, second shell of either: 6 models."""
    return replace(packaged_candidates("Fe"), oxygen=None, carbon=None, foil=None)


def compared(label, noise, few):
    data = spectrum({label: 1.0}, noise, seed=1)
    return compare_models(data, few, s02=S02, s02_sd=0.04, particles=200)


def test_a_pair_is_found(few):
    found = compared("Fe2N6@graphene", 3e-4, few)
    assert found.log10_bayes_factor_metal_metal > 1.0
    assert found.verdict == "supported"
    assert found.sentence.startswith("A metal-metal path at 2.4")
    assert "pairs and metal particles were not compared" in found.sentence
    metal = next(path for path in found.paths if path.shell == "M-M")
    low, high = metal.intervals_95["distance_angstrom"]
    assert low <= 2.46 <= high
    low, high = metal.intervals_95["coordination_number"]
    assert low <= 1.0 <= high
    content = found.as_dict()
    assert content["paths"][0]["species"] == "N"
    assert content["independent_points"] == pytest.approx(12.73, abs=0.01)
    assert np.isclose(sum(one["probability"] for one in content["models"]), 1.0)


def test_a_single_atom_is_not_called_a_pair(few):
    found = compared("FeN4@graphene", 3e-4, few)
    assert found.log10_bayes_factor_metal_metal < 1.0
    assert found.verdict in {"absent", "cannot tell"}


def test_noise_hides_the_pair(few):
    found = compared("Fe2N6@graphene", 0.02, few)
    assert abs(found.log10_bayes_factor_metal_metal) < 1.0
    assert found.verdict == "cannot tell"
    assert "cannot tell whether there is a metal-metal path" in found.sentence


def test_models_beyond_the_independent_points_are_refused(few):
    data = spectrum({"Fe2N6@graphene": 1.0}, 1e-3)
    short = compare_models(
        data, few, s02=S02, s02_sd=0.0, window=FitWindow((3.0, 9.0), (1.0, 2.9)), particles=60
    )
    assert "M-N + M-M + M-C (pair): 10 parameters, 7 independent points" in short.refused
    with pytest.raises(SpectrumError, match="measure to higher k"):
        compare_models(data, few, s02=S02, s02_sd=0.0, window=FitWindow((3.0, 6.0), (1.0, 2.0)))


def test_wrong_element_and_wrong_s02_are_said(few):
    data = replace(spectrum({"Fe2N6@graphene": 1.0}, 1e-3), element="Co")
    with pytest.raises(SpectrumError, match="spectrum of Co, but paths of Fe"):
        compare_models(data, few, s02=S02, s02_sd=0.0)
    with pytest.raises(SpectrumError, match="take it from a standard"):
        compare_models(replace(data, element="Fe"), few, s02=3.0, s02_sd=0.0)


def test_likelihood_of_noise_alone(few):
    """With the true parameters (here: no signal at all) the noise part is a plain Gaussian."""
    data = spectrum({"FeN4@graphene": 1e-9}, 1e-3)
    seen = observe(data, default_window(data))
    likelihood = Likelihood(candidate_models(few, 3.0)[0], seen, S02, 0.0)
    u = np.full((1, likelihood.dimensions), 0.5)
    u[0, 2] = 0.0  # N = 0
    covariance = seen.space.matrix @ seen.space.matrix.T * 1e-6
    exact = -0.5 * (
        seen.values @ np.linalg.solve(covariance, seen.values)
        + np.linalg.slogdet(2 * np.pi * covariance)[1]
    )
    assert likelihood(u)[0] == pytest.approx(exact, abs=1.0)


@pytest.mark.parametrize(
    "factor, words", [(1.48, "30 to 1"), (-0.3, "2 to 1"), (2.6, "400 to 1"), (7, "more than")]
)
def test_odds_in_words(factor, words):
    assert odds(factor).startswith(words)
