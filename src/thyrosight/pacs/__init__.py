"""Results as DICOM objects, the DICOM node that makes and sends them, and DICOMweb."""

# ruff: noqa: E402  (what is missing must be said before the first import fails)
from thyrosight.pacs.extra import require_packages

require_packages()

from thyrosight.pacs.dicomweb import DicomWeb, Stored, UnreachableError
from thyrosight.pacs.document import encapsulated_pdf, encapsulated_report
from thyrosight.pacs.findings import Findings, with_category
from thyrosight.pacs.heat_picture import heat_picture
from thyrosight.pacs.measuring import contour_of
from thyrosight.pacs.objects import KINDS, Assessed, DicomObject, LeftOut, make_objects, write_object
from thyrosight.pacs.segmentation import segmentation
from thyrosight.pacs.source import SourceImage, as_source, read_source
from thyrosight.pacs.structured_report import structured_report
from thyrosight.pacs.uids import DicomError

__all__ = [
    "KINDS",
    "Assessed",
    "DicomError",
    "DicomObject",
    "DicomWeb",
    "Findings",
    "LeftOut",
    "SourceImage",
    "Stored",
    "UnreachableError",
    "as_source",
    "contour_of",
    "encapsulated_pdf",
    "encapsulated_report",
    "heat_picture",
    "make_objects",
    "read_source",
    "segmentation",
    "structured_report",
    "with_category",
    "write_object",
]
