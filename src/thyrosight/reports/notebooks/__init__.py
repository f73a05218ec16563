"""Results as notebooks show them: each type a piece of HTML that fits a light and a dark page."""

from functools import singledispatch
from typing import Any

from thyrosight.assessing import Assessments, Segmentations
from thyrosight.cohort import CheckReport, Cohort, CohortDescription
from thyrosight.documents import Answer, Document, Figure, Table
from thyrosight.inference import Assessment, LoopAssessment, Segmentation
from thyrosight.reports.notebooks import cohorts, nodules, pages, statistics
from thyrosight.reports.notebooks.fragment import fragment
from thyrosight.statistics.estimate import Result as StatisticsResult
from thyrosight.studies import Result

__all__ = ["notebook_html"]


def notebook_html(value: Any) -> str:
    """A result as a piece of HTML with its own style, which changes nothing else on the page.

    Raises:
        TypeError: a type that has no drawing.
    """
    return fragment(_parts(value))


@singledispatch
def _parts(value: Any) -> str:
    raise TypeError(f"Notebooks have no drawing for {type(value).__name__}.")


_parts.register(Table, pages.of_table)
_parts.register(Figure, pages.of_figure)
_parts.register(Document, pages.of_document)
_parts.register(Answer, pages.of_answer)
_parts.register(Result, pages.of_study)
_parts.register(StatisticsResult, statistics.of_result)
_parts.register(Cohort, cohorts.of_cohort)
_parts.register(CohortDescription, cohorts.of_description)
_parts.register(CheckReport, cohorts.of_check)
_parts.register(Assessment, nodules.of_assessment)
_parts.register(LoopAssessment, nodules.of_loop)
_parts.register(Assessments, nodules.of_assessments)
_parts.register(Segmentation, nodules.of_segmentation)
_parts.register(Segmentations, nodules.of_segmentations)
