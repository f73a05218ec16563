"""Documents drawn as pages, and figures, and tables for the terminal; the model card."""

from thyrosight.reports.document import render_document, write_report
from thyrosight.reports.model_card import model_card
from thyrosight.reports.terminal import terminal_table

__all__ = ["model_card", "render_document", "terminal_table", "write_report"]
