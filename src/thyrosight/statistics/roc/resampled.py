"""Figures read off the ROC curves of one or more scores of the same nodules, with patients drawn within strata."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import cluster_codes, stratified_blocks
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_numbers,
    as_truth,
    require_confidence,
    require_same_length,
)

Curve = tuple[Floats, Floats]
Figure = Callable[[Curve], float]


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Scores of the same nodules, ready to be resampled.

    Attributes:
        rankings: each score, sorted.
        codes: code of each nodule's patient.
        strata: of each patient, 1 where a nodule is positive, else 0; of independent nodules, the truth.
        clustered: whether patients were given.
    """

    rankings: tuple[Ranking, ...]
    codes: Integers
    strata: Integers
    clustered: bool

    @property
    def n(self) -> int:
        """Number of nodules."""
        return self.codes.size

    @property
    def clusters(self) -> int | None:
        """Number of patients, or None where none were given."""
        return self.strata.size if self.clustered else None

    def values(self, figure: Figure) -> Floats:
        """Return the figure of each score."""
        return np.array([figure(curve) for curve in self._curves(np.ones((1, self.n)))[0]])

    def drawn(self, figure: Figure, *, replicates: int, seed: int) -> Floats:
        """Return the figure of each score in each bootstrap sample: shape (replicates, scores).

        All scores are read in the same samples. A sample without a positive or a negative gives NaN.
        """
        found = [
            [figure(curve) for curve in curves]
            for block in stratified_blocks(self.strata, self.n, replicates, seed)
            for curves in self._curves(block[:, self.codes])
        ]
        return np.array(found).reshape(-1, len(self.rankings))

    def _curves(self, weights: npt.NDArray[np.generic]) -> list[list[Curve]]:
        """Of each row of weights, the curve of each score: sensitivity and specificity by ascending threshold."""
        rates = [ranking.weighted_rates(weights) for ranking in self.rankings]
        return [[(sensitivity[i], specificity[i]) for sensitivity, specificity in rates] for i in range(len(weights))]


def curves_of(
    truth: npt.ArrayLike, scores: Sequence[npt.ArrayLike], *, cluster: npt.ArrayLike | None, confidence: float
) -> Curves:
    """Check and sort scores of the same nodules.

    Raises:
        StatisticsError: one class only, lengths that differ, missing values, or an unfit confidence level.
    """
    known = as_truth(truth)
    names = ["score"] if len(scores) == 1 else ["score_a", "score_b"]
    values = [as_numbers(score, name=name, finite=False) for score, name in zip(scores, names, strict=True)]
    require_same_length(truth=known, **dict(zip(names, values, strict=True)))
    require_confidence(confidence)
    codes, clusters = cluster_codes(cluster, known.size)
    if clusters == known.size:
        # Independent rows are numbered by their values, so that their order in the table changes no draw.
        codes = np.empty(known.size, dtype=np.int64)
        codes[np.lexsort((known, *values))] = np.arange(known.size)
    strata = np.zeros(clusters, dtype=np.int64)
    np.maximum.at(strata, codes, known)
    return Curves(tuple(rank(known, value) for value in values), codes, strata, cluster is not None)


def require_rate(value: float, *, name: str) -> float:
    """Return a fixed sensitivity or specificity, refusing what is outside 0 to 1."""
    if not 0 < value < 1 or math.isnan(value):
        raise StatisticsError(f"Expected `{name}` between 0 and 1 (for example 0.9), got {value}.")
    return float(value)
