"""Rules by which the parts of a protocol go together."""

from collections import Counter
from collections.abc import Sequence

from thyrosight.readings.fields import Action, ProtocolFields
from thyrosight.readings.questions import (
    HIGHEST_SCORE,
    ChoiceQuestion,
    DescriptorsQuestion,
    MarksQuestion,
    NumberQuestion,
    Question,
    ScoreQuestion,
    YesNoQuestion,
)
from thyrosight.tirads import TiradsError, find_system, read_category


def require_coherent(protocol: ProtocolFields) -> None:
    """Refuse what contradicts itself.

    Raises:
        ValueError: a clause that names the key and says what to do.
    """
    _require_arms(protocol)
    _require_sessions(protocol)
    _require_readers(protocol)
    _require_questions(protocol)
    _require_main(protocol)
    _require_action(protocol)


def _require_arms(protocol: ProtocolFields) -> None:
    names = [arm.name for arm in protocol.arms]
    _require_different(names, what="arms", noun="name")
    shown = [arm.model for arm in protocol.arms]
    models = [model for model in shown if model is not None]
    if len(set(shown)) < len(shown):
        raise ValueError("arms: two arms show the same model, or none; each arm shows something else")
    match protocol.design:
        case "single":
            if len(names) != 1:
                raise ValueError(f"design: a single design has one arm, not {len(names)}; leave the others out")
        case "independent":
            if len(names) < 2:
                raise ValueError("design: an independent design needs two arms or more; one arm is a single design")
        case "sequential":
            if not models or shown[0] is not None:
                raise ValueError(
                    "arms: a sequential design needs an arm without a model, and after it an arm for each model"
                )
        case "concurrent":
            if not models:
                raise ValueError("arms: a concurrent design needs an arm with a model")


def _require_sessions(protocol: ProtocolFields) -> None:
    if protocol.washout_days and sessions_of_reader(protocol) < 2:
        raise ValueError("washout_days: every reader has one session in this design; set it to 0")


def sessions_of_reader(protocol: ProtocolFields) -> int:
    """How many sessions each reader has."""
    if protocol.readers == "nested":
        return 1
    return {"independent": len(protocol.arms), "sequential": len(protocol.arms) - 1}.get(protocol.design, 1)


def _require_readers(protocol: ProtocolFields) -> None:
    if (protocol.reading == "blocks") != (protocol.readers_per_case is not None):
        raise ValueError("readers_per_case: goes with reading: blocks, and with nothing else")
    if protocol.readers == "nested" and (protocol.design != "independent" or protocol.reading != "crossed"):
        raise ValueError("readers: nested (each reader in one arm) goes with an independent design and crossed reading")


def _require_questions(protocol: ProtocolFields) -> None:
    _require_different([question.key for question in protocol.questions], what="questions", noun="key")
    for kind, words in ((DescriptorsQuestion, "descriptors"), (MarksQuestion, "marks")):
        if sum(isinstance(question, kind) for question in protocol.questions) > 1:
            raise ValueError(f"questions: one question of {words} is allowed, not several")
    for question in protocol.questions:
        unknown = [arm for arm in question.arms if arm not in protocol.arm_names]
        if unknown:
            raise ValueError(
                f"questions, {question.key}: there is no arm {unknown[0]!r}; the arms are"
                f" {', '.join(protocol.arm_names)}"
            )


def _require_main(protocol: ProtocolFields) -> None:
    question = _named(protocol, protocol.main_question, "main_question")
    if not isinstance(question, ScoreQuestion | DescriptorsQuestion | ChoiceQuestion | MarksQuestion):
        raise ValueError(
            f"main_question: {question.key} is a question of kind {question.kind}; it should be of kind score,"
            " descriptors, choice or marks, from which an area under the ROC curve can be computed"
        )
    _require_always(question, "main_question")


def _require_action(protocol: ProtocolFields) -> None:
    if protocol.action is None:
        return
    if isinstance(protocol.action, str):
        question = _named(protocol, protocol.action, "action")
        if not isinstance(question, YesNoQuestion):
            raise ValueError(f"action: {question.key} is no yes-no question; write {{question: ..., at_least: ...}}")
    else:
        question = _named(protocol, protocol.action.question, "action.question")
        _require_level(question, protocol.action)
    _require_always(question, "action")


def _require_level(question: Question, action: Action) -> None:
    level = action.at_least
    if isinstance(question, ScoreQuestion | NumberQuestion | MarksQuestion):
        if isinstance(level, str):
            raise ValueError(f"action.at_least: expected a number for {question.key}, got {level!r}")
        if not isinstance(question, NumberQuestion) and not 0 < level <= HIGHEST_SCORE:
            raise ValueError(f"action.at_least: expected more than 0 and at most 100 for {question.key}, got {level:g}")
    elif isinstance(question, DescriptorsQuestion):
        try:
            read_category(find_system(question.system), str(level))
        except TiradsError as error:
            raise ValueError(f"action.at_least: {str(error).rstrip('.')}") from None
    elif isinstance(question, ChoiceQuestion):
        if level not in question.choices:
            raise ValueError(f"action.at_least: {level!r} is none of {', '.join(question.choices)}")
    else:
        raise ValueError(f"action.question: {question.key} has no levels; name a yes-no question alone, or a score")


def _named(protocol: ProtocolFields, key: str, place: str) -> Question:
    found = next((question for question in protocol.questions if question.key == key), None)
    if found is None:
        known = ", ".join(question.key for question in protocol.questions)
        raise ValueError(f"{place}: there is no question {key!r}; the questions are {known}")
    return found


def _require_always(question: Question, place: str) -> None:
    if question.arms or not question.required:
        raise ValueError(f"{place}: {question.key} should be required and asked in all arms")


def _require_different(names: Sequence[str], *, what: str, noun: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"{what}: two of them have the {noun} {twice[0]!r}; rename one")
