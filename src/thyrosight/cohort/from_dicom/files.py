"""From one DICOM file to images and rows of a manifest."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.cohort.from_dicom.options import FromDicomOptions
from thyrosight.cohort.from_dicom.views import Panel, panels_of
from thyrosight.errors import ImageError
from thyrosight.files import write_atomically
from thyrosight.identifiers import names_nobody
from thyrosight.imaging import Box, DicomInfo, Frame, choose_frames, open_cine
from thyrosight.imaging.deidentify import PseudonymKey
from thyrosight.imaging.deidentify.blanking import Blanker

Row = dict[str, str]
_SIDES: Final = ("left", "right", "third", "fourth")


@dataclass(frozen=True)
class Identity:
    """Patient, study, series and object of a file: as stored, and as pseudonyms."""

    patient: str
    written: Mapping[str, str]
    stored: Mapping[str, str]


def rows_of_file(
    path: Path, info: DicomInfo, identity: Identity, *, images: Path, options: FromDicomOptions
) -> Iterator[Row]:
    """Write the chosen frames of one file as PNG and return their rows; a view other than B-mode is left out.

    Raises:
        ImageError: the pixels are damaged, or no decoder for them is installed.
        OutputError: an image cannot be written.
    """
    with open_cine(path) as cine:
        numbers = choose_frames(cine, options.frames_per_loop)
        frames = [cine.read(number) for number in numbers]
    blanker = Blanker((info.rows, info.columns), options.blank, frames=len(frames))
    for frame in frames:
        blanker.look_at(frame, scan=True)
    plan = blanker.plan()
    words = " ".join(filter(None, (info.image_type, info.series_description, info.study_description)))
    for frame in frames:
        pixels = frame.pixels.copy()
        pixels[plan.mask] = 0
        panels = panels_of(frame, words=words, split=options.split_panels)
        common = {
            **_common(info, identity, frame),
            "blanked_share": f"{plan.share:.4f}",
        }
        yield from _rows_of_frame(frame, pixels, panels, common, images)


def _rows_of_frame(
    frame: Frame, pixels: NDArray[np.uint8], panels: tuple[Panel, ...], common: Row, images: Path
) -> Iterator[Row]:
    """One row per B-mode view, with the elastogram beside it; other views get a row with the reason of exclusion."""
    elastograms = [panel for panel in panels if panel.view == "elastogram"]
    grey = [panel for panel in panels if panel.view == "B-mode"]
    beside = ""
    if elastograms and grey:
        beside = _write(pixels, elastograms[0].box, images / f"{common['key']}-elastogram.png")
    for number, panel in enumerate(panels):
        key = common["key"] if len(panels) == 1 else f"{common['key']}-{_SIDES[min(number, 3)]}"
        row = {**common, "key": key, "view": panel.view, "view_reason": panel.reason, "panel": panel.box.to_text()}
        row |= _spacing(frame, panel.box)
        row["image"] = _write(pixels, panel.box, images / f"{key}.png")
        if panel.view == "B-mode":
            yield {**row, "elastogram": beside}
        elif panel.view != "elastogram" or not grey:
            yield {**row, "exclude": f"{panel.view}, not B-mode", "exclude_detail": panel.reason}


def _write(pixels: NDArray[np.uint8], box: Box, path: Path) -> str:
    part = np.ascontiguousarray(pixels[box.top : box.bottom, box.left : box.right])
    with write_atomically(path) as temporary:
        Image.fromarray(part).save(temporary, format="PNG")
    return str(path)


def _spacing(frame: Frame, box: Box) -> Row:
    whole = box == frame.box
    spacing, reason = (frame.spacing_mm, frame.spacing_reason) if whole else frame.spacing_at(box)
    if spacing is None:
        return {"spacing_row_mm": "", "spacing_column_mm": "", "spacing_reason": reason}
    return {"spacing_row_mm": f"{spacing[0]:.8g}", "spacing_column_mm": f"{spacing[1]:.8g}", "spacing_reason": reason}


def _common(info: DicomInfo, identity: Identity, frame: Frame) -> Row:
    device = " ".join(filter(None, (info.manufacturer, info.model_name)))
    return {
        **identity.written,
        "key": f"{identity.written['key']}-f{frame.frame_number:04d}" if info.frames > 1 else identity.written["key"],
        "frame": str(frame.frame_number),
        "frames_in_file": str(info.frames),
        "frames_per_second": "" if info.frames_per_second is None else f"{info.frames_per_second:g}",
        "laterality": info.laterality or "",
        "device": device.replace("\\", " "),
        "age": "" if info.age_years is None else f"{info.age_years:g}",
        "sex": info.patient_sex if info.patient_sex in ("F", "M") else "",
    }


def require_ultrasound(info: DicomInfo, *, all_modalities: bool) -> None:
    """Raise an ImageError if a file holds no ultrasound picture."""
    if info.rows == 0 or info.columns == 0 or info.frames == 0:
        raise ImageError(f"it holds no picture ({info.sop_class})")
    if not info.is_ultrasound and not all_modalities:
        raise ImageError(
            f"it is not an ultrasound object ({info.sop_class}, modality {info.modality or 'not stated'}); "
            "take it in with --all-modalities if it is a screenshot of one"
        )


def describes(info: DicomInfo) -> dict[str, Any]:
    """The identifiers of a file as stored."""
    return {
        "sop_instance_uid": info.sop_instance_uid or "",
        "series_instance_uid": info.series_instance_uid or "",
        "study_instance_uid": info.study_instance_uid or "",
    }


def identity_of(info: DicomInfo, key: PseudonymKey, *, taken: Container[str]) -> Identity:
    """The identity of a file with pseudonyms as in de-identification, by patient or, if none is named, by study."""
    stored = {name: str(value) for name, value in describes(info).items()}
    name, born = (info.patient_name or "").strip(), (info.patient_birth_date or "").strip()
    number = (info.patient_id or "").strip()
    patient = number if not names_nobody(number) else f"{name}\0{born}" if born and not names_nobody(name) else ""
    known = bool(patient)
    pseudonym = key.pseudonym("patient", patient or stored["study_instance_uid"] or stored["sop_instance_uid"])
    written = {column: key.uid(uid) if uid else "" for column, uid in stored.items()}
    plain = f"{pseudonym[3:11]}-{written['sop_instance_uid'][-8:] or 'image'}"
    numbered = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    written |= {
        "key": next(name for name in numbered if name not in taken),
        "patient_id": pseudonym if known else "unknown",
        "site": key.pseudonym("site", info.institution) if info.institution else "",
    }
    return Identity(patient, written, {**stored, "patient_id": patient.split("\0")[0]})
