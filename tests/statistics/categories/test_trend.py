"""Many tables at once give what each gives alone."""

import numpy as np
import pytest

from thyrosight.statistics.categories.trend import deviance_of, fit_trend


def test_tables_do_not_disturb_each_other() -> None:
    rng = np.random.default_rng(0)
    total = rng.integers(1, 30, (20, 4)).astype(float)
    positive = np.floor(total * rng.random((20, 4)))
    positive[7], positive[8] = [0, 0, 0, total[8, 3]], total[8]  # separated, and one class only
    scores = np.array([2.0, 3, 4, 5])
    together = fit_trend(positive, total, scores)
    for row in range(20):
        alone = fit_trend(positive[row : row + 1], total[row : row + 1], scores)
        assert together.deviance[row] == pytest.approx(alone.deviance[0], rel=1e-8, abs=1e-6)


def test_solution_meets_the_score_equations() -> None:
    positive, total, scores = np.array([[1.0, 2, 36, 284]]), np.array([[3.0, 5, 49, 313]]), np.array([2.0, 3, 4, 5])
    fit = fit_trend(positive, total, scores)
    rate = 1 / (1 + np.exp(-(fit.intercept[0] + fit.coefficient[0] * scores)))
    residual = positive[0] - total[0] * rate
    assert [residual.sum(), residual @ scores] == pytest.approx([0, 0], abs=1e-7)
    assert fit.deviance[0] == pytest.approx(deviance_of(rate, positive[0], total[0]).sum())
