"""The header of the DICOM image that was assessed, to which results refer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.uid import UltrasoundImageStorage, UltrasoundMultiFrameImageStorage
from pydicom.valuerep import DA, TM

from thyrosight.imaging.dicom.elements import numbers, tags_of, text, whole
from thyrosight.imaging.dicom.header import open_header
from thyrosight.pacs.uids import DicomError, derived_uid, is_uid, require_uid

_IDENTIFIERS: Final = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_SUBJECT: Final = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime",
    "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
_REST: Final = (
    "IssuerOfPatientID", "StudyDescription", "PatientAge", "Modality", "SeriesDescription", "InstanceNumber",
    "FrameOfReferenceUID", "Rows", "Columns", "NumberOfFrames", "LossyImageCompression", "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
)  # fmt: skip
_TEXT: Final = ("LO", "PN", "SH")
"""Value representations in the character set that the file states."""
_WHOLE: Final = ("IS", "US")


@dataclass(frozen=True, eq=False)
class SourceImage:
    """A DICOM image without its pixels.

    Attributes:
        header: patient, study, identifiers and size; attributes that the standard wants in each object of a study are
            there, empty where the file had none or one that DICOM does not allow. Text is in UTF-8, whatever character
            set the file is in.
        name: in messages.
    """

    header: Dataset
    name: str

    @property
    def frames(self) -> int:
        """Number of frames; 1 for a still image."""
        return int(self.header.get("NumberOfFrames") or 1)

    @property
    def is_multiframe(self) -> bool:
        """Whether references to it must name a frame."""
        return self.header.get("NumberOfFrames") is not None and self.frames > 1

    @property
    def current_class(self) -> str:
        """The class of ultrasound images that is in use today; libraries know no retired ones."""
        return UltrasoundMultiFrameImageStorage if self.is_multiframe else UltrasoundImageStorage

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.header.Rows), int(self.header.Columns)

    @property
    def sop_instance_uid(self) -> str:
        """The image's own identifier."""
        return str(self.header.SOPInstanceUID)

    @property
    def frame_of_reference(self) -> str:
        """The image's Frame of Reference, or one made for its plane where it has none, as is usual in ultrasound."""
        stated = str(self.header.get("FrameOfReferenceUID") or "")
        return stated if is_uid(stated) else derived_uid("frame of reference", self.sop_instance_uid)

    @property
    def study_instance_uid(self) -> str:
        """The identifier of its study."""
        return str(self.header.StudyInstanceUID)


def read_source(path: Path | str) -> SourceImage:
    """Read the header of the DICOM image at `path`, without its pixels.

    Raises:
        ImageError: not a DICOM file, or damaged.
        DicomError: not an image, or without the identifiers that results refer to.
    """
    opened = open_header(path, tags=tags_of("SpecificCharacterSet", *_IDENTIFIERS, *_SUBJECT, *_REST))
    opened.close()
    return as_source(opened.dataset, str(path))


def as_source(dataset: Dataset, name: str) -> SourceImage:
    """Take the header that results need from a DICOM dataset; `name` stands in messages.

    Raises:
        DicomError: as `read_source`.
    """
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    for keyword in (*_IDENTIFIERS, *_SUBJECT, *_REST):
        _take(header, dataset, keyword)
    for keyword in _IDENTIFIERS:
        require_uid(header.get(keyword), f"{name}: {keyword}")
    for keyword in _SUBJECT:
        if keyword not in header:
            setattr(header, keyword, "")
    if header.PatientSex not in ("", "M", "F", "O"):
        header.PatientSex = ""
    if not header.get("Rows") or not header.get("Columns"):
        raise DicomError(f"{name} is a DICOM object but not an image (it has no rows and columns); name an image.")
    return SourceImage(header, name)


def _take(header: Dataset, dataset: Dataset, keyword: str) -> None:
    """Take a value over in the form that DICOM wants; leave out what is missing or has another form."""
    try:
        value = _value(dataset, keyword)
        if value is not None and value != "":
            setattr(header, keyword, value)
    except (ValueError, TypeError, OverflowError, AttributeError, KeyError, NotImplementedError, LookupError):
        return


def _value(dataset: Dataset, keyword: str) -> object:
    # Read as stored first: asking the library converts the element for good, or fails.
    representation = dictionary_VR(keyword)
    stored: object = None
    if representation in _TEXT:
        stored = text(dataset, keyword)
    elif representation in _WHOLE:
        stored = whole(dataset, keyword)
    elif representation == "DS":
        stored = [f"{one:.10g}" for one in numbers(dataset, keyword)] or None
    value = dataset.get(keyword) if stored is None else stored
    if value is None or value == "":
        return None
    if representation in _WHOLE:
        return max(int(str(value)), 0)
    if representation == "DA":
        return DA(str(value))
    return TM(str(value)) if representation == "TM" else value
