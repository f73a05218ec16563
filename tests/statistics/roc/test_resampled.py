"""Resampled curves: who is drawn, and with whom."""

import numpy as np

from thyrosight.statistics.roc.resampled import curves_of


def test_patients_with_a_positive_are_drawn_apart_from_the_others() -> None:
    truth, patient = np.array([1, 0, 0, 0, 1, 1]), np.array(["a", "a", "b", "c", "d", "d"])
    curves = curves_of(truth, [np.arange(6.0)], cluster=patient, confidence=0.95)
    assert curves.strata.tolist() == [1, 0, 0, 1]
    assert (curves.n, curves.clusters) == (6, 4)


def test_both_scores_are_read_in_the_same_samples() -> None:
    truth = np.arange(40) % 2
    score = np.random.default_rng(0).normal(size=40)
    curves = curves_of(truth, [score, np.exp(score)], cluster=None, confidence=0.95)
    drawn = curves.drawn(lambda curve: float(curve[0].mean()), replicates=30, seed=1)
    assert drawn.shape == (30, 2) and np.ptp(drawn[:, 0]) > 0
    assert np.array_equal(drawn[:, 0], drawn[:, 1])


def test_independent_nodules_keep_the_number_of_each_class() -> None:
    truth = np.repeat([1, 0], [2, 50])
    curves = curves_of(truth, [np.arange(52.0)], cluster=None, confidence=0.95)
    assert not np.isnan(curves.drawn(lambda curve: float(curve[0][0]), replicates=200, seed=0)).any()
