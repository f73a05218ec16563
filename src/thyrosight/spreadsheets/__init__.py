"""Spreadsheets as hospitals keep and export them: their sheets as text, and where the table in a sheet is."""

from thyrosight.spreadsheets.layout import SheetTable, table_of
from thyrosight.spreadsheets.opening import WORKBOOK_SUFFIXES, is_workbook, read_workbook
from thyrosight.spreadsheets.sheet import Merged, Sheet, Workbook

__all__ = [
    "WORKBOOK_SUFFIXES",
    "Merged",
    "Sheet",
    "SheetTable",
    "Workbook",
    "is_workbook",
    "read_workbook",
    "table_of",
]
