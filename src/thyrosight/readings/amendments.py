"""Amendments: what of a study may change while it is open, and what changed, in sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thyrosight.errors import ReadingsError
from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.protocol import Protocol
from thyrosight.readings.questions import Question

_FREE: Final = frozenset({"title", "aim", "questions", "version"})
"""Keys of a protocol that may change while the study is open. All others shape the readings or what they are for."""
_FREE_OF_QUESTION: Final = frozenset({"text", "required", "longest"})
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Amendment:
    """A version of an open study after the first.

    Attributes:
        protocol: with its new version.
        changes: a sentence for each.
    """

    protocol: Protocol
    changes: tuple[str, ...]


def amend(old: Protocol, new: Protocol) -> Amendment:
    """The next version of the protocol of an open study.

    Title, aim and the wording of questions may change; questions may be added, and asked no longer. What the readings
    rest on may not: design, arms, who reads what, seed, main question, action, and the plan of the power.

    Args:
        old: the version that holds.
        new: as it is to be; its version is counted on.

    Raises:
        ReadingsError: a change that an open study cannot bear; names the key.
    """
    for key in type(old).model_fields:
        if key not in _FREE and getattr(old, key) != getattr(new, key):
            raise ReadingsError(
                f"{key}: this cannot change once the study is open, because readings rest on it; close the study and"
                " begin another."
            )
    for question in new.questions:
        _require_same_meaning(old, question)
    _require_kept(old, new)
    amended = new.model_copy(update={"version": old.version + 1})
    return Amendment(amended, protocol_changes(old, amended))


def _require_same_meaning(old: Protocol, question: Question) -> None:
    before = _asked(old).get(question.key)
    if before is None:
        return
    changed = next((key for key in _differing(before, question) if key not in _FREE_OF_QUESTION), None)
    if changed is not None:
        raise ReadingsError(
            f"questions, {question.key}, {changed}: this cannot change once the study is open; ask a new question with"
            " a key of its own."
        )


def _require_kept(old: Protocol, new: Protocol) -> None:
    """Refuse to drop what the columns of the readings come from."""
    kept = {question.key for question in new.questions}
    for question in (old.descriptors, old.marks):
        if question is not None and question.key not in kept:
            raise ReadingsError(f"questions, {question.key}: this question cannot be left out once the study is open.")


def _asked(protocol: Protocol) -> dict[str, Question]:
    return {question.key: question for question in protocol.questions}


def _differing(before: Question, after: Question) -> list[str]:
    """The keys in which two questions differ; their kind where they are of two kinds."""
    if type(before) is not type(after):
        return ["kind"]
    return [key for key in type(before).model_fields if getattr(before, key) != getattr(after, key)]


def protocol_changes(old: Protocol, new: Protocol) -> tuple[str, ...]:
    """Differences between two versions of a protocol, a sentence for each.

    >>> from thyrosight.readings import parse_protocol, template
    >>> first = parse_protocol(template())
    >>> protocol_changes(first, first.model_copy(update={"title": "Another title"}))
    ("The title was changed from 'Second reader for thyroid nodules' to 'Another title'.",)
    """
    found = [
        f"The {_NAMES.get(key, key.replace('_', ' '))} was changed from {_shown(before)} to {_shown(after)}."
        for key in type(old).model_fields
        if key not in ("questions", "version") and (before := getattr(old, key)) != (after := getattr(new, key))
    ]
    earlier, later = _asked(old), _asked(new)
    found += [f"The question {key} is asked no longer." for key in earlier if key not in later]
    for key, question in later.items():
        if key not in earlier:
            found.append(f"The question {key} was added: {question.wording}")
        else:
            found += _question_changes(key, earlier[key], question)
    if not found and [*earlier] != [*later]:
        found.append("The order of the questions was changed.")
    return tuple(found)


_NAMES: Final = {"action": "action that counts as called positive", "arms": "list of arms", "power": "aim of the power"}


def _question_changes(key: str, before: Question, after: Question) -> list[str]:
    found = []
    for name in _differing(before, after):
        old, new = getattr(before, name), getattr(after, name)
        if name == "text":
            found.append(f"The wording of the question {key} was changed from '{before.wording}' to '{after.wording}'.")
        elif name == "required":
            found.append(f"The question {key} {'has to' if new else 'need not'} be answered from then on.")
        else:
            found.append(f"The {name} of the question {key} was changed from {_shown(old)} to {_shown(new)}.")
    return found


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    if hasattr(value, "model_dump"):
        return ", ".join(f"{key} {one}" for key, one in value.model_dump(exclude_defaults=True).items())
    return f"{value}"


def study_changes(
    old: tuple[Sequence[Case], Sequence[Reader]], new: tuple[Sequence[Case], Sequence[Reader]], *, version: int
) -> tuple[str, ...]:
    """Differences between the cases and readers of two versions, a sentence for each.

    Args:
        old, new: cases and readers, with those who left.
        version: of the protocol with which newcomers joined.

    Raises:
        ReadingsError: a case or reader is gone, a newcomer joined with another version, or a case changed its patient,
            its role or when it joined.
    """
    cases, readers = {case.key: case for case in old[0]}, {reader.key: reader for reader in old[1]}
    for what, before, after in (("case", cases, new[0]), ("reader", readers, new[1])):
        gone = [key for key in before if key not in {one.key for one in after}]
        if gone:
            raise ReadingsError(
                f"The {what} {gone[0]!r} is gone; {what}s of an open study stay, withdraw them instead."
            )
        for one in after:
            if one.key not in before and one.since != version:
                raise ReadingsError(
                    f"The {what} {one.key!r} joined with version {one.since}, but this is version {version}."
                )
    added = [case for case in new[0] if case.key not in cases]
    found = [] if not added else [f"{_count(len(added), 'case')} joined ({_by_truth(added)}): {_listed(added)}."]
    for case in new[0]:
        if case.key in cases:
            found += _case_changes(cases[case.key], case)
    joined = [reader for reader in new[1] if reader.key not in readers]
    if joined:
        found.append(f"{_count(len(joined), 'reader')} joined: {_listed(joined)}.")
    return tuple(found)


def _case_changes(before: Case, after: Case) -> list[str]:
    for name in ("role", "since", "cluster"):
        if getattr(before, name) != getattr(after, name):
            raise ReadingsError(
                f"The case {after.key!r}: {name} cannot change once the study is open; withdraw the case instead."
            )
    found = []
    if before.withdrawn != after.withdrawn:
        found.append(f"The case {after.key} was {'withdrawn' if after.withdrawn else 'taken in again'}.")
    if before.truth != after.truth:
        found.append(
            f"The truth of the case {after.key} was changed from {_shown(before.truth)} to {_shown(after.truth)}."
        )
    if before.label_source != after.label_source:
        found.append(
            f"The source of the truth of the case {after.key} was changed from {before.label_source or 'none'} to"
            f" {after.label_source or 'none'}."
        )
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _by_truth(cases: Iterable[Case]) -> str:
    truths = [case.truth for case in cases]
    words = {1: "malignant", 0: "benign", None: "of unknown truth"}
    return ", ".join(f"{truths.count(truth)} {word}" for truth, word in words.items() if truth in truths)


def _listed(given: Sequence[Case | Reader]) -> str:
    keys = [one.key for one in given]
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more
