"""The long and short axis of a nodule as length measurements with their lines on the image, for viewers.

A region of TID 1410 carries lengths as numbers only. Viewers that let a reader take a finding over as a measurement of
their own, those built on Cornerstone for example, want the ends of each axis (TID 300: a length, inferred from
coordinates), and know the kind of measurement by the beginning of its tracking identifier.
"""

from typing import Final

import numpy as np
from highdicom import sr

from thyrosight.inference import Assessment
from thyrosight.pacs import codes
from thyrosight.pacs.common import concept, tracking
from thyrosight.pacs.findings import Findings
from thyrosight.pacs.measuring import Points, axes
from thyrosight.pacs.report_items import algorithm, site
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import derived_uid

KIND: Final = "Cornerstone3DTools@^0.1.0:Bidirectional"
"""How viewers built on Cornerstone call two crossing lengths."""


def axes_groups(
    assessment: Assessment, source: SourceImage, findings: Findings
) -> list[sr.MeasurementsAndQualitativeEvaluations]:
    """A measurement group (TID 1501) with both axes of one nodule; none where its place is unknown.

    The lengths are in mm, or in pixels where the spacing is unknown.
    """
    found = axes(assessment)
    if found is None:
        return []
    name, uid = tracking(assessment, source, findings)
    unit = concept(codes.MILLIMETER if found.in_mm else codes.PIXELS)
    frames = [assessment.frame_number + 1] if source.is_multiframe else None
    lines = [
        (codes.LONG_AXIS, found.long_length, found.long),
        (codes.SHORT_AXIS, found.short_length, found.short),
    ]
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=derived_uid("axes", uid, assessment.frame_number), identifier=f"{KIND}:{name}"
        ),
        finding_type=concept(codes.THYROID_NODULE),
        finding_sites=[site(findings)],
        algorithm_id=algorithm(assessment),
        measurements=[
            sr.Measurement(
                name=concept(term),
                value=round(length, 2),
                unit=unit,
                referenced_coordinates=[_line(line, source, frames)],
            )
            for term, length, line in lines
        ],
        source_images=[
            sr.SourceImageForMeasurementGroup(
                source.current_class, source.sop_instance_uid, referenced_frame_numbers=frames
            )
        ],
    )
    return [group]


def _line(points: Points, source: SourceImage, frames: list[int] | None) -> sr.CoordinatesForMeasurement:
    return sr.CoordinatesForMeasurement(
        graphic_type=sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array(points),
        source_image=sr.SourceImageForRegion(
            source.current_class, source.sop_instance_uid, referenced_frame_numbers=frames
        ),
    )
