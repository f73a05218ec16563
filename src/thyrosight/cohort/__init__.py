"""Cohorts: validated images and labels from any source, near-duplicates, groups and splits."""

from thyrosight.cohort.columns import COLUMNS, LABEL_SOURCES, LABELS, UNKNOWN
from thyrosight.cohort.dividing import split_by_image, split_folds, split_holdout
from thyrosight.cohort.groups import with_groups
from thyrosight.cohort.opening import kinds, open_cohort
from thyrosight.cohort.problems import Problem
from thyrosight.cohort.splits import Division, Split
from thyrosight.cohort.table import Cohort, CohortDescription, Exclusion, nodule_box

__all__ = [
    "COLUMNS",
    "LABELS",
    "LABEL_SOURCES",
    "UNKNOWN",
    "Cohort",
    "CohortDescription",
    "Division",
    "Exclusion",
    "Problem",
    "Split",
    "kinds",
    "nodule_box",
    "open_cohort",
    "split_by_image",
    "split_folds",
    "split_holdout",
    "with_groups",
]
