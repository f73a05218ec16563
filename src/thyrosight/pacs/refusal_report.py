"""A short report that an image was not assessed and why, for archives and viewers where nobody reads the node's log."""

from copy import deepcopy
from datetime import datetime

from highdicom import sr
from pydicom import Dataset

from thyrosight import __version__
from thyrosight.inference import RESEARCH_USE
from thyrosight.pacs import codes
from thyrosight.pacs.common import MANUFACTURER, concept, finish, name_true_class, series_description
from thyrosight.pacs.source import SourceImage
from thyrosight.pacs.uids import derived_uid

_SERIES_NUMBER = 9705


def refusal_report(source: SourceImage, reason: str, *, made: datetime | None = None) -> Dataset:
    """An Enhanced SR document that says in its text that `source` was not assessed, and refers to it.

    Args:
        source: the image.
        reason: why, in a sentence.
        made: date and time of the document; now if None.
    """
    document = sr.EnhancedSR(
        evidence=[_current(source)],
        content=_content(source, reason),
        series_instance_uid=derived_uid("series", "refusal", source.study_instance_uid, __version__),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=derived_uid("object", "refusal", source.sop_instance_uid, reason, __version__),
        instance_number=max(1, int(source.header.get("InstanceNumber") or 1)),
        manufacturer=MANUFACTURER,
        manufacturer_model_name="ThyroSight",
        software_versions=__version__,
        series_description=series_description("not assessed"),
        is_complete=True,
    )
    name_true_class(document, source)
    finish(document, source, made or datetime.now())
    return document


def _current(source: SourceImage) -> Dataset:
    header = deepcopy(source.header)
    header.SOPClassUID = source.current_class
    return header


def _content(source: SourceImage, reason: str) -> sr.ContainerContentItem:
    root = sr.ContainerContentItem(name=concept(codes.IMAGING_REPORT), is_content_continuous=False)
    contains = sr.RelationshipTypeValues.CONTAINS
    texts = [
        sr.TextContentItem(name=concept(codes.COMMENT), value=text, relationship_type=contains)
        for text in (f"Not assessed: {reason}", RESEARCH_USE)
    ]
    image = sr.ImageContentItem(
        name=concept(codes.SOURCE_IMAGE),
        referenced_sop_class_uid=source.current_class,
        referenced_sop_instance_uid=source.sop_instance_uid,
        relationship_type=contains,
    )
    root.ContentSequence = sr.ContentSequence([*texts, image])
    return root
