"""Two readers' or systems' calls on the same nodules: five proportions compared, with the counts behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.estimate import Result
from thyrosight.statistics.proportions.comparison import PAIRED_INTERVALS, ProportionComparison, compare_proportions
from thyrosight.statistics.proportions.paired import MCNEMAR_METHODS
from thyrosight.statistics.proportions.readings import QUANTITIES
from thyrosight.statistics.validation import as_truth, require_choice

Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PairedCalls(Result):
    """Two sets of calls on the same nodules.

    Attributes:
        sensitivity: comparison of the two; None where no nodule is malignant.
        specificity: the same; None where no nodule is benign.
        accuracy: the same.
        ppv: the same; None where one of the two called no nodule malignant.
        npv: the same; None where one of the two called no nodule benign.
        malignant: malignant nodules that both called right, only `a`, only `b`, and neither.
        benign: the same of benign nodules.
    """

    sensitivity: ProportionComparison | None
    specificity: ProportionComparison | None
    accuracy: ProportionComparison
    ppv: ProportionComparison | None
    npv: ProportionComparison | None
    malignant: tuple[int, int, int, int]
    benign: tuple[int, int, int, int]

    def comparisons(self) -> Mapping[str, ProportionComparison]:
        """Return the comparisons that the data define, by their quantities."""
        found = {name: getattr(self, name) for name in QUANTITIES}
        return {name: comparison for name, comparison in found.items() if comparison is not None}

    def __str__(self) -> str:
        return "\n".join(map(str, self.comparisons().values()))


def compare_calls(
    truth: npt.ArrayLike,
    calls_a: npt.ArrayLike,
    calls_b: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    method: str | None = None,
    interval: str = "tango",
    confidence: float = 0.95,
) -> PairedCalls:
    """Compare two readers or systems on the same nodules: sensitivity, specificity, accuracy and predictive values.

    Independent nodules: McNemar's exact test with the score interval of Tango (1998) or the hybrid score interval of
    Newcombe (1998); predictive values, whose denominators differ, by the weighted generalised score test of Kosinski
    (2013). Nodules that share patients: logistic GEE with robust variance throughout. The five P values are not
    corrected for each other.

    Args:
        truth: 1 malignant, 0 benign, per nodule.
        calls_a: call of the first for each nodule, 0 or 1.
        calls_b: call of the second.
        cluster: patient of each nodule; None when every nodule comes from another patient.
        method: "gee", "score", or one of McNemar's as in `compare_proportions` (predictive values then by "score").
        interval: of differences tested by McNemar, "tango" or "newcombe".
        confidence: nominal coverage.

    Raises:
        StatisticsError: unfit data or options.

    >>> import numpy as np
    >>> counts = [319, 22, 78, 32, 31, 22, 53, 155]  # the example of the R package DTComPair
    >>> found = compare_calls(np.repeat([1, 1, 1, 1, 0, 0, 0, 0], counts), np.repeat([1, 0, 1, 0, 1, 0, 1, 0], counts),
    ...     np.repeat([1, 1, 0, 0, 1, 1, 0, 0], counts))
    >>> print(found.npv)
    npv: 0.766 against 0.654, difference 0.112 (95 % interval 0.060 to 0.164), P = 4.78e-05 (weighted generalised score
    test (Kosinski); interval by GEE; n = 362)
    """
    chosen = method or ("gee" if cluster is not None else "mcnemar-exact")
    require_choice(chosen, ("gee", "score", *MCNEMAR_METHODS), name="method")
    known = as_truth(truth, both_classes=False)
    a, b = as_truth(calls_a, name="calls_a", both_classes=False), as_truth(calls_b, name="calls_b", both_classes=False)

    def compared(quantity: str) -> ProportionComparison:
        of_values = "score" if chosen in MCNEMAR_METHODS else chosen
        test = of_values if quantity in ("ppv", "npv") else chosen
        one = compare_proportions(
            known, a, b, quantity=quantity, method=test, interval=interval, cluster=cluster, confidence=confidence
        )
        return (
            replace(one, method=f"{MCNEMAR_METHODS[test]}; {PAIRED_INTERVALS[interval]}")
            if test in MCNEMAR_METHODS
            else one
        )

    denominators = {
        "sensitivity": known.any(),
        "specificity": not known.all(),
        "ppv": a.any() and b.any(),
        "npv": not (a.all() or b.all()),
    }
    found = {name: compared(name) if defined else None for name, defined in denominators.items()}
    counts = {label: _agreement(a[known == label] == label, b[known == label] == label) for label in (0, 1)}
    return PairedCalls(accuracy=compared("accuracy"), malignant=counts[1], benign=counts[0], **found)


def _agreement(right_a: Truths, right_b: Truths) -> tuple[int, int, int, int]:
    """Count the nodules that both called right, only the first, only the second, and neither."""
    tables = (right_a & right_b, right_a & ~right_b, ~right_a & right_b, ~right_a & ~right_b)
    both, only_a, only_b, neither = (int(table.sum()) for table in tables)
    return both, only_a, only_b, neither
