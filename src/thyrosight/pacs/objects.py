"""All DICOM objects of an assessment at once, and writing them to files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydicom import Dataset

from thyrosight.errors import ThyroSightError
from thyrosight.files import write_atomically
from thyrosight.imaging import Frame
from thyrosight.inference import Assessment
from thyrosight.pacs.document import encapsulated_pdf
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.heat_capture import heat_picture
from thyrosight.pacs.measurement_report import structured_report
from thyrosight.pacs.outline_object import segmentation
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError

KINDS: Final = ("report", "outline", "heat-map", "document")
"""Structured report, segmentation, secondary capture of the heat map, encapsulated PDF."""

Assessed = list[tuple[Assessment, Frame]]
"""The assessments of one image or loop, each with its frame; see `thyrosight.assessing.Assessments.with_frames`."""
Assess = Callable[[Path], Assessed]
"""From a DICOM file to the assessment of its image, or of chosen frames of its loop."""


@dataclass(frozen=True, eq=False)
class DicomObject:
    """A DICOM object and its kind."""

    kind: str
    dataset: Dataset

    @property
    def uid(self) -> str:
        """Its SOP Instance UID."""
        return str(self.dataset.SOPInstanceUID)


@dataclass(frozen=True)
class LeftOut:
    """A kind of object that was not made, with the reason in one sentence."""

    kind: str
    reason: str


def make_objects(
    assessments: Sequence[Assessment],
    source: SourceImage,
    frames: Sequence[Frame],
    *,
    kinds: Sequence[str] = KINDS,
    findings: Findings | None = None,
    drawn_by_person: bool = False,
    made: datetime | None = None,
    put: Callable[[str], str] = str,
) -> tuple[list[DicomObject], list[LeftOut]]:
    """The DICOM objects of one image's or loop's assessments.

    The same assessments always give objects with the same identifiers, so that storing them again replaces rather than
    repeats.

    Args:
        assessments: of `source`: one for a still image, one for each assessed frame of a loop.
        source: the image they were made from.
        frames: the pixels of each assessment, in the same order.
        kinds: which of `KINDS` to make.
        findings: TI-RADS category and descriptors of the nodule, and the language of texts.
        drawn_by_person: whether a person drew the contours; the segmentation then says so instead of naming the model.
        made: date and time of the objects; now if None.
        put: puts an English text into that language; the document stays English.

    Returns:
        The objects, and what was left out with the reason: an outline where no contour was drawn, a heat map where none
        was computed.

    Raises:
        DicomError: an unknown kind, no assessment, or one of a frame that the image does not have.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise DicomError(f"There is no kind of DICOM object called {unknown[0]!r}; choose from {', '.join(KINDS)}.")
    chosen, made = findings or Findings(), made or datetime.now()
    drawn = [one for one in assessments if one.contour is not None]
    heated = [(one, frame) for one, frame in zip(assessments, frames, strict=True) if one.heat_map is not None]
    makers: dict[str, Callable[[], list[Dataset]]] = {
        "report": lambda: [structured_report(assessments, source, findings=chosen, made=made, put=put)],
        "outline": lambda: [
            segmentation(drawn, source, findings=chosen, by_person=drawn_by_person, made=made, put=put)
        ],
        "heat-map": lambda: [
            heat_picture(one, source, frame, findings=chosen, made=made, put=put) for one, frame in heated
        ],
        "document": lambda: [encapsulated_pdf(assessments, source, frames, findings=chosen, made=made)],
    }
    missing = {
        "outline": "" if drawn else "no contour was drawn; a box is not an outline",
        "heat-map": "" if heated else "no heat map was computed",
    }
    left_out = [LeftOut(kind, missing[kind]) for kind in kinds if missing.get(kind)]
    wanted = [kind for kind in kinds if not missing.get(kind)]
    try:
        return [DicomObject(kind, dataset) for kind in wanted for dataset in makers[kind]()], left_out
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        if isinstance(error, ThyroSightError):
            raise
        raise DicomError(f"{source.name}: the results do not fit DICOM ({error}); check the file's header.") from error


def write_object(item: DicomObject, folder: Path) -> Path:
    """Write an object to `folder` as a DICOM file named by its kind and identifier, whole or not at all.

    Raises:
        OutputError: the folder cannot be written.
        DicomError: the object holds a value that DICOM cannot.
    """
    path = Path(folder) / f"{item.kind}.{item.uid}.dcm"
    try:
        with write_atomically(path) as temporary:
            item.dataset.save_as(temporary, enforce_file_format=True)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        if isinstance(error, ThyroSightError):
            raise
        raise DicomError(f"{path} could not be written: a value does not fit DICOM ({error}).") from error
    return path
