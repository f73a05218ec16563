"""Measures of a two-by-two table of truth and prediction, with intervals."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.confusion import PROPORTIONS, cell_of, measures
from thyrosight.statistics.proportions.diagnostic_intervals import (
    Calls,
    at_prevalence,
    balanced_accuracy,
    diagnostic_odds_ratio,
    f1_score,
    likelihood_ratio,
    matthews_correlation,
)
from thyrosight.statistics.proportions.intervals import PROPORTION_INTERVALS
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_count,
    as_labels,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

_INTERVALS = (*PROPORTION_INTERVALS, "gee", "bootstrap")


@dataclass(frozen=True, slots=True)
class DiagnosticTable(Result):
    """Counts and measures of a two-by-two table. A measure that the data do not define is NaN, with the reason.

    Attributes:
        true_positive: positives called positive.
        false_negative: positives called negative.
        false_positive: negatives called positive.
        true_negative: negatives called negative.
        sensitivity: TP / (TP + FN), also called recall.
        specificity: TN / (TN + FP).
        accuracy: (TP + TN) / all.
        ppv: positive predictive value or precision, TP / (TP + FP).
        npv: negative predictive value, TN / (TN + FN).
        positive_likelihood_ratio: sensitivity / (1 - specificity).
        negative_likelihood_ratio: (1 - sensitivity) / specificity.
        diagnostic_odds_ratio: TP TN / (FP FN), with 0.5 added to each cell where one is empty.
        f1: 2 TP / (2 TP + FP + FN).
        mcc: Matthews correlation coefficient.
        balanced_accuracy: mean of sensitivity and specificity.
        adjusted_ppv: positive predictive value at the requested prevalence.
        adjusted_npv: negative predictive value at that prevalence.
        prevalence: the requested prevalence, or None.
    """

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int
    sensitivity: Estimate
    specificity: Estimate
    accuracy: Estimate
    ppv: Estimate
    npv: Estimate
    positive_likelihood_ratio: Estimate
    negative_likelihood_ratio: Estimate
    diagnostic_odds_ratio: Estimate
    f1: Estimate
    mcc: Estimate
    balanced_accuracy: Estimate
    adjusted_ppv: Estimate
    adjusted_npv: Estimate
    prevalence: float | None

    def estimates(self) -> dict[str, Estimate]:
        """All measures by name, in order."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, Estimate)}

    def __str__(self) -> str:
        cells = (self.true_positive, self.false_negative, self.false_positive, self.true_negative)
        lines = ["TP {}, FN {}, FP {}, TN {}".format(*cells)]
        return "\n".join(lines + [f"{name.replace('_', ' ')}: {item}" for name, item in self.estimates().items()])


def diagnostic_table(
    truth: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    interval: str | None = None,
    prevalence: float | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> DiagnosticTable:
    """Return counts, sensitivity, specificity, predictive values, likelihood ratios and more, each with its interval.

    Proportions use the requested interval. F1 is a transformed proportion; likelihood ratios and the diagnostic odds
    ratio are computed on the log scale, the Matthews correlation on Fisher's z scale, and the balanced accuracy
    combines the limits of sensitivity and specificity. With clusters all variances allow for correlation within
    clusters.

    Args:
        truth: 0 or 1 per observation; one class alone is allowed.
        predicted: 0 or 1 per observation.
        cluster: patient of each observation; None when all are independent.
        interval: "wilson" (default without clusters), "wald", "clopper-pearson", "agresti-coull", "jeffreys", "gee"
            (default with clusters) or "bootstrap" (percentile, resamples clusters). With clusters only the last two are
            allowed.
        prevalence: prevalence for which the predictive values are also given.
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.

    Raises:
        StatisticsError: values other than 0 and 1, lengths that differ, or an interval that ignores given clusters.

    >>> truth, predicted = np.repeat([1, 1, 0, 0], [290, 33, 29, 18]), np.repeat([1, 0, 1, 0], [290, 33, 29, 18])
    >>> table = diagnostic_table(truth, predicted, interval="wald")
    >>> print(table.npv)
    0.353 (95 % interval 0.222 to 0.484; Wald; n = 51)
    """
    truth = as_truth(truth, both_classes=False)
    predicted = as_truth(predicted, name="predicted", both_classes=False)
    codes = None if cluster is None else as_labels(cluster, name="cluster")[0]
    require_same_length(truth=truth, predicted=predicted, cluster=codes)
    require_confidence(confidence)
    interval = interval or ("wilson" if cluster is None else "gee")
    require_choice(interval, _INTERVALS, name="interval")
    if codes is not None and interval not in ("gee", "bootstrap"):
        raise StatisticsError(f"The {interval} interval ignores clusters; use interval 'gee' or 'bootstrap'.")
    if prevalence is not None and not 0 < prevalence < 1:
        raise StatisticsError(f"Expected `prevalence` between 0 and 1, got {prevalence}.")
    cells = np.bincount(cell_of(truth, predicted), minlength=4)
    if interval == "bootstrap":
        drawn = _drawn_cells(cell_of(truth, predicted), codes, as_count(replicates, name="replicates"), seed)
        calls = Calls(truth == 1, predicted == 1, codes, "clopper-pearson" if codes is None else "gee", confidence)
        found = _bootstrapped(calls, cells, drawn, prevalence=prevalence)
    else:
        found = _analytic(Calls(truth == 1, predicted == 1, codes, interval, confidence), cells, prevalence)
    tp, fn, fp, tn = (int(count) for count in cells)
    return DiagnosticTable(
        true_positive=tp, false_negative=fn, false_positive=fp, true_negative=tn, prevalence=prevalence, **found
    )


def _denominators(cells: Integers) -> dict[str, int]:
    tp, fn, fp, tn = (int(count) for count in cells)
    everything = tp + fn + fp + tn
    sizes = {"sensitivity": tp + fn, "specificity": fp + tn, "ppv": tp + fp, "npv": fn + tn, "f1": tp + fn + fp}
    return {name: sizes.get(name, everything) for name in measures(cells)}


def _reason(name: str, cells: Integers, prevalence: float | None) -> str:
    """Why a measure is undefined."""
    tp, fn, fp, tn = cells
    if name.startswith("adjusted") and prevalence is None:
        return "no prevalence given"
    if name in ("ppv", "npv"):
        return f"nothing was called {'positive' if name == 'ppv' else 'negative'}"
    if not tp + fn and name != "specificity":
        return "no positive in truth"
    if not fp + tn and name != "sensitivity":
        return "no negative in truth"
    return "prediction does not vary"


def _undefined(name: str, cells: Integers, *, clusters: int | None, prevalence: float | None, level: float) -> Estimate:
    words = _reason(name, cells, prevalence)
    return Estimate(math.nan, math.nan, math.nan, math.nan, words, _denominators(cells)[name], clusters, level)


def _analytic(calls: Calls, cells: Integers, prevalence: float | None) -> dict[str, Estimate]:
    """Each measure with its interval from formulas."""
    values = {name: float(value) for name, value in measures(cells, prevalence=prevalence).items()}
    level, clusters = calls.confidence, calls.clusters
    found = {
        name: _undefined(name, cells, clusters=clusters, prevalence=prevalence, level=level)
        for name, value in values.items()
        if math.isnan(value)
    }
    for name in PROPORTIONS:
        if name not in found:
            found[name] = _proportion(name, calls)
    for name, positive in (("positive_likelihood_ratio", True), ("negative_likelihood_ratio", False)):
        if name not in found:
            found[name] = likelihood_ratio(calls, of_positive_call=positive)
        adjusted = "adjusted_ppv" if positive else "adjusted_npv"
        if adjusted not in found and prevalence is not None:
            found[adjusted] = at_prevalence(found[name], prevalence, of_positive_call=positive)
    if "diagnostic_odds_ratio" not in found:
        found["diagnostic_odds_ratio"] = diagnostic_odds_ratio(calls)
    if "f1" not in found:
        found["f1"] = f1_score(calls)
    if "mcc" not in found:
        found["mcc"] = matthews_correlation(calls, values["mcc"])
    if "balanced_accuracy" not in found:
        found["balanced_accuracy"] = balanced_accuracy(calls, found["sensitivity"], found["specificity"])
    return found


def _drawn_cells(cell: Integers, codes: Integers | None, replicates: int, seed: int) -> Floats:
    """Counts of the four cells in each bootstrap sample: shape (replicates, 4)."""
    if codes is None:
        # Drawing independent rows with replacement is drawing their cells from a multinomial distribution.
        shares = np.bincount(cell, minlength=4) / cell.size
        return np.random.default_rng(seed).multinomial(cell.size, shares, size=replicates).astype(np.float64)
    clusters = int(codes.max()) + 1
    counts = np.bincount(codes * 4 + cell, minlength=clusters * 4).reshape(clusters, 4).astype(np.float64)
    blocks = [block.astype(np.float64) @ counts for block in drawn_blocks(clusters, clusters, replicates, seed)]
    return np.concatenate(blocks) if blocks else np.empty((0, 4))


def _bootstrapped(calls: Calls, cells: Integers, drawn: Floats, *, prevalence: float | None) -> dict[str, Estimate]:
    """Each measure with its percentile interval; one that is the same in every sample with that from formulas, which is
    exact for shares of 0 and 1."""
    clusters, level = calls.clusters, calls.confidence
    sizes, samples = _denominators(cells), measures(drawn, prevalence=prevalence)
    formulas = _analytic(calls, cells, prevalence)
    found = {}
    for name, value in measures(cells, prevalence=prevalence).items():
        if math.isnan(value):
            found[name] = _undefined(name, cells, clusters=clusters, prevalence=prevalence, level=level)
        elif not _varies(samples[name]):
            found[name] = formulas[name]
        else:
            found[name] = bootstrap_estimate(
                float(value), samples[name], n=sizes[name], clusters=clusters, confidence=level
            )
    ratio = found["diagnostic_odds_ratio"]
    if not math.isnan(ratio.value) and "0.5 added" not in ratio.method:
        words = f"{ratio.method}; 0.5 added to each cell where one is empty"
        found["diagnostic_odds_ratio"] = replace(ratio, method=words)
    return found


def _varies(drawn: Floats) -> bool:
    """Whether the defined samples of a measure differ."""
    defined = drawn[~np.isnan(drawn)]
    return defined.size > 1 and bool(defined.min() < defined.max())


def _proportion(name: str, calls: Calls) -> Estimate:
    truth, predicted = calls.truth, calls.predicted
    success, among = {
        "sensitivity": (predicted, truth),
        "specificity": (~predicted, ~truth),
        "accuracy": (truth == predicted, np.ones_like(truth)),
        "ppv": (truth, predicted),
        "npv": (~truth, ~predicted),
    }[name]
    return calls.proportion(success, among)
