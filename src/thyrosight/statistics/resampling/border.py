"""Divisions at 0 or 1 within a mean over divisions: what they may hide, and by how much a bootstrap falls short of it.

A network that calls every cancer of a division, or none, is called alike by every bootstrap sample of that division:
it adds nothing to the width of the interval of the mean, as if it were certain. With few patients it is not. The
interval is therefore widened by what such divisions may hide: the exact limit for 0 of their patients (pairs of
patients for the AUC), weighted by their share of the mean.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from thyrosight.statistics.resampling.few_groups import Limits, unit_counts, unseen_share
from thyrosight.statistics.resampling.outcomes import DivisionOutcome
from thyrosight.statistics.validation import Floats

_UNITS = {"recall": "sensitivity", "precision": "ppv"}
WIDENED = "widened by the exact limits of divisions at 0 or 1"


def border_reach(
    divisions: Sequence[DivisionOutcome], observed: Mapping[str, Floats], name: str, *, confidence: float
) -> Limits:
    """Return how far below and above a mean over divisions may lie beyond what a bootstrap shows.

    (0, 0) where no division is at 0 or 1, and for measures that are not shares. The balanced accuracy is the mean of
    two shares, each of which may be at its border.

    Args:
        divisions: outcomes of one classifier.
        observed: each measure in each division; NaN where it is undefined.
        name: of the measure.
        confidence: nominal coverage.

    >>> one = DivisionOutcome(truth=[0, 1], score=[0.1, 0.9], predicted=[0, 1], cluster=["a", "b"])
    >>> other = DivisionOutcome(truth=[0, 1], score=[0.1, 0.9], predicted=[0, 0], cluster=["a", "b"])
    >>> below, above = border_reach([one, other], {"recall": np.array([1.0, 0.0])}, "recall", confidence=0.95)
    >>> round(below, 4), round(above, 4)  # of one patient in either half
    (0.4875, 0.4875)
    """
    halves = [half for half in ("recall", "sensitivity", "specificity") if half in observed]
    if name == "balanced_accuracy" and len(halves) == 2:
        reaches = [border_reach(divisions, observed, half, confidence=confidence) for half in halves]
        return sum(below for below, _ in reaches) / 2, sum(above for _, above in reaches) / 2
    values, unit = observed[name], _UNITS.get(name, name)
    defined = int((~np.isnan(values)).sum())
    found = []
    for border in (1.0, 0.0):
        there = [item for item, value in zip(divisions, values, strict=True) if value == border]
        units = unit_counts(there).get(unit, 0) if there else 0
        found.append(len(there) / defined * unseen_share(units, confidence=confidence) if units else 0.0)
    return found[0], found[1]
