"""Kind and facts of a file, read from its content and never from its name."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from thyrosight.errors import ImageError
from thyrosight.imaging import Cine, DicomInfo, is_dicom, open_cine, read_frame
from thyrosight.imaging.regions import Region

_BASELINE: Final = "1.2.840.10008.1.2.4.50"
_MOST_PIXELS: Final = 40_000_000
# What JPEG decoders differ by, in grey levels.
_SAME_LEVELS: Final = 2.0


@dataclass(frozen=True)
class ImageFacts:
    """Facts of an image that are stored beside its file.

    Attributes:
        kind: "dicom", "png" or "jpeg".
        rows, columns, frames: of the picture or loop.
        frames_per_second: None where the file does not say.
        facts: for the viewer: regions with their spacing in mm, or the reason why there is none.
        passed_through: whether a browser shows the frames as they are stored.
        sop_uid, series_uid, study_uid: of DICOM.
        number: place in the study.
        study: names and dates of the study, as DICOM stores them.
    """

    kind: str
    rows: int
    columns: int
    frames: int
    frames_per_second: float | None
    facts: dict[str, Any]
    passed_through: bool
    sop_uid: str | None = None
    series_uid: str | None = None
    study_uid: str | None = None
    number: int = 0
    study: Mapping[str, str] = field(default_factory=dict)


def kind_of(path: Path) -> str:
    """The kind of a file by its first bytes: "dicom", "png", "jpeg" or "zip".

    Raises:
        ImageError: it is none of these.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if is_dicom(path):
        return "dicom"
    raise ImageError("The file is no DICOM, PNG or JPEG image and no zip archive of them; choose another file.")


def describe(path: Path) -> ImageFacts:
    """Read what is stored of an image, and make sure that its first frame can be shown.

    Raises:
        ImageError: it is no image, damaged, too large, or nothing installed decodes it. The sentence names no path.
    """
    try:
        return _of_dicom(path) if kind_of(path) == "dicom" else _of_picture(path)
    except ImageError as error:
        raise ImageError(str(error).replace(str(path), "The file")) from error


def _of_dicom(path: Path) -> ImageFacts:
    with open_cine(path, max_pixels=_MOST_PIXELS) as cine:
        info = cine.info
        first = cine.read(0)
        cine.stored(len(cine) - 1)  # a loop that was cut short is refused, and not found out in the viewer
        passed = _passes(cine, first.pixels)
        notes = list(cine.notes)
    return ImageFacts(
        kind="dicom",
        rows=info.rows,
        columns=info.columns,
        frames=info.frames,
        frames_per_second=info.frames_per_second,
        facts={
            "regions": [_region(region) for region in info.regions],
            "spacing_mm": None if info.spacing_mm is None else list(info.spacing_mm),
            "spacing_reason": info.spacing_reason,
            "laterality": info.laterality or "",
            "stored_as": info.transfer_syntax,
            "manufacturer": info.manufacturer or "",
            "model_name": info.model_name or "",
            "is_ultrasound": info.is_ultrasound,
            "burned_in_annotation": info.burned_in_annotation or "",
            "notes": notes,
        },
        passed_through=passed,
        sop_uid=_uid(info.sop_instance_uid),
        series_uid=_uid(info.series_instance_uid),
        study_uid=_uid(info.study_instance_uid),
        number=max(-(2**31), min(info.instance_number or 0, 2**31 - 1)),
        study=_study(info),
    )


def _of_picture(path: Path) -> ImageFacts:
    frame = read_frame(path, max_pixels=_MOST_PIXELS)
    kind = kind_of(path)
    return ImageFacts(
        kind=kind,
        rows=frame.rows,
        columns=frame.columns,
        frames=1,
        frames_per_second=None,
        facts={
            "regions": [],
            "spacing_mm": None,
            "spacing_reason": frame.spacing_reason,
            "laterality": "",
            "stored_as": kind.upper(),
            "manufacturer": "",
            "model_name": "",
            "is_ultrasound": True,
            "burned_in_annotation": "",
            "notes": list(frame.notes),
        },
        passed_through=kind == "jpeg" and _is_plain_jpeg(path.read_bytes(), frame.pixels),
    )


def _region(region: Region) -> dict[str, Any]:
    return {
        "box": [region.box.left, region.box.top, region.box.right, region.box.bottom],
        "kind": region.kind,
        "spacing_mm": None if region.spacing_mm is None else list(region.spacing_mm),
        "spacing_reason": region.spacing_reason,
    }


def _study(info: DicomInfo) -> dict[str, str]:
    return {
        "patient_id": (info.patient_id or "")[:64],
        "patient_name": (info.patient_name or "")[:324],
        "birth_date": _date(info.patient_birth_date),
        "sex": (info.patient_sex or "")[:16],
        "accession": (info.accession_number or "")[:64],
        "study_date": _date(info.study_date),
        "description": (info.study_description or "")[:256],
    }


def _date(text: str | None) -> str:
    """A date as DICOM writes it; that of ACR-NEMA, with dots, too, so that it is found and sorted among the others.

    >>> _date("1996.10.29"), _date("19961029"), _date(None)
    ('19961029', '19961029', '')
    """
    found = (text or "")[:16].strip()
    return re.sub(r"^(\d{4})\.(\d{2})\.(\d{2})$", r"\1\2\3", found)


def _uid(text: str | None) -> str | None:
    """An identifier if it is one: others would mix images of different patients."""
    found = (text or "").strip()
    return found if 0 < len(found) <= 64 and all(part.isdigit() for part in found.split(".")) else None


def _passes(cine: Cine, shown: NDArray[np.uint8]) -> bool:
    return cine.info.transfer_syntax_uid == _BASELINE and _is_plain_jpeg(cine.stored(0), shown)


def _is_plain_jpeg(stored: bytes, shown: NDArray[np.uint8]) -> bool:
    """Whether a browser shows a baseline JPEG as we do, not turned or in other colours; remarks in it stay here."""
    try:
        picture = JpegImagePlugin.JpegImageFile(io.BytesIO(stored))
        if picture.mode not in ("L", "RGB") or picture.getexif() or "comment" in picture.info:
            return False
        if picture.info.get("progressive"):
            return False
        pixels = np.asarray(picture.convert("L" if shown.ndim == 2 else "RGB"), dtype=np.int16)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return pixels.shape == shown.shape and float(np.abs(pixels - shown).mean()) <= _SAME_LEVELS
