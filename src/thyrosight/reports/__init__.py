"""Tables, figures and the report page."""

from thyrosight.reports.model_card import model_card
from thyrosight.reports.page import render_report, write_report

__all__ = ["model_card", "render_report", "write_report"]
