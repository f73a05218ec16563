"""Two models on the same cases: which one serves decisions better."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.calibration.calibrators import as_probability
from thyrosight.statistics.calibration.net_benefit import as_thresholds, benefit_interval
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.validation import as_truth, require_same_length


@dataclass(frozen=True, slots=True)
class NetBenefitDifference(Result):
    """Net benefit of a new model less that of an old one at one threshold, in true positives per case.

    Attributes:
        threshold: risk from which one would act.
        difference: new minus old.
        weighted_nri: difference / threshold, the weighted net reclassification improvement for two categories with the
            weights that the threshold implies (Van Calster et al., Med Decis Making 2013;33:490).
        interventions_avoided: by the new model beyond the old one per case, at no net loss of positives.
    """

    threshold: float
    difference: Estimate
    weighted_nri: Estimate
    interventions_avoided: Estimate


def compare_net_benefit(
    truth: npt.ArrayLike,
    new: npt.ArrayLike,
    old: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[NetBenefitDifference, ...]:
    """Return the difference in net benefit of two models at each threshold, with the interval of a paired mean.

    A new marker that does not help has a difference of 0 or below, which NRI and IDI do not guarantee. Both models must
    be calibrated; a badly calibrated model loses net benefit.

    Args:
        truth: n values of 0 and 1.
        new: n risks of the new model.
        old: n risks of the old model.
        thresholds: risks strictly between 0 and 1.
        cluster: patient of each case; None when all are independent.
        confidence: coverage of the intervals.

    Raises:
        StatisticsError: one class only, values outside 0 to 1, or unequal lengths.

    >>> found = compare_net_benefit([0, 0, 0, 1, 1], [0.1, 0.2, 0.4, 0.6, 0.9], [0.1, 0.2, 0.7, 0.4, 0.9], [0.5])
    >>> round(found[0].difference.value, 3)  # one more true positive and one false positive less in 5, at even odds
    0.4
    """
    labels = as_truth(truth)
    first, second = as_probability(new, name="new"), as_probability(old, name="old")
    require_same_length(truth=labels, new=first, old=second)

    def mean(values: npt.NDArray[np.float64], name: str, *, worth: tuple[float, float]) -> Estimate:
        options: dict[str, Any] = {"cluster": cluster, "confidence": confidence, "method": name}
        return benefit_interval(values, labels, worth=worth, both_ways=True, **options)

    found = []
    for threshold in as_thresholds(thresholds):
        price = threshold / (1 - threshold)
        gain = (labels - (1 - labels) * price) * ((first >= threshold) * 1.0 - (second >= threshold))
        weighted, spared = "weighted net reclassification improvement", "difference in net interventions avoided"
        found.append(
            NetBenefitDifference(
                float(threshold),
                mean(gain, "difference in net benefit", worth=(1, -price)),
                mean(gain / threshold, weighted, worth=(1 / threshold, -price / threshold)),
                mean(gain / price, spared, worth=(1 / price, -1)),
            )
        )
    return tuple(found)
