"""Protocol in plain sentences: the design, the questions, and how they are answered."""

from collections.abc import Iterator, Sequence
from typing import Final

from thyrosight.counting import counted
from thyrosight.readings.cases import Reader
from thyrosight.readings.fields import Action, ProtocolFields
from thyrosight.readings.questions import (
    ChoiceQuestion,
    DescriptorsQuestion,
    MarksQuestion,
    NumberQuestion,
    Question,
)
from thyrosight.tirads import find_system


def own_words(protocol: ProtocolFields, readers: Sequence[Reader] = ()) -> frozenset[str]:
    """The words of the people of a study, which no language changes: its title, questions, choices and names."""
    asked = [text for question in protocol.questions for text in (question.text, question.key)]
    choices = [one for question in protocol.questions for one in getattr(question, "choices", ())]
    models = [arm.model or "" for arm in protocol.arms]
    people = [text for reader in readers for text in (reader.key, reader.group)]
    return frozenset((protocol.title, protocol.aim, *asked, *choices, *protocol.arm_names, *models, *people)) - {""}


def listed(words: Sequence[str]) -> str:
    """Words in a row.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def arm_in_words(protocol: ProtocolFields, name: str) -> str:
    """An arm with what it shows."""
    arm = next(arm for arm in protocol.arms if arm.name == name)
    return f"{arm.name} ({'without a model' if arm.model is None else f'with the answer of the model {arm.model}'})"


def design_sentences(protocol: ProtocolFields) -> Iterator[str]:
    """How cases are read."""
    arms = listed([arm_in_words(protocol, name) for name in protocol.arm_names])
    days = counted(protocol.washout_days, "day")
    match protocol.design:
        case "single":
            yield f"There is one way of reading: {arms}. Every reader reads each of their cases once."
        case "independent" if protocol.readers == "nested":
            yield (
                f"The ways of reading (arms) are {arms}. Every reader reads in one of them; readers were allotted in"
                " turn."
            )
        case "independent":
            yield (
                f"The ways of reading (arms) are {arms}. Each reader reads all of their cases in each arm, in"
                " sessions of"
                f" their own with at least {days} between them. Each arm is read first equally often, and no case"
                " stands"
                " in the same place in two sessions."
            )
        case "sequential":
            yield (
                "Each reader first judges a case without the model and locks the answers, which cannot be changed any"
                " more. Then the model's answer is shown, and the reader answers all questions again and locks them."
                f" The ways of reading (arms) are {arms}."
            )
            if len(protocol.arms) > 2:
                yield f"There is a session for each model, with at least {days} between two sessions."
        case "concurrent":
            yield f"The ways of reading (arms) are {arms}. The model's answer is on the screen from the start."
            if len(protocol.arms) > 1:
                yield "Each case is read once by each of its readers, in an arm drawn by lot."
    yield _who_reads(protocol)


def _who_reads(protocol: ProtocolFields) -> str:
    if protocol.reading == "crossed":
        return "Every reader reads every case."
    if protocol.reading == "nested":
        return "Each case is read by one reader; malignant and benign cases were shared out evenly among readers."
    return (
        f"Each case is read by {counted(protocol.readers_per_case or 1, 'reader')} (balanced incomplete blocks);"
        " malignant"
        " and benign cases, and pairs of readers, were shared out evenly."
    )


def extra_sentences(protocol: ProtocolFields) -> Iterator[str]:
    """Practice, attention cases and repeats; nothing for readers, who should not know of the last two."""
    if protocol.practice:
        yield (
            f"Each session begins with {counted(protocol.practice, 'practice case')}, with feedback on the truth"
            " after the"
            " lock; they are never analysed."
        )
    if protocol.attention:
        yield (
            f"In each session {counted(protocol.attention, 'case')} with an obvious answer, of which readers do not"
            " know,"
            " show whether they attend; they are reported and never analysed."
        )
    if protocol.repeats:
        yield (
            f"In each session a reader reads {counted(protocol.repeats, 'case')} once more, with as many other cases in"
            " between as there are, for agreement within readers; these second readings are analysed for that alone."
        )


def answer_in_words(question: Question) -> str:
    """How a question is answered."""
    if isinstance(question, DescriptorsQuestion):
        title = find_system(question.system).title
        return f"words for each sonographic feature; the category of {title} is computed from them, never asked"
    if isinstance(question, MarksQuestion):
        return f"places in the picture, each with a score from 0 to 100; none, or up to {question.most}"
    if isinstance(question, ChoiceQuestion):
        return f"one of {', '.join(question.choices)}"
    if isinstance(question, NumberQuestion):
        return number_in_words(question)
    return _PLAIN[question.kind]


_PLAIN: Final = {
    "score": "a number from 0 (surely benign) to 100 (surely malignant), with no default",
    "text": "free text",
    "yes-no": "yes or no",
}


def number_in_words(question: NumberQuestion) -> str:
    """The limits of a number.

    >>> number_in_words(NumberQuestion(kind="number", key="depth", unit="mm", lowest=0, highest=100))
    'a number from 0 to 100 mm'
    """
    low = "" if question.lowest is None else f" from {question.lowest:g}"
    high = "" if question.highest is None else f" {'to' if low else 'up to'} {question.highest:g}"
    return f"a number{low}{high}{' ' + question.unit if question.unit else ''}"


def action_in_words(protocol: ProtocolFields) -> str:
    """From what a case counts as called positive; "" where nothing says so."""
    if protocol.action is None:
        return ""
    if isinstance(protocol.action, Action):
        level = protocol.action.at_least
        shown = f"{level:g}" if isinstance(level, float) else level
        return f"an answer of at least {shown} to the question {protocol.action.question}"
    return f"yes to the question {protocol.action}"
