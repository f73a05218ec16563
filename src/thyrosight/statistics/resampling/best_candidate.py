"""The best of several classifiers, and its share of patient-clustered bootstrap draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import bootstrap_weights, weighted_auc
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.resampling.outcomes import DivisionOutcome
from thyrosight.statistics.validation import Floats


@dataclass(frozen=True, slots=True)
class BestOf(Result):
    """The candidate with the best mean AUC.

    Attributes:
        best: its name; among equals the first given.
        auc: mean AUC of each candidate, over the divisions in which it is defined.
        share: share of bootstrap draws in which each candidate was best, equals sharing a draw; the shares sum to 1.
        likely: the fewest candidates whose shares reach `confidence` together, in the order given. If there are many,
            the data do not tell the candidates apart.
        folds: divisions in which each candidate was best; among equals the first counts.
        replicates: bootstrap draws that were used.
        confidence: of `likely`.
    """

    best: str
    auc: dict[str, float]
    share: dict[str, float]
    likely: tuple[str, ...]
    folds: dict[str, int]
    replicates: int
    confidence: float = 0.95


def best_of(
    candidates: Mapping[str, Sequence[DivisionOutcome]],
    *,
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> BestOf:
    """Find the candidate with the best mean AUC over divisions, and how often each is best in bootstrap draws.

    Patients are drawn with replacement, once for all candidates and divisions together, and the best is chosen in each
    draw. The shares are not P values: among many similar candidates none gets a large share.

    Args:
        candidates: outcomes by name, on the same images of the same divisions.
        replicates: bootstrap draws.
        confidence: of the set of likely candidates.
        seed: of the draws.

    Raises:
        StatisticsError: no candidate, candidates tested on different images, or no division with both classes.

    >>> truth, cluster = [0, 0, 1, 1], list("abcd")
    >>> good = DivisionOutcome(truth=truth, score=[0.1, 0.2, 0.8, 0.9], predicted=truth, cluster=cluster)
    >>> bad = DivisionOutcome(truth=truth, score=[0.9, 0.2, 0.1, 0.3], predicted=truth, cluster=cluster)
    >>> found = best_of({"good": [good], "bad": [bad]}, replicates=200)
    >>> found.best, found.likely, found.auc["good"]
    ('good', ('good',), 1.0)
    """
    names = list(candidates)
    if not names:
        raise StatisticsError("Expected at least one candidate, got none.")
    first = candidates[names[0]]
    for name in names[1:]:
        _require_alike(first, candidates[name], name)
    patients = sorted({str(patient) for division in first for patient in division.cluster})
    weights = bootstrap_weights(patients, replicates=replicates, seed=seed)
    place = {patient: index for index, patient in enumerate(patients)}
    observed, drawn = [], []
    for name in names:
        columns = []
        for division in candidates[name]:
            rows = [place[str(patient)] for patient in division.cluster]
            counts = np.vstack([np.ones(len(rows), dtype=weights.dtype), weights[:, rows]])
            columns.append(weighted_auc(division.truth, division.score, counts))
        table = np.array(columns)
        observed.append(table[:, 0])
        drawn.append(_mean(table[:, 1:]))
    per_fold, replicas = np.array(observed), np.array(drawn)
    means = _mean(per_fold.T)
    if np.isnan(means).all():
        raise StatisticsError("Expected a division with both classes, got none: no AUC is defined.")
    used = replicas[:, ~np.isnan(replicas).any(axis=0)]
    share = _shares(used)
    defined = per_fold[:, ~np.isnan(per_fold).any(axis=0)]
    wins = np.bincount(defined.argmax(axis=0), minlength=len(names))
    return BestOf(
        best=names[int(np.nanargmax(means))],
        auc=dict(zip(names, means.tolist(), strict=True)),
        share=dict(zip(names, share.tolist(), strict=True)),
        likely=tuple(name for index, name in enumerate(names) if index in _fewest(share, confidence)),
        folds=dict(zip(names, wins.tolist(), strict=True)),
        replicates=int(used.shape[1]),
        confidence=confidence,
    )


def _shares(drawn: Floats) -> Floats:
    """The share of draws in which each candidate is best; candidates that are best together share a draw equally."""
    if not drawn.shape[1]:
        return np.zeros(len(drawn))
    best = drawn >= drawn.max(axis=0) - 1e-12
    shares: Floats = (best / best.sum(axis=0)).mean(axis=1)
    return shares


def _require_alike(first: Sequence[DivisionOutcome], other: Sequence[DivisionOutcome], name: str) -> None:
    same = len(first) == len(other) and all(
        list(a.cluster) == list(b.cluster) and list(a.truth) == list(b.truth) for a, b in zip(first, other, strict=True)
    )
    if not same:
        raise StatisticsError(f"Expected all candidates to be tested on the same images; {name} was not.")


def _fewest(share: Floats, confidence: float) -> set[int]:
    """The candidates with the largest shares that together reach `confidence`."""
    order = np.argsort(-share, kind="stable")
    needed = int(np.searchsorted(np.cumsum(share[order]), confidence - 1e-12)) + 1
    return {int(index) for index in order[:needed]}


def _mean(values: Floats) -> Floats:
    """Mean over the first axis, leaving out NaN; NaN where nothing is defined."""
    defined = ~np.isnan(values)
    count = defined.sum(axis=0)
    total = np.where(defined, values, 0.0).sum(axis=0)
    result: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return result
