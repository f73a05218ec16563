"""`thyrosight stats measurements`: how far measurements of the same cases agree."""

from dataclasses import dataclass
from itertools import combinations, zip_longest
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.question import Question, answers
from thyrosight.cli.stats.raters import Columns, LongCase, LongReader, Raters, read_raters
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.documents import Answer, Figure, Row, Table
    from thyrosight.statistics import (
        BlandAltman,
        Concordance,
        Estimate,
        RegressionBlandAltman,
        Repeatability,
    )

_NAMES = ("value", "measurement", "size_mm", "size", "diameter", "volume")
_FIGURES_AT_MOST = 6


@dataclass(frozen=True)
class _Pair:
    """Two raters' measurements of the same cases.

    Attributes:
        name: both names.
        first, second: mean of each case that both measured.
        limits: bias and limits of agreement.
        trend: the same as lines over size; None where they cannot be fitted.
        concordance: Lin's coefficient, on the means of each case.
    """

    name: str
    first: list[float]
    second: list[float]
    limits: "BlandAltman"
    trend: "RegressionBlandAltman | None"
    concordance: "Concordance | None"


@answers(truth=False)
def measurements_command(
    question: Question,
    *,
    column: Columns = None,
    reader: LongReader = None,
    case: LongCase = None,
    value: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="With --reader: the measurement (default: value, size_mm, ...)."),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            help="Intraclass correlation of Shrout and Fleiss: 1,1 (other raters for each case), 2,1 (raters at large,"
            " absolute agreement), 3,1 (these raters, consistency), or 1,k, 2,k, 3,k for the mean of all raters."
        ),
    ] = "2,1",
    unit: Annotated[
        str, typer.Option(help="Unit of the measurements, for sentences and figures, for example mm.")
    ] = "",
) -> "Answer":
    """Agreement of measurements: Bland-Altman, Lin's concordance, intraclass correlation, repeatability.

    A row is a case with a --column for each rater or repeat, or one measurement with a --reader. A rater who measured
    a case several times is repeated, which a table of measurements with --reader shows. Empty cells are missing.
    """
    name = question.table.column(value, option="--value", candidates=_NAMES) if reader else ""
    found = read_raters(question, column, reader=reader, case=case, value=name, numbers=True)
    means = [[sum(cell) / len(cell) if cell else None for cell in row] for row in found.readings]
    icc = _intraclass(question, found, means, form)
    pairs = [_pair(question, found, means, a, b) for a, b in combinations(range(len(found.names)), 2)]
    repeats = _repeatability(found, confidence=question.confidence)
    from thyrosight.statistics import too_few_together

    question.refuse_tests(too_few_together(found.groups))
    icc, pairs, repeats = question.tested((icc, pairs, repeats))
    empty = sum(cell is None for row in means for cell in row)
    if empty:
        question.note(
            f"{empty} of {sum(map(len, means))} measurements are missing; pairs use the cases that both measured."
        )
    if found.repeated:
        question.note(
            "Raters measured cases more than once: correlations use the mean of a rater's measurements of a case."
        )
    return _answer(question, found, icc=icc, pairs=pairs, repeats=repeats, unit=unit)


def _intraclass(question: Question, found: Raters, means: list[list[Any]], form: str) -> "Estimate":
    """From the analysis of variance where the table is complete and cases are independent, else from a mixed model."""
    from thyrosight.statistics import intraclass_correlation, intraclass_correlation_mixed

    rows = [row for row in means if any(cell is not None for cell in row)]
    if found.patients is None and not any(cell is None for row in rows for cell in row):
        return intraclass_correlation(rows, form=form, confidence=question.confidence)
    return intraclass_correlation_mixed(
        means, form=form, cluster=found.patients, confidence=question.confidence
    ).coefficient


def _pair(question: Question, found: Raters, means: list[list[Any]], a: int, b: int) -> _Pair:
    """Compare two raters on the cases that both measured."""
    from thyrosight.statistics import (
        bland_altman,
        bland_altman_regression,
        bland_altman_repeated,
        concordance_correlation,
    )

    both = [i for i, row in enumerate(means) if row[a] is not None and row[b] is not None]
    name = f"{found.names[a]} - {found.names[b]}"
    if len(both) < 2:
        raise StatisticsError(f"{name}: fewer than two cases were measured by both; leave one of the two out.")
    first, second = [means[i][a] for i in both], [means[i][b] for i in both]
    patients = None if found.patients is None else [found.patients[i] for i in both]
    confidence = question.confidence
    if any(len(found.readings[i][rater]) > 1 for i in both for rater in (a, b)):
        rows = [
            (i, *both_times)
            for i in both
            for both_times in zip_longest(found.readings[i][a], found.readings[i][b], fillvalue=float("nan"))
        ]
        cases, *times = (list(side) for side in zip(*rows, strict=True))
        limits: BlandAltman = bland_altman_repeated(
            times[0], times[1], cases, true_value="constant", confidence=confidence
        )
    elif patients is not None and 3 <= len(set(patients)) < len(both):
        limits = bland_altman_repeated(first, second, patients, confidence=confidence)
    else:
        limits = bland_altman(first, second, confidence=confidence)
    enough = len(both) >= 4 and len({x + y for x, y in zip(first, second, strict=True)}) > 1
    shared: dict[str, Any] = {"cluster": patients, "confidence": confidence}
    trend = bland_altman_regression(first, second, **shared) if enough else None
    concordance = concordance_correlation(first, second, **shared) if enough else None
    return _Pair(name, first, second, limits, trend, concordance)


def _repeatability(found: Raters, *, confidence: float) -> "Repeatability | None":
    """Within raters where they measured cases more than once; else with the raters of a case as repeats."""
    from thyrosight.statistics import repeatability

    values, subjects, patients = [], [], []
    for i, row in enumerate(found.readings):
        for rater, cell in enumerate(row):
            values += cell
            subjects += [i * len(row) + rater if found.repeated else i] * len(cell)
            patients += [i if found.patients is None else found.patients[i]] * len(cell)
    if len(set(subjects)) == len(subjects):
        return None
    # A rater's repeats of a case are a subject of their own, so that a case has as many as it has raters.
    cluster = patients if found.repeated or found.patients is not None else None
    return repeatability(values, subjects, cluster=cluster, confidence=confidence)


def _answer(
    question: Question,
    found: Raters,
    *,
    icc: "Estimate",
    pairs: list[_Pair],
    repeats: "Repeatability | None",
    unit: str,
) -> "Answer":
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_agreement as say
    from thyrosight.reports.statistics_sections import estimates_section

    one = pairs[0].limits if len(pairs) == 1 else None
    words = f" {unit}" if unit else ""
    notes = () if repeats is None else say.measurements_notes(repeats.size_dependence, repeats.size_dependence_p)
    tables = [
        _limits_table(pairs),
        _correlations_table(icc, pairs),
        *([] if repeats is None else [estimates_section(_repeats_title(found), _repeats(repeats), notes=notes)]),
    ]
    result = {
        "intraclass_correlation": icc.to_dict(),
        "pairs": {pair.name: _of_pair(pair) for pair in pairs},
        "repeatability": None if repeats is None else repeats.to_dict(),
    }
    patients = None if found.patients is None else len(set(found.patients))
    return Answer(
        title="Agreement of measurements",
        summary=say.measurements_summary(found.names, icc, one, words),
        tables=tuple(tables),
        figures=tuple(_figure(pair, unit) for pair in pairs[:_FIGURES_AT_MOST]),
        methods=say.measurements_methods(icc, one or pairs[0].limits, patients=patients, repeats=found.repeated),
        result=result,
    )


def _of_pair(pair: _Pair) -> dict[str, Any]:
    return {
        "bland_altman": pair.limits.to_dict(),
        "regression": None if pair.trend is None else pair.trend.to_dict(),
        "concordance": None if pair.concordance is None else pair.concordance.to_dict(),
    }


def _limits_table(pairs: list[_Pair]) -> "Table":
    from thyrosight.reports.statistics_tables import row, statistics_table

    rows: list[Row] = []
    for pair in pairs:
        rows += [
            row(f"{pair.name}: mean difference", pair.limits.bias),
            row(f"{pair.name}: lower limit", pair.limits.lower_limit),
            row(f"{pair.name}: upper limit", pair.limits.upper_limit),
        ]
        if pair.trend is not None:
            rows.append(row(f"{pair.name}: slope over size", pair.trend.bias_slope, p=pair.trend.bias_slope_p))
    level = f"{100 * pairs[0].limits.bias.confidence:g} %"
    return statistics_table(
        f"Differences and 95 % limits of agreement ({level} intervals)",
        rows,
        notes=("Whether the limits are narrow enough is a clinical question, to be settled before looking.",),
    )


def _correlations_table(icc: "Estimate", pairs: list[_Pair]) -> "Table":
    from thyrosight.reports.statistics_sections import estimates_section

    found = {"intraclass correlation": icc}
    found |= {
        f"{pair.name}: concordance": pair.concordance.coefficient for pair in pairs if pair.concordance is not None
    }
    note = "Correlations depend on how much the cases differ: the same error gives a higher one in a mixed sample."
    return estimates_section("Correlations", found, notes=(note,))


def _repeats_title(found: Raters) -> str:
    return "Repeatability within raters" if found.repeated else "Repeatability, the measurements of a case as repeats"


def _repeats(repeats: "Repeatability") -> "dict[str, Estimate]":
    return {
        "within-subject SD": repeats.within_sd,
        "smallest detectable change": repeats.smallest_detectable_change,
        "coefficient of variation": repeats.coefficient_of_variation,
    }


def _figure(pair: _Pair, unit: str) -> "Figure":
    from thyrosight.reports.statistics_figures import bland_altman_figure

    return bland_altman_figure(
        pair.name,
        pair.first,
        pair.second,
        pair.limits,
        unit=unit,
        clusters="cases" if "constant" in pair.limits.bias.method else "patients",
    )
