"""Whether readers' scores can be read as risks."""

from collections.abc import Callable

import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.errors import StatisticsError
from thyrosight.statistics import Estimate, brier, calibration_slope, observed_expected_ratio
from thyrosight.studies.analyses.calibration_figures import COUNTED, calibration_bins
from thyrosight.studies.analyses.readings.reading_set import ReadingSet

_BINS = 8
_CLOSEST = 0.005
"""How close a risk may come to 0 and to 1: half a point of the scale."""


def calibration_table(found: ReadingSet) -> Table | None:
    """Observed over expected cancers, calibration slope and Brier score of each reader in each arm, and of all."""
    rows: list[Row] = []
    for arm in found.arms:
        every = found.of_arm(arm).dropna(subset="rating")
        for reader in [*found.readers, None]:
            own = every if reader is None else every[every["reader"] == reader]
            if len(own) and own["truth"].nunique() == 2:
                rows.append({"reader": reader or "All readings", "arm": arm, "n": len(own), **_measures(found, own)})
    if not rows:
        return None
    return Table(
        name="calibration",
        caption="Readers' scores as risks",
        columns=(
            *columns("text", {"reader": "Reader", "arm": "Arm"}),
            Column(key="n", title="Readings", kind="count"),
            *columns("number", {"ratio": "Observed / expected", "slope": "Slope"}, digits=2),
            Column(key="brier", title="Brier score", kind="area"),
        ),
        rows=tuple(rows),
        notes=(
            "Scores of 0 to 100 are taken as risks in per cent. Observed / expected above 1: readers expected fewer "
            "cancers than there were. Slope below 1: scores are too extreme. For the slope 0 counts as 0.5 and 100 as "
            "99.5.",
            "Readers who know that cancers were selected, or who do not, expect different shares of them: a study with "
            "many cancers says little about the level of scores in practice.",
        ),
        folded=True,
    )


def _measures(found: ReadingSet, own: pd.DataFrame) -> dict[str, Measure]:
    truth, risk = own["truth"].to_numpy(dtype=int), own["rating"].to_numpy(dtype=float) / 100
    within = risk.clip(_CLOSEST, 1 - _CLOSEST)
    groups, level = own["group"].astype(str).to_numpy(), found.evaluation.confidence
    cluster = groups if len(set(groups)) < len(groups) else None
    ways: dict[str, Callable[[], Estimate]] = {
        "ratio": lambda: observed_expected_ratio(truth, risk, cluster=cluster, confidence=level),
        "slope": lambda: calibration_slope(truth, within, cluster=cluster, confidence=level).slope,
        "brier": lambda: brier(truth, risk, cluster=cluster, confidence=level).score,
    }
    cells = {}
    for key, compute in ways.items():
        try:
            cells[key] = Measure.of(compute())
        except StatisticsError as error:
            cells[key] = Measure(value=None, method=str(error))
    return cells


def calibration_figures(found: ReadingSet) -> list[Figure]:
    """Scores against the share of cancers in each arm, all readings together."""
    figures = []
    for place, arm in enumerate(found.arms):
        own = found.of_arm(arm).dropna(subset="rating")
        if own["truth"].nunique() < 2:
            continue
        bins = calibration_bins(
            own["truth"].to_numpy(dtype=int),
            own["rating"].to_numpy(dtype=float) / 100,
            own["group"].to_numpy(dtype=str),
            bins=_BINS,
            confidence=found.evaluation.confidence,
        )
        figures.append(
            Figure(
                name=f"calibration-{place + 1}",
                caption=f"Scores against the share of malignant cases, {arm}; {COUNTED}.",
                drawing=drawings.Calibration(bins=bins, x_label="Score, as a risk", counted="Readings"),
            )
        )
    return figures
