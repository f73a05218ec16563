"""Differences between networks that were tested on the same divisions, with P values corrected by Holm."""

from collections.abc import Sequence

from thyrosight.statistics import (
    DifferenceOverDivisions,
    DivisionOutcome,
    adjust_p_values,
    difference_over_divisions,
)
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import Comparison

Outcomes = Sequence[DivisionOutcome]
"""What one network said of the test part of every division."""


def compare_pairs(
    pairs: Sequence[tuple[Outcomes, Outcomes]], *, measure: str, over: str, options: EvaluationOptions, seed: int
) -> list[Comparison]:
    """A measure of the first of each pair minus that of the second, averaged over the divisions.

    Args:
        pairs: compared with one another, and corrected together.
        measure: for example "auc".
        over: what is corrected together, in words.
        options: replicates and confidence of the intervals.
        seed: of the bootstrap.
    """
    differences = [
        difference_over_divisions(
            a, b, measure=measure, replicates=options.bootstrap, confidence=options.confidence, seed=seed
        )
        for a, b in pairs
    ]
    return corrected(differences, measure=measure, over=over)


def corrected(differences: Sequence[DifferenceOverDivisions], *, measure: str, over: str) -> list[Comparison]:
    """Correct the P values of differences in one measure by Holm; `over` says in words what they are together."""
    if not differences:
        return []
    adjusted = adjust_p_values([item.p for item in differences], method="holm").tolist()
    return [
        Comparison(
            measure=measure,
            difference=item.difference,
            low=item.low,
            high=item.high,
            p=item.p,
            p_corrected=p,
            method=f"{item.method}; P corrected by Holm over {over}",
        )
        for item, p in zip(differences, adjusted, strict=True)
    ]
