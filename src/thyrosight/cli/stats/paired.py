"""`thyrosight stats paired`: two readers' or systems' calls on the same nodules."""

from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.stats.options import Equivalence, Margin, PositiveCall, margin_aim
from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.statistics import MarginTest, PairedCalls


@answers()
def paired_command(
    question: Question,
    *,
    a: Annotated[str, typer.Option("--a", metavar="COLUMN", help="Calls, or score, of the first reader or system.")],
    b: Annotated[str, typer.Option("--b", metavar="COLUMN", help="The same of the second.")],
    positive_call: PositiveCall = None,
    threshold_a: Annotated[float | None, typer.Option(help="Column --a is a score: positive from this one on.")] = None,
    threshold_b: Annotated[float | None, typer.Option(help="Column --b is a score: positive from this one on.")] = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    method: Annotated[
        str | None,
        typer.Option(
            help="mcnemar-exact, mcnemar-mid-p, mcnemar-chi-square, mcnemar-chi-square-corrected, score or gee"
            " (default: mcnemar-exact, and score for predictive values; gee with patients)."
        ),
    ] = None,
    interval: Annotated[
        str, typer.Option(help="Of differences tested by McNemar: tango or newcombe; the others have their own.")
    ] = "tango",
) -> "Answer":
    """Compare two readers or systems on the same nodules: sensitivity, specificity, accuracy, predictive values.

    With --margin, a is new and b the reference.
    """
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_figures import forest_figure
    from thyrosight.reports.statistics_sections import margin_section, sections_of
    from thyrosight.statistics import compare_calls

    aim = margin_aim(margin, equivalence=equivalence)
    names = question.table.column(a, option="--a"), question.table.column(b, option="--b")
    known, patient = question.truth_and_patients(*names)
    calls = [
        question.calls(name, threshold=threshold, positive_call=positive_call)
        for name, threshold in zip(names, (threshold_a, threshold_b), strict=True)
    ]
    found = question.tested(
        compare_calls(known, *calls, cluster=patient, method=method, interval=interval, confidence=question.confidence)
    )
    question.note(f"a is {names[0]}, b is {names[1]}.")
    tables, result = sections_of(found), found.to_dict()
    tests = {} if margin is None else _against_margin(found, margin=margin, aim=aim, confidence=question.confidence)
    tests = question.tested(tests)
    if tests:
        tables.append(margin_section({f"{name}, a - b": test for name, test in tests.items()}))
        result["margin"] = {name: test.to_dict() for name, test in tests.items()}
    return Answer(
        title="Two readers or systems on the same nodules",
        summary=say.paired_summary(found, *names),
        tables=tuple(tables),
        figures=(forest_figure(_forest(found), x=f"{names[0]} - {names[1]}", reference=0),),
        methods=say.paired_methods(found) + say.margin_methods(next(iter(tests.values()), None)),
        result=result,
    )


def _against_margin(found: "PairedCalls", *, margin: float, aim: str, confidence: float) -> "dict[str, MarginTest]":
    """Sensitivity and specificity against a margin: by Tango's score, or with patients by the variance of GEE."""
    from thyrosight.statistics import margin_test, paired_margin_test

    tests = {}
    for name, counts in (("sensitivity", found.malignant), ("specificity", found.benign)):
        one = getattr(found, name)
        if one is None:
            continue
        if one.clusters is None:
            tests[name] = paired_margin_test(
                counts[1], counts[2], sum(counts), margin=margin, aim=aim, confidence=confidence
            )
        else:
            tests[name] = margin_test(one.difference, one.se, margin=margin, aim=aim, confidence=confidence)
    return tests


def _forest(found: "PairedCalls") -> "list[ForestLine]":
    from thyrosight.documents import Measure
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.reports.statistics_sections import measure_name

    return [ForestLine(name=measure_name(name), estimate=Measure.of(one)) for name, one in found.comparisons().items()]
