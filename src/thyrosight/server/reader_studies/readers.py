"""The readers of a reader study: who may read, who joins, who leaves."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Role
from thyrosight.server.clock import Clock
from thyrosight.server.database.tables import ReaderStudy, StudyReader, User
from thyrosight.server.problems import conflict, not_found, refused


def unfit(user: User) -> str:
    """Why an account cannot read blindly; "" where it can.

    Whoever may open studies, designs or the audit trail elsewhere on the workstation sees there what the reading room
    hides.
    """
    if user.closed_at is not None:
        return "The account is closed."
    if str(Role.READER) not in user.roles:
        return "The account does not have the role reader."
    others = sorted(set(user.roles) - {str(Role.READER)})
    if others:
        return f"The account is {' and '.join(others)} too, and could see the cases outside of the reading room."
    return ""


def people(session: Session) -> list[tuple[User, str]]:
    """Accounts with the role reader that are not closed, by name, each with why it cannot read blindly or ""."""
    users = session.scalars(select(User).where(User.closed_at.is_(None)).order_by(User.display, User.name))
    return [(user, unfit(user)) for user in users if str(Role.READER) in user.roles]


def readers_of(session: Session, study_id: UUID) -> list[tuple[StudyReader, User]]:
    """The readers of a study in the order in which they joined; those who left too."""
    rows = session.execute(
        select(StudyReader, User)
        .join(User, User.id == StudyReader.user_id)
        .where(StudyReader.reader_study_id == study_id)
        .order_by(StudyReader.number)
    )
    return [(reader, user) for reader, user in rows]


def add_readers(
    session: Session, study: ReaderStudy, new: Sequence[tuple[UUID, str]], *, since: int, clock: Clock
) -> list[StudyReader]:
    """Add readers; all of them, or none.

    Args:
        session: a writing transaction.
        study: a draft, or one that is open.
        new: accounts with their groups.
        since: version of the protocol with which they join.
        clock: gives the time.

    Raises:
        ProblemError: an account that cannot read blindly, or that reads in the study already.
    """
    present = readers_of(session, study.id)
    draft = study.state == "draft"
    taken = {reader.user_id for reader, _ in present if reader.removed_at is None or not draft}
    left = {reader.user_id: reader for reader, _ in present if reader.removed_at is not None and draft}
    number = max((reader.number for reader, _ in present), default=0)
    made = []
    for user_id, group in new:
        user = session.get(User, user_id)
        if user is None:
            raise not_found("account")
        reason = unfit(user)
        if reason:
            raise refused(f"{user.display} cannot read in the study. {reason}")
        if user_id in taken:
            raise conflict(f"{user.display} is a reader of the study already, or was one.")
        taken.add(user_id)
        if user_id in left:  # changed their minds before it opened
            back = left[user_id]
            back.removed_at, back.removed_for, back.reader_group = None, "", group.strip()
            made.append(back)
            continue
        number += 1
        reader = StudyReader(
            reader_study_id=study.id, user_id=user_id, code=f"R{number:02d}", number=number, since=since,
            reader_group=group.strip(), removed_at=None, removed_for="", created_at=clock(),
        )  # fmt: skip
        session.add(reader)
        made.append(reader)
    session.flush()
    return made


def reader_of(session: Session, study: ReaderStudy, reader_id: UUID) -> StudyReader:
    """A reader of a study who has not left.

    Raises:
        ProblemError: there is none.
    """
    reader = session.get(StudyReader, reader_id)
    if reader is None or reader.reader_study_id != study.id or reader.removed_at is not None:
        raise not_found("reader in this study")
    return reader
