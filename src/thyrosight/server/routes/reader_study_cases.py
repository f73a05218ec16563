"""The cases of a reader study: chosen, described, looked at, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from thyrosight.server.http import Caller, Id
from thyrosight.server.problems import not_found
from thyrosight.server.reader_studies.amending import correct, withdraw
from thyrosight.server.reader_studies.cases import (
    add_cases,
    case_of,
    set_facts,
    views_by_case,
)
from thyrosight.server.reader_studies.designing import draft_of, note, reader_study, require_version
from thyrosight.server.routes.reader_studies import Designer
from thyrosight.server.routes.reader_study_answers import ReaderStudyAnswer, study_answer
from thyrosight.server.routes.reader_study_bodies import NewCases, TruthTable, WithReason

router = APIRouter(prefix="/reader-studies", tags=["reader studies"])
Place = Annotated[int, Path(ge=1, le=2)]


@router.post("/{study_id}/cases", status_code=201)
def add(study_id: Id, body: NewCases, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Add cases to a draft."""
    new = [one.new() for one in body.cases]
    with services.database.write() as session:
        study = draft_of(session, study_id, version=body.version)
        made = add_cases(session, study, new, clock=services.clock)
        study.version += 1
        note(
            session,
            study,
            "cases added",
            actor=actor,
            clock=services.clock,
            body={"cases": [case.code for case in made]},
        )
        return study_answer(session, study)


@router.delete("/{study_id}/cases/{case_id}")
def remove(study_id: Id, case_id: Id, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Take a case out of a draft."""
    with services.database.write() as session:
        study = draft_of(session, study_id)
        case = case_of(session, study, case_id)
        case.removed_at = services.clock()
        study.version += 1
        session.flush()
        note(session, study, "case removed", actor=actor, clock=services.clock, body={"case": case.code})
        return study_answer(session, study)


@router.put("/{study_id}/truth")
def put_truth(study_id: Id, body: TruthTable, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Write a table of truths, and whatever else is known of cases; once the study was opened, as an amendment."""
    rows = [(row.case, row.known()) for row in body.rows]
    with services.database.write() as session:
        study = reader_study(session, study_id)
        require_version(study, body.version)
        if study.state != "draft":
            correct(session, study, rows, reason=body.reason, actor=actor, clock=services.clock)
            return study_answer(session, study)
        count = set_facts(session, study, rows)
        study.version += 1
        session.flush()
        note(session, study, "truth given", actor=actor, clock=services.clock, body={"cases": count})
        return study_answer(session, study)


@router.post("/{study_id}/cases/{case_id}/cleared")
def clear(study_id: Id, case_id: Id, body: WithReason, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Let text stay that was found in the pictures of a case, after somebody looked at them."""
    with services.database.write() as session:
        study = draft_of(session, study_id)
        case = case_of(session, study, case_id)
        case.cleared = body.reason
        study.version += 1
        session.flush()
        note(
            session,
            study,
            "text cleared",
            actor=actor,
            clock=services.clock,
            body={"case": case.code, "reason": body.reason},
        )
        return study_answer(session, study)


@router.post("/{study_id}/cases/{case_id}/withdraw")
def take_out(study_id: Id, case_id: Id, body: WithReason, services: Caller, actor: Designer) -> ReaderStudyAnswer:
    """Present a case no more; readings of it that are locked stay in the table, marked."""
    with services.database.write() as session:
        study = reader_study(session, study_id)
        case = case_of(session, study, case_id)
        withdraw(session, study, case, reason=body.reason, actor=actor, clock=services.clock)
        return study_answer(session, study)


@router.get(
    "/{study_id}/cases/{case_id}/images/{place}/frames/{number}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def picture(
    study_id: Id, case_id: Id, place: Place, number: Annotated[int, Path(ge=0)], *, services: Caller, actor: Designer
) -> Response:
    """A picture of a case as readers see it."""
    with services.database.read() as session:
        case = case_of(session, reader_study(session, study_id), case_id)
        views = views_by_case(session, [case])[case.id]
    if place > len(views):
        raise not_found("picture of this case")
    view, image = views[place - 1]
    frames = image.frames if view.loop else 1
    if number >= frames:
        raise not_found("frame")
    shown = services.frames.frame(image, number if view.loop else view.frame, blanked=True)
    return Response(shown.content, media_type=shown.media_type)
