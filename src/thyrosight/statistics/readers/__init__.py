"""Multi-reader multi-case studies."""

from thyrosight.statistics.readers.comparison import ReaderComparison, VarianceComponents, compare_readers
from thyrosight.statistics.readers.power import ReaderStudySize, cases_for_reader_study, reader_study_power
from thyrosight.statistics.readers.standalone import StandaloneComparison, compare_readers_with_system

__all__ = [
    "ReaderComparison",
    "ReaderStudySize",
    "StandaloneComparison",
    "VarianceComponents",
    "cases_for_reader_study",
    "compare_readers",
    "compare_readers_with_system",
    "reader_study_power",
]
