"""The model with binomial counts against R's lme4."""

import numpy as np
import pytest

from thyrosight.statistics import SiteCounts
from thyrosight.statistics.synthesis.binomial_logits import fit_binomial_logits

# lme4 1.1.31: glmer(cbind(right, wrong) ~ 0 + se + sp + (0 + se + sp | study), family = binomial), Laplace: mean, its
# covariance, standard deviations, correlation, log likelihood
LME4 = {
    "symptomatic": (
        (2.29567977171, 3.54368628978),
        (0.0590811616792, -0.0185444400791, 0.2105260687873),
        (0.7829269136, 1.4278391038),
        -0.2526623410,
        -80.4552835438,
    ),
    "asymptomatic": (
        (-0.0401094332614, 3.5001588945526),
        (0.04518180572, -0.00743011890325, 0.11075336732787),
        (0.6909045244, 0.9896463538),
        -0.1511950165,
        -77.9743980515,
    ),
}
# glmer(cbind(right, wrong) ~ 1 + (1 | study), nAGQ = 15) of each rate: mean, standard error, standard deviation
SEPARATE = {
    "symptomatic": ((2.29251923379, 3.5538129872), (0.242905911782, 0.472125148612), (0.7826736938, 1.47961165923)),
    "asymptomatic": (
        (-0.0398794547369, 3.50478603745),
        (0.214169325143, 0.338613630427),
        (0.697519590728, 1.01253146557),
    ),
}


@pytest.mark.parametrize("patients", LME4)
def test_laplace_approximation_equals_lme4(patients: str, kearon: dict[str, SiteCounts]) -> None:
    mean, (first, both, second), spread, correlation, likelihood = LME4[patients]
    found = fit_binomial_logits(kearon[patients], nodes=1)
    assert found.mean.tolist() == pytest.approx(mean, abs=1e-4)
    assert found.covariance.ravel().tolist() == pytest.approx([first, both, both, second], rel=2e-3)
    assert found.spread.tolist() == pytest.approx(spread, rel=2e-4)
    assert found.correlation == pytest.approx(correlation, abs=2e-4)
    assert found.likelihood == pytest.approx(likelihood, abs=1e-5)


@pytest.mark.parametrize("patients", SEPARATE)
def test_separate_rates_by_quadrature_equal_lme4(patients: str, kearon: dict[str, SiteCounts]) -> None:
    mean, se, spread = SEPARATE[patients]
    found = fit_binomial_logits(kearon[patients], correlated=False, nodes=15)
    assert found.mean.tolist() == pytest.approx(mean, abs=2e-4)
    assert np.sqrt(np.diag(found.covariance)).tolist() == pytest.approx(se, rel=1e-3)
    assert found.spread.tolist() == pytest.approx(spread, rel=1e-3)
    assert found.correlation == 0


def test_more_nodes_change_little_once_there_are_enough(kearon: dict[str, SiteCounts]) -> None:
    few, many = (fit_binomial_logits(kearon["asymptomatic"], nodes=nodes) for nodes in (11, 21))
    assert few.mean.tolist() == pytest.approx(many.mean.tolist(), abs=2e-4)
    assert few.likelihood == pytest.approx(many.likelihood, abs=1e-3)
