"""Results as DICOM objects, the DICOM node that makes and sends them, and DICOMweb."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use
from thyrosight.pacs.extra import require_packages

require_packages()

if TYPE_CHECKING:
    from thyrosight.pacs.dicomweb import DicomWeb, Stored, UnreachableError
    from thyrosight.pacs.document import encapsulated_pdf, encapsulated_report
    from thyrosight.pacs.findings import Findings, with_category
    from thyrosight.pacs.heat_capture import heat_picture
    from thyrosight.pacs.measurement_report import structured_report
    from thyrosight.pacs.measuring import contour_of
    from thyrosight.pacs.objects import KINDS, Assessed, DicomObject, LeftOut, make_objects, write_object
    from thyrosight.pacs.outline_object import segmentation
    from thyrosight.pacs.source import SourceImage, as_source, read_source
    from thyrosight.pacs.uids import DicomError
else:
    __getattr__, __dir__ = on_first_use(__name__)

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
