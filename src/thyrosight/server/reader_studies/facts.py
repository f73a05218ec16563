"""Facts of a case beside its pictures: truth, patient, lesions, scores of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thyrosight.server.database.tables import StoredImage, StudyCase
from thyrosight.server.problems import refused


@dataclass(frozen=True)
class CaseFacts:
    """Facts of a case; None leaves a part as it is.

    Attributes:
        role: "study", "practice" or "attention".
        truth: 0 or 1.
        label_source: where the truth comes from.
        cluster: a code that cases of one patient share.
        lesions: (left, top, right, bottom), then image from 1, first and last frame from 0, where they are named.
        model_scores: by the name of a column of model scores.
        model_positive: whether the model called it positive, by the same name.
        facts: from which subgroups can be made, by name.
    """

    role: str | None = None
    truth: int | None = None
    label_source: str | None = None
    cluster: str | None = None
    lesions: Sequence[Sequence[int]] | None = None
    model_scores: Mapping[str, float] | None = None
    model_positive: Mapping[str, bool] | None = None
    facts: Mapping[str, str | float] | None = None


@dataclass(frozen=True)
class Shown:
    """The size of the shown part of an image."""

    rows: int
    columns: int
    frames: int


def shown_of(loop: bool, image: StoredImage) -> Shown:
    """The size of the part of an image that a view shows."""
    return Shown(image.rows, image.columns, image.frames if loop else 1)


def apply_facts(case: StudyCase, facts: CaseFacts, *, shown: Sequence[Shown]) -> None:
    """Write what is given.

    Args:
        case: that it is known of.
        facts: what is known.
        shown: the images of the case.

    Raises:
        ProblemError: a call of the model without its score, or a lesion outside of its image.
    """
    if facts.role is not None:
        case.role = facts.role
    if facts.truth is not None:
        case.truth = facts.truth
    if facts.label_source is not None:
        case.label_source = facts.label_source.strip()
    if facts.cluster is not None:
        case.cluster = facts.cluster.strip()
    if facts.lesions is not None:
        case.lesions = [_lesion(case, lesion, shown) for lesion in facts.lesions]
    if facts.facts is not None:
        case.facts = dict(facts.facts)
    if facts.model_scores is not None:
        called = facts.model_positive or {}
        if set(called) - set(facts.model_scores):
            raise refused(f"The case {case.key!r} says what a model called it, and not the model's score.")
        case.model_scores = {
            name: {"score": score, "positive": called.get(name)} for name, score in facts.model_scores.items()
        }


def _lesion(case: StudyCase, given: Sequence[int], shown: Sequence[Shown]) -> list[int]:
    """A lesion with its image, first and last frame."""
    left, top, right, bottom, *rest = given
    image = rest[0] if rest else 1
    if not 1 <= image <= len(shown):
        raise refused(f"A lesion of the case {case.key!r} is in image {image}; the case has {len(shown)}, from 1.")
    size = shown[image - 1]
    first = rest[1] if len(rest) > 1 else 0
    last = rest[2] if len(rest) > 2 else (first if len(rest) > 1 else size.frames - 1)
    inside = left < right <= size.columns and top < bottom <= size.rows and first <= last < size.frames
    if not inside:
        raise refused(f"A lesion of the case {case.key!r} lies outside of its image or of its frames.")
    return [left, top, right, bottom, image, first, last]
