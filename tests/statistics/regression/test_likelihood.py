"""Maximum likelihood against statsmodels, and where Newton's method alone would fail."""

import numpy as np
import pytest
from scipy.special import expit

from thyrosight.statistics.regression.likelihood import clustered_covariance, fit_logistic


def _data(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.normal(50, 10, n), (rng.random(n) < 0.3)])
    return (rng.random(n) < expit(design @ [-5, 0.1, 0.7])).astype(int), design


def test_fit_and_clustered_covariance_equal_statsmodels() -> None:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    outcome, design = _data(400)
    offset, cluster = np.linspace(-1, 1, 400), np.arange(400) // 3
    model = GLM(outcome, design, family=Binomial(), offset=offset)
    plain = model.fit(tol=1e-12)
    robust = model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    fit = fit_logistic(outcome, design, offset=offset)
    assert fit is not None
    assert fit.coefficients == pytest.approx(plain.params, rel=1e-9)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(plain.bse, rel=1e-6)
    assert fit.log_likelihood == pytest.approx(plain.llf, rel=1e-12)
    covariance = clustered_covariance(fit, outcome, design, cluster)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(robust.bse, rel=1e-6)


def test_units_change_coefficients_and_nothing_else() -> None:
    outcome, design = _data(200)
    fit, far = fit_logistic(outcome, design), fit_logistic(outcome, design * [1, 1e9, 1e-9] + [0, 1e12, 0])
    assert fit is not None and far is not None
    assert far.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-9)
    assert far.coefficients[1:] * [1e9, 1e-9] == pytest.approx(fit.coefficients[1:], rel=1e-6)


def test_a_case_far_on_the_wrong_side_does_not_stop_the_fit() -> None:
    # Nearly separated: undamped steps of Newton's method overshoot here and end in singular matrices.
    x = np.r_[np.linspace(-1, -0.1, 50), np.linspace(0.1, 1, 50), -300.0]
    outcome = np.r_[np.zeros(50), np.ones(51)].astype(int)
    design = np.column_stack([np.ones(101), x])
    fit = fit_logistic(outcome, design)
    assert fit is not None
    assert design.T @ (outcome - expit(design @ fit.coefficients)) == pytest.approx([0, 0], abs=1e-8)


def test_separated_data_have_no_fit() -> None:
    x = np.arange(10.0)
    assert fit_logistic((x > 4).astype(int), np.column_stack([np.ones(10), x])) is None
    both = np.column_stack([np.ones(10), x, np.tile([0.0, 1], 5)])
    assert fit_logistic((x + 3 * both[:, 2] > 6).astype(int), both) is None
