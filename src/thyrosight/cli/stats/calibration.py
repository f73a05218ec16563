"""`thyrosight stats calibration`: whether predicted risks agree with what is observed."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer


@answers()
def calibration_command(
    question: Question,
    *,
    score: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Predicted risk from 0 to 1 (default: score, ...).")
    ] = None,
    smoother: Annotated[
        str, typer.Option(help="spline (logistic, restricted cubic spline) or loess (Austin and Steyerberg).")
    ] = "spline",
    bins: Annotated[int, typer.Option(help="Bins of the figure and of the expected calibration error.")] = 10,
    binning: Annotated[str, typer.Option(help="equal-mass (as many cases in each) or equal-width.")] = "equal-mass",
    groups: Annotated[int, typer.Option(help="Groups of the Hosmer-Lemeshow test.")] = 10,
    fitted: Annotated[
        bool, typer.Option("--fitted", help="The model was fitted to these rows: Hosmer-Lemeshow with groups - 2 df.")
    ] = False,
) -> "Answer":
    """Calibration of predicted risks: curve, slope, observed / expected, ICI, E50, E90, Brier score, tests."""
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_calibration as say
    from thyrosight.statistics import (
        brier,
        calibration_error,
        calibration_slope,
        hosmer_lemeshow,
        observed_expected_ratio,
        reliability_curve,
        smooth_calibration,
        spiegelhalter_test,
    )

    (name,) = question.score_names(None if score is None else [score])
    known, patient = question.truth_and_patients(name)
    risk, level = question.table.numbers(name), question.confidence
    found = say.CalibrationFindings(
        name=name,
        slope=calibration_slope(known, risk, cluster=patient, confidence=level),
        ratio=observed_expected_ratio(known, risk, cluster=patient, confidence=level),
        smooth=smooth_calibration(known, risk, smoother=smoother, cluster=patient, confidence=level),
        brier=brier(known, risk, cluster=patient, confidence=level),
        error=calibration_error(known, risk, bins=bins, binning=binning, cluster=patient, confidence=level),
        bins=reliability_curve(known, risk, bins=bins, binning=binning, confidence=level),
        spiegelhalter=spiegelhalter_test(known, risk, cluster=patient),
        hosmer_lemeshow=hosmer_lemeshow(known, risk, groups=groups, fitted=fitted),
    )
    found = question.tested(found)
    if question.table.untested:
        found = replace(found, spiegelhalter=(found.spiegelhalter[0], math.nan))
    return Answer(
        title="Calibration of predicted risks",
        summary=say.calibration_summary(found),
        tables=say.calibration_tables(found),
        figures=(say.calibration_figure(found),),
        methods=say.calibration_methods(found),
        result=found.to_dict(),
    )
