"""Multi-reader multi-case studies."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.readers.comparison import compare_readers
    from thyrosight.statistics.readers.power import (
        ReaderStudySize,
        cases_for_reader_study,
        nested_readers_power,
        reader_study_power,
    )
    from thyrosight.statistics.readers.results import ReaderComparison, VarianceComponents
    from thyrosight.statistics.readers.standalone import StandaloneComparison, compare_readers_with_system
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "ReaderComparison",
    "ReaderStudySize",
    "StandaloneComparison",
    "VarianceComponents",
    "cases_for_reader_study",
    "compare_readers",
    "compare_readers_with_system",
    "nested_readers_power",
    "reader_study_power",
]
