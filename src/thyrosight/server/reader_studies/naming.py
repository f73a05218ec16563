"""Names and identifiers of patients where they should not be: in what readers see, and in tables that leave."""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from thyrosight.readings import ChoiceQuestion, NumberQuestion, Protocol
from thyrosight.server.database.tables import StoredImage, Study, StudyCase

CaseImages = Sequence[tuple[StudyCase, Sequence[StoredImage]]]
_SHORTEST_NAME, _SHORTEST_NUMBER = 3, 4
"""Letters of a part of a name, and signs of an identifier, from which on a match tells something."""


def named_in_texts(session: Session, protocol: Protocol, cases: CaseImages) -> Iterator[tuple[str, list[str], bool]]:
    """Texts of the protocol that readers see and that hold parts of a patient's name, or an identifier.

    Gives for each the place, the codes of the cases whose patient it may be, and whether it is an identifier: words
    such as "Young" are names and words alike.
    """
    known = [(case, *_of_patient(session, images)) for case, images in cases]
    for place, text in _texts(protocol):
        words = _words(text)
        sure = [case.code for case, _, numbers in known if numbers & words]
        perhaps = [case.code for case, names, _ in known if names & words]
        if sure or perhaps:
            yield place, sure or perhaps, bool(sure)


def named_in_cases(session: Session, cases: CaseImages) -> Iterator[str]:
    """Codes of cases whose key, cluster or facts hold a part of a patient's name, or an identifier."""
    for case, images in cases:
        names, numbers = _of_patient(session, images)
        own = [case.key, case.cluster, case.label_source, *(str(value) for value in case.facts.values())]
        if any((names | numbers) & _words(text) for text in own):
            yield case.code


def _of_patient(session: Session, images: Sequence[StoredImage]) -> tuple[set[str], set[str]]:
    """Parts of the names, and identifiers, of the patients of some images."""
    names, numbers = set[str](), set[str]()
    for study in {session.get_one(Study, image.study_id) for image in images}:
        names |= {word for word in _words(study.patient_name) if len(word) >= _SHORTEST_NAME and word.isalpha()}
        numbers |= {one.casefold() for one in (study.patient_id, study.accession) if len(one) >= _SHORTEST_NUMBER}
    return names, numbers


def _texts(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield "title", protocol.title
    for question in protocol.questions:
        more = question.choices if isinstance(question, ChoiceQuestion) else ()
        unit = question.unit if isinstance(question, NumberQuestion) else ""
        yield f"question {question.key!r}", " ".join([question.text, unit, *more])


def _words(text: str) -> set[str]:
    """The words of a text and the text itself, without their case.

    >>> sorted(_words("Mrs. Muster, P-17"))
    ['17', 'mrs', 'mrs. muster, p-17', 'muster', 'p', 'p-17']
    """
    folded = text.casefold().strip()
    return {folded, *re.findall(r"[^\W_]+", folded), *(word.strip(".,;:()[]\"'") for word in folded.split())}
