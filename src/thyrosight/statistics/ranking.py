"""Ranks of scores, sorted once: the basis of all ROC analysis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.sorting import BLOCK, ascending_order
from thyrosight.statistics.validation import Floats, Integers


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """Rows in ascending order of score, with equal scores grouped.

    Attributes:
        order: row numbers by ascending score.
        truth: truth in that order, 0 or 1.
        group: in that order, index of each row's distinct score, 0..g-1.
        distinct: the g distinct scores, ascending.
        positives_below: number of positives below each distinct score; one more entry at the end holds all positives.
        negatives_below: the same for negatives.
    """

    order: Integers
    truth: Integers
    group: Integers
    distinct: Floats
    positives_below: Integers
    negatives_below: Integers

    @property
    def positives(self) -> int:
        """Number of positives."""
        return int(self.positives_below[-1])

    @property
    def negatives(self) -> int:
        """Number of negatives."""
        return int(self.negatives_below[-1])

    def placements(self) -> Floats:
        """For each row, in input order, the share of the other class that it is ranked correctly against.

        For a positive the share of negatives below it, for a negative the share of positives above it; an equal score
        counts half. The mean over positives, and over negatives, is the AUC (DeLong et al. 1988, equations 4 and 5).
        """
        below = self.negatives_below[:-1] + self.negatives_below[1:]
        above = 2 * self.positives - self.positives_below[:-1] - self.positives_below[1:]
        of_positive, of_negative = below / (2 * self.negatives), above / (2 * self.positives)
        result = np.empty(self.order.size)
        result[self.order] = np.where(self.truth == 1, of_positive[self.group], of_negative[self.group])
        return result

    def weighted_auc(self, weights: npt.NDArray[np.generic]) -> Floats:
        """AUC for each row of `weights` (replicates, rows); NaN where a class has no weight."""
        positive = self.truth == 1
        pairs = _take(weights, self.order[~positive])
        below = np.zeros((pairs.shape[0], pairs.shape[1] + 1))
        np.cumsum(pairs, axis=1, out=below[:, 1:])
        first, last = self.negatives_below[self.group[positive]], self.negatives_below[self.group[positive] + 1]
        ahead = below[:, first]
        if not np.array_equal(first, last):
            ahead += below[:, last]
            ahead *= 0.5
        heights = _take(weights, self.order[positive])
        return share(np.einsum("ij,ij->i", heights, ahead), heights.sum(axis=1) * below[:, -1])

    def weighted_rates(self, weights: npt.NDArray[np.generic]) -> tuple[Floats, Floats]:
        """Sensitivity and specificity (replicates, g + 1) when a score of at least each distinct one is positive.

        The last column is the threshold above every score, where nothing is positive.
        """
        positive = self.truth == 1
        missed = _cumulated(_take(weights, self.order[positive]), self.positives_below)
        spared = _cumulated(_take(weights, self.order[~positive]), self.negatives_below)
        sensitivity = 1 - share(missed, missed[:, -1:])
        return sensitivity, share(spared, spared[:, -1:])


def placements(truth: Integers, scores: Sequence[Floats]) -> Floats:
    """Return `rank(truth, score).placements()` for each score: shape (scores, rows)."""
    result = np.empty((len(scores), truth.size))
    for score, row in zip(scores, result, strict=True):
        order, tied = ascending_order(score)
        if tied:
            row[:] = _ranked(truth, score, order).placements()
        else:
            _place_distinct(truth, order, row)
    return result


def rank(truth: Integers, score: Floats) -> Ranking:
    """Sort scores once, in O(n log n), and count both classes below each distinct score."""
    return _ranked(truth, score, ascending_order(score)[0])


def _place_distinct(truth: Integers, order: Integers, result: Floats) -> None:
    """Fill in the placements of scores without ties, block by block: several times faster than all at once."""
    flags = truth == 1
    positives = int(np.count_nonzero(flags))
    negatives = truth.size - positives
    seen = 0
    for start in range(0, truth.size, BLOCK):
        rows = order[start : start + BLOCK]
        flag = flags[rows]
        so_far = np.cumsum(flag.view(np.int8), dtype=np.int64)
        so_far += seen
        seen = int(so_far[-1])
        placed = (positives - so_far) / positives
        at = np.flatnonzero(flag)
        placed[at] = (at + (start + 1) - so_far[at]) / negatives
        result[rows] = placed


def _ranked(truth: Integers, score: Floats, order: Integers) -> Ranking:
    ascending, sorted_truth = score[order], truth[order]
    differs = np.empty(score.size, dtype=bool)
    differs[0] = False
    np.not_equal(ascending[1:], ascending[:-1], out=differs[1:])
    starts = np.concatenate([[0], np.flatnonzero(differs)])
    ends = np.append(starts, score.size)
    positives_below = np.concatenate([[0], np.cumsum(sorted_truth)])[ends]
    return Ranking(
        order=order,
        truth=sorted_truth,
        group=np.cumsum(differs),
        distinct=ascending[starts],
        positives_below=positives_below,
        negatives_below=ends - positives_below,
    )


def share(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    result: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return result


def _take(weights: npt.NDArray[np.generic], columns: Integers) -> Floats:
    return np.take(weights, columns, axis=1).astype(np.float64)


def _cumulated(weights: Floats, places: Integers) -> Floats:
    below = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=below[:, 1:])
    at_places: Floats = below[:, places]
    return at_places
