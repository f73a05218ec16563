"""A simulated network: the effects that were put in are found again."""

from dataclasses import asdict
from itertools import islice

import numpy as np
import pytest
import statsmodels.api as sm

from thyrosight.errors import OutputError
from thyrosight.phantoms import PhantomOptions, SimulatedNetwork, phantom_images, population

NETWORK = SimulatedNetwork(
    intercept=-1.2, effects={"calcification": {"microcalcification": -1.37}, "margin": {"irregular": 0.9}}
)


def test_a_regression_of_errors_finds_the_effects() -> None:
    images = list(islice(phantom_images(6, PhantomOptions(network=NETWORK, one_image_each=True)), 4000))
    malignant = np.array([image.label == "malignant" for image in images])
    probability = np.array([float(dict(image.recorded)["simulated_probability"]) for image in images])
    errors = (probability > 0.5) != malignant
    named = [("calcification", "microcalcification"), ("margin", "irregular"), ("shape", "taller than wide")]
    levels = [[asdict(image.features)[name] == level for name, level in named] for image in images]
    fitted = sm.Logit(errors.astype(float), sm.add_constant(np.array(levels, dtype=float))).fit(disp=0)
    # the last effect was not put in
    assert np.all(np.abs(fitted.params - [-1.2, -1.37, 0.9, 0.0]) < 4 * fitted.bse)
    described = NETWORK.describe(population())
    for truth, share in ((True, described["sensitivity"]), (False, 1 - described["specificity"])):
        part = malignant == truth
        found = (probability > 0.5)[part].mean()
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / part.sum())


def test_default_effects_are_the_papers_odds_ratios() -> None:
    effects = SimulatedNetwork().effects
    assert np.exp(effects["calcification"]["microcalcification"]) == pytest.approx(0.254, abs=5e-4)
    assert np.exp(effects["shape"]["taller than wide"]) == pytest.approx(0.243, abs=5e-4)


def test_unknown_features_and_levels() -> None:
    with pytest.raises(OutputError, match="no feature 'colour'; they have composition"):
        SimulatedNetwork(effects={"colour": {"red": 1.0}})
    with pytest.raises(OutputError, match="shape of phantoms is never 'round'; it is one of wider than tall"):
        SimulatedNetwork(effects={"shape": {"round": 1.0}})
