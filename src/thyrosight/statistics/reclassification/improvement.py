"""Net reclassification (NRI) and integrated discrimination improvement (IDI), with what is known against them."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thyrosight.statistics.bootstrap import bootstrap_estimate, cluster_codes, drawn_blocks
from thyrosight.statistics.calibration.net_benefit_pair import NetBenefitDifference, compare_net_benefit
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.reclassification.tables import (
    ReclassificationTable,
    reclassification_table,
    rising_thresholds,
    risks_of_two,
)
from thyrosight.statistics.validation import Floats, Integers, as_count, require_confidence

_NOTES = (
    "NRI and IDI can be positive for a marker that carries no information, above all if a model is overfitted or badly"
    " calibrated (Hilden and Gerds, Stat Med 2014; Pepe et al., Stat Biosci 2015); their usual P values are invalid and"
    " none is given.",
    "NRI adds two shares of different groups and is not a share of patients; read events and non-events apart.",
    "The difference in net benefit at a threshold fixed beforehand is the recommended alternative.",
)


@dataclass(frozen=True, slots=True)
class NetReclassification(Result):
    """Net reclassification improvement (Pencina et al., Stat Med 2008 and 2011).

    Attributes:
        events: share of events that move up less share that move down.
        nonevents: share of non-events that move down less share that move up.
        total: their sum, from -2 to 2.
    """

    events: Estimate
    nonevents: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class Reclassification(Result):
    """A new model against an old one on the same cases.

    Attributes:
        table: counts by category; None without thresholds.
        categorical: NRI of the categories; None without thresholds.
        continuous: NRI in which any rise or fall of risk counts.
        idi: integrated discrimination improvement: rise of mean risk in events less its rise in non-events.
        idi_events: mean of new less old risk in events.
        idi_nonevents: mean of old less new risk in non-events.
        net_benefit: at each threshold, the difference in net benefit and weighted NRI; empty without thresholds.
        notes: what is known against these measures.
    """

    table: ReclassificationTable | None
    categorical: NetReclassification | None
    continuous: NetReclassification
    idi: Estimate
    idi_events: Estimate
    idi_nonevents: Estimate
    net_benefit: tuple[NetBenefitDifference, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [] if self.table is None or self.categorical is None else [str(self.table)]
        for name, nri in (("categorical NRI", self.categorical), ("continuous NRI", self.continuous)):
            if nri is not None:
                lines += [f"{name} {nri.total}", f"  events {nri.events}", f"  non-events {nri.nonevents}"]
        lines.append(f"IDI {self.idi}")
        lines += [f"net benefit at {item.threshold:g}, difference {item.difference}" for item in self.net_benefit]
        return "\n".join(lines)


def compare_risks(
    truth: npt.ArrayLike,
    new: npt.ArrayLike,
    old: npt.ArrayLike,
    *,
    thresholds: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    replicates: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Reclassification:
    """Return NRI, IDI and the difference in net benefit of two models, with patient-clustered bootstrap intervals.

    The intervals hold the two models fixed: they are for models fitted on other data. On the data of the fit a useless
    marker looks useful.

    Args:
        truth: n values of 0 and 1.
        new: n risks of the new model.
        old: n risks of the old model.
        thresholds: that divide the categories of risk, rising; None for the continuous NRI and IDI alone.
        cluster: patient of each case, resampled whole; None when all are independent.
        replicates: number of bootstrap samples.
        seed: seed of the draws.
        confidence: coverage of the percentile intervals (net benefit: Student's t).

    Raises:
        StatisticsError: one class only, values outside 0 to 1, unequal lengths, or thresholds that do not rise.

    >>> found = compare_risks([0, 0, 1, 1, 1], [0.1, 0.3, 0.3, 0.8, 0.9], [0.3, 0.2, 0.1, 0.9, 0.4], replicates=99)
    >>> round(found.continuous.events.value, 3), found.continuous.nonevents.value, round(found.idi.value, 3)
    (0.333, 0.0, 0.25)
    """
    labels, first, second = risks_of_two(truth, new, old)
    require_confidence(confidence)
    replicates = as_count(replicates, name="replicates")
    levels = None if thresholds is None else rising_thresholds(thresholds)
    codes, clusters = cluster_codes(cluster, len(labels))
    moves = [np.sign(first - second), first - second]
    if levels is not None:
        category = [np.searchsorted(levels, risk, side="right") for risk in (first, second)]
        moves.append(np.sign(category[0] - category[1]).astype(np.float64))
    sums = _sums_by_cluster(labels, moves, codes, clusters)
    drawn = _shares(_sums_of_samples(sums, n=len(labels), replicates=replicates, seed=seed))
    value = _shares(sums.sum(axis=0, keepdims=True))[0]
    counts = (int(labels.sum()), int((1 - labels).sum()), len(labels))
    shown = None if cluster is None else clusters

    def estimates(place: int, name: str) -> NetReclassification:
        made = [
            bootstrap_estimate(
                float(value[place, part]),
                drawn[:, place, part],
                n=counts[part],
                clusters=shown,
                confidence=confidence,
            )
            for part in range(3)
        ]
        events, nonevents, total = (replace(item, method=f"{name}, {item.method}") for item in made)
        return NetReclassification(events, nonevents, total)

    idi = estimates(1, "IDI")
    benefit: tuple[NetBenefitDifference, ...] = ()
    if levels is not None:
        benefit = compare_net_benefit(labels, first, second, levels, cluster=cluster, confidence=confidence)
    return Reclassification(
        table=None if levels is None else reclassification_table(labels, first, second, levels),
        categorical=None if levels is None else estimates(2, "categorical NRI"),
        continuous=estimates(0, "continuous NRI"),
        idi=idi.total,
        idi_events=idi.events,
        idi_nonevents=idi.nonevents,
        net_benefit=benefit,
        notes=_NOTES,
    )


def _sums_by_cluster(labels: Integers, moves: list[Floats], codes: Integers, clusters: int) -> Floats:
    """Per cluster: numbers of events and of non-events, then of each move its sum over events and over non-events."""
    events = labels.astype(np.float64)
    columns = [events, 1 - events]
    columns += [part for move in moves for part in (events * move, (1 - events) * move)]
    return np.column_stack([np.bincount(codes, weights=column, minlength=clusters) for column in columns])


def _sums_of_samples(sums: Floats, *, n: int, replicates: int, seed: int) -> Floats:
    """Sums of each bootstrap sample, shape (replicates, columns)."""
    found = np.empty((replicates, sums.shape[1]))
    done = 0
    for block in drawn_blocks(len(sums), n, replicates, seed):
        found[done : done + len(block)] = block @ sums
        done += len(block)
    return found


def _shares(sums: Floats) -> Floats:
    """Improvement in events, in non-events and in total of each move: shape (rows, moves, 3); NaN without a class."""
    numbers = np.where(sums[:, :2] > 0, sums[:, :2], math.nan)
    parts = sums[:, 2:].reshape(len(sums), -1, 2) / numbers[:, None, :]
    events, nonevents = parts[:, :, 0], 0.0 - parts[:, :, 1]
    return np.stack([events, nonevents, events + nonevents], axis=2)
