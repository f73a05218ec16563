"""`thyrosight stats regression`: odds ratios of predictors, each alone and all together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.statistics import LogisticRegression


@answers()
def regression_command(
    question: Question,
    *,
    predictor: Annotated[
        list[str],
        typer.Option(metavar="COLUMN", help="Predictor: a number, or a category in words; repeat for several."),
    ],
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=LEVEL", help="Level that a category is compared with (default: the first)."),
    ] = None,
    categorical: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Take a column of numbers as categories; repeat.")
    ] = None,
    correlation: Annotated[str, typer.Option(help="Within patients: independence or exchangeable.")] = "independence",
    firth: Annotated[
        bool, typer.Option("--firth", help="Firth's penalty throughout (default: only where odds ratios are infinite).")
    ] = False,
) -> "Answer":
    """Logistic regression: odds ratios of each predictor alone and of all together."""
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_regression as say

    names = list(dict.fromkeys(question.table.column(name, option="--predictor") for name in predictor))
    levels = _references(question, reference or (), names)
    known, patient = question.truth_and_patients(*names)
    columns = {name: question.table.labels(name) for name in names}
    categories = [question.table.column(name, option="--categorical") for name in categorical or ()]

    def fit(chosen: Sequence[str]) -> "LogisticRegression":
        return _fitted(
            question,
            known,
            {name: columns[name] for name in chosen},
            patient=patient,
            firth=firth,
            correlation=correlation,
            reference={name: level for name, level in levels.items() if name in chosen},
            categorical=[name for name in categories if name in chosen],
        )

    alone = question.tested({name: fit([name]) for name in names})
    together = question.tested(fit(names)) if len(names) > 1 else None
    main = alone[names[0]] if together is None else together
    return Answer(
        title="Logistic regression",
        summary=say.regression_summary(main),
        tables=say.regression_tables(alone, together),
        figures=(say.regression_figure(alone, together),),
        methods=say.regression_methods(main),
        result={
            "alone": {name: one.to_dict() for name, one in alone.items()},
            "together": None if together is None else together.to_dict(),
        },
    )


def _fitted(
    question: Question,
    known: list[int],
    columns: dict[str, Any],
    *,
    patient: list[Any] | None,
    firth: bool,
    correlation: str,
    **coding: Any,
) -> "LogisticRegression":
    """Maximum likelihood or GEE, and Firth's penalty where these have no finite odds ratio."""
    from thyrosight.statistics import logistic_regression

    level = question.confidence
    if not firth:
        plain = logistic_regression(known, columns, confidence=level, **coding)
        if not plain.separated:
            if patient is None:
                return plain
            return logistic_regression(
                known, columns, cluster=patient, correlation=correlation, confidence=level, **coding
            )
        names = "; ".join(plain.separated)
        question.note(f"The outcome is perfectly separated by {names}: Firth's penalty was used there.")
    if patient is not None:
        question.note("Firth's penalty takes rows as independent: patients were not kept together there.")
    return logistic_regression(known, columns, penalty="firth", confidence=level, **coding)


def _references(question: Question, given: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    from thyrosight.errors import StatisticsError

    levels = {}
    for one in given:
        name, equals, level = one.partition("=")
        if not equals or name not in names:
            raise StatisticsError(f"--reference should be COLUMN=LEVEL of a --predictor, got {one!r}.")
        levels[name] = level
    return levels
