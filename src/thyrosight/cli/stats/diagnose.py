"""`thyrosight stats diagnose`: sensitivity, specificity and all that follows from a two-by-two table."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.options import SCORE_NAMES, PositiveCall
from thyrosight.cli.stats.question import Question, answers
from thyrosight.cli.stats.verification import verified_answer

if TYPE_CHECKING:
    from thyrosight.documents import Answer, Table
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.statistics import DiagnosticTable

_IN_FIGURE = ("sensitivity", "specificity", "accuracy", "ppv", "npv", "f1", "balanced_accuracy")


@answers()
def diagnose_command(
    question: Question,
    *,
    predicted: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Call: 0 and 1, or benign and malignant (default: predicted).")
    ] = None,
    score: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Score to call from instead, with --threshold or --rule.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Call positive from this score on.")] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="Choose the threshold here: youden, closest, 'sensitivity>=0.95', 'specificity>=0.9'."),
    ] = None,
    positive_call: PositiveCall = None,
    interval: Annotated[
        str | None,
        typer.Option(
            help="wilson, wald, clopper-pearson, agresti-coull, jeffreys, gee, bootstrap (default: wilson; gee with"
            " patients)."
        ),
    ] = None,
    prevalence: Annotated[float | None, typer.Option(help="Also give predictive values at this prevalence.")] = None,
    verified: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Whether the truth of a nodule is known, 0 or 1: correct for those of which it is not; --interval is"
            " then logit or bootstrap.",
        ),
    ] = None,
) -> "Answer":
    """Sensitivity, specificity, predictive values, likelihood ratios and more, of a call or of a score."""
    from thyrosight.documents import Answer
    from thyrosight.errors import StatisticsError
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_figures import forest_figure
    from thyrosight.reports.statistics_sections import sections_of
    from thyrosight.statistics import diagnostic_table

    if threshold is not None and rule is not None:
        raise StatisticsError("Give --threshold or --rule, not both.")
    table = question.table
    by_score = score is not None or threshold is not None or rule is not None
    name = table.column(
        score if by_score else predicted,
        option="--score" if by_score else "--predicted",
        candidates=SCORE_NAMES if by_score else ("predicted", "call", "predicted_label"),
    )
    if verified is not None:
        if prevalence is not None or (by_score and threshold is None):
            raise StatisticsError(
                "--verified goes with calls, or with a score and its --threshold, and no --prevalence."
            )

        def calls_of() -> list[int]:
            return question.calls(name, threshold=threshold if by_score else None, positive_call=positive_call)

        return verified_answer(question, verified=verified, column=name, calls=calls_of, interval=interval)
    known, patient = question.truth_and_patients(name)
    sections: list[Table] = []
    result: dict[str, Any] = {}
    if by_score and threshold is None:
        values = table.numbers(name)
        threshold, sections, result["operating_point"] = _chosen(question, known, values, patient, rule)
    calls = question.calls(name, threshold=threshold if by_score else None, positive_call=positive_call)
    found = question.tested(
        diagnostic_table(
            known, calls, cluster=patient, interval=interval, prevalence=prevalence, confidence=question.confidence
        )
    )
    return Answer(
        title="Diagnostic performance",
        summary=say.diagnostic_summary(found),
        tables=(*sections_of(found), *sections),
        figures=(forest_figure(_forest(found), x="Proportion"),),
        methods=say.diagnostic_methods(found),
        result=result | {"table": found.to_dict()},
    )


def _chosen(
    question: Question, known: list[int], values: list[float], patient: list[Any] | None, rule: str | None
) -> "tuple[float, list[Table], dict[str, Any]]":
    """A threshold chosen on the data themselves, what is said of it, and its values."""
    from thyrosight.reports.statistics_sections import sections_of
    from thyrosight.statistics import operating_point

    point = question.tested(
        operating_point(known, values, rule=rule or "youden", cluster=patient, confidence=question.confidence)
    )
    question.note("The threshold was chosen on these very data, so the table is optimistic.")
    return point.threshold, sections_of(point), point.to_dict()


def _forest(found: "DiagnosticTable") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import forest_line
    from thyrosight.reports.statistics_sections import measure_name

    return [forest_line(measure_name(name), getattr(found, name)) for name in _IN_FIGURE]
