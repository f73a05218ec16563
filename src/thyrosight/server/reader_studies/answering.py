"""Answers of models on a case: computed before the study opened, and handed out by the routes that may."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from thyrosight.inference import Assessment
from thyrosight.inference.loops import over_frames
from thyrosight.server.database.tables import CaseView, StudyCase
from thyrosight.server.jobs.heat import comparable

JUDGE: Final = "risk"
"""The model of an arm that is the judging model of the workstation; every other name is a column of model scores."""


@dataclass(frozen=True)
class ModelSays:
    """The answer of an arm's model on a case.

    Attributes:
        score: a risk from 0 to 1 of the judging model; of a column of model scores the number that stands there.
        positive: whether the model calls the case malignant; None where that is not known.
        facts: of the judging model: what stands beside each of its results; empty for a column.
        heat_maps: places of the views that have one.
        comparable: whether the colours of the heat maps mean the same in all pictures; None without one.
    """

    score: float
    positive: bool | None
    facts: dict[str, Any]
    heat_maps: tuple[int, ...]
    comparable: bool | None = None


def answer_of(case: StudyCase, views: Sequence[CaseView], model: str | None) -> ModelSays | None:
    """Answer of a model on a case; None where it has none.

    A case with two views gets the answer that the judging model gives on several frames of a nodule: the mean of the
    calibrated risks, against the operating point.
    """
    if model is None:
        return None
    if model != JUDGE:
        found = case.model_scores.get(model)
        return None if found is None else ModelSays(float(found["score"]), found["positive"], {}, ())
    judged = [view for view in views if view.part != "elastogram"]
    if not judged or not all(view.assessment for view in judged):
        return None
    seen = [view for view in judged if view.heat_map]
    whole = over_frames([_read(view) for view in judged], frames_in_loop=1)
    return ModelSays(
        score=whole.calibrated_risk,
        positive=whole.label == "malignant",
        facts={
            "title": whole.model,
            "model_hash": whole.model_hash,
            "label_source": whole.label_source,
            "split_kind": whole.split_kind,
            "research_use": whole.research_use,
            "calibration": whole.calibration,
            "operating_point": whole.operating_point.model_dump(mode="json"),
            "quality_flags": sorted(whole.quality_flags),
        },
        heat_maps=tuple(view.place for view in seen),
        comparable=all(comparable(view.assessment) for view in seen) if seen else None,
    )


def why_not(case: StudyCase, views: Sequence[CaseView], model: str) -> str:
    """Why a model says nothing of a case, in a few words."""
    if model != JUDGE:
        return f"there is no score in the column {model!r}"
    refusals = [view.refusal for view in views if view.refusal]
    return refusals[0] if refusals else "it was not asked yet"


def _read(view: CaseView) -> Assessment:
    body = {name: value for name, value in view.assessment.items() if name != "scale_rule"}
    return Assessment.model_validate({**body, "image": ""})
