"""Reports: drafted from what is locked, signed, and sent; as a page, PDF, JSON, FHIR and DICOM."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.server.reporting.composing import compose
    from thyrosight.server.reporting.delivering import Courier, order_delivery
    from thyrosight.server.reporting.fhir import diagnostic_report
    from thyrosight.server.reporting.pages import Sheet, sheet_of
    from thyrosight.server.reporting.pdf import pdf_of
    from thyrosight.server.reporting.signing import MEANING, draft_report, sign_report
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "MEANING",
    "Courier",
    "Sheet",
    "compose",
    "diagnostic_report",
    "draft_report",
    "order_delivery",
    "pdf_of",
    "sheet_of",
    "sign_report",
]
