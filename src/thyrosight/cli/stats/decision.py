"""`thyrosight stats decision` and `reclassification`: what risks are worth where one has to decide."""

from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.stats.options import Scores
from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer, Figure
    from thyrosight.statistics import NetBenefitDifference

_USUAL = (0.05, 0.1, 0.2, 0.3, 0.5)


@answers()
def decision_command(
    question: Question,
    *,
    score: Scores = None,
    threshold: Annotated[
        list[float] | None,
        typer.Option(metavar="RISK", help="Risk from which one acts; repeat (default: 0.05, 0.1, 0.2, 0.3, 0.5)."),
    ] = None,
    miss_rate: Annotated[float, typer.Option(help="Share of positives that a spared biopsy may miss.")] = 0.05,
) -> "Answer":
    """Decision curve: net benefit of acting on predicted risks, of two scores their difference, biopsies avoided."""
    import numpy as np

    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_decisions as say
    from thyrosight.statistics import biopsies_avoided, compare_net_benefit, decision_curve

    names = question.score_names(score)
    known, patient = question.truth_and_patients(*names)
    risks = {name: question.table.numbers(name) for name in names}
    levels, confidence = sorted(threshold or _USUAL), question.confidence
    curves = {
        name: decision_curve(known, risk, levels, cluster=patient, confidence=confidence)
        for name, risk in risks.items()
    }
    differences: tuple[NetBenefitDifference, ...] = ()
    if len(names) == 2:
        first, second = risks.values()
        differences = compare_net_benefit(known, first, second, levels, cluster=patient, confidence=confidence)
    avoided = {
        name: biopsies_avoided(known, risk, miss_rate=miss_rate, cluster=patient, confidence=confidence)
        for name, risk in risks.items()
    }
    curves, differences, avoided = question.tested((curves, differences, avoided))
    figures: tuple[Figure, ...] = ()
    if question.draws:
        grid = np.unique([*np.arange(1, 61) / 100, *levels])
        drawn = {
            name: decision_curve(known, risk, grid, cluster=patient, confidence=confidence)
            for name, risk in risks.items()
        }
        figures = (say.decision_figure(drawn),)
    return Answer(
        title="Decisions by predicted risk",
        summary=say.decision_summary(curves, differences),
        tables=say.decision_tables(curves, differences, avoided),
        figures=figures,
        methods=say.decision_methods(curves),
        result={
            "curves": {name: curve.to_dict() for name, curve in curves.items()},
            "differences": [item.to_dict() for item in differences],
            "biopsies_avoided": {name: item.to_dict() for name, item in avoided.items()},
        },
    )


@answers()
def reclassification_command(
    question: Question,
    *,
    new: Annotated[str, typer.Option("--new", metavar="COLUMN", help="Risk from 0 to 1 of the new model.")],
    old: Annotated[str, typer.Option("--old", metavar="COLUMN", help="Risk from 0 to 1 of the old model.")],
    threshold: Annotated[
        list[float] | None,
        typer.Option(metavar="RISK", help="Threshold that divides categories of risk, fixed beforehand; repeat."),
    ] = None,
) -> "Answer":
    """Does a new model move patients to the right risk? Net benefit, reclassification table, NRI, IDI."""
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_decisions as say
    from thyrosight.statistics import compare_risks

    names = question.table.column(new, option="--new"), question.table.column(old, option="--old")
    known, patient = question.truth_and_patients(*names)
    found = compare_risks(
        known,
        *(question.table.numbers(name) for name in names),
        thresholds=sorted(threshold) if threshold else None,
        cluster=patient,
        confidence=question.confidence,
    )
    found = question.tested(found)
    question.note(f"new is {names[0]}, old is {names[1]}.")
    if not threshold:
        question.note("No --threshold was given: net benefit, which needs one, is not shown.")
    return Answer(
        title="Reclassification by a new model",
        summary=say.reclassification_summary(found, *names),
        tables=say.reclassification_tables(found),
        figures=(say.reclassification_figure(found),),
        methods=say.reclassification_methods(found),
        result=found.to_dict(),
    )
