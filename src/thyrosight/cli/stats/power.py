"""`thyrosight stats power`: how many patients a study needs, or what power it has with those that can be had."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.options import Effect, margin_aim
from thyrosight.cli.stats.question import answers_without_table

if TYPE_CHECKING:
    from thyrosight.documents import Answer


class Design(StrEnum):
    """Aim of a study."""

    AUC = "auc"
    COMPARE = "compare"
    SENSITIVITY = "sensitivity"
    PAIRED = "paired"
    READERS = "readers"
    KAPPA = "kappa"
    DEVELOPMENT = "development"
    VALIDATION = "validation"


NEEDED: dict[Design, dict[str, str]] = {
    Design.AUC: {"auc": "expected area under the ROC curve"},
    Design.COMPARE: {
        "auc": "expected area of the first (or new) score",
        "auc_b": "expected area of the second (or reference)",
        "correlation": "correlation of the two areas over samples, somewhat below that of the scores",
    },
    Design.SENSITIVITY: {
        "sensitivity": "expected sensitivity",
        "width": "full width of its interval",
        "prevalence": "share of patients with the disease",
    },
    Design.PAIRED: {
        "sensitivity": "expected sensitivity of the first (or new) test",
        "sensitivity_b": "expected sensitivity of the second (or reference)",
        "correlation": "correlation of the two calls over patients",
    },
    Design.READERS: {
        "difference": "difference of the two tests to be detected",
        "readers": "number of readers",
        "components": "variance components of a pilot study: test by reader, error, covariances 1, 2 and 3",
        "pilot_cases": "cases of the pilot study",
    },
    Design.KAPPA: {
        "kappa": "expected kappa",
        "width": "full width of its interval",
        "prevalence": "share of cases that a reader calls positive",
    },
    Design.DEVELOPMENT: {
        "parameters": "number of candidate parameters",
        "prevalence": "share of patients with the outcome",
        "c_statistic": "expected C statistic",
    },
    Design.VALIDATION: {
        "prevalence": "share of patients with the outcome",
        "c_statistic": "expected C statistic",
    },
}
"""Values that each design needs, and the words for them."""
_ALSO = {
    Design.AUC: {"prevalence", "patients"},
    Design.COMPARE: {"prevalence", "patients", "margin", "equivalence"},
    Design.SENSITIVITY: {"specificity"},
    Design.PAIRED: {"prevalence", "patients", "margin", "equivalence"},
    Design.READERS: {"patients"},
    Design.KAPPA: set[str](),
    Design.DEVELOPMENT: {"cox_snell", "nagelkerke", "absolute_error"},
    Design.VALIDATION: {"threshold", "sensitivity", "specificity", "predictor_mean", "predictor_sd", "curve_at"},
}
"""Further values that a design accepts, beside the options that have a default."""


@answers_without_table
def power_command(  # noqa: PLR0917 - the decorator makes them keywords
    design: Annotated[
        Design | None,
        typer.Argument(
            metavar="DESIGN",
            help="auc: one area; compare: two areas on the same patients; sensitivity: width of intervals; paired: two"
            " sensitivities on the same patients; readers: reader study; kappa: agreement of two readers; development"
            " and validation of a prediction model.",
        ),
    ] = None,
    auc: Annotated[float | None, typer.Option(help="Expected area.")] = None,
    auc_b: Annotated[float | None, typer.Option(help="Expected area of the second score.")] = None,
    null: Annotated[float, typer.Option(help="Area that the first is tested against.")] = 0.5,
    sensitivity: Annotated[float | None, typer.Option(help="Expected sensitivity.")] = None,
    sensitivity_b: Annotated[float | None, typer.Option(help="Expected sensitivity of the second test.")] = None,
    specificity: Annotated[float | None, typer.Option(help="Expected specificity.")] = None,
    correlation: Annotated[float | None, typer.Option(help="Of two areas, or of two calls.")] = None,
    margin: Annotated[float | None, typer.Option(help="Show that the first is not worse by this.")] = None,
    equivalence: Annotated[bool, typer.Option("--equivalence", help="With --margin: nor better by as much.")] = False,
    width: Annotated[float | None, typer.Option(help="Full width of the interval.")] = None,
    kappa: Annotated[float | None, typer.Option(help="Expected kappa.")] = None,
    difference: Annotated[float | None, typer.Option(help="Difference of two tests to be detected.")] = None,
    readers: Annotated[int | None, typer.Option(help="Number of readers.")] = None,
    components: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help="Test by reader, error, covariances 1, 2, 3, as `stats readers` prints them."
        ),
    ] = None,
    pilot_cases: Annotated[int | None, typer.Option(help="Cases of the pilot study.")] = None,
    reader_effect: Annotated[Effect, typer.Option(help="random: other readers too; fixed: these.")] = Effect.RANDOM,
    parameters: Annotated[int | None, typer.Option(help="Candidate parameters of a model.")] = None,
    c_statistic: Annotated[float | None, typer.Option(help="Expected C statistic of a model.")] = None,
    cox_snell: Annotated[float | None, typer.Option(help="Expected Cox-Snell R2, instead of the C statistic.")] = None,
    nagelkerke: Annotated[float | None, typer.Option(help="Expected Nagelkerke R2, instead.")] = None,
    shrinkage: Annotated[float, typer.Option(help="Wanted shrinkage factor of a model.")] = 0.9,
    absolute_error: Annotated[
        float | None, typer.Option(help="Greatest mean absolute error of risks of a new model.")
    ] = None,
    predictor_mean: Annotated[float | None, typer.Option(help="Mean of the log odds of risk (validation).")] = None,
    predictor_sd: Annotated[float | None, typer.Option(help="Their standard deviation (validation).")] = None,
    ratio_width: Annotated[float, typer.Option(help="Width of observed / expected (validation).")] = 0.2,
    slope_width: Annotated[float, typer.Option(help="Width of the calibration slope (validation).")] = 0.2,
    c_width: Annotated[float, typer.Option(help="Width of the C statistic (validation).")] = 0.1,
    threshold: Annotated[float | None, typer.Option(help="Risk from which one acts (validation).")] = None,
    curve_at: Annotated[float | None, typer.Option(help="Risk at which the curve has to be precise.")] = None,
    curve_width: Annotated[float, typer.Option(help="Width of its interval there.")] = 0.1,
    prevalence: Annotated[
        float | None, typer.Option(help="Share of patients with the disease (default: 0.5 where power is wanted).")
    ] = None,
    power: Annotated[float, typer.Option(help="Wanted power.")] = 0.8,
    significance: Annotated[float, typer.Option(help="Of the two-sided test.")] = 0.05,
    patients: Annotated[
        int | None, typer.Option(help="Patients (cases of readers) that can be had: gives their power instead.")
    ] = None,
) -> "Answer":
    """Number of patients that a study needs, or its power with those that can be had, and the sentence to write.

    What is missing is asked for at a terminal.
    """
    given = dict(locals())
    from thyrosight.cli.stats.planning import PLANS, Plan

    design = _asked_design() if design is None else design
    margin_aim(margin, equivalence=equivalence)
    _refuse_others(design, given)
    _complete(design, given)
    return PLANS[design.value](Plan(**{**given, "design": design.value}))


def _asked_design() -> Design:
    """Ask what the study is to show.

    Raises:
        StatisticsError: nobody is there to be asked.
    """
    from thyrosight.errors import StatisticsError

    names = [one.value for one in Design]
    if not _at_terminal():
        raise StatisticsError(f"`stats power` needs a design: {', '.join(names)}.")
    typer.echo(f"Designs: {', '.join(names)}.", err=True)
    while (answer := str(typer.prompt("Design", type=str)).strip()) not in names:
        typer.echo(f"There is no design {answer}.", err=True)
    return Design(answer)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _refuse_others(design: Design, given: dict[str, Any]) -> None:
    """Refuse an option that the design has no use for: its value would be lost unseen."""
    from thyrosight.errors import StatisticsError

    every = {name for names in NEEDED.values() for name in names} | {name for names in _ALSO.values() for name in names}
    for name in sorted(every - NEEDED[design].keys() - _ALSO[design]):
        if given[name] not in (None, False):
            raise StatisticsError(f"`stats power {design.value}` has no use for --{name.replace('_', '-')}.")


def _complete(design: Design, given: dict[str, Any]) -> None:
    """Ask for what the design needs and was not given.

    Raises:
        StatisticsError: something is missing, and nobody is there to be asked.
    """
    from thyrosight.errors import StatisticsError

    missing = {name: words for name, words in NEEDED[design].items() if given[name] is None}
    if design is Design.DEVELOPMENT and (given["cox_snell"] or given["nagelkerke"]):
        missing.pop("c_statistic", None)
    if not missing:
        return
    if not _at_terminal():
        named = ", ".join(f"--{name.replace('_', '-')} ({words})" for name, words in missing.items())
        raise StatisticsError(f"`stats power {design.value}` also needs {named}.")
    for name, words in missing.items():
        kind = str if name == "components" else int if name in ("readers", "pilot_cases", "parameters") else float
        given[name] = typer.prompt(words.capitalize(), type=kind)
