"""The kinds of source that can be opened as a cohort, one file each."""

from thyrosight.cohort.sources.base import Option, Source, SourceTable
from thyrosight.cohort.sources.registry import SOURCES, complete_options, recognise

__all__ = ["SOURCES", "Option", "Source", "SourceTable", "complete_options", "recognise"]
