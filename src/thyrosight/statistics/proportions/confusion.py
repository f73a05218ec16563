"""The four cells of a two-by-two table and every measure that follows from them, vectorised over tables."""

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.validation import Floats, Integers

PROPORTIONS = ("sensitivity", "specificity", "accuracy", "ppv", "npv")


def cell_of(truth: Integers, predicted: Integers) -> Integers:
    """Cell of each observation: 0 true positive, 1 false negative, 2 false positive, 3 true negative."""
    return np.where(truth == 1, 1 - predicted, 3 - predicted)


def measures(cells: npt.ArrayLike, *, prevalence: float | None = None) -> dict[str, Floats]:
    """Return all measures of tables whose last axis holds TP, FN, FP and TN; NaN where a measure is undefined.

    The likelihood ratios are infinite where only their denominator is 0. The diagnostic odds ratio has 0.5 added to
    each cell of a table in which one is empty, and needs both classes of the truth. The F1 score is 0 if there are
    positives and none was found; the Matthews correlation is undefined if truth or prediction does not vary.

    >>> {name: round(float(value), 3) for name, value in measures([290, 33, 29, 18]).items() if name in PROPORTIONS}
    {'sensitivity': 0.898, 'specificity': 0.383, 'accuracy': 0.832, 'ppv': 0.909, 'npv': 0.353}
    """
    tp, fn, fp, tn = np.moveaxis(np.asarray(cells, dtype=np.float64), -1, 0)
    added = np.where((tp * fn * fp * tn == 0) & (tp + fn > 0) & (fp + tn > 0), 0.5, 0.0)
    chance = np.nan if prevalence is None else prevalence
    with np.errstate(divide="ignore", invalid="ignore"):
        sensitivity, specificity = tp / (tp + fn), tn / (fp + tn)
        missed, alarmed = fn / (tp + fn), fp / (fp + tn)
        spread = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
        return {
            "sensitivity": sensitivity,
            "specificity": specificity,
            "accuracy": (tp + tn) / (tp + fn + fp + tn),
            "ppv": tp / (tp + fp),
            "npv": tn / (tn + fn),
            "positive_likelihood_ratio": sensitivity / alarmed,
            "negative_likelihood_ratio": missed / specificity,
            "diagnostic_odds_ratio": (tp + added) * (tn + added) / ((fn + added) * (fp + added)),
            "f1": 2 * tp / (2 * tp + fp + fn),
            "mcc": (tp * tn - fp * fn) / spread,
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "adjusted_ppv": sensitivity * chance / (sensitivity * chance + alarmed * (1 - chance)),
            "adjusted_npv": specificity * (1 - chance) / (specificity * (1 - chance) + missed * chance),
        }
