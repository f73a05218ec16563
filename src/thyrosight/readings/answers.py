"""Answers checked against the questions, and what is computed from them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thyrosight.errors import ReadingsError
from thyrosight.readings.questions import (
    HIGHEST_SCORE,
    ChoiceQuestion,
    DescriptorsQuestion,
    MarksQuestion,
    NumberQuestion,
    Question,
    ScoreQuestion,
    TextQuestion,
)
from thyrosight.tirads import COLUMNS, TiradsError, assess, read_nodule

Answers = dict[str, Any]
"""Answers as plain values by the keys of their questions, as JSON keeps them: numbers, words, true and false; of
descriptors words by the names in `thyrosight.tirads.COLUMNS`; of marks lists `[column, row, score, image, frame]`."""

FEATURES: Final = COLUMNS
_SHOWN: Final = 200
"""Letters of a wrong answer."""
NEEDED_FEATURES: Final = tuple(name for name in COLUMNS if name != "extrathyroidal_extension")
"""Features that an answer to a required question names; "unknown" is an answer. A margin tells of extension too."""


def check_answers(questions: Sequence[Question], answers: Mapping[str, Any], *, draft: bool = False) -> Answers:
    """The answers in one form, in the order of the questions; empty ones are left out.

    Args:
        questions: those that were asked: `protocol.questions_in(arm)`.
        answers: as a program or a page gave them.
        draft: whether answers may be missing yet.

    Raises:
        ReadingsError: an answer to no question, one of the wrong form, or (unless it is a draft) a required one that
            is missing; names the question's key.

    >>> from thyrosight.readings import YesNoQuestion
    >>> asked = [ScoreQuestion(kind="score", key="score"), YesNoQuestion(kind="yes-no", key="biopsy", required=False)]
    >>> check_answers(asked, {"score": 70, "biopsy": None})
    {'score': 70}
    >>> check_answers(asked, {"biopsy": True})
    Traceback (most recent call last):
    ...
    thyrosight.errors.ReadingsError: score: an answer is required; give a number from 0 to 100.
    """
    unknown = [key for key in answers if key not in {question.key for question in questions}]
    if unknown:
        asked = ", ".join(question.key for question in questions) or "nothing"
        raise ReadingsError(f"{unknown[0]}: no question has this key; asked are {asked}.")
    found: Answers = {}
    for question in questions:
        given = answers.get(question.key)
        if not _is_empty(question, given):
            found[question.key] = _checked(question, given, draft=draft)
        elif question.required and not draft:
            raise ReadingsError(f"{question.key}: an answer is required; give {_wanted(question)}.")
    return found


def _is_empty(question: Question, given: Any) -> bool:
    """Whether nothing was answered; an empty list of marks is an answer: no such place."""
    return given is None or given in ("", {}) or (isinstance(given, str) and not given.strip())


def _wanted(question: Question) -> str:
    """Describe the answer that a question expects."""
    if isinstance(question, ChoiceQuestion):
        return f"one of {', '.join(map(repr, question.choices))}"
    if isinstance(question, NumberQuestion):
        return f"a number{_limits(question)}"
    if isinstance(question, TextQuestion):
        return f"text of at most {question.longest} characters"
    return _WANTED[question.kind]


_WANTED: Final = {
    "score": "a number from 0 to 100",
    "descriptors": "words for the features of the nodule",
    "yes-no": "true (yes) or false (no)",
    "marks": "a list of [column, row, score], empty for no such place",
}


def _limits(question: NumberQuestion) -> str:
    unit = f" {question.unit}" if question.unit else ""
    if question.lowest is not None and question.highest is not None:
        return f" from {question.lowest:g} to {question.highest:g}{unit}"
    if question.lowest is not None:
        return f" of at least {question.lowest:g}{unit}"
    return f" of at most {question.highest:g}{unit}" if question.highest is not None else ""


def _wrong(question: Question, given: Any) -> ReadingsError:
    told = repr(given)
    return ReadingsError(f"{question.key}: expected {_wanted(question)}, got {told[:_SHOWN]}.")


def _checked(question: Question, given: Any, *, draft: bool) -> Any:
    """An answer that is not empty, in its one form."""
    if isinstance(question, DescriptorsQuestion):
        return _descriptors(question, given, draft=draft)
    if isinstance(question, MarksQuestion):
        return _marks(question, given)
    if isinstance(question, ScoreQuestion | NumberQuestion):
        return _limited(question, given)
    if not _fits(question, given):
        raise _wrong(question, given)
    return given


def _fits(question: Question, given: Any) -> bool:
    if isinstance(question, ChoiceQuestion):
        return given in question.choices
    if isinstance(question, TextQuestion):
        return isinstance(given, str) and len(given) <= question.longest
    return isinstance(given, bool)


def _number(given: Any) -> float | int | None:
    """A number; None for anything else, such as true, text or infinity. Whole numbers become integers."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        return None
    return int(given) if given == int(given) else given


def _limited(question: ScoreQuestion | NumberQuestion, given: Any) -> float:
    """A number within the limits of its question."""
    limits = (0, HIGHEST_SCORE) if isinstance(question, ScoreQuestion) else (question.lowest, question.highest)
    value = _number(given)
    low, high = (-math.inf if limits[0] is None else limits[0]), (math.inf if limits[1] is None else limits[1])
    if value is None or not low <= value <= high:
        raise _wrong(question, given)
    return value


def _descriptors(question: DescriptorsQuestion, given: Any, *, draft: bool) -> dict[str, str]:
    if not isinstance(given, Mapping) or not all(isinstance(words, str) for words in given.values()):
        raise _wrong(question, given)
    unknown = [name for name in given if name not in FEATURES]
    if unknown:
        raise ReadingsError(f"{question.key}: {unknown[0]!r} is no feature; they are {', '.join(FEATURES)}.")
    words = {name: given[name].strip() for name in FEATURES if given.get(name, "").strip()}
    missing = [name for name in NEEDED_FEATURES if name not in words]
    if missing and question.required and not draft:
        raise ReadingsError(f"{question.key}: {missing[0]} is missing; say 'unknown' where it cannot be told.")
    try:
        read_nodule(words)
    except TiradsError as error:
        raise ReadingsError(f"{question.key}: {str(error).splitlines()[0]}") from None
    return words


def _marks(question: MarksQuestion, given: Any) -> list[list[float]]:
    if not isinstance(given, list | tuple) or len(given) > question.most:
        raise ReadingsError(f"{question.key}: expected at most {question.most} marks [column, row, score].")
    return [_mark(question, mark) for mark in given]


def _mark(question: MarksQuestion, mark: Any) -> list[float]:
    """`[column, row, score, image, frame]`; the first image and its first frame where they are not named."""
    parts = list(mark) if isinstance(mark, list | tuple) and 3 <= len(mark) <= 5 else [None]
    known: list[float] = [number for number in map(_number, parts) if number is not None]
    if len(known) < len(parts):
        raise ReadingsError(f"{question.key}: expected a mark [column, row, score, image, frame], got {mark!r}.")
    whole = [*known, *[1, 0][len(known) - 3 :]]
    column, row, score, image, frame = whole
    if column < 0 or row < 0 or not 0 <= score <= HIGHEST_SCORE:
        raise ReadingsError(f"{question.key}: a mark lies inside the picture and scores 0 to 100, got {mark!r}.")
    if not (isinstance(image, int) and isinstance(frame, int) and image >= 1 and frame >= 0):
        raise ReadingsError(f"{question.key}: images of marks count from 1 and frames from 0, got {mark!r}.")
    return whole


@dataclass(frozen=True, slots=True)
class Computed:
    """TI-RADS category and points that follow from descriptors.

    Attributes:
        system: key of the TI-RADS system.
        category: None where unknown features leave several open.
        rank: the category's place in the system, from 1 for the least suspicious.
        points: the sum, in systems that count.
        text: the category, or the range that is left open.
    """

    system: str
    category: str | None
    rank: int | None
    points: int | None
    text: str


def computed(question: DescriptorsQuestion, words: Mapping[str, str]) -> Computed:
    """Category and points of checked descriptors.

    >>> acr = DescriptorsQuestion(kind="descriptors", key="features", system="acr")
    >>> words = {"composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth", "calcification": "none"}
    >>> computed(acr, {**words, "shape": "taller than wide"})
    Computed(system='acr-2017', category='TR5', rank=5, points=7, text='TR5')
    """
    result = assess(question.system, read_nodule(words))
    rank = result.lowest_rank if result.category is not None else None
    return Computed(question.system, result.category, rank, result.points, result.text())
