"""Opening and closing a reader study."""

from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import ReaderStudy
from thyrosight.server.problems import conflict
from thyrosight.server.reader_studies.cases import cases_of, views_by_case
from thyrosight.server.reader_studies.checking import check
from thyrosight.server.reader_studies.designing import note, protocol_of, protocol_row
from thyrosight.server.reader_studies.ordering import make_sessions
from thyrosight.server.reader_studies.readers import readers_of


def open_to_readers(session: Session, study: ReaderStudy, *, actor: Actor, clock: Clock) -> None:
    """Freeze the design, draw the orders and open the reading room.

    Raises:
        ProblemError: 409 with the sentences of what stands in the way.
    """
    protocol = protocol_of(session, study)
    found = check(session, study, protocol)
    if not found.ready:
        told = [problem.sentence for problem in found.problems if problem.stops]
        if found.waiting:
            pictures = "1 picture is" if found.waiting == 1 else f"{found.waiting} pictures are"
            told.append(f"{pictures} still being prepared; wait a moment.")
        raise conflict(" ".join(told))
    now = clock()
    row = protocol_row(session, study)
    row.frozen_at = now
    study.state, study.opened_at = "open", now
    study.version += 1
    readers = [reader for reader, _ in readers_of(session, study.id) if reader.removed_at is None]
    make_sessions(session, study, protocol, readers, clock=clock)
    own = views_by_case(session, cases_of(session, study.id)).values()
    models = sorted({view.model_hash for views in own for view, _ in views if view.model_hash})
    said = {"hash": row.hash, "readers": len(readers), "models": models}
    note(session, study, "reader study opened", actor=actor, clock=clock, body=said)


def close_to_readers(session: Session, study: ReaderStudy, *, actor: Actor, clock: Clock) -> None:
    """End the reading; what is not locked stays a draft and is not part of the table.

    Raises:
        ProblemError: 409 where it is not open.
    """
    require_open(study)
    study.state, study.closed_at = "closed", clock()
    study.version += 1
    note(session, study, "reader study closed", actor=actor, clock=clock, body={})


def require_open(study: ReaderStudy) -> None:
    """Refuse what belongs to an open study.

    Raises:
        ProblemError: 409.
    """
    if study.state != "open":
        raise conflict("The study is closed." if study.state == "closed" else "The study was not opened yet.")
