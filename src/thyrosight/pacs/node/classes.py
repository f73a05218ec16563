"""Object classes that the node takes, their encodings, and the statuses of its answers."""

from importlib.util import find_spec
from typing import Final

import pydicom.uid
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from thyrosight.imaging.dicom.video import reads_videos

_MESSAGES: Final = "1.2.840.10008.1."
"""Prefix of the classes that are no objects: echo, directory, storage commitment."""
IMAGE_CLASSES: Final = (
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    UID("1.2.840.10008.5.1.4.1.1.6"),  # Ultrasound Image Storage (retired)
    UID("1.2.840.10008.5.1.4.1.1.3"),  # Ultrasound Multi-frame Image Storage (retired)
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
"""Images that are stored and assessed."""
_RETIRED: Final = tuple(
    UID(f"1.2.840.10008.5.1.{end}")
    for end in (
        "1.27", "1.29", "1.30", "4.1.1.5", "4.1.1.8", "4.1.1.9", "4.1.1.9.1", "4.1.1.10", "4.1.1.11", "4.1.1.12.3",
        "4.1.1.77.1", "4.1.1.77.2", "4.1.1.88.1", "4.1.1.88.2", "4.1.1.88.3", "4.1.1.88.4", "4.1.1.129", "4.34.1",
    )
)  # fmt: skip
"""Other objects of earlier editions of the standard, which pydicom knows by name and does not list."""
REFUSED_CLASSES: Final = tuple(
    uid
    for uid in (*(value for value in vars(pydicom.uid).values() if isinstance(value, UID)), *_RETIRED)
    if uid.type == "SOP Class" and "Storage" in uid.name and not uid.startswith(_MESSAGES) and uid not in IMAGE_CLASSES
)
"""All other objects of the standard, retired ones too: agreed to when the connection is made, so that each is refused
by its name and the rest of the connection goes on. Many senders give a whole batch up where a class is declined."""
_ALWAYS: Final = [
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLossless, JPEG2000Lossless,
    JPEG2000, JPEGLSLossless, JPEGLSNearLossless, RLELossless, JPEGExtended12Bit, DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian, UID("1.2.840.10008.1.2.1.98"), UID("1.2.840.10008.1.2.8.1"),
]  # fmt: skip
_OF_IMAGECODECS: Final = [UID(f"1.2.840.10008.1.2.4.{end}") for end in (110, 111, 112, 201, 202, 203)]
"""JPEG XL and High-Throughput JPEG 2000."""
_VIDEOS: Final = [UID(f"1.2.840.10008.1.2.4.{end}") for end in range(100, 109)]
"""MPEG-2, MPEG-4 AVC and HEVC."""

# PS3.7, annex C, and PS3.4, tables B.2-1 and C.4-1 to C.4-3.
SUCCESS: Final = 0x0000
PENDING: Final = 0xFF00
CANCELLED: Final = 0xFE00
DOES_NOT_FIT: Final = 0xA900
PROCESSING_FAILURE: Final = 0x0110
DUPLICATE: Final = 0x0111
NOT_A_UID: Final = 0x0117
NO_SUCH_CLASS: Final = 0x0122
NO_SUCH_ACTION: Final = 0x0123
OUT_OF_RESOURCES: Final = 0xA700
MISMATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000


def syntaxes() -> list[UID]:
    """Transfer syntaxes that the installed decoders read.

    Others are declined when the connection is made: a sender that learns so beforehand may send another encoding.
    """
    newer = _OF_IMAGECODECS if find_spec("imagecodecs") is not None else []
    return [*_ALWAYS, *newer, *(_VIDEOS if reads_videos() else [])]


def class_name(uid: str) -> str:
    """A class by its name and identifier.

    >>> class_name("1.2.840.10008.5.1.4.1.1.2"), class_name("1.2.3")
    ('CT Image Storage (1.2.840.10008.5.1.4.1.1.2)', '1.2.3')
    """
    name = UID(uid).name
    return uid if name == uid else f"{name} ({uid})"
