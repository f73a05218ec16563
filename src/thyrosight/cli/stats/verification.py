"""`thyrosight stats diagnose --verified`: sensitivity and specificity where only some nodules were verified."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thyrosight.cli.stats.question import Question

if TYPE_CHECKING:
    from thyrosight.documents import Answer


def verified_answer(
    question: Question,
    *,
    verified: str,
    column: str,
    calls: Callable[[], list[int]],
    interval: str | None,
) -> "Answer":
    """Correct for the nodules whose truth is not known.

    Args:
        question: the table.
        verified: column that says for which nodules the truth is known.
        column: of the calls, or of the score that they are made of.
        calls: reads the calls, once rows are left out.
        interval: "logit" or "bootstrap"; None for the first.

    Raises:
        StatisticsError: a truth that is empty though verified.
    """
    from thyrosight.documents import Answer
    from thyrosight.reports import verification_sections as say
    from thyrosight.reports.statistics_figures import forest_figure, forest_line
    from thyrosight.statistics import correct_verification

    name = question.table.column(verified, option="--verified")
    patient = question.patients(name, column)
    truth = _truth_where(question, question.table.truth(name, None), name)
    units = set(zip(truth, range(len(truth)) if patient is None else patient, strict=True))
    question.require_groups(*(sum(label == one for label, _ in units) for one in (0, 1)))
    found = question.tested(
        correct_verification(
            truth, calls(), cluster=patient, interval=interval or "logit", confidence=question.confidence
        )
    )
    rates = {
        "sensitivity, corrected": found.sensitivity,
        "  of the verified alone": found.verified_sensitivity,
        "specificity, corrected": found.specificity,
        "  of the verified alone ": found.verified_specificity,
    }
    lines = [forest_line(words, one, bold="corrected" in words) for words, one in rates.items()]
    return Answer(
        title="Diagnostic performance under partial verification",
        summary=say.verification_summary(found),
        tables=tuple(say.verification_sections(found)),
        figures=(forest_figure(lines, x="Proportion"),),
        methods=say.verification_methods(found),
        result=found.to_dict(),
    )


def _truth_where(question: Question, known: list[int], verified: str) -> list[Any]:
    """The truth as 0 and 1 of the verified rows, and None of the others, whatever their cell says."""
    from thyrosight.cli.stats.words import as_binary
    from thyrosight.errors import StatisticsError

    table = question.table
    cells, empty = list(table.frame[question.truth]), list(table.missing(question.truth))
    for row, flag, missing in zip(table.frame.index, known, empty, strict=True):
        if flag and missing:
            raise StatisticsError(
                f"{table.path}, row {row}: {question.truth!r} is empty though {verified!r} says that it was verified;"
                " fill it in, or mark the row as not verified."
            )
    ours = [cell for cell, flag in zip(cells, known, strict=True) if flag]
    if not ours:
        raise StatisticsError(f"{table.path}: no row is verified ({verified!r}), so nothing can be corrected.")
    values, word = as_binary(ours, positive=question.positive, where=str(table.path), name=question.truth)
    table.own.add(word)
    if word and question.positive is None:
        question.note(f"{question.truth}: {word} was taken as positive.")
    left = iter(values)
    return [next(left) if flag else None for flag in known]
