"""Tasks of the processes of the models: to judge the views of a nodule, and to look for nodules in a frame."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.assessing import assess, segment
from thyrosight.errors import ThyroSightError
from thyrosight.imaging import Box, Frame
from thyrosight.inference import Assessment, Refusal, Request
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import CaseView, ModelRow, StoredAssessment
from thyrosight.server.jobs.cases import CASE_KIND, PreparedView, prepare_view
from thyrosight.server.jobs.heat import OWN_SCALE, drawn_heat, packed_heat
from thyrosight.server.jobs.models import Models, facts_of
from thyrosight.server.jobs.queue import Claimed, claim, extend, fail, finish
from thyrosight.server.studies import FileStore

LOG = logging.getLogger("thyrosight.server.worker")
MODEL_KINDS: Final = ("assess", "find")
_MOST_LESIONS: Final = 12
_DEFECT: Final = "This is a defect of the workstation; the log of the server has its place."


@dataclass(frozen=True)
class _Outcome:
    """Result of judging one view."""

    id: UUID
    result: Assessment | Refusal
    scale_rule: str


class ModelTasks:
    """Takes jobs of the models from the queue and does them.

    Args:
        database, store, clock: of the workstation.
        models: loaded when they are first used.
    """

    def __init__(self, database: Database, store: FileStore, models: Models, clock: Clock) -> None:
        self._database, self._store, self._models, self._clock = database, store, models, clock

    def work(self, *, begin: Callable[[Claimed], None] = lambda _: None) -> bool:
        """Do the next job; False where none waits.

        Args:
            begin: called with the job, for a thread that prolongs its lease.
        """
        # Whoever waits for an answer goes before what is prepared for later.
        job = claim(self._database, MODEL_KINDS, now=self._clock()) or claim(
            self._database, (CASE_KIND,), now=self._clock()
        )
        if job is None:
            return False
        begin(job)
        try:
            if job.kind == "assess":
                self._assess(job)
            elif job.kind == CASE_KIND:
                self._prepare(job)
            else:
                self._find(job)
        except ThyroSightError as error:
            fail(self._database, job, _without_paths(str(error), self._store), now=self._clock())
        except Exception as error:
            LOG.error("defect in a job of kind %s: %s", job.kind, type(error).__name__, exc_info=error)
            fail(self._database, job, _DEFECT, now=self._clock())
        return True

    def warm(self) -> None:
        """Load the models and run each once, so that the first answer comes as fast as the others."""
        speckle = np.random.default_rng(0).integers(0, 256, (96, 128), dtype=np.uint8)
        request = Request(image=Frame(speckle, "warming"), box=Box(40, 30, 80, 60))
        try:
            assess([request], model=self._models.judge, explain=True)
            if self._models.finder is not None:
                segment([Request(image=request.image)], model=self._models.finder)
        except ThyroSightError as error:
            LOG.error("%s", error)

    def _assess(self, job: Claimed) -> None:
        views: Sequence[Mapping[str, Any]] = job.what["views"]
        outcomes = []
        for number, view in enumerate(views, start=1):
            outcomes.append(self._judge(view))
            if not extend(self._database, job, now=self._clock(), done=number):
                return
        files = {one.id: self._keep_heat(one) for one in outcomes}
        info, digest = self._models.judge_facts

        def store(session: Session) -> None:
            for one in outcomes:
                _store(session, one, files[one.id], model_hash=digest, store=self._store)
            _note_model(session, "judge", digest, facts_of(info), self._clock)

        finish(self._database, job, {}, now=self._clock(), store=store)

    def _judge(self, view: Mapping[str, Any]) -> _Outcome:
        request = Request(
            image=self._store.image(view["sha256"]),
            box=None if view["box"] is None else Box(*view["box"]),
            frame=view["frame"] if view["frames"] > 1 else None,
            contour=tuple((float(x), float(y)) for x, y in view["outline"]) or None,
            origin=view["origin"],
        )
        found = assess([request], model=self._models.judge, explain=True)
        result: Assessment | Refusal = found.refusals[0] if found.refusals else found.assessments[0]
        heat = result.heat_map if isinstance(result, Assessment) else None
        # Without a scale of the model, the scale that `assess` found is that of this one picture.
        stated = None if heat is None or heat.scale is None else found.heat_scale
        rule = "" if heat is None else OWN_SCALE if stated is None else stated.rule
        return _Outcome(UUID(view["assessment_id"]), result, rule)

    def _prepare(self, job: Claimed) -> None:
        """Prepare a view of a reader study's case."""
        judged: list[_Outcome] = []

        def judge(question: Mapping[str, Any]) -> None:
            judged.append(self._judge({**question, "assessment_id": job.what["view_id"]}))

        prepared = prepare_view(job, self._database, self._store, judge)
        heat_map = self._keep_heat(judged[0]) if judged else ""
        info, digest = self._models.judge_facts if judged else (None, "")

        def store(session: Session) -> None:
            _store_view(session, prepared, judged, heat_map, model_hash=digest, store=self._store)
            if info is not None:
                _note_model(session, "judge", digest, facts_of(info), self._clock)

        finish(self._database, job, {}, now=self._clock(), store=store)

    def _keep_heat(self, outcome: _Outcome) -> str:
        heat = outcome.result.heat_map if isinstance(outcome.result, Assessment) else None
        if heat is None:
            return ""
        self._store.put(f"{outcome.id.hex}.npz", packed_heat(heat))
        self._store.put(f"{outcome.id.hex}.png", drawn_heat(heat))
        return f"{outcome.id.hex}.png"

    def _find(self, job: Claimed) -> None:
        finder = self._models.finder
        lesions: list[dict[str, Any]] = []
        if finder is not None:
            what = job.what
            frame = what["frame"] if what["frames"] > 1 else None
            found = segment([Request(image=self._store.image(what["sha256"]), frame=frame)], model=finder)
            if found.refusals:
                raise ThyroSightError(found.refusals[0].reason)
            outlines = found.segmentations[0].lesions[:_MOST_LESIONS]
            lesions = [
                {
                    "box": [one.box.left, one.box.top, one.box.right, one.box.bottom],
                    "outline": [[round(x, 2), round(y, 2)] for x, y in one.polygon],
                }
                for one in outlines
            ]
        facts = self._models.finder_facts

        def store(session: Session) -> None:
            if facts is not None:
                _note_model(session, "finder", facts[1], facts_of(facts[0]), self._clock)

        finish(self._database, job, {"lesions": lesions}, now=self._clock(), store=store)


def _store(session: Session, outcome: _Outcome, heat_map: str, *, model_hash: str, store: FileStore) -> None:
    row = session.get_one(StoredAssessment, outcome.id)
    row.model_hash = model_hash
    if isinstance(outcome.result, Refusal):
        row.state, row.problem = "refused", _without_paths(outcome.result.reason, store)
        return
    # The name of a file may say what the truth is ("malignant_12.png"): it never leaves this process.
    body = outcome.result.model_dump(mode="json", exclude={"image", "elastogram"})
    row.state, row.body, row.heat_map = "done", {**body, "scale_rule": outcome.scale_rule}, heat_map


def _store_view(
    session: Session,
    prepared: PreparedView,
    judged: Sequence[_Outcome],
    heat_map: str,
    *,
    model_hash: str,
    store: FileStore,
) -> None:
    row = session.get_one(CaseView, prepared.view_id)
    row.state, row.problem = "refused" if prepared.problem else "ready", _without_paths(prepared.problem, store)
    row.text, row.covered = prepared.text, prepared.covered
    row.model_hash, row.assessment, row.refusal, row.heat_map = model_hash, {}, "", ""
    for outcome in judged:
        if isinstance(outcome.result, Refusal):
            row.refusal = _without_paths(outcome.result.reason, store)
        else:
            body = outcome.result.model_dump(mode="json", exclude={"image", "elastogram"})
            row.assessment, row.heat_map = {**body, "scale_rule": outcome.scale_rule}, heat_map


def _note_model(session: Session, role: str, digest: str, facts: dict[str, Any], clock: Clock) -> None:
    known = session.scalar(select(ModelRow).where(ModelRow.role == role, ModelRow.hash == digest))
    if known is None:
        session.add(ModelRow(role=role, hash=digest, facts=facts, used_at=clock(), created_at=clock()))
        append(session, who="system", what="model first used", object=f"model {digest[:16]}", body={"role": role})
    else:
        known.used_at = clock()


def _without_paths(sentence: str, store: FileStore) -> str:
    """A sentence without the place of a file: its name is a hash, and says nothing."""
    place = str(store.folder)
    told = " ".join(
        "the image" + word[-1:].strip("0123456789abcdef") if place in word else word for word in sentence.split(" ")
    )
    return told[:1].upper() + told[1:]
