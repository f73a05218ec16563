"""AFROC, inferred ROC and LROC curves with the areas under them."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.localisation.estimates import localisation_merit
from thyrosight.statistics.localisation.figures_of_merit import AREAS, NO_ANSWER, opponents
from thyrosight.statistics.localisation.marked import MarkedCases
from thyrosight.statistics.validation import Floats


@dataclass(frozen=True, eq=False, slots=True)
class LocalisationCurve(Result):
    """Points of an AFROC, LROC or inferred ROC curve by descending threshold, with the area under it.

    Attributes:
        metric: the area's name, as in `localisation_merit`.
        thresholds: a rating of at least this counts; infinity first; minus infinity takes in
            what has no mark.
        false_fraction: share of cases with a false mark (for LROC and ROC: with any mark) of at least the threshold.
        true_fraction: share of lesions marked (of cases rightly localised, or marked) at the threshold. The last point
            is (1, 1), of an LROC curve (1, share of right localisations).
        area: under the curve, the line to the last point included.
        pcl: share of cases with a lesion whose highest mark hits one, however sure; of an LROC curve only.
    """

    metric: str
    thresholds: Floats
    false_fraction: Floats
    true_fraction: Floats
    area: Estimate
    pcl: Estimate | None = None

    def __str__(self) -> str:
        lines = [f"{AREAS[self.metric]}: {self.area}"]
        if self.pcl is not None:
            lines.append(f"share of right localisations: {self.pcl}")
        return "\n".join(lines)


def localisation_curve(
    marked: MarkedCases,
    *,
    metric: str = "wafroc",
    method: str = "jackknife",
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> LocalisationCurve:
    """Return the curve whose area `localisation_merit` gives under the same name.

    Args:
        marked: marks and lesions.
        metric: "wafroc", "afroc", "wafroc1", "afroc1", "inferred-roc" or "lroc".
        method: of the intervals, "jackknife" or "bootstrap".
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.

    Raises:
        StatisticsError: no lesion, or no lesion-free case where the curve needs one.

    >>> from thyrosight.statistics import marked_cases
    >>> lesions = {"case": ["a", "b", "c", "d"], "lesion": ["1", "1", None, None]}
    >>> marks = {"case": ["a", "b", "c"], "lesion": ["1", None, None], "confidence": [3, 1, 2]}
    >>> curve = localisation_curve(marked_cases(marks, lesions), metric="lroc")
    >>> curve.false_fraction.tolist(), curve.true_fraction.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 0.5, 0.5])
    """
    rows = opponents(marked, metric)
    ranking = rows.ranking()
    sensitivity, specificity = (rates[0] for rates in ranking.weighted_rates(rows.weights(_once(marked))))
    thresholds = np.concatenate([[np.inf], ranking.distinct[::-1]])
    # Below a case without a mark only the wrong answers of an LROC curve are left: no threshold accepts them.
    kept = thresholds > -np.inf if metric in ("lroc", "inferred-roc") else np.ones(thresholds.size, dtype=bool)
    merit = partial(localisation_merit, marked, method=method, confidence=confidence, replicates=replicates, seed=seed)
    return LocalisationCurve(
        metric=metric,
        thresholds=np.where(thresholds == NO_ANSWER, -np.inf, thresholds)[kept],
        false_fraction=(1 - specificity)[::-1][kept],
        true_fraction=sensitivity[::-1][kept],
        area=merit(metric=metric),
        pcl=merit(metric="pcl") if metric == "lroc" else None,
    )


def _once(marked: MarkedCases) -> Floats:
    return np.ones((1, len(marked.cases)))
