"""Refits of many samples against the fit of each."""

import numpy as np
import pytest

from thyrosight.statistics.calibration.refits import refit_logistic
from thyrosight.statistics.regression.likelihood import fit_logistic


def _data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=60)
    outcome = (rng.random(60) < 1 / (1 + np.exp(-x))).astype(np.int64)
    return outcome, np.column_stack([np.ones(60), x, x**2 / 4])


def test_every_sample_gets_its_own_fit() -> None:
    outcome, design = _data()
    counts = np.random.default_rng(5).multinomial(60, np.full(60, 1 / 60), size=8)
    found = refit_logistic(outcome, design, counts, np.zeros(3))
    for row, coefficients in zip(counts, found, strict=True):
        rows = np.repeat(np.arange(60), row)
        fit = fit_logistic(outcome[rows], design[rows])
        assert fit is not None
        assert coefficients == pytest.approx(fit.coefficients, abs=1e-5)


def test_samples_may_differ_in_outcome() -> None:
    outcome, design = _data()
    both = np.stack([outcome, 1 - outcome])
    found = refit_logistic(both, design, np.ones((2, 60), dtype=np.int64), np.zeros(3))
    assert found[0] == pytest.approx(-found[1], abs=1e-6)


def test_separated_samples_have_none() -> None:
    outcome, design = _data()
    counts = np.stack([np.ones(60, dtype=np.int64), outcome])  # in the second sample only events were drawn
    found = refit_logistic(outcome, design, counts, np.zeros(3))
    assert np.isfinite(found[0]).all() and np.isnan(found[1]).all()
