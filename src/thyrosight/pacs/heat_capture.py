"""The heat map over its image as a DICOM Secondary Capture, which every viewer shows."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

import highdicom as hd
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from thyrosight.explain import explanation_panel, shared_scale
from thyrosight.imaging import Frame
from thyrosight.inference import Assessment
from thyrosight.pacs.common import base_arguments, finish, series_description, statements
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measurement_report import require_frames
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError


def heat_picture(
    assessment: Assessment,
    source: SourceImage,
    frame: Frame,
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
    put: Callable[[str], str] = str,
) -> Dataset:
    """A Secondary Capture (RGB) of the frame beside the same frame under its heat map.

    Risk, model and the statement of research use are drawn into the picture, so that they stay with it wherever it is
    copied; BurnedInAnnotation says so.

    Args:
        assessment: with a heat map.
        source: the image it was made from.
        frame: the pixels that were assessed.
        findings: kept with the object's identity; the language of its texts.
        made: date and time of the object; now if None.
        put: puts an English text into that language.

    Raises:
        DicomError: the assessment has no heat map, or is of a frame that the image does not have.
    """
    findings = findings or Findings()
    require_frames([assessment], source)
    arguments = base_arguments("heat map", [assessment], source, findings)
    for keyword in ("manufacturer_model_name", "software_versions", "device_serial_number"):
        arguments.pop(keyword)
    picture = hd.sc.SCImage.from_ref_dataset(
        ref_dataset=source.header,
        pixel_array=draw(assessment, frame, put),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "F"),
        **arguments,
    )
    picture["PatientOrientation"].value = None  # nobody knows how the probe was held; highdicom does not take "unknown"
    picture.BodyPartExamined = "THYROID"  # an unpaired organ, so that Laterality must be absent
    picture.SeriesDescription = series_description("heat map", put)
    picture.ImageComments = put(assessment.research_use)
    picture.BurnedInAnnotation = "YES"
    picture.ImageType = ["DERIVED", "SECONDARY"]
    assert assessment.heat_map is not None  # the picture is drawn
    method = assessment.heat_map.method
    own = "; colours scaled to this image, not to be compared with others" if assessment.heat_map.scale is None else ""
    picture.DerivationDescription = put(f"{method} heat map of a neural network over the image; research use only{own}")
    picture.SourceImageSequence = [_reference(assessment, source)]
    finish(picture, source, made or datetime.now())
    return cast(Dataset, picture)


def draw(assessment: Assessment, frame: Frame, put: Callable[[str], str] = str) -> NDArray[np.uint8]:
    """The picture, uint8 `(rows, columns, 3)`; `put` puts its English texts into another language.

    Raises:
        DicomError: the assessment has no heat map.
    """
    heat = assessment.heat_map
    if heat is None:
        raise DicomError(f"{assessment.image}: the assessment has no heat map; assess with explain=True.")
    own = heat.scale is None
    scale = shared_scale(heat.values[None]) if heat.scale is None else heat.scale
    lines = [
        f"{assessment.risk_name.capitalize()} {assessment.calibrated_risk:.3f}: {assessment.label} (from "
        f"{assessment.operating_point.threshold:.3f}, {assessment.operating_point.rule_in_words})",
        *statements(assessment),
        f"{assessment.model}; model hash {assessment.model_hash[:12]}.",
    ]
    rule = "this image's own; not to be compared with others" if own else "the same for all images of this model"
    panel = explanation_panel(
        frame, heat.values, scale=scale, scale_text=rule, box=assessment.box, lines=lines, method=heat.method, put=put
    )
    return np.ascontiguousarray(panel)


def _reference(assessment: Assessment, source: SourceImage) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = source.header.SOPClassUID
    item.ReferencedSOPInstanceUID = source.sop_instance_uid
    if source.is_multiframe:
        item.ReferencedFrameNumber = assessment.frame_number + 1
    return item
