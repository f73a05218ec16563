"""The flow chart of a cohort: images of the source, exclusions with their reasons, images used."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from thyrosight.cohort.columns import LABELS
from thyrosight.cohort.table import Cohort, Exclusion
from thyrosight.documents import FlowStep

if TYPE_CHECKING:
    import pandas as pd


def flow_chart_steps(cohort: Cohort) -> list[FlowStep]:
    """The boxes of the flow chart from top to bottom; each n follows from the one above and its exclusions."""
    counts = ", ".join(f"{int((cohort.table['label'] == label).sum())} {label}" for label in LABELS)
    used = f"Images used: {counts} (labels: {', '.join(cohort.label_sources)})"
    return [*Narrowing(cohort).steps, FlowStep(text=used, n=len(cohort))]


class Narrowing:
    """A cohort from which rules leave out images, with the boxes of its flow chart so far."""

    def __init__(self, cohort: Cohort) -> None:
        excluded = tuple((item.reason, item.count) for item in cohort.exclusions)
        n = len(cohort) + sum(count for _, count in excluded)
        self.cohort = cohort
        self.steps = [FlowStep(text=f"Images in {cohort.name}", n=n, excluded=excluded)]

    def leave_out(self, reasons: Mapping[str, "pd.Series[bool]"], *, box: str = "") -> None:
        """Leave out the images marked for each reason; where there are any, a box is drawn before them."""
        table = self.cohort.table
        named = {reason: table.loc[gone, "key"].astype(str).tolist() for reason, gone in reasons.items()}
        for reason, keys in named.items():
            if keys:
                if box:
                    self.steps.append(FlowStep(text=box, n=len(self.cohort)))
                last, box = self.steps[-1], ""
                self.steps[-1] = last.model_copy(update={"excluded": (*last.excluded, (reason, len(keys)))})
                self.cohort = self.cohort.without(Exclusion.of(reason, keys))
