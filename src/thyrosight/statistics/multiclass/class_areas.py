"""Areas under ROC curves of more than two classes: Hand and Till's M, one against the rest, and pairs of classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.multiclass.class_labels import class_codes
from thyrosight.statistics.ranking import Ranking, rank
from thyrosight.statistics.validation import Floats, Integers, require_confidence


@dataclass(frozen=True, slots=True)
class ClassPair(Result):
    """Two classes told apart.

    Attributes:
        first: the one class.
        second: the other class.
        area: mean of the two areas within these classes, by the score of the one and by that of the other.
    """

    first: str
    second: str
    area: Estimate


@dataclass(frozen=True, slots=True)
class MulticlassAuc(Result):
    """Areas of more than two classes.

    Attributes:
        classes: the classes in the order of the scores.
        counts: nodules of each class.
        hand_till: mean over all pairs of classes (Hand & Till 2001, M); it does not depend on how frequent classes are.
        macro: mean of the areas of each class against the rest.
        weighted: the same mean weighted by the nodules of each class.
        one_against_rest: area of each class against all others.
        pairs: area of each pair of classes.
    """

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    hand_till: Estimate
    macro: Estimate
    weighted: Estimate
    one_against_rest: tuple[Estimate, ...]
    pairs: tuple[ClassPair, ...]

    def __str__(self) -> str:
        lines = [f"Hand and Till's M: {self.hand_till}", f"macro: {self.macro}", f"weighted: {self.weighted}"]
        against = zip(self.classes, self.counts, self.one_against_rest, strict=True)
        lines += [f"{name} ({count}) against the rest: {area}" for name, count, area in against]
        return "\n".join(lines + [f"{pair.first} and {pair.second}: {pair.area}" for pair in self.pairs])


def multiclass_auc(
    truth: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    classes: Sequence[object] | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> MulticlassAuc:
    """Return Hand and Till's M, the areas of one class against the rest and of each pair of classes, with intervals.

    Intervals are percentiles of a bootstrap that draws patients; a sample that lacks a class is left out of what needs
    that class, and `method` says how many were.

    Args:
        truth: class of each nodule.
        scores: shape (nodules, classes), for example probabilities; the higher, the more likely that class.
        classes: the classes in the order of the columns of `scores`; None for their sorted order.
        cluster: patient of each nodule; None when all are independent.
        confidence: nominal coverage.
        replicates: bootstrap samples; 0 for no interval.
        seed: seed of the draws.

    Raises:
        StatisticsError: scores of another shape or missing, fewer than two classes, or a class without a nodule.

    Source: Hand & Till, Mach Learn 2001, equations 3 and 7; Fawcett 2006 for one against the rest.

    >>> scores = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.2, 0.4, 0.4], [0.2, 0.5, 0.3]]
    >>> found = multiclass_auc(["a", "b", "b", "c", "c", "a"], scores, replicates=0)
    >>> round(found.hand_till.value, 4), round(found.macro.value, 4)
    (0.8958, 0.8958)
    """
    codes, names = class_codes(truth, classes, name="truth")
    values = _score_matrix(scores, codes.size, names)
    require_confidence(confidence)
    counts = np.bincount(codes, minlength=len(names))
    _require_classes(names, counts)
    patients, clusters = cluster_codes(cluster, codes.size)
    areas = _Areas.of(codes, values)
    blocks = [areas.weighted(block[:, patients]) for block in drawn_blocks(clusters, codes.size, replicates, seed)]
    whole = areas.weighted(np.ones((1, codes.size)))[0]
    drawn = np.concatenate(blocks) if blocks else np.empty((0, whole.size))

    def estimate(column: int, n: int) -> Estimate:
        shown = clusters if cluster is not None else None
        return bootstrap_estimate(float(whole[column]), drawn[:, column], n=n, clusters=shown, confidence=confidence)

    k, pairs = len(names), list(combinations(range(len(names)), 2))
    return MulticlassAuc(
        classes=names,
        counts=tuple(int(count) for count in counts),
        hand_till=estimate(0, codes.size),
        macro=estimate(1, codes.size),
        weighted=estimate(2, codes.size),
        one_against_rest=tuple(estimate(3 + i, codes.size) for i in range(k)),
        pairs=tuple(
            ClassPair(names[i], names[j], estimate(3 + k + place, int(counts[i] + counts[j])))
            for place, (i, j) in enumerate(pairs)
        ),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Areas:
    """All scores, sorted once; areas are computed from them under any weights of the nodules.

    Attributes:
        codes: class of each nodule.
        against_rest: of each class, its score among all nodules.
        within: of each pair of classes, their nodules, and both scores among these.
    """

    codes: Integers
    against_rest: list[Ranking]
    within: list[tuple[Integers, Ranking, Ranking]]

    @classmethod
    def of(cls, codes: Integers, values: Floats) -> "_Areas":
        k = values.shape[1]
        against_rest = [rank((codes == i).astype(np.int64), values[:, i]) for i in range(k)]
        within = []
        for i, j in combinations(range(k), 2):
            rows = np.flatnonzero((codes == i) | (codes == j))
            first, second = (rank((codes[rows] == c).astype(np.int64), values[rows, c]) for c in (i, j))
            within.append((rows, first, second))
        return cls(codes, against_rest, within)

    def weighted(self, weights: npt.NDArray[np.generic]) -> Floats:
        """M, macro and weighted mean, each class against the rest, each pair: shape (replicates, 3 + k + pairs)."""
        rest = np.stack([ranking.weighted_auc(weights) for ranking in self.against_rest], axis=1)
        pairs = np.stack(
            [
                (first.weighted_auc(weights[:, rows]) + second.weighted_auc(weights[:, rows])) / 2
                for rows, first, second in self.within
            ],
            axis=1,
        )
        sizes = np.stack([weights[:, self.codes == i].sum(axis=1) for i in range(rest.shape[1])], axis=1)
        means = [pairs.mean(axis=1), rest.mean(axis=1), (rest * sizes).sum(axis=1) / sizes.sum(axis=1)]
        return np.concatenate([np.stack(means, axis=1), rest, pairs], axis=1)


def _score_matrix(scores: npt.ArrayLike, n: int, names: tuple[str, ...]) -> Floats:
    try:
        values = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError("Expected `scores` to hold numbers, one column per class.") from error
    if values.shape != (n, len(names)):
        raise StatisticsError(
            f"Expected `scores` of shape ({n}, {len(names)}), one row per nodule and one column per class"
            f" ({', '.join(names)}), got {values.shape}."
        )
    missing = np.isnan(values).any(axis=1)
    if missing.any():
        raise StatisticsError(f"Expected every score to be given, but one is missing at position {missing.argmax()}.")
    return values


def _require_classes(names: tuple[str, ...], counts: Integers) -> None:
    if len(names) < 2:
        raise StatisticsError(f"Expected at least two classes, got only {names[0]!r}.")
    if not counts.all():
        raise StatisticsError(f"Expected nodules of every class, but none is {names[int(counts.argmin())]!r}.")
