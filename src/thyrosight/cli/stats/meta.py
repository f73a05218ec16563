"""`thyrosight stats meta`: sensitivity and specificity of several sites or studies, summarised."""

from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.stats.options import SCORE_NAMES, TRUTH_NAMES, Positive, PositiveCall, Truth
from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.statistics import SiteCounts

_SITES = ("site", "study", "centre", "center", "hospital", "division")
_COUNTS = ("tp", "fn", "fp", "tn")
_CALLS = ("predicted", "call", "predicted_label")


@answers(truth=False)
def meta_command(
    question: Question,
    *,
    site: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Site or study (default: site, study, centre, ...).")
    ] = None,
    truth: Truth = None,
    positive: Positive = None,
    predicted: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Call, in a table with a row per nodule (default: predicted).")
    ] = None,
    score: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Score to call from instead, with --threshold.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Call positive from this score on.")] = None,
    positive_call: PositiveCall = None,
    likelihood: Annotated[
        str, typer.Option(help="binomial (exact counts) or normal (logits with known variances, REML).")
    ] = "binomial",
    model: Annotated[
        str, typer.Option(help="auto (by the number of sites), bivariate, univariate or common.")
    ] = "auto",
) -> "Answer":
    """Sensitivity and specificity over sites or studies, from a row per site (tp, fn, fp, tn) or a row per nodule."""
    from thyrosight.documents import Answer
    from thyrosight.errors import StatisticsError
    from thyrosight.reports import site_sections as say
    from thyrosight.statistics import summarise_sites

    if (score is None) != (threshold is None):
        raise StatisticsError("Give --score and --threshold together.")
    if question.cluster is not None and question.cluster.lower() != "none":
        raise StatisticsError("Within a site nodules are taken as independent here; leave --cluster out.")
    table = question.table
    name = table.column(site, option="--site", candidates=_SITES)
    by_site = {column.lower() for column in table.frame.columns} >= set(_COUNTS) and predicted is None and score is None
    if by_site:
        counts = _counts_of_rows(question, name)
    else:
        truth_name = table.column(truth, option="--truth", candidates=TRUTH_NAMES)
        called = table.column(
            score if score is not None else predicted,
            option="--score" if score is not None else "--predicted",
            candidates=SCORE_NAMES if score is not None else _CALLS,
        )
        counts = _counts_of_nodules(
            question, (name, truth_name, called), positive=positive, positive_call=positive_call, threshold=threshold
        )
    found = summarise_sites(counts, likelihood=likelihood, model=model, confidence=question.confidence)
    return Answer(
        title="Sensitivity and specificity over sites",
        summary=say.site_summary(found),
        tables=tuple(say.site_sections(found)),
        figures=say.site_figures(found) if question.draws else (),
        methods=say.site_methods(found),
        result=found.to_dict(),
    )


def _counts_of_rows(question: Question, site: str) -> "SiteCounts":
    """Counts that stand in the table, a row per site."""
    from thyrosight.statistics import SiteCounts

    table = question.table
    columns = [table.column(None, option="", candidates=(name,)) for name in _COUNTS]
    table.keep_complete([site, *columns], drop=question.drop_missing)
    counts = [tuple(table.numbers(column)) for column in columns]
    tp, fn, fp, tn = counts
    sites = tuple(table.words(site))
    return SiteCounts(sites, tp, fn, fp, tn)  # type: ignore[arg-type]  # whole numbers, or refused there


def _counts_of_nodules(
    question: Question,
    columns: tuple[str, str, str],
    *,
    positive: str | None,
    positive_call: str | None,
    threshold: float | None,
) -> "SiteCounts":
    """Counts of nodules, of which each row is one."""
    from thyrosight.statistics import count_sites

    table, (site, truth, called) = question.table, columns
    table.keep_complete(list(columns), drop=question.drop_missing)
    known = table.truth(truth, positive)
    if threshold is None:
        calls = table.calls(called, positive=positive, positive_call=positive_call)
    else:
        calls = [int(value >= threshold) for value in table.numbers(called)]
        question.note(f"Positive from {called} = {threshold:g} on.")
    return count_sites(table.words(site), known, calls)
