"""Obstacles to opening a reader study, in sentences that name cases by their codes and nobody by name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol
from thyrosight.server.database.tables import CaseView, ReaderStudy, StoredImage, StudyCase
from thyrosight.server.reader_studies.answering import JUDGE, answer_of, why_not
from thyrosight.server.reader_studies.cases import cases_of, views_by_case
from thyrosight.server.reader_studies.naming import named_in_cases, named_in_texts
from thyrosight.server.reader_studies.ordering import planned
from thyrosight.server.reader_studies.preparing import failed_jobs
from thyrosight.server.reader_studies.readers import readers_of, unfit

Kind = Literal["protocol", "cases", "readers", "truth", "pictures", "text", "model", "names"]
_HALF = 0.1
"""The blanked share of a nodule's box from which a sentence is given."""


@dataclass(frozen=True)
class Problem:
    """Something to be seen to before the study opens.

    Attributes:
        kind: what it is about.
        sentence: what is wrong and what to do.
        cases: codes of the cases that it is about.
        stops: whether the study cannot open with it.
    """

    kind: Kind
    sentence: str
    cases: tuple[str, ...] = ()
    stops: bool = True


@dataclass(frozen=True)
class Check:
    """The state of a draft: problems, and how many views are still being prepared."""

    problems: tuple[Problem, ...]
    waiting: int

    @property
    def ready(self) -> bool:
        """Whether the study can open."""
        return self.waiting == 0 and not any(problem.stops for problem in self.problems)


def check(session: Session, study: ReaderStudy, protocol: Protocol) -> Check:
    """Look for everything that stands in the way of opening a study."""
    cases = cases_of(session, study.id)
    views = views_by_case(session, cases)
    every = [view for found in views.values() for view, _ in found]
    failed = failed_jobs(session, every)
    problems = [
        *_plan(session, study, protocol),
        *_readers(session, study),
        *_truth(protocol, cases),
        *_pictures(cases, views, failed),
        *_text(cases, views),
        *_model(protocol, cases, views),
        *_names(session, protocol, cases, views),
    ]
    waiting = sum(view.state == "waiting" and view.job_id not in failed for view in every)
    return Check(tuple(problems), waiting)


Views = dict[UUID, list[tuple[CaseView, StoredImage]]]


def _plan(session: Session, study: ReaderStudy, protocol: Protocol) -> Iterator[Problem]:
    try:
        planned(session, study, protocol)
    except ReadingsError as error:
        yield Problem("protocol", str(error))


def _readers(session: Session, study: ReaderStudy) -> Iterator[Problem]:
    for reader, user in readers_of(session, study.id):
        reason = unfit(user) if reader.removed_at is None else ""
        if reason:
            yield Problem("readers", f"{user.display} cannot read in the study. {reason}")


def _truth(protocol: Protocol, cases: Sequence[StudyCase]) -> Iterator[Problem]:
    missing = _codes(case for case in cases if case.truth is None)
    if missing:
        yield Problem("truth", f"{_many(missing)} no truth; give it, or take them out.", missing)
    sourceless = _codes(case for case in cases if case.truth is not None and not case.label_source)
    if sourceless:
        yield Problem("truth", f"{_many(sourceless)} a truth whose source is not stated; state it.", sourceless)
    truths = {case.truth for case in cases if case.role == "study" and case.truth is not None}
    if len(truths) == 1 and not missing:
        only = "malignant" if truths == {1} else "benign"
        yield Problem("truth", f"All study cases are {only}; readers cannot be compared without both kinds.")
    if protocol.marks is not None:
        bare = _codes(case for case in cases if case.truth == 1 and case.role == "study" and not case.lesions)
        if bare:
            sentence = f"{_many(bare)} no lesion drawn; marks on them cannot be counted as right."
            yield Problem("truth", sentence, bare, stops=False)


def _pictures(cases: Sequence[StudyCase], views: Views, failed: dict[UUID, str]) -> Iterator[Problem]:
    fresh = _codes(case for case in cases if any(view.state == "new" for view, _ in views[case.id]))
    if fresh:
        yield Problem("pictures", f"{_many(fresh)} pictures that were not prepared yet; prepare the study.", fresh)
    for case in cases:
        for view, image in views[case.id]:
            reason = view.problem or (failed.get(view.job_id) if view.job_id is not None else None)
            if image.removed_at is not None:
                yield Problem("pictures", f"The image of {case.code} was removed; take the case out.", (case.code,))
            elif reason:
                yield Problem("pictures", f"A picture of {case.code} cannot be prepared: {reason}", (case.code,))
            elif view.covered is not None and view.covered >= _HALF:
                sentence = f"In {case.code}, {view.covered:.0%} of the nodule's box is blanked; look at the picture."
                yield Problem("pictures", sentence, (case.code,), stops=False)


def _text(cases: Sequence[StudyCase], views: Views) -> Iterator[Problem]:
    found = [case for case in cases if any(view.text for view, _ in views[case.id])]
    open_ones = _codes(case for case in found if not case.cleared)
    if open_ones:
        sentence = (
            f"{_many(open_ones)} what looks like text left after blanking; look at the pictures, and clear or take them"
            " out."
        )
        yield Problem("text", sentence, open_ones)


def _model(protocol: Protocol, cases: Sequence[StudyCase], views: Views) -> Iterator[Problem]:
    judged = [view for own in views.values() for view, _ in own if view.assessment]
    if JUDGE in {arm.model for arm in protocol.arms} and len({view.model_hash for view in judged}) > 1:
        yield Problem("model", "The judging model was exchanged while cases were prepared; prepare the study again.")
    for model in dict.fromkeys(arm.model for arm in protocol.arms if arm.model is not None):
        silent: dict[str, list[str]] = {}
        for case in cases:
            own = [view for view, _ in views[case.id]]
            prepared = all(view.state == "ready" for view in own)
            if prepared and answer_of(case, own, model) is None:
                silent.setdefault(why_not(case, own, model), []).append(case.code)
        for reason, codes in silent.items():
            number = "1 case" if len(codes) == 1 else f"{len(codes)} cases"
            sentence = f"The model {model!r} says nothing of {number}: {reason.rstrip('.')}."
            yield Problem("model", sentence, tuple(codes))


def _names(session: Session, protocol: Protocol, cases: Sequence[StudyCase], views: Views) -> Iterator[Problem]:
    own = [(case, [image for _, image in views[case.id]]) for case in cases]
    for place, codes, sure in named_in_texts(session, protocol, own):
        sentence = f"The {place} of the protocol, which readers see, may name a patient; write it without names."
        yield Problem("names", sentence, tuple(codes), stops=sure)
    named = tuple(named_in_cases(session, own))
    if named:
        sentence = f"{_many(named)} a key, cluster or fact that is a patient's name or identifier; use codes."
        yield Problem("names", sentence, named)


def _codes(cases: Iterable[StudyCase]) -> tuple[str, ...]:
    return tuple(case.code for case in cases)


def _many(codes: Sequence[str]) -> str:
    """The codes of cases, the first few of many, with "has" or "have".

    >>> _many(["C-1"]), _many(["C-1", "C-2", "C-3", "C-4"])
    ('C-1 has', 'C-1, C-2, C-3 and 1 more have')
    """
    more = f" and {len(codes) - 3} more" if len(codes) > 3 else ""
    return f"{', '.join(codes[:3])}{more} {'has' if len(codes) == 1 else 'have'}"
