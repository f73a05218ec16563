"""The report as a DICOM Encapsulated PDF, for viewers that show documents but not structured reports."""

from collections.abc import Callable, Sequence
from datetime import datetime

import highdicom as hd
from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from thyrosight import __version__
from thyrosight.imaging import Frame
from thyrosight.inference import Assessment
from thyrosight.pacs.codes import Term
from thyrosight.pacs.common import (
    MANUFACTURER,
    SIGNED_REPORTS,
    base_arguments,
    concept,
    finish,
    of_language,
    series_description,
)
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measurement_report import require_frames
from thyrosight.pacs.pdf_pages import pdf_report, title
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import derived_uid

_US_THYROID_REPORT = Term("25010-0", "LN", "US Thyroid Report")
_COPIED = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName",
)  # fmt: skip


def encapsulated_pdf(
    assessments: Sequence[Assessment],
    source: SourceImage,
    frames: Sequence[Frame],
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
) -> Dataset:
    """An Encapsulated PDF object holding the pages of `thyrosight.pacs.pdf_pages`.

    Args:
        assessments: of `source`, at least one.
        source: the image they were made from.
        frames: the pixels of each assessment, in the same order.
        findings: TI-RADS category and descriptors.
        made: date and time of the document; now if None.

    Raises:
        DicomError: no assessment, or one of a frame that the image does not have.
    """
    findings, made = findings or Findings(), made or datetime.now()
    require_frames(assessments, source)
    header = source.header
    document = hd.SOPClass(
        study_instance_uid=header.StudyInstanceUID,
        sop_class_uid=EncapsulatedPDFStorage,
        modality="DOC",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description=series_description("document"),
        specific_character_set=header.get("SpecificCharacterSet"),
        **base_arguments("document", list(assessments), source, findings),
    )
    for keyword in _COPIED:
        setattr(document, keyword, header.get(keyword))
    _describe(document, source, heading=title(source))
    pages = pdf_report(assessments, source, frames, findings=findings, made=made)
    document.EncapsulatedDocumentLength = len(pages)
    document.EncapsulatedDocument = pages + b"\0" * (len(pages) % 2)
    finish(document, source, made)
    return document


def encapsulated_report(
    pages: bytes,
    source: SourceImage,
    *,
    heading: str,
    content_hash: str,
    made: datetime,
    language: str = "en",
    put: Callable[[str], str] = str,
) -> Dataset:
    """A report that a person signed, as an Encapsulated PDF object of the study.

    Args:
        pages: the report as PDF.
        source: an image of the study.
        heading: title of the document.
        content_hash: of the signed content; the same content always gives the same object.
        made: date and time of the signature.
        language: of the report (RFC 5646).
        put: puts the English name of the series into that language.
    """
    header, own = source.header, of_language(language)
    document = hd.SOPClass(
        study_instance_uid=header.StudyInstanceUID,
        sop_class_uid=EncapsulatedPDFStorage,
        modality="DOC",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_instance_uid=derived_uid("series", "signed report", source.study_instance_uid, __version__, *own),
        series_number=SIGNED_REPORTS,
        series_description=series_description("signed report", put),
        sop_instance_uid=derived_uid("object", "signed report", source.study_instance_uid, content_hash, *own),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="ThyroSight",
        software_versions=__version__,
        device_serial_number=content_hash[:16],
        specific_character_set=header.get("SpecificCharacterSet"),
    )
    for keyword in _COPIED:
        setattr(document, keyword, header.get(keyword))
    _describe(document, source, heading=heading)
    document.EncapsulatedDocumentLength = len(pages)
    document.EncapsulatedDocument = pages + b"\0" * (len(pages) % 2)
    finish(document, source, made)
    return document


def _describe(document: Dataset, source: SourceImage, *, heading: str) -> None:
    """SC Equipment and Encapsulated Document modules (PS3.3, C.8.6.1 and C.24.2)."""
    document.ConversionType = "WSD"
    document.BurnedInAnnotation = "YES"
    document.AcquisitionDateTime = None
    document.DocumentTitle = heading
    document.ConceptNameCodeSequence = [concept(_US_THYROID_REPORT)]
    document.MIMETypeOfEncapsulatedDocument = "application/pdf"
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.header.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.sop_instance_uid
    document.SourceInstanceSequence = [reference]
