"""Instructions to readers before they begin: the work, the questions, the rules. They hold no consent form."""

from collections.abc import Iterator, Sequence

from thyrosight.counting import counted
from thyrosight.documents import Items, section
from thyrosight.readings.protocol import Protocol
from thyrosight.readings.questions import DescriptorsQuestion, MarksQuestion, Question, ScoreQuestion
from thyrosight.readings.sessions import Session
from thyrosight.readings.words import answer_in_words, own_words
from thyrosight.readings.writing import Writing


def instructions_for_readers(protocol: Protocol, sessions: Sequence[Session]) -> Writing:
    """The instructions for readers.

    They tell nothing of truth, of the share of malignant cases, or of repeats and attention cases.

    Args:
        protocol: of the study.
        sessions: as `orders` returned them.
    """
    return Writing(
        title=protocol.title,
        subtitle="Instructions for readers",
        lead="You judge cases one by one and answer the same questions on each. Research use only: nothing you say here"
        " goes to a patient.",
        facts=(),
        sections=(
            section("What you do", *_work(protocol, sessions)),
            section("The questions", Items(texts=tuple(map(_question, protocol.questions)), numbered=True)),
            *([section("The model", *_model(protocol))] if any(arm.model for arm in protocol.arms) else []),
            section("Rules", Items(texts=tuple(_rules(protocol)))),
            section("Who to ask", "[[Name, telephone and e-mail of somebody who answers during the study.]]"),
        ),
        source="",
        own=own_words(protocol),
    )


def _work(protocol: Protocol, sessions: Sequence[Session]) -> Iterator[str]:
    sizes = sorted({len(session.tasks) for session in sessions})
    number = max((session.number for session in sessions), default=1)
    cases = f"{sizes[0]} cases" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} cases"
    yield f"There is one session of {cases}." if number == 1 else f"There are {number} sessions of {cases} each."
    if number > 1 and protocol.washout_days:
        yield (
            f"Between two sessions lie at least {counted(protocol.washout_days, 'day')}; the next one opens after that."
        )
    if protocol.practice:
        yield (
            f"The first {counted(protocol.practice, 'case')} of a session {'is' if protocol.practice == 1 else 'are'}"
            " for"
            " practice. After you have locked your answer to one of them, you are told the truth."
        )
    yield "[[Monitor, room and light, where they matter.]]"


def _question(question: Question) -> str:
    end = "" if question.wording.endswith(("?", "!", ".", "？", "！", "。")) else "."
    said = [f"{question.wording}{end}", f"Answer: {answer_in_words(question)}."]
    if isinstance(question, ScoreQuestion):
        said += ["Use the whole range.", "50 means that you cannot tell."]
    elif isinstance(question, DescriptorsQuestion):
        said.append("Say 'unknown' where a feature cannot be told.")
    elif isinstance(question, MarksQuestion):
        said.append("If nothing looks malignant, say so.")
    if not question.required:
        said.append("You may leave it out.")
    if question.arms:
        said.append(f"Asked only in: {', '.join(question.arms)}.")
    return " ".join(said)


def _model(protocol: Protocol) -> Iterator[str]:
    if protocol.design == "sequential":
        yield (
            "First judge the case by yourself and lock your answers. Then a computer model's answer appears. Answer all"
            " questions again: you may keep your answers or change them. Your first answers stay as they were."
        )
    elif len(protocol.arms) == 1 or all(arm.model for arm in protocol.arms):
        yield "With each case you see the answer of a computer model."
    else:
        yield (
            "In some cases you see the answer of a computer model beside the case, in others you do not."
            if protocol.design == "concurrent"
            else "In some sessions you see the answer of a computer model beside the case, in others you do not."
        )
    yield "The model can be wrong. What counts is your own judgement."


def _rules(protocol: Protocol) -> Iterator[str]:
    yield "Judge each case by itself, from what is shown. Do not look anything up."
    yield "Do not talk about cases with other readers until the study has ended."
    yield (
        "An answer is saved as you give it, and final when you lock it. You can go back to cases that you have not"
        " locked."
    )
    yield "There is no limit of time. When you stop, pause: the time of a pause is not counted."
    if len(protocol.arms) > 1:
        yield "Judge in the same way whether or not a model's answer is shown."
    yield "If a picture is missing or shows a name, do not judge the case: tell the person below."
