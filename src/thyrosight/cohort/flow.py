"""The flow chart of a cohort: images of the source, exclusions with their reasons, images used."""

from dataclasses import dataclass

from thyrosight.cohort.columns import LABELS
from thyrosight.cohort.table import Cohort


@dataclass(frozen=True)
class FlowChartStep:
    """One box of the flow chart.

    Attributes:
        text: text of the box.
        n: number of images.
        excluded: reason and number of images left out between this box and the next, drawn beside the arrow.
    """

    text: str
    n: int
    excluded: tuple[tuple[str, int], ...] = ()


def flow_chart_steps(cohort: Cohort) -> list[FlowChartStep]:
    """The boxes of the flow chart from top to bottom; each n follows from the one above and its exclusions."""
    left_out = sum(exclusion.count for exclusion in cohort.exclusions)
    total = len(cohort) + left_out
    counts = ", ".join(f"{int((cohort.table['label'] == label).sum())} {label}" for label in LABELS)
    used = f"Images used: {counts} (labels: {', '.join(cohort.label_sources)})"
    return [
        FlowChartStep(
            f"Images in {cohort.name}",
            total,
            tuple((exclusion.reason, exclusion.count) for exclusion in cohort.exclusions),
        ),
        FlowChartStep(used, len(cohort)),
    ]
