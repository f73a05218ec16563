"""The assessment as a DICOM structured report after TID 1500, which archives store and viewers list and draw.

Enhanced SR is used: ultrasound images have no Frame of Reference, so that coordinates are those of the image (SCOORD),
which Enhanced SR holds, and no by-reference relationships are needed. Comprehensive 3D SR would add only coordinates in
patient space, which nobody knows here; every reader of Comprehensive SR reads Enhanced SR too.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from highdicom import sr
from pydicom import Dataset

from thyrosight import __version__
from thyrosight.inference import Assessment
from thyrosight.pacs import codes
from thyrosight.pacs.common import (
    MANUFACTURER,
    algorithm_name,
    algorithm_version,
    base_arguments,
    concept,
    finish,
    own_scheme,
    series_description,
    statements,
    tracking,
)
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measuring import outline, size
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError, derived_uid


def structured_report(
    assessments: Sequence[Assessment],
    source: SourceImage,
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
) -> Dataset:
    """An Enhanced SR document after TID 1500 with one measurement group for each assessment.

    Args:
        assessments: of `source`, at least one: a still image's, or one for each frame of a loop.
        source: the image they were made from.
        findings: TI-RADS category and descriptors of the nodule.
        made: date and time of the document; now if None.

    Raises:
        DicomError: no assessment, or one of a frame that the image does not have.
    """
    findings = findings or Findings()
    require_frames(assessments, source)
    first = assessments[0]
    content = sr.MeasurementReport(
        observation_context=_observer(first),
        procedure_reported=concept(codes.ULTRASONOGRAPHY),
        imaging_measurements=[_group(assessment, source, findings) for assessment in assessments],
    )
    root = content[0]
    at = next(place for place, item in enumerate(root.ContentSequence) if item.ValueType == "CONTAINER")
    for place, line in enumerate(statements(first)[:2]):
        root.ContentSequence.insert(at + place, _text(line))
    document = sr.EnhancedSR(
        evidence=[source.header],
        content=root,
        is_complete=True,
        series_description=series_description("report"),
        coding_schemes=[own_scheme()],
        **base_arguments("report", list(assessments), source, findings),
    )
    finish(document, source, made or datetime.now())
    return document


def require_frames(assessments: Sequence[Assessment], source: SourceImage) -> None:
    """Refuse an empty list, and frames that the source does not have."""
    if not assessments:
        raise DicomError(f"{source.name}: there is no assessment to write; assess the image first.")
    for assessment in assessments:
        if assessment.frame_number >= source.frames:
            raise DicomError(
                f"{source.name} has {source.frames} frame(s), but the assessment is of frame "
                f"{assessment.frame_number + 1}; check that they belong together."
            )


def _observer(assessment: Assessment) -> sr.ObservationContext:
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=derived_uid("device", assessment.model_hash),
        name="ThyroSight",
        manufacturer_name=MANUFACTURER,
        model_name=f"thyrosight {__version__}",
        serial_number=assessment.model_hash,
    )
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(
            observer_type=sr.CodedConcept("121007", "DCM", "Device"), observer_identifying_attributes=device
        )
    )


def _group(
    assessment: Assessment, source: SourceImage, findings: Findings
) -> sr.PlanarROIMeasurementsAndQualitativeEvaluations | sr.MeasurementsAndQualitativeEvaluations:
    """One measurement group (TID 1410 with an outline on the image, TID 1501 for a whole image)."""
    name, uid = tracking(assessment, source, findings)
    arguments: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(uid=uid, identifier=name),
        "finding_type": concept(codes.THYROID_NODULE) if assessment.box is not None else None,
        "finding_sites": [sr.FindingSite(concept(codes.LOBES.get(findings.laterality, codes.THYROID)))],
        "algorithm_id": sr.AlgorithmIdentification(
            name=algorithm_name(assessment),
            version=algorithm_version(assessment),
            parameters=[
                f"operating point {assessment.operating_point.threshold:.6g} ({assessment.operating_point.rule}, "
                f"{assessment.operating_point.chosen_on})"
            ],
        ),
        "measurements": _measurements(assessment),
        "qualitative_evaluations": _evaluations(assessment, findings),
    }
    reference = (source.header.SOPClassUID, source.sop_instance_uid)
    frames = [assessment.frame_number + 1] if source.is_multiframe else None
    points = outline(assessment)
    group: sr.PlanarROIMeasurementsAndQualitativeEvaluations | sr.MeasurementsAndQualitativeEvaluations
    if points is None:
        images = [sr.SourceImageForMeasurementGroup(*reference, referenced_frame_numbers=frames)]
        group = sr.MeasurementsAndQualitativeEvaluations(source_images=images, **arguments)
    else:
        region = sr.ImageRegion(
            graphic_type=sr.GraphicTypeValues.POLYLINE,
            graphic_data=np.array(points),
            source_image=sr.SourceImageForRegion(*reference, referenced_frame_numbers=frames),
        )
        group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **arguments)
    group[0].ContentSequence.extend(_text(line) for line in _remarks(assessment, findings))
    return group


def _measurements(assessment: Assessment) -> list[sr.Measurement]:
    """Risk, network output and operating point in percent, and sizes in mm where they are known."""
    values = [
        (codes.PROBABILITY_OF_CANCER, 100 * assessment.calibrated_risk, codes.PERCENT, 3),
        (codes.NETWORK_OUTPUT, 100 * assessment.probability, codes.PERCENT, 3),
        (codes.OPERATING_POINT, 100 * assessment.operating_point.threshold, codes.PERCENT, 3),
    ]
    measured = size(assessment)
    if measured is not None:
        values += [
            (codes.LONG_AXIS, measured.long_axis_mm, codes.MILLIMETER, 2),
            (codes.SHORT_AXIS, measured.short_axis_mm, codes.MILLIMETER, 2),
            (codes.DEPTH, measured.depth_mm, codes.MILLIMETER, 2),
        ]
    return [
        sr.Measurement(name=concept(name), value=round(float(value), digits), unit=concept(unit))
        for name, value, unit, digits in values
    ]


def _evaluations(assessment: Assessment, findings: Findings) -> list[sr.QualitativeEvaluation]:
    label = codes.MALIGNANT if assessment.label == "malignant" else codes.BENIGN
    pairs = [(codes.IMPRESSION, label)]
    if findings.category:
        pairs.append((codes.TIRADS_SYSTEM, codes.own_term(findings.system or "system not stated")))
        pairs.append((codes.TIRADS_CATEGORY, codes.own_term(findings.category)))
    for feature, term in findings.descriptors.items():
        pairs.append((codes.feature_term(feature), codes.descriptor_term(feature, term)))
    return [sr.QualitativeEvaluation(name=concept(name), value=concept(value)) for name, value in pairs]


def _remarks(assessment: Assessment, findings: Findings) -> list[str]:
    """What a reader of this group must know: cautions, how the size was measured or why there is none."""
    measured = size(assessment)
    sized = f"Size from the {measured.rule}; {assessment.size_reason}." if measured is not None else (
        f"No size in mm: {assessment.size_reason}."
    )  # fmt: skip
    lines = [*statements(assessment)[2:], sized]
    if findings.category or findings.descriptors:
        lines.append(f"TI-RADS category and descriptors: {findings.origin}.")
    return lines


def _text(line: str) -> sr.TextContentItem:
    return sr.TextContentItem(
        name=concept(codes.COMMENT), value=line, relationship_type=sr.RelationshipTypeValues.CONTAINS
    )
