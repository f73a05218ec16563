"""Aim and assumptions of a study."""

from dataclasses import dataclass

from thyrosight.errors import StatisticsError
from thyrosight.statistics import VarianceComponents


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Aim and assumptions of a study.

    Attributes:
        auc, sensitivity, specificity: expected values.
        width: full width of their intervals that is wanted.
        difference: of the AUC to a comparator on the same nodules, to be detected.
        area_correlation: of the two areas over samples.
        cluster_correlation: of the results of two images of one patient.
        prevalence: share of malignant nodules, where not that of the cohort.
        power, confidence: of the test of a difference, and of all intervals.
        readers: of a reader study; None where there is none.
        reader_difference: of two ways of reading, to be detected.
        components, pilot_cases: of a pilot study with readers.
    """

    auc: float = 0.85
    sensitivity: float = 0.9
    specificity: float = 0.8
    width: float = 0.1
    difference: float = 0.05
    area_correlation: float = 0.5
    cluster_correlation: float = 0.5
    prevalence: float | None = None
    power: float = 0.8
    confidence: float = 0.95
    readers: int | None = None
    reader_difference: float = 0.05
    components: VarianceComponents | None = None
    pilot_cases: int | None = None

    def __post_init__(self) -> None:
        shares = ("auc", "sensitivity", "specificity", "width", "difference", "power", "confidence")
        for name in (*shares, *(["prevalence"] if self.prevalence is not None else [])):
            if not 0 < getattr(self, name) < 1:
                raise StatisticsError(f"Expected {name} strictly between 0 and 1, got {getattr(self, name):g}.")
        if not 0 <= self.cluster_correlation <= 1:
            raise StatisticsError(f"Expected a cluster correlation from 0 to 1, got {self.cluster_correlation:g}.")
        if self.auc + self.difference >= 1:
            raise StatisticsError(
                f"An AUC of {self.auc:g} leaves no room for a difference of {self.difference:g}; choose smaller ones."
            )
        if self.readers is not None and (self.components is None or self.pilot_cases is None):
            raise StatisticsError(
                "A reader study is planned from the variance components of a pilot study (--components and "
                "--pilot-cases), as `thyrosight stats readers` prints them."
            )
