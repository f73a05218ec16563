"""The assessment as a DICOM structured report after TID 1500, which archives store and viewers list and draw.

Enhanced SR is used: ultrasound images have no Frame of Reference, so that coordinates are those of the image (SCOORD),
which Enhanced SR holds, and no by-reference relationships are needed. Comprehensive 3D SR would add only coordinates in
patient space, which nobody knows here; every reader of Comprehensive SR reads Enhanced SR too.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import numpy as np
from highdicom import sr
from pydicom import Dataset

from thyrosight import __version__
from thyrosight.inference import Assessment, over_frames
from thyrosight.pacs import codes
from thyrosight.pacs.axes_report import axes_groups
from thyrosight.pacs.common import (
    MANUFACTURER,
    base_arguments,
    concept,
    finish,
    name_true_class,
    own_scheme,
    series_description,
    statements,
    tracking,
)
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measuring import outline, size
from thyrosight.pacs.report_items import algorithm, put_comments, site, text_item
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import DicomError, derived_uid

Group = sr.PlanarROIMeasurementsAndQualitativeEvaluations | sr.MeasurementsAndQualitativeEvaluations


def structured_report(
    assessments: Sequence[Assessment],
    source: SourceImage,
    *,
    findings: Findings | None = None,
    made: datetime | None = None,
    put: Callable[[str], str] = str,
) -> Dataset:
    """An Enhanced SR document after TID 1500: for each assessment a region and its axes, and one group over a loop.

    The region of a loop's first frame and the group over the loop have the nodule's own tracking identifier; other
    frames have one of their own each, because viewers merge groups that share one.

    Args:
        assessments: of `source`, at least one: a still image's, or one for each frame of a loop.
        source: the image they were made from.
        findings: TI-RADS category and descriptors of the nodule, and the language of the comments.
        made: date and time of the document; now if None.
        put: puts an English text into that language; codes and their meanings are the standard's, in English.

    Raises:
        DicomError: no assessment, or one of a frame that the image does not have.
    """
    findings = findings or Findings()
    require_frames(assessments, source)
    first = assessments[0]
    groups = [_group(assessment, source, findings, first=first) for assessment in assessments]
    groups += [group for one in assessments for group in axes_groups(one, source, findings)]
    if source.is_multiframe:
        groups.append(_loop_group(assessments, source, findings))
    content = sr.MeasurementReport(
        observation_context=_observer(first),
        procedure_reported=concept(codes.ULTRASONOGRAPHY),
        imaging_measurements=groups,
        language_of_content_item_and_descendants=sr.LanguageOfContentItemAndDescendants(
            concept(codes.LANGUAGES[findings.language])
        ),
    )
    root = content[0]
    at = next(place for place, item in enumerate(root.ContentSequence) if item.ValueType == "CONTAINER")
    for place, line in enumerate(statements(first)[:2]):
        root.ContentSequence.insert(at + place, text_item(line))
    put_comments(root, put)
    evidence = deepcopy(source.header)
    evidence.SOPClassUID = source.current_class
    document = sr.EnhancedSR(
        evidence=[evidence],
        content=root,
        is_complete=True,
        series_description=series_description("report", put),
        coding_schemes=[own_scheme()],
        **base_arguments("report", list(assessments), source, findings),
    )
    name_true_class(document, source)
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


def _loop_group(assessments: Sequence[Assessment], source: SourceImage, findings: Findings) -> Group:
    """The result over the frames of a loop (TID 1501): mean risk, its variation, and the basis of the label."""
    loop = over_frames(assessments, frames_in_loop=source.frames)
    name, uid = tracking(assessments[0], source, findings)
    values = [
        (codes.RISK_MEAN, codes.MEAN, loop.calibrated_risk),
        (codes.RISK_LOWEST, codes.MINIMUM, loop.risk_low),
        (codes.RISK_HIGHEST, codes.MAXIMUM, loop.risk_high),
        (codes.NETWORK_MEAN, codes.MEAN, loop.probability),
        (codes.FRAMES_MALIGNANT, None, loop.frames_malignant / len(assessments)),
    ]
    if loop.risk_sd is not None:
        values.append((codes.RISK_SPREAD, codes.STANDARD_DEVIATION, loop.risk_sd))
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=uid, identifier=f"{name}, over the loop"),
        finding_sites=[site(findings)],
        algorithm_id=algorithm(assessments[0]),
        measurements=[
            sr.Measurement(
                name=concept(term),
                value=round(100 * value, 3),
                unit=concept(codes.PERCENT),
                derivation=None if derivation is None else concept(derivation),
            )
            for term, derivation, value in values
        ],
        qualitative_evaluations=_evaluations(loop.label, findings),
        source_images=[
            sr.SourceImageForMeasurementGroup(
                source.current_class,
                source.sop_instance_uid,
                referenced_frame_numbers=[number + 1 for number in loop.frames],
            )
        ],
    )
    said = f"Mean over {len(assessments)} of {source.frames} frames; the groups below hold each frame by itself."
    notes = [f"{note[:1].upper()}{note[1:]}." for note in loop.notes]
    group[0].ContentSequence.extend(text_item(line) for line in [said, *notes])
    return group


def _group(assessment: Assessment, source: SourceImage, findings: Findings, *, first: Assessment) -> Group:
    """One measurement group (TID 1410) with the nodule's outline, or that of the whole image, as its region."""
    name, uid = tracking(assessment, source, findings)
    if assessment is not first:
        uid = derived_uid("frame", uid, assessment.frame_number)
    arguments: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(uid=uid, identifier=name),
        "finding_type": concept(codes.THYROID_NODULE) if assessment.box is not None else None,
        "finding_sites": [site(findings)],
        "algorithm_id": algorithm(assessment),
        "measurements": _measurements(assessment),
        "qualitative_evaluations": _evaluations(assessment.label, findings),
    }
    reference = (source.current_class, source.sop_instance_uid)
    frames = [assessment.frame_number + 1] if source.is_multiframe else None
    rows, columns = source.shape
    whole = ((0.0, 0.0), (columns, 0.0), (columns, rows), (0.0, rows), (0.0, 0.0))
    region = sr.ImageRegion(
        graphic_type=sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array(outline(assessment) or whole),
        source_image=sr.SourceImageForRegion(*reference, referenced_frame_numbers=frames),
    )
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **arguments)
    group[0].ContentSequence.extend(text_item(line) for line in _remarks(assessment, findings))
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


def _evaluations(label: str, findings: Findings) -> list[sr.QualitativeEvaluation]:
    pairs = [(codes.IMPRESSION, codes.MALIGNANT if label == "malignant" else codes.BENIGN)]
    if findings.category:
        pairs.append((codes.TIRADS_SYSTEM, codes.own_term(findings.system or "system not stated")))
        pairs.append((codes.TIRADS_CATEGORY, codes.own_term(findings.category)))
    for feature, term in findings.descriptors.items():
        pairs.append((codes.feature_term(feature), codes.descriptor_term(feature, term)))
    return [sr.QualitativeEvaluation(name=concept(name), value=concept(value)) for name, value in pairs]


def _remarks(assessment: Assessment, findings: Findings) -> list[str]:
    """Remarks on a group: cautions, and how the size was measured or why there is none."""
    measured = size(assessment)
    sized = f"Size from the {measured.rule}; {assessment.size_reason}." if measured is not None else (
        f"No size in mm: {assessment.size_reason}."
    )  # fmt: skip
    lines = [*statements(assessment)[2:], sized]
    if findings.category or findings.descriptors:
        lines.append(f"TI-RADS category and descriptors: {findings.origin}.")
    return lines
