"""The parts that reports of all kinds share, of the network that a study is about."""

from collections.abc import Callable
from typing import Any

from thyrosight.cohort import Cohort
from thyrosight.documents import Content
from thyrosight.studies.analyses.decisions import biopsies_table, decision_figure, decisions_table
from thyrosight.studies.analyses.sets import calibration_table
from thyrosight.studies.further.outside import Sets, outside, tested_sets
from thyrosight.studies.kind import Findings, Finished


def _as_it_is(cohort: Cohort) -> Cohort:
    return cohort


def further(
    finished: Finished[Any],
    *,
    sets: Sets | None = None,
    chosen: Callable[[Cohort], Cohort] = _as_it_is,
    failed_below: float = 0.1,
) -> list[Findings]:
    """What is said of that network on external sets, and of decisions that rest on its risk.

    Args:
        sets: on which it was tested, where the kind chooses among images in a way of its own.
        chosen: the images of an external cohort that it can be tested on.
        failed_below: an outline with a lower Dice is a complete failure.
    """
    network = finished.networks.get(finished.studied)
    if network is None:
        return []
    if sets is None:
        sets = tested_sets(finished, network, chosen=chosen, failed_below=failed_below)
    options = finished.recipe.statistics
    return [outside(sets, options=options), _decisions(finished, sets)]


def _decisions(finished: Finished[Any], sets: Sets) -> Findings:
    """Calibration in numbers, decision curves and biopsies avoided."""
    asked, options = finished.recipe.decisions, finished.recipe.statistics
    contents: list[Content] = [
        calibration_table(sets.found, options=options),
        decision_figure(sets.found, asked, options=options),
        decisions_table(sets.found, asked, options=options),
        biopsies_table(sets.found, asked, options=options),
    ]
    return Findings("Calibration and decisions", [item for item in contents if item is not None])
