"""Independent cases that the tested images of a study are worth."""

from dataclasses import dataclass

import pandas as pd

from thyrosight.cohort import LABELS
from thyrosight.errors import StatisticsError
from thyrosight.statistics import Estimate, effective_cases, expected_auc_interval, expected_share_interval
from thyrosight.studies.plans.aim import Aim
from thyrosight.studies.plans.draft import Draft


@dataclass(frozen=True)
class Worth:
    """Independent cases that the tested images of a study are worth, benign and malignant."""

    benign: float
    malignant: float

    @property
    def share(self) -> float:
        """Share of malignant ones."""
        return self.malignant / (self.benign + self.malignant)

    def intervals(self, aim: Aim) -> dict[str, Estimate | None]:
        """The interval of each measure if it comes out as assumed; None where not one case tells of it."""
        level = aim.confidence

        def share(value: float, cases: float) -> Estimate | None:
            return expected_share_interval(value, cases=cases, confidence=level) if cases >= 1 else None

        area = None
        if min(self.benign, self.malignant) >= 1:
            area = expected_auc_interval(aim.auc, positives=self.malignant, negatives=self.benign, confidence=level)
        return {
            "AUC": area,
            "sensitivity": share(aim.sensitivity, self.malignant),
            "specificity": share(aim.specificity, self.benign),
        }


@dataclass(frozen=True, eq=False)
class Counted:
    """The images that a study tests, by class and group.

    Attributes:
        counts: columns label, group, images (in a division that tests the group), times (divisions that test it).
        groups: groups of the whole cohort.
        divided: whether the recipe's divisions say who is tested; else every group is taken to be tested once.
        prevalence: share of malignant among the tested, where it was given; else that of the images.
    """

    counts: pd.DataFrame
    groups: int
    divided: bool
    prevalence: float | None = None

    @classmethod
    def of(cls, draft: Draft, *, prevalence: float | None = None) -> "Counted":
        """The images that a draft tests in all divisions."""
        parts = draft.parts("test")
        rows = pd.concat([part.assign(division=place) for place, part in enumerate(parts or [draft.cohort.table])])
        sized = rows.groupby(["label", "group", "division"], observed=True).size().reset_index(name="images")
        counts = sized.groupby(["label", "group"], observed=True)["images"].agg(images="max", times="count")
        groups = int(draft.cohort.table["group"].nunique())
        return cls(counts.reset_index(), groups, bool(parts), prevalence)

    def worth(self, correlation: float, *, counts: pd.DataFrame | None = None) -> Worth:
        """Independent cases of each class, from the sizes of groups and how often each is tested.

        Raises:
            StatisticsError: a class is not there, so that nothing follows for it.
        """
        own = self.counts if counts is None else counts
        if self.prevalence is not None:
            every = effective_cases(own["images"], correlation=correlation, times=own["times"])
            return Worth(every * (1 - self.prevalence), every * self.prevalence)
        found = {}
        for label in LABELS:
            rows = own[own["label"] == label]
            if rows.empty:
                raise StatisticsError(
                    f"No {label} image is tested, so that nothing can be planned from this cohort's own shares; give "
                    "the share of malignant nodules that you expect with --prevalence."
                )
            found[label] = effective_cases(rows["images"], correlation=correlation, times=rows["times"])
        return Worth(**found)

    def images_per_group(self) -> float:
        """Mean number of images of a group."""
        return float(self.counts.groupby("group")["images"].sum().mean())
