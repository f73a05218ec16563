"""The report of a study of outlines and classes: the paper's tables and figures, for any cohort with masks."""

from pathlib import Path
from typing import TYPE_CHECKING

from thyrosight.reports.document import Document, Items, Section, document_of, write_document

if TYPE_CHECKING:
    from thyrosight.studies.ynet import YNetResult


def write(result: "YNetResult", out: Path) -> Path:
    """Write `report.html` into the study's folder."""
    return write_document(document(result), out)


def document(result: "YNetResult") -> Document:
    """The page."""
    effects = [effect.sentence for effect in result.effects]
    return document_of(result, key_result=" ".join(effects), sections=[Section("Joint or alone", [Items(effects)])])
