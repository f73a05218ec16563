"""Cohorts: validated images and labels from any source, near-duplicates, groups and splits."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.cohort.by_date import split_by_date
    from thyrosight.cohort.checking import CheckReport, check_cohort
    from thyrosight.cohort.columns import COLUMNS, LABEL_SOURCES, LABELS, UNKNOWN
    from thyrosight.cohort.contact_sheet import write_contact_sheet
    from thyrosight.cohort.contradictions import Contradiction
    from thyrosight.cohort.converting import write_manifest
    from thyrosight.cohort.dividing import split_by_image, split_folds, split_holdout, split_test_and_folds
    from thyrosight.cohort.duplicates import (
        DuplicateGroups,
        DuplicatePair,
        find_duplicates,
        find_duplicates_between,
    )
    from thyrosight.cohort.fetch import fetch_public_set, public_set
    from thyrosight.cohort.flow import Narrowing, flow_chart_steps
    from thyrosight.cohort.from_dicom import FromDicomOptions, FromDicomResult, cohort_from_dicom
    from thyrosight.cohort.groups import Policy, with_groups
    from thyrosight.cohort.opening import kinds, open_cohort
    from thyrosight.cohort.problems import Problem
    from thyrosight.cohort.properties import PropertyAuc, file_properties, property_aucs
    from thyrosight.cohort.public_sets import PUBLIC_SETS, PublicSet
    from thyrosight.cohort.selection import selected
    from thyrosight.cohort.splits import Division, Split
    from thyrosight.cohort.table import Cohort, CohortDescription, Exclusion, nodule_box
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "COLUMNS",
    "LABELS",
    "LABEL_SOURCES",
    "PUBLIC_SETS",
    "UNKNOWN",
    "CheckReport",
    "Cohort",
    "CohortDescription",
    "Contradiction",
    "Division",
    "DuplicateGroups",
    "DuplicatePair",
    "Exclusion",
    "FromDicomOptions",
    "FromDicomResult",
    "Narrowing",
    "Policy",
    "Problem",
    "PropertyAuc",
    "PublicSet",
    "Split",
    "check_cohort",
    "cohort_from_dicom",
    "fetch_public_set",
    "file_properties",
    "find_duplicates",
    "find_duplicates_between",
    "flow_chart_steps",
    "kinds",
    "nodule_box",
    "open_cohort",
    "property_aucs",
    "public_set",
    "selected",
    "split_by_date",
    "split_by_image",
    "split_folds",
    "split_holdout",
    "split_test_and_folds",
    "with_groups",
    "write_contact_sheet",
    "write_manifest",
]
