"""The header of a DICOM picture or loop in plain values; no pixel is decoded."""

import re
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict
from pydicom.dataset import Dataset
from pydicom.uid import UID

from thyrosight.errors import ImageError
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.dicom.elements import items, number, numbers, tags_of, text, whole
from thyrosight.imaging.dicom.header import Header, open_header
from thyrosight.imaging.dicom.syntaxes import name_of
from thyrosight.imaging.regions import Region, Spacing, frame_spacing, make_region

# Ultrasound Image and Ultrasound Multi-frame Image Storage, the retired ones first.
ULTRASOUND_CLASSES: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("6", "3", "6.1", "3.1", "6.2", "6.3")
)
_VIDEO_SYNTAXES: Final = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.7.")
# More regions than this do not fit on a screen.
_MOST_REGIONS = 64

_IDENTITY: Final = {
    "sop_class_uid": "SOPClassUID", "sop_instance_uid": "SOPInstanceUID",
    "series_instance_uid": "SeriesInstanceUID", "study_instance_uid": "StudyInstanceUID",
    "modality": "Modality", "patient_id": "PatientID", "patient_name": "PatientName",
    "patient_birth_date": "PatientBirthDate", "patient_sex": "PatientSex", "patient_age": "PatientAge",
    "accession_number": "AccessionNumber", "study_date": "StudyDate", "study_description": "StudyDescription",
    "series_description": "SeriesDescription", "image_type": "ImageType", "image_comments": "ImageComments",
    "body_part": "BodyPartExamined", "manufacturer": "Manufacturer", "model_name": "ManufacturerModelName",
    "software_versions": "SoftwareVersions", "device_serial_number": "DeviceSerialNumber",
    "station_name": "StationName", "institution": "InstitutionName", "transducer": "TransducerData",
    "lossy_compression": "LossyImageCompression", "burned_in_annotation": "BurnedInAnnotation",
}  # fmt: skip
_NUMBERS: Final = (
    "SeriesNumber", "InstanceNumber", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation", "PlanarConfiguration", "FrameTime", "CineRate",
    "RecommendedDisplayFrameRate", "FrameTimeVector", "PixelSpacing", "PixelAspectRatio",
)  # fmt: skip
_PICTURE: Final = (
    "SpecificCharacterSet", "PhotometricInterpretation", "Laterality", "ImageLaterality", "SequenceOfUltrasoundRegions",
    "RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "VOILUTSequence", "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
    *(f"{colour}PaletteColorLookupTableDescriptor" for colour in ("Red", "Green", "Blue")),
    *(f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")),
    *(f"Segmented{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")),
)  # fmt: skip

HEADER_TAGS: Final = tags_of(*_IDENTITY.values(), *_NUMBERS, *_PICTURE)
"""The elements that reading a picture needs; everything else in a file is skipped."""


class DicomInfo(BaseModel):
    """The header of one DICOM file in plain values; None where the file does not say.

    Text is as stored, without padding; several values stay joined by a backslash. Nothing here is de-identified.

    Attributes:
        source: the file name as given.
        sop_class: the kind of object in words, for example "Ultrasound Multi-frame Image Storage".
        transfer_syntax_uid: how the pixels are written; `transfer_syntax` says it in words.
        transfer_syntax: as above.
        is_ultrasound: by the object's class or modality.
        is_video: the pixels are an MPEG or HEVC video, which OpenCV decodes where it is installed.
        rows: height; `columns` width; 0 where the object holds no picture.
        columns: as above.
        frames: number of frames.
        photometric_interpretation: as stored.
        bits_stored: per sample.
        laterality: "R", "L" or "B".
        age_years: from PatientAge.
        frames_per_second: from the frame time or the cine rate.
        regions: the Sequence of Ultrasound Regions.
        spacing_mm: (row, column) where one spacing holds in the whole frame; `spacing_reason` says why or why not.
        spacing_reason: as above.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    source: str
    sop_class: str
    transfer_syntax_uid: str
    transfer_syntax: str
    is_ultrasound: bool
    is_video: bool
    rows: int
    columns: int
    frames: int
    photometric_interpretation: str | None
    samples_per_pixel: int | None
    bits_allocated: int | None
    bits_stored: int | None
    planar_configuration: int | None
    series_number: int | None
    instance_number: int | None
    laterality: str | None
    age_years: float | None
    frames_per_second: float | None
    regions: tuple[Region, ...]
    spacing_mm: Spacing | None
    spacing_reason: str

    sop_class_uid: str | None
    sop_instance_uid: str | None
    series_instance_uid: str | None
    study_instance_uid: str | None
    modality: str | None
    patient_id: str | None
    patient_name: str | None
    patient_birth_date: str | None
    patient_sex: str | None
    patient_age: str | None
    accession_number: str | None
    study_date: str | None
    study_description: str | None
    series_description: str | None
    image_type: str | None
    image_comments: str | None
    body_part: str | None
    manufacturer: str | None
    model_name: str | None
    software_versions: str | None
    device_serial_number: str | None
    station_name: str | None
    institution: str | None
    transducer: str | None
    lossy_compression: str | None
    burned_in_annotation: str | None


def read_dicom_info(path: Path | str) -> DicomInfo:
    """Read the header of a DICOM file.

    Raises:
        ImageError: no such file, no DICOM file, or a damaged header.
    """
    header = open_header(path, tags=HEADER_TAGS)
    try:
        return info_of(header)
    finally:
        header.close()


def info_of(header: Header) -> DicomInfo:
    """The plain values of an open file.

    Raises:
        ImageError: the header states a size or number of frames that cannot be.
    """
    data = header.dataset
    identity = {name: text(data, keyword) for name, keyword in _IDENTITY.items()}
    rows, columns = (whole(data, keyword) or 0 for keyword in ("Rows", "Columns"))
    regions = _regions(data, (rows, columns))
    spacing, reason = frame_spacing(regions)
    return DicomInfo(
        source=header.source,
        sop_class=UID(identity["sop_class_uid"] or "").name or "unknown",
        transfer_syntax_uid=str(header.transfer_syntax),
        transfer_syntax=name_of(header.transfer_syntax),
        is_ultrasound=identity["sop_class_uid"] in ULTRASOUND_CLASSES or identity["modality"] in ("US", "IVUS"),
        is_video=str(header.transfer_syntax).startswith(_VIDEO_SYNTAXES),
        rows=rows,
        columns=columns,
        frames=_frames(header),
        photometric_interpretation=text(data, "PhotometricInterpretation"),
        samples_per_pixel=whole(data, "SamplesPerPixel"),
        bits_allocated=whole(data, "BitsAllocated"),
        bits_stored=whole(data, "BitsStored"),
        planar_configuration=whole(data, "PlanarConfiguration"),
        series_number=whole(data, "SeriesNumber"),
        instance_number=whole(data, "InstanceNumber"),
        laterality=text(data, "ImageLaterality") or text(data, "Laterality"),
        age_years=_years(identity["patient_age"]),
        frames_per_second=_frame_rate(data),
        regions=regions,
        spacing_mm=spacing,
        spacing_reason=_with_untrusted(reason, data) if spacing is None and not regions else reason,
        **identity,
    )


def _frames(header: Header) -> int:
    frames = whole(header.dataset, "NumberOfFrames")
    if not frames:  # writers of still images put 0 there, which DICOM does not allow
        return 1 if header.pixels is not None else 0
    if not 1 <= frames <= header.size:
        raise ImageError(f"{header.source}: states {frames} frames in {header.size} bytes; the file is damaged.")
    return frames


def _regions(data: Dataset, shape: tuple[int, int]) -> tuple[Region, ...]:
    found = (_region(item, shape) for item in items(data, "SequenceOfUltrasoundRegions")[:_MOST_REGIONS])
    return tuple(region for region in found if region is not None)


def _region(item: Dataset, shape: tuple[int, int]) -> Region | None:
    """One region; None where its place is not stated or holds nothing."""
    edges = [
        whole(item, f"RegionLocation{edge}") for edge in ("MinX0", "MinY0", "MaxX1", "MaxY1")
    ]  # the last pixel is inside
    if any(edge is None for edge in edges):
        return None
    left, top, right, bottom = (edge for edge in edges if edge is not None)
    if right < left or bottom < top:
        return None
    return make_region(
        Box(left, top, right + 1, bottom + 1),
        spatial_format=whole(item, "RegionSpatialFormat") or 0,
        data_type=whole(item, "RegionDataType") or 0,
        units=(whole(item, "PhysicalUnitsXDirection") or 0, whole(item, "PhysicalUnitsYDirection") or 0),
        deltas=(number(item, "PhysicalDeltaX"), number(item, "PhysicalDeltaY")),
        flags=whole(item, "RegionFlags"),
        shape=shape,
    )


def _with_untrusted(reason: str, data: Dataset) -> str:
    """Name other spacings in the file and why they are not used: they may be those of a print or a screen."""
    spacing, aspect = numbers(data, "PixelSpacing"), numbers(data, "PixelAspectRatio")
    if spacing:
        return (
            f"{reason}, only PixelSpacing ({' x '.join(f'{side:g}' for side in spacing)}), which is not a calibration"
        )
    if aspect:
        return f"{reason}, only the pixels' aspect ratio ({':'.join(f'{side:g}' for side in aspect)})"
    return reason


def _years(age: str | None) -> float | None:
    """The years of an age string such as 045Y, 018M, 003W or 010D."""
    match = re.fullmatch(r"(\d{1,3})([YMWD])", (age or "").strip().upper())
    if match is None:
        return None
    return round(int(match[1]) / {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}[match[2]], 2)


def _frame_rate(data: Dataset) -> float | None:
    """Frames per second (DICOM PS3.3 C.7.6.5): the frame time in ms, the mean of its vector, or the stated rate."""
    steps = [step for step in numbers(data, "FrameTimeVector") if step > 0]
    time = number(data, "FrameTime") or (sum(steps) / len(steps) if steps else None)
    if time is not None and time > 0:
        return round(1000 / time, 3)
    rate = number(data, "CineRate") or number(data, "RecommendedDisplayFrameRate")
    return rate if rate is not None and rate > 0 else None
