"""Malignancy in ordered risk categories such as TI-RADS: rates, and how strongly they rise.

Follows Rho et al., "Diagnosis of thyroid micronodules on ultrasound using a deep convolutional neural network" (Sci Rep
2023), Tables 1 and 3: every figure there comes from logistic regression on the category number.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.categories.patients import between_patients
from thyrosight.statistics.categories.results import Categorisation, chi_square, shown
from thyrosight.statistics.categories.trend import deviance_of, fit_trend
from thyrosight.statistics.proportions.intervals import proportion_interval
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_truth,
    require_confidence,
    require_same_length,
)


def categorisation(
    malignant: npt.ArrayLike,
    category: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    order: Sequence[str | float] | None = None,
    interval: str = "wilson",
    confidence: float = 0.95,
) -> Categorisation:
    """Describe and test the malignancy rates of ordered categories.

    In the trend, numbers count as they are (2, 3, 5 leave a gap at 4); text categories count 1, 2, 3 in `order`, by
    default the alphabetical one. A category of `order` without nodules keeps its place, with an undefined rate. If a
    threshold between categories separates all benign from all malignant nodules, the trend has no finite slope: the
    Wald statistic is NaN, `note` says why, and the other figures are limits.

    Args:
        malignant: 1 malignant, 0 benign, per nodule.
        category: category of each nodule, number or text.
        cluster: patient of each nodule; None when every nodule comes from another patient.
        order: all categories from lowest to highest risk; may include categories without a nodule.
        interval: method of the rates' intervals: "wald", "wilson" or "clopper-pearson"; with `cluster` always GEE.
        confidence: nominal coverage.

    Raises:
        StatisticsError: one class only, fewer than two categories with nodules, a category outside `order`, or nodules
            of one patient only.

    >>> import numpy as np
    >>> cnn = categorisation(np.repeat([1, 0], [323, 47]),
    ...     np.repeat([2, 3, 4, 5, 2, 3, 4, 5], [1, 2, 36, 284, 2, 3, 13, 29]))
    >>> print(cnn)
    370 nodules in 4 categories
      2: 1 of 3 malignant, 33.3 % (SE 27.2)
      3: 2 of 5 malignant, 40.0 % (SE 21.9)
      4: 36 of 49 malignant, 73.5 % (SE 6.3)
      5: 284 of 313 malignant, 90.7 % (SE 1.6)
      likelihood ratio 20.9, linear trend 20.3, AIC 264.8
    """
    require_confidence(confidence)
    truth = as_truth(malignant, name="malignant")
    levels, codes, scores = ordered_categories(category, order)
    require_same_length(malignant=truth, category=codes)
    total = np.bincount(codes, minlength=len(levels))
    positive = np.bincount(codes, weights=truth, minlength=len(levels)).astype(np.int64)
    if (total > 0).sum() < 2:
        raise StatisticsError("Expected nodules in at least two categories, got one category.")
    n = int(truth.size)
    slope = fit_trend(positive[None].astype(np.float64), total[None].astype(np.float64), scores)
    null, classes = float(deviance_of(truth.mean(), truth.sum(), n)), float(_class_deviance(positive, total))
    separated = _parts_classes(positive, total)
    wald = math.nan if separated else float(slope.coefficient[0] ** 2 / slope.variance[0])
    correlation = float(np.corrcoef(truth, scores[codes])[0, 1])
    df = int((total > 0).sum()) - 1
    plain = Categorisation(
        categories=levels,
        malignant=tuple(positive.tolist()),
        total=tuple(total.tolist()),
        malignancy_rate=tuple(
            proportion_interval(int(k), int(m), method=interval, confidence=confidence)
            for k, m in zip(positive, total, strict=True)
        ),
        likelihood_ratio=chi_square("likelihood ratio, category number", null - float(slope.deviance[0]), 1, n),
        linear_trend=chi_square("Wald test of linear trend", wald, 1, n),
        aic=float(slope.deviance[0]) + 4,
        cochran_armitage=chi_square("Cochran-Armitage test of trend", n * correlation**2, 1, n),
        class_likelihood_ratio=chi_square("likelihood ratio, categories as classes", null - classes, df, n),
        class_aic=classes + 2 * (df + 1),
        n=n,
        note="the categories part all benign from all malignant nodules: no finite slope" if separated else "",
    )
    return plain if cluster is None else between_patients(plain, truth, codes, scores[codes], cluster)


def ordered_categories(
    category: npt.ArrayLike, order: Sequence[str | float] | None
) -> tuple[tuple[str | float, ...], Integers, Floats]:
    """Return the categories from lowest to highest, the code of every nodule, and the score of every category."""
    codes, distinct = as_labels(category, name="category")
    if order is None:
        levels = tuple(distinct.tolist())
    else:
        levels = tuple(order)
        if len(set(levels)) < len(levels):
            raise StatisticsError(f"Expected each category once in `order`, got {', '.join(map(repr, levels))}.")
        place = {shown(level): position for position, level in enumerate(levels)}
        unknown = [value for value in distinct.tolist() if shown(value) not in place]
        if unknown:
            raise StatisticsError(
                f"Category {str(unknown[0])!r} is not in `order`, which holds {', '.join(map(repr, levels))}."
            )
        codes = np.array([place[shown(value)] for value in distinct.tolist()], dtype=np.int64)[codes]
    numeric = all(isinstance(level, (int, float)) for level in levels)
    scores = np.array(levels, dtype=np.float64) if numeric else np.arange(1.0, len(levels) + 1)
    if not np.isfinite(scores).all() or (np.diff(scores) <= 0).any():
        raise StatisticsError(f"Expected rising numbers in `order`, got {', '.join(map(repr, levels))}.")
    return levels, codes, scores


def _class_deviance(positive: Integers, total: Integers) -> Floats:
    return np.asarray(deviance_of(positive / np.maximum(total, 1), positive, total).sum())


def _parts_classes(positive: Integers, total: Integers) -> bool:
    """Whether all malignant nodules lie at or above all benign ones, or all at or below."""
    malignant, benign = np.flatnonzero(positive), np.flatnonzero(total - positive)
    return bool(malignant.min() >= benign.max() or malignant.max() <= benign.min())
