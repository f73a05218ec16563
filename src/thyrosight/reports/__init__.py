"""Tables, figures and the report page."""

from thyrosight.reports.document import Document, Section, write_document
from thyrosight.reports.model_card import model_card
from thyrosight.reports.page import render_report
from thyrosight.reports.writers import write_report

__all__ = ["Document", "Section", "model_card", "render_report", "write_document", "write_report"]
