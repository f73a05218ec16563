"""The nodule's outline as a DICOM segmentation of the frames it was drawn on.

Ultrasound images have no Frame of Reference. The segmentation has the size of its source and refers to it frame by
frame (PS3.3, A.51); its Frame of Reference is the plane of the image, which says nothing of the patient. highdicom
writes one frame of a still image in this way; frames of loops are put together from such.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime

import numpy as np
from highdicom import seg
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.tag import Tag
from pydicom.uid import UltrasoundImageStorage
from pydicom.valuerep import DSfloat

from thyrosight.inference import Assessment
from thyrosight.pacs import codes
from thyrosight.pacs.common import (
    algorithm_sequence,
    base_arguments,
    concept,
    finish,
    name_true_class,
    series_description,
    tracking,
)
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measurement_report import require_frames
from thyrosight.pacs.measuring import mask_of, spacing_mm
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError

_UNKNOWN_SPACING = "Pixel size unknown: 1 stands for one pixel, not 1 mm"


def segmentation(
    assessments: Sequence[Assessment],
    source: SourceImage,
    *,
    findings: Findings | None = None,
    by_person: bool = False,
    made: datetime | None = None,
    put: Callable[[str], str] = str,
) -> Dataset:
    """A binary segmentation with one segment, the nodule, and one frame for each assessment.

    Args:
        assessments: with a contour each, of different frames of `source`. A box is not an outline and is not written.
        source: the image they were made from.
        findings: for the nodule's name, and the language of texts.
        by_person: whether a person drew the contours, rather than the model.
        made: date and time of the object; now if None.
        put: puts an English text into that language. Codes, and identifiers by which nodules are followed, stay.

    Raises:
        DicomError: a frame without a contour, or named twice, or that the image does not have.
        ImageError: a contour outside the image.
    """
    findings = findings or Findings()
    require_frames(assessments, source)
    assessments = sorted(assessments, key=lambda one: one.frame_number)
    frames = [assessment.frame_number for assessment in assessments]
    if len(set(frames)) < len(frames):
        raise DicomError(f"{source.name}: a frame has two contours of the same nodule; give one for each frame.")
    masks = [_mask(assessment, source) for assessment in assessments]
    still = _as_still_image(source)
    result = seg.Segmentation(
        source_images=[still],
        pixel_array=masks[0],
        segmentation_type=seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(assessments[0], source, findings, by_person=by_person, put=put)],
        content_label="NODULE",
        content_description=put("Thyroid nodule; research use only, not for diagnosis")[:64],
        content_creator_name="ThyroSight^",
        series_description=series_description("outline", put),
        content_qualification="RESEARCH",
        **base_arguments("outline", list(assessments), source, findings),
    )
    result.PatientOrientation = None  # wanted without an orientation in space; nobody knows how the probe was held
    name_true_class(result, source)
    _place(result, assessments[0], source, put=put)
    if source.is_multiframe:
        _refer_to_frames(result, masks, frames, put=put)
    finish(result, source, made or datetime.now())
    return result


def _as_still_image(source: SourceImage) -> Dataset:
    """The header in the one form in which highdicom takes images without a Frame of Reference."""
    still = deepcopy(source.header)
    still.SOPClassUID = UltrasoundImageStorage
    for keyword in ("NumberOfFrames", "FrameOfReferenceUID"):
        if keyword in still:
            delattr(still, keyword)
    return still


def _mask(assessment: Assessment, source: SourceImage) -> NDArray[np.bool_]:
    if assessment.contour is None or len(assessment.contour) < 3:
        raise DicomError(
            f"{source.name}: the assessment has no contour, and a box is not an outline; give a mask of the nodule."
        )
    return mask_of(assessment.contour, source.shape)


def _segment(
    assessment: Assessment, source: SourceImage, findings: Findings, *, by_person: bool, put: Callable[[str], str]
) -> seg.SegmentDescription:
    name, uid = tracking(assessment, source, findings)
    description = seg.SegmentDescription(
        segment_number=1,
        segment_label=put(f"Thyroid nodule ({name})")[:64],
        segmented_property_category=concept(codes.ABNORMAL_STRUCTURE),
        segmented_property_type=concept(codes.NODULE),
        algorithm_type=(
            seg.SegmentAlgorithmTypeValues.MANUAL if by_person else seg.SegmentAlgorithmTypeValues.AUTOMATIC
        ),
        algorithm_identification=None if by_person else algorithm_sequence(assessment),
        tracking_uid=uid,
        tracking_id=name,
        anatomic_regions=[concept(codes.LOBES.get(findings.laterality, codes.THYROID))],
    )
    description.SegmentDescription = put(assessment.research_use)
    return description


def _place(result: Dataset, assessment: Assessment, source: SourceImage, *, put: Callable[[str], str]) -> None:
    """Give the segmentation the plane of the image itself as its Frame of Reference: origin at the first pixel.

    Nobody knows where the plane lies in the patient, but viewers show a segmentation only with a plane and a pixel
    size. An unknown size is stated to be so, beside the 1 that stands for one pixel: viewers and readers want a number.
    """
    result.FrameOfReferenceUID = source.frame_of_reference
    result.PositionReferenceIndicator = ""
    measures, orientation, position = Dataset(), Dataset(), Dataset()
    spacing = spacing_mm(assessment)
    measures.PixelSpacing = [DSfloat(value, auto_format=True) for value in spacing or (1, 1)]
    measures.SliceThickness = 1  # a plane has none, but the standard wants one beside a spacing
    if spacing is None:
        measures.PixelSpacingCalibrationDescription = put(_UNKNOWN_SPACING)[:64]
        result.SegmentSequence[0].SegmentDescription += f" {put(f'{_UNKNOWN_SPACING}.')}"
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    position.ImagePositionPatient = [0, 0, 0]
    shared = result.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    for group in result.PerFrameFunctionalGroupsSequence:
        group.PlanePositionSequence = [position]


def _refer_to_frames(
    result: Dataset, masks: list[NDArray[np.bool_]], frames: list[int], *, put: Callable[[str], str]
) -> None:
    """Make a segmentation of a still image one of several frames of a loop: one frame, reference and index each."""
    organisation = result.DimensionIndexSequence[0].DimensionOrganizationUID
    index = Dataset()
    index.DimensionIndexPointer = Tag("InStackPositionNumber")
    index.FunctionalGroupPointer = Tag("FrameContentSequence")
    index.DimensionOrganizationUID = organisation
    index.DimensionDescriptionLabel = put("Assessed frame")
    result.DimensionIndexSequence.append(index)
    pattern = result.PerFrameFunctionalGroupsSequence[0]
    groups = []
    for position, frame in enumerate(frames, start=1):
        group = deepcopy(pattern)
        content = group.FrameContentSequence[0]
        content.StackID, content.InStackPositionNumber = "1", position
        content.DimensionIndexValues = [1, position]
        content.FrameLabel = put(f"frame {frame + 1} of the loop")
        for derivation in group.DerivationImageSequence:
            for image in derivation.SourceImageSequence:
                image.ReferencedFrameNumber = frame + 1
        groups.append(group)
    result.PerFrameFunctionalGroupsSequence = groups
    result.NumberOfFrames = len(frames)
    result.PixelData = pack_bits(np.stack(masks).astype(np.uint8), pad=True)
