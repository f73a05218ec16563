"""The system of Zhao et al. 2023 on cervical lymph nodes; so far its reading of original reports."""

from thyrosight.studies.ynet.report_keywords import (
    KeywordDictionary,
    ReportReading,
    count_readings,
    decode_report,
    load_dictionary,
    read_report,
)

__all__ = [
    "KeywordDictionary",
    "ReportReading",
    "count_readings",
    "decode_report",
    "load_dictionary",
    "read_report",
]
