"""Rates and tests of ordered categories where patients contribute several nodules."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.association.clustered import clustered_association_test
from thyrosight.statistics.association.hypothesis_tests import AssociationTest
from thyrosight.statistics.categories.results import Categorisation, chi_square
from thyrosight.statistics.proportions.intervals import gee_proportion
from thyrosight.statistics.regression.gee import fit_clustered_logistic
from thyrosight.statistics.regression.likelihood import fit_logistic
from thyrosight.statistics.validation import Floats, Integers, as_labels, require_same_length

_NOTE = "AIC takes nodules as independent: it describes how the categories sort and is not tested"


def between_patients(
    plain: Categorisation, truth: Integers, codes: Integers, score: Floats, cluster: npt.ArrayLike
) -> Categorisation:
    """Return a description of categories with the intervals and tests of clustered data.

    Rates are those of GEE under working independence (Liang & Zeger 1986), whose values are the plain shares. The Wald
    test of trend has the robust variance of that GEE. The likelihood ratio of the category number is divided by the
    ratio of the robust to the model's variance (Rao & Scott, Ann Stat 1984). Both score tests have a variance between
    patients (Rotnitzky & Jewell, Biometrika 1990). AIC has no counterpart and stays as it is.

    Args:
        plain: the description under independence.
        truth: 0 or 1 per nodule.
        codes: place of each nodule's category.
        score: number of each nodule's category.
        cluster: patient of each nodule.

    Raises:
        StatisticsError: lengths that differ, or one patient only.
    """
    patient, names = as_labels(cluster, name="cluster")
    require_same_length(malignant=truth, cluster=patient)
    if names.size < 2:
        raise StatisticsError("Expected nodules of at least two patients, got one patient.")
    wald, ratio = _trend(plain, truth, score, patient)
    classes = clustered_association_test(codes, truth, cluster=patient)
    return replace(
        plain,
        malignancy_rate=tuple(
            gee_proportion(truth[codes == place], patient[codes == place], confidence=rate.confidence)
            for place, rate in enumerate(plain.malignancy_rate)
        ),
        likelihood_ratio=ratio,
        linear_trend=wald,
        cochran_armitage=_score_test(truth, score, patient),
        class_likelihood_ratio=replace(classes, method=f"categories as classes, {classes.method}"),
        note="; ".join(filter(None, [plain.note, _NOTE])),
        clusters=int(names.size),
    )


def _trend(
    plain: Categorisation, truth: Integers, score: Floats, patient: Integers
) -> tuple[AssociationTest, AssociationTest]:
    """Return the Wald test and the likelihood ratio of the category number; NaN where the slope is not finite."""
    names = ("Wald test of linear trend, robust variance", "likelihood ratio, category number, by the design effect")
    if math.isnan(plain.linear_trend.statistic):
        wald, ratio = (chi_square(name, math.nan, 1, plain.n) for name in names)
        return wald, ratio
    design = np.column_stack([np.ones_like(score), score])
    robust, model = fit_clustered_logistic(truth, design, patient), fit_logistic(truth, design)
    assert model is not None  # the categories do not part the classes
    effect = float(robust.covariance[1, 1] / model.covariance[1, 1])
    slope = float(robust.coefficients[1])
    return (
        chi_square(names[0], slope**2 / float(robust.covariance[1, 1]), 1, plain.n),
        chi_square(names[1], plain.likelihood_ratio.statistic / effect, 1, plain.n),
    )


def _score_test(truth: Integers, score: Floats, patient: Integers) -> AssociationTest:
    """Return the score test of trend with a variance between patients."""
    contributions = np.bincount(patient, weights=(score - score.mean()) * (truth - truth.mean()))
    variance = float(contributions @ contributions)
    statistic = float(contributions.sum()) ** 2 / variance if variance > 0 else math.nan
    return chi_square("score test of trend, variance between patients", statistic, 1, truth.size)
