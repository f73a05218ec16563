"""Sensitivity and specificity where only some nodules were verified, for example those sent to biopsy."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.diagnostic import diagnostic_table
from thyrosight.statistics.ranking import share
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)

ASSUMPTION = (
    "Valid only if, among nodules with the same call, those that were verified are like those that were not"
    " (verification depends on the call alone)."
)
_CELLS = 6  # verified diseased, verified healthy, not verified: first of positive calls, then of negative ones


@dataclass(frozen=True, slots=True)
class VerificationCorrection(Result):
    """Sensitivity and specificity of all nodules, from those that were verified.

    Attributes:
        sensitivity: corrected for partial verification.
        specificity: corrected likewise.
        verified_sensitivity: of the verified nodules alone, as it would be without correction.
        verified_specificity: the same.
        ppv: share of disease among verified positive calls, which needs no correction under the assumption.
        npv: share of health among verified negative calls.
        positive_calls: positive calls that were verified diseased, verified healthy, and not verified.
        negative_calls: the same of negative calls.
        assumption: what must hold for the correction to be right.
    """

    sensitivity: Estimate
    specificity: Estimate
    verified_sensitivity: Estimate
    verified_specificity: Estimate
    ppv: Estimate
    npv: Estimate
    positive_calls: tuple[int, int, int]
    negative_calls: tuple[int, int, int]
    assumption: str = ASSUMPTION

    def __str__(self) -> str:
        verified = [sum(calls[:2]) for calls in (self.positive_calls, self.negative_calls)]
        lines = [
            f"verified {verified[0]} of {sum(self.positive_calls)} positive and {verified[1]} of"
            f" {sum(self.negative_calls)} negative calls",
            f"corrected sensitivity: {self.sensitivity}",
            f"corrected specificity: {self.specificity}",
            f"sensitivity of the verified: {self.verified_sensitivity}",
            f"specificity of the verified: {self.verified_specificity}",
        ]
        return "\n".join([*lines, self.assumption])


def correct_verification(
    truth: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    interval: str = "logit",
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> VerificationCorrection:
    """Correct sensitivity and specificity for partial verification (Begg & Greenes, Biometrics 1983).

    By Bayes' theorem from the share of positive calls among all nodules and the predictive values among the verified
    ones. The interval is computed on the log odds with the variance of the delta method, summed within patients where
    these are given; if a verified cell is empty, 0.5 is added to each of the four for the limits alone.

    Args:
        truth: 1 diseased, 0 healthy, NaN or None where not verified.
        predicted: call of every nodule, 0 or 1.
        cluster: patient of each nodule; None when all are independent.
        interval: "logit" or "bootstrap" (percentile, draws patients; "logit" for a rate of 0 or 1).
        confidence: nominal coverage.
        replicates: bootstrap samples.
        seed: seed of the bootstrap.

    Raises:
        StatisticsError: other values, lengths that differ, or no verified nodule among the positive or negative calls.

    >>> import numpy as np
    >>> counts = [231, 32, 166, 27, 54, 140]  # hepatic scintigraphy, Drum and Christacopoulos 1972
    >>> truth = np.repeat([1, 0, np.nan, 1, 0, np.nan], counts)
    >>> found = correct_verification(truth, np.repeat([1, 1, 1, 0, 0, 0], counts))
    >>> print(found.sensitivity)
    0.836 (95 % interval 0.783 to 0.879; Begg-Greenes, logit; n = 650)
    """
    require_choice(interval, ("logit", "bootstrap"), name="interval")
    require_confidence(confidence)
    call = as_truth(predicted, name="predicted", both_classes=False)
    known = as_numbers(truth, name="truth", missing=True)
    require_same_length(truth=known, predicted=call)
    verified = ~np.isnan(known)
    _require_verified(known, verified, call)
    cell = np.where(verified, 1 - np.nan_to_num(known), 2).astype(np.int64) + np.where(call == 1, 0, 3)
    codes, clusters = cluster_codes(cluster, call.size)
    counts = np.bincount(codes * _CELLS + cell, minlength=clusters * _CELLS).reshape(clusters, _CELLS)
    shown = clusters if cluster is not None else None
    found = list(_by_delta(counts, call.size, clusters=shown, confidence=confidence))
    if interval == "bootstrap":
        drawn = _drawn(counts, replicates=replicates, seed=seed)
        for place, one in enumerate(found):
            # Samples of a rate of 0 or 1 are all alike and say nothing of its uncertainty.
            if 0 < one.value < 1:
                samples = bootstrap_estimate(
                    one.value, drawn[:, place], n=call.size, clusters=shown, confidence=confidence
                )
                found[place] = replace(samples, method=f"Begg-Greenes, {samples.method}")
    patients = None if cluster is None else codes[verified]
    naive = diagnostic_table(known[verified], call[verified], cluster=patients, confidence=confidence)
    totals = [int(count) for count in counts.sum(axis=0)]
    return VerificationCorrection(
        sensitivity=found[0],
        specificity=found[1],
        verified_sensitivity=naive.sensitivity,
        verified_specificity=naive.specificity,
        ppv=naive.ppv,
        npv=naive.npv,
        positive_calls=(totals[0], totals[1], totals[2]),
        negative_calls=(totals[3], totals[4], totals[5]),
    )


def _require_verified(known: Floats, verified: npt.NDArray[np.bool_], call: Integers) -> None:
    if verified.any():
        as_truth(known[verified], name="truth", both_classes=False)
    for label, word in ((1, "positive"), (0, "negative")):
        if not (verified & (call == label)).any():
            raise StatisticsError(
                f"Expected at least one verified nodule among the {word} calls, got none of {(call == label).sum()}:"
                " without one, sensitivity and specificity cannot be corrected."
            )


def _corrected(cells: Floats) -> Floats:
    """Return sensitivity and specificity of tables of six cells: shape (tables, 2); NaN where undefined."""
    positive, negative = cells[:, :3], cells[:, 3:]
    called = share(positive.sum(axis=1), cells.sum(axis=1))
    of_positive = share(positive[:, 0], positive[:, :2].sum(axis=1))
    of_negative = share(negative[:, 0], negative[:, :2].sum(axis=1))
    diseased = called * of_positive + (1 - called) * of_negative
    healthy = called * (1 - of_positive) + (1 - called) * (1 - of_negative)
    pair = [share(called * of_positive, diseased), share((1 - called) * (1 - of_negative), healthy)]
    return np.stack(pair, axis=1)


def _drawn(counts: Integers, *, replicates: int, seed: int) -> Floats:
    blocks = drawn_blocks(len(counts), len(counts), replicates, seed)
    drawn = [_corrected((block @ counts).astype(np.float64)) for block in blocks]
    return np.concatenate(drawn) if drawn else np.empty((0, 2))


def _by_delta(counts: Integers, n: int, *, clusters: int | None, confidence: float) -> tuple[Estimate, Estimate]:
    """Limits on the log odds: logit of sensitivity = logit of P(call) + log P(disease | +) - log P(disease | -)."""
    whole = counts.sum(axis=0, dtype=np.float64)
    values = _corrected(whole[None])[0]
    empty = whole[[0, 1, 3, 4]].min() == 0
    added = np.array([0.5, 0.5, 0.0, 0.5, 0.5, 0.0]) if empty else np.zeros(_CELLS)
    adjusted = whole + added
    middle = logit(_corrected(adjusted[None])[0])
    z = float(stats.norm.isf((1 - confidence) / 2))
    words = "Begg-Greenes, logit" + (
        "; 0.5 added to each verified cell for the limits, as one is empty" if empty else ""
    )
    found = []
    for value, centre, influence in zip(values, middle, _influences(adjusted), strict=True):
        # Of independent nodules every row of counts is one nodule, so that the same sum is the textbook variance.
        variance = float(np.sum((counts @ influence) ** 2) + np.sum(added * influence**2))
        se = math.sqrt(variance) if clusters != 1 else math.nan
        low, high = float(expit(centre - z * se)), float(expit(centre + z * se))
        if math.isnan(value):
            low = high = math.nan
        elif value in (0.0, 1.0) and not math.isnan(se):
            low, high = (0.0, high) if value == 0 else (low, 1.0)
        # At 0 or 1 the delta method has no standard error on the scale of the share.
        own = value * (1 - value) * se if 0 < value < 1 else math.nan
        found.append(Estimate(float(value), low, high, float(own), words, n, clusters, confidence))
    return found[0], found[1]


def _influences(cells: Floats) -> tuple[Floats, Floats]:
    """Influence of one nodule of each cell on the log odds of the corrected sensitivity, and of the specificity."""
    positive, negative = cells[:3].sum(), cells[3:].sum()
    of_call = np.array([1 / positive] * 3 + [-1 / negative] * 3)

    def of_log(first: int, second: int) -> Floats:
        """Influence on the log of the share of the first of two cells."""
        result = np.zeros(_CELLS)
        total = cells[first] + cells[second]
        result[first], result[second] = 1 / cells[first] - 1 / total, -1 / total
        return result

    sensitivity = of_call + of_log(0, 1) - of_log(3, 4)
    specificity = -of_call + of_log(4, 3) - of_log(1, 0)
    return sensitivity, specificity
