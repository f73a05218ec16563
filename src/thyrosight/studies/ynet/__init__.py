"""The study of outlines and classes with Y-Net, and the reading of original reports (Zhao et al. 2023)."""

from thyrosight.studies.ynet.recipe import TaskNetwork, YNetRecipe
from thyrosight.studies.ynet.report_keywords import (
    KeywordDictionary,
    ReportReading,
    count_readings,
    decode_report,
    load_dictionary,
    read_report,
)
from thyrosight.studies.ynet.result import YNetResult
from thyrosight.studies.ynet.run import run_ynet

__all__ = [
    "KeywordDictionary",
    "ReportReading",
    "TaskNetwork",
    "YNetRecipe",
    "YNetResult",
    "count_readings",
    "decode_report",
    "load_dictionary",
    "read_report",
    "run_ynet",
]
