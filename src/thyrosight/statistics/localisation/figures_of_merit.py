"""Figures of merit of a localisation study as functions of the weights of its cases.

A weight per case is all that the bootstrap (how often the case was drawn) and the jackknife (0 for a case left out)
need. The figures that compare lesions with false marks are areas under a curve, of lesions against cases:

- AFROC: Chakraborty & Berbaum, Med Phys 2004;31:2313. Chance that a lesion is rated above the highest false mark of a
  lesion-free case. AFROC1 takes the highest false marks of all cases: Chakraborty, Acad Radiol 2008;15:1554.
- wAFROC and wAFROC1: the same with lesions weighted, so that every case counts alike however many lesions it has:
  Chakraborty & Zhai, Med Phys 2016;43:2548.
- Inferred ROC: each case is rated by its highest mark, wherever that lies.
- LROC: Starr et al., Radiology 1975;116:533; Swensson, Med Phys 1996;23:1709. The highest mark of a case is its answer;
  the chance that a case with a lesion is localised rightly and rated above a lesion-free one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.localisation.marked import MarkedCases
from thyrosight.statistics.ranking import Ranking, rank, share
from thyrosight.statistics.validation import Floats, Integers, require_choice

AREAS = {
    "wafroc": "area under the wAFROC curve",
    "afroc": "area under the AFROC curve",
    "wafroc1": "area under the wAFROC1 curve (false marks of all cases)",
    "afroc1": "area under the AFROC1 curve (false marks of all cases)",
    "inferred-roc": "area under the ROC curve inferred from each case's highest mark",
    "lroc": "area under the LROC curve",
}
METRICS = (*AREAS, "pcl", "sensitivity", "cpm")
CPM_RATES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False marks per case whose sensitivities the CPM averages (Niemeijer et al., IEEE Trans Med Imaging 2011;30:215)."""
FALSE_MARKS = ("all", "lesion-free")
INTERPOLATIONS = ("step", "linear")

NO_ANSWER = float(np.finfo(np.float64).min)
"""Rating of a case without a mark among answers: below every mark, above a wrong answer."""

Weights = npt.NDArray[Any]
"""Weights of cases, whole numbers or not: shape (replicates, cases)."""
Measure = Callable[[Weights], Floats]
"""From weights of cases, shape (replicates, cases), to one value per replicate; NaN where it is undefined."""


@dataclass(frozen=True, eq=False, slots=True)
class Opponents:
    """Lesions (or cases with lesions) against cases, as an area under a curve compares them.

    Attributes:
        truth: 1 for a lesion, 0 for a case that it is compared with.
        score: its rating; minus infinity without a mark.
        base: its weight before cases are weighted.
        case: number of its case.
    """

    truth: Integers
    score: Floats
    base: Floats
    case: Integers

    def ranking(self) -> Ranking:
        """Rank by rating."""
        return rank(self.truth, self.score)

    def weights(self, of_case: Weights) -> Floats:
        """Weights of the rows from weights of cases, shape (replicates, cases)."""
        result: Floats = np.take(of_case, self.case, axis=1) * self.base
        return result


def opponents(marked: MarkedCases, metric: str) -> Opponents:
    """Return what the area named by `metric` compares.

    Raises:
        StatisticsError: no lesion, or no lesion-free case where the area needs one.
    """
    require_choice(metric, tuple(AREAS), name="metric")
    free = np.flatnonzero(~marked.with_lesion)
    _require_both(marked, metric, free)
    highest = marked.highest_false
    if metric == "inferred-roc":
        return _answers_against(marked, np.ones(highest.size), free)
    if metric == "lroc":
        return _answers_against(marked, answers(marked)[1], free)
    others = np.arange(highest.size) if metric.endswith("1") else free
    base = marked.lesion_weight if metric.startswith("w") else np.ones(marked.lesion_case.size)
    return Opponents(
        truth=np.repeat([1, 0], [base.size, others.size]),
        score=np.concatenate([marked.lesion_rating, highest[others]]),
        base=np.concatenate([base, np.ones(others.size)]),
        case=np.concatenate([marked.lesion_case, others]),
    )


def _require_both(marked: MarkedCases, metric: str, free: Integers) -> None:
    if not marked.lesion_case.size:
        raise StatisticsError(f"Expected at least one lesion for the {AREAS[metric]}, got none.")
    if not free.size and not metric.endswith("1"):
        raise StatisticsError(
            f"Expected at least one case without a lesion for the {AREAS[metric]}, got none; 'wafroc1', 'afroc1' and"
            " 'sensitivity' need none."
        )


def answers(marked: MarkedCases) -> tuple[Floats, Floats]:
    """Return each case's highest rating and the share of the marks of that rating that hit a lesion.

    The share is 1 or 0 unless a true and a false mark share the highest rating; it is 0 for a case without marks.
    """
    top = marked.highest_false.copy()
    np.maximum.at(top, marked.lesion_case, marked.lesion_rating)
    hits, false = np.zeros(top.size), np.zeros(top.size)
    np.add.at(hits, marked.lesion_case, marked.lesion_rating == top[marked.lesion_case])
    np.add.at(false, marked.false_case, marked.false_rating == top[marked.false_case])
    hits[np.isneginf(top)] = 0
    right = share(hits, hits + false)
    return top, np.where(np.isnan(right), 0.0, right)


def _answers_against(marked: MarkedCases, right: Floats, free: Integers) -> Opponents:
    """Return the answers of cases with lesions, in rows of their right and wrong shares, against lesion-free cases.

    A wrong answer loses against everything, also against a case without a mark, which is rated `NO_ANSWER`.
    """
    ill = np.flatnonzero(marked.with_lesion)
    top = np.maximum(answers(marked)[0], NO_ANSWER)
    return Opponents(
        truth=np.repeat([0, 1, 1], [free.size, ill.size, ill.size]),
        score=np.concatenate([top[free], top[ill], np.full(ill.size, -np.inf)]),
        base=np.concatenate([np.ones(free.size), right[ill], 1 - right[ill]]),
        case=np.concatenate([free, ill, ill]),
    )


def measure(
    marked: MarkedCases,
    metric: str,
    *,
    rate: float = 1.0,
    false_marks: str = "all",
    interpolation: str = "step",
) -> Measure:
    """Return the metric as a function of the weights of cases.

    Raises:
        StatisticsError: an unknown metric, or cases that do not define it.
    """
    require_choice(metric, METRICS, name="metric")
    if metric in AREAS:
        rows = opponents(marked, metric)
        ranking = rows.ranking()
        return lambda of_case: ranking.weighted_auc(rows.weights(of_case))
    if metric == "pcl":
        if not marked.lesion_case.size:
            raise StatisticsError("Expected at least one lesion for the share of right localisations, got none.")
        ill, right = marked.with_lesion, answers(marked)[1]
        return lambda of_case: share(of_case[:, ill] @ right[ill], of_case[:, ill].sum(axis=1))
    points = FreeResponse.of(marked, false_marks=false_marks)
    rates = np.array(CPM_RATES if metric == "cpm" else [rate])
    return lambda of_case: points.sensitivities(of_case, rates, interpolation=interpolation).mean(axis=1)


@dataclass(frozen=True, eq=False, slots=True)
class FreeResponse:
    """Marks by descending rating, for the points of the FROC curve under any weights of cases.

    Attributes:
        thresholds: distinct ratings, descending.
        hit_case: case of each marked lesion, by descending rating.
        hits_from: at each threshold, how many of them are rated at least that.
        false_case: case of each false mark that counts, by descending rating.
        false_from: likewise.
        lesion_case: case of every lesion.
        counted: whether each case counts in the mean number of false marks.
    """

    thresholds: Floats
    hit_case: Integers
    hits_from: Integers
    false_case: Integers
    false_from: Integers
    lesion_case: Integers
    counted: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, marked: MarkedCases, *, false_marks: str) -> "FreeResponse":
        """Sort the marks; `false_marks` says on which cases false ones count: "all" or "lesion-free".

        Raises:
            StatisticsError: no lesion, or no lesion-free case where only these count.
        """
        require_choice(false_marks, FALSE_MARKS, name="false_marks")
        counted = np.ones(len(marked.cases), dtype=bool) if false_marks == "all" else ~marked.with_lesion
        if not marked.lesion_case.size:
            raise StatisticsError("Expected at least one lesion for the FROC curve, got none.")
        if not counted.any():
            raise StatisticsError("Expected a case without a lesion to count false marks on, got none.")
        hit = marked.lesion_rating > -np.inf
        kept = counted[marked.false_case]
        ratings = marked.lesion_rating[hit], marked.false_rating[kept]
        thresholds = np.unique(np.concatenate(ratings))[::-1]
        orders = [np.argsort(-one, kind="stable") for one in ratings]
        reached = [
            np.searchsorted(-one[order], -thresholds, side="right") for one, order in zip(ratings, orders, strict=True)
        ]
        return cls(
            thresholds=thresholds,
            hit_case=marked.lesion_case[hit][orders[0]],
            hits_from=reached[0],
            false_case=marked.false_case[kept][orders[1]],
            false_from=reached[1],
            lesion_case=marked.lesion_case,
            counted=counted,
        )

    def points(self, of_case: Weights) -> tuple[Floats, Floats]:
        """False marks per case and sensitivity, each (replicates, thresholds + 1), from no mark to all."""
        false = _summed(of_case, self.false_case, self.false_from)
        hits = _summed(of_case, self.hit_case, self.hits_from)
        cases = of_case[:, self.counted].sum(axis=1, keepdims=True).astype(np.float64)
        lesions = np.take(of_case, self.lesion_case, axis=1).sum(axis=1, keepdims=True).astype(np.float64)
        return share(false, cases), share(hits, lesions)

    def sensitivities(self, of_case: Weights, rates: Floats, *, interpolation: str) -> Floats:
        """Sensitivity at each rate of false marks per case: shape (replicates, rates)."""
        require_choice(interpolation, INTERPOLATIONS, name="interpolation")
        false, sensitivity = self.points(of_case)
        result = np.empty((len(false), rates.size))
        for column, rate in enumerate(rates):
            # A rounding error of the mean must not miss a point that lies at the rate itself.
            reached = np.maximum((false <= rate + 1e-12).sum(axis=1) - 1, 0)[:, None]
            here = np.take_along_axis(sensitivity, reached, axis=1)
            if interpolation == "linear":
                following = np.minimum(reached + 1, false.shape[1] - 1)
                start, end = (np.take_along_axis(false, at, axis=1) for at in (reached, following))
                part = np.divide(rate - start, end - start, out=np.zeros_like(start), where=end > start)
                here = here + part * (np.take_along_axis(sensitivity, following, axis=1) - here)
            result[:, column] = here[:, 0]
        result[np.isnan(false[:, 0])] = np.nan
        return result


def _summed(of_case: Weights, case: Integers, upto: Integers) -> Floats:
    """Weights of marks summed from the highest down to each threshold, beginning with none."""
    below = np.zeros((len(of_case), case.size + 1))
    np.cumsum(np.take(of_case, case, axis=1), axis=1, out=below[:, 1:])
    result: Floats = below[:, np.concatenate([[0], upto])]
    return result
