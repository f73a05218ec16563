"""Whether two files hold the same image, however they encode it."""

from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from thyrosight.files import sha256_of_bytes, sha256_of_json
from thyrosight.imaging.dicom.cine import Cine, open_cine
from thyrosight.imaging.dicom.elements import tags_of, text
from thyrosight.imaging.dicom.header import open_header

_IDENTIFYING: Final = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "IssuerOfPatientID",
    "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber",
)  # fmt: skip
_LOSSLESS: Final = (
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless,
    JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless,
    *(f"1.2.840.10008.1.2.{end}" for end in ("1.98", "8.1", "4.110", "4.201", "4.202")),
)  # fmt: skip
_DECODERS_DIFFER: Final = 3
"""Grey levels by which two decoders of the same lossy bytes may differ."""


def difference(first: Path, second: Path) -> str:
    """Difference between two files of one object: an attribute, the size or the pixels; empty where they agree.

    It compares what identifies the image and what is assessed: patient, study, series, size, calibration, and the
    pixels after decoding. Transfer syntax, group lengths, character set, private and other attributes may differ.

    Raises:
        ImageError: a file is damaged, or no decoder for it is installed.
    """
    here, there = _identity(first), _identity(second)
    changed = next((keyword for keyword in _IDENTIFYING if here[keyword] != there[keyword]), None)
    if changed is not None:
        return changed
    with open_cine(first) as one, open_cine(second) as other:
        if _form(one) != _form(other):
            return "size or calibration"
        allowed = 0 if _is_lossless(one) and _is_lossless(other) else _DECODERS_DIFFER
        for left, right in zip(one.frames(), other.frames(), strict=True):
            if left.pixels.shape != right.pixels.shape:
                return "pixels"
            if np.abs(left.pixels.astype(np.int16) - right.pixels.astype(np.int16)).max() > allowed:
                return "pixels"
    return ""


def content_digest(path: Path) -> str:
    """A digest that two files with the same image share if their pixels are the same to the last bit.

    Raises:
        ImageError: the file is damaged, or no decoder for it is installed.
    """
    identity = sha256_of_json(_identity(path))
    with open_cine(path) as cine:
        head = (identity.encode(), repr(_form(cine)).encode())
        return sha256_of_bytes(chain(head, (frame.pixels.tobytes() for frame in cine)))


def _identity(path: Path) -> dict[str, str]:
    header = open_header(path, tags=tags_of("SpecificCharacterSet", *_IDENTIFYING))
    header.close()
    return {keyword: (text(header.dataset, keyword) or "").rstrip("^=") for keyword in _IDENTIFYING}


def _form(cine: Cine) -> tuple[object, ...]:
    info = cine.info
    return info.rows, info.columns, info.frames, info.regions, info.spacing_mm


def _is_lossless(cine: Cine) -> bool:
    return cine.info.transfer_syntax_uid in _LOSSLESS
