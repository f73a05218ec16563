"""The readings behind a comparison of two proportions, and the score test of predictive values."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Integers

QUANTITIES = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
_EMPTY = {
    "sensitivity": "no nodule is malignant",
    "specificity": "no nodule is benign",
    "ppv": "no nodule was called malignant",
    "npv": "no nodule was called benign",
}


@dataclass(frozen=True, slots=True)
class Readings:
    """Rows of both readers in the denominator of a quantity, first those of the first reader.

    Attributes:
        right: 1 where the reader is right, 0 where wrong.
        is_b: 1 in the rows of the second reader.
        patient: code of the patient.
        nodule: number of the nodule.
        nodules: how many nodules there are.
    """

    right: Integers
    is_b: Integers
    patient: Integers
    nodule: Integers
    nodules: int


def weighted_score(readings: Readings) -> tuple[float, float]:
    """Return the chi-square of the weighted generalised score test and its P value (Kosinski, Stat Med 2013).

    Both readers' shares are pooled, weighted by their denominators; nodules in both denominators make the shares
    correlated. Without variance, P is 1 for a difference of 0 and NaN for any other.

    Args:
        readings: of nodules that are independent.
    """
    first, second = readings.right[readings.is_b == 0], readings.right[readings.is_b == 1]
    pooled = float(readings.right.mean())
    residual = [np.zeros(int(readings.nodule.max()) + 1) for _ in (0, 1)]
    for of_reader, reader in zip(residual, (0, 1), strict=True):
        own = readings.is_b == reader
        of_reader[readings.nodule[own]] = readings.right[own] - pooled
    shared = float(residual[0] @ residual[1]) / readings.right.size
    variance = (pooled * (1 - pooled) - 2 * shared) * (1 / first.size + 1 / second.size)
    difference = float(first.mean() - second.mean())
    if variance < 1e-15:
        return (0.0, 1.0) if abs(difference) < 1e-12 else (math.nan, math.nan)
    statistic = difference**2 / variance
    return statistic, float(stats.chi2.sf(statistic, 1))


def readings_of(truth: Integers, calls: tuple[Integers, Integers], quantity: str, patient: Integers) -> Readings:
    """Return the rows of both readers in the denominator of a quantity.

    Raises:
        StatisticsError: a reader whose denominator is empty.
    """
    (right_a, rows_a), (right_b, rows_b) = (_successes(truth, predicted, quantity) for predicted in calls)
    for right, reader in ((right_a, "first"), (right_b, "second")):
        if right.size == 0:
            raise StatisticsError(f"The {quantity} of the {reader} reader is undefined: {_EMPTY[quantity]}.")
    rows = np.concatenate([rows_a, rows_b])
    return Readings(
        right=np.concatenate([right_a, right_b]),
        is_b=np.repeat([0, 1], [right_a.size, right_b.size]),
        patient=np.unique(patient[rows], return_inverse=True)[1].astype(np.int64),
        nodule=rows,
        nodules=np.unique(rows).size,
    )


def _successes(truth: Integers, predicted: Integers, quantity: str) -> tuple[Integers, Integers]:
    """Return 0 or 1 per row of the quantity's denominator, and which rows those are."""
    chosen = {
        "sensitivity": truth == 1,
        "specificity": truth == 0,
        "accuracy": np.ones(truth.size, dtype=bool),
        "ppv": predicted == 1,
        "npv": predicted == 0,
    }[quantity]
    rows = np.flatnonzero(chosen)
    return (truth == predicted)[rows].astype(np.int64), rows
