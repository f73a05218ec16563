"""`thyrosight stats agreement`: how far raters agree on categories."""

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.question import Question, answers
from thyrosight.cli.stats.raters import Columns, LongCase, LongReader, as_categories, read_raters
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.documents import Answer, Table
    from thyrosight.statistics import Estimate, PrevalenceAndBias

_NAMES = ("category", "rating", "tirads", "ti-rads", "grade", "call")


@answers(truth=False)
def agreement_command(
    question: Question,
    *,
    column: Columns = None,
    reader: LongReader = None,
    case: LongCase = None,
    category: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="With --reader: category given (default: category, rating, ...)."),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="none, or linear or quadratic in the distance of ordered categories.")
    ] = "none",
    order: Annotated[
        str | None, typer.Option(metavar="LIST", help="All categories in their order, for example 2,3,4a,4b,5.")
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Scale of Krippendorff's alpha: nominal, ordinal, interval or ratio (default: nominal, with --weights"
            " ordinal)."
        ),
    ] = None,
) -> "Answer":
    """Agreement of two or more raters on categories: per cent, kappa, Gwet's coefficient, Krippendorff's alpha.

    A row is a case with a --column for each rater, or one reading with a --reader. Empty cells are missing ratings.
    """
    value = question.table.column(category, option="--category", candidates=_NAMES) if reader else ""
    found = read_raters(question, column, reader=reader, case=case, value=value, numbers=False)
    if found.repeated:
        raise StatisticsError("A rater gave a case more than one category; keep one, or name the cases apart.")
    ratings = as_categories(found.table(), decimal_comma=question.table.decimal_comma)
    categories = _categories(order, ratings)
    level = level or ("nominal" if weights == "none" else "ordinal")
    shared: dict[str, Any] = {"cluster": found.patients, "confidence": question.confidence}
    overall = _coefficients(ratings, categories, weights=weights, level=level, **shared)
    pairs = _pairs(found.names, ratings, categories, weights=weights, **shared)
    indices = _indices(ratings, **shared) if len(found.names) == 2 else None
    _note_missing(question, ratings)
    from thyrosight.statistics import too_few_together

    question.refuse_tests(too_few_together(found.groups))
    overall, pairs, indices = question.tested((overall, pairs, indices))
    return _answer(found.names, ratings, overall, pairs, indices, weights=weights)


def _coefficients(
    ratings: list[list[Any]], categories: list[Any], *, weights: str, level: str, **shared: Any
) -> "dict[str, Estimate]":
    """Coefficients of all raters together."""
    from thyrosight.statistics import fleiss_kappa, gwet_coefficient, krippendorff_alpha, observed_agreement

    found = {"observed agreement": observed_agreement(ratings, **shared)}
    if weights == "none":
        found["Fleiss' kappa"] = fleiss_kappa(ratings, **shared)
    name = "Gwet's AC1" if weights == "none" else "Gwet's AC2"
    found[name] = gwet_coefficient(ratings, weights=weights, categories=categories, **shared)
    found["Krippendorff's alpha"] = krippendorff_alpha(ratings, level=level, categories=categories, **shared)
    return found


def _pairs(
    names: list[str],
    ratings: list[list[Any]],
    categories: list[Any],
    *,
    weights: str,
    cluster: list[Any] | None,
    confidence: float,
) -> "dict[str, Estimate]":
    """Cohen's kappa of every two raters, on the cases that both rated."""
    from thyrosight.statistics import cohen_kappa

    found = {}
    for a, b in combinations(range(len(names)), 2):
        both = [i for i, row in enumerate(ratings) if row[a] is not None and row[b] is not None]
        if len(both) < 2:
            continue
        found[f"{names[a]}, {names[b]}"] = cohen_kappa(
            [ratings[i][a] for i in both],
            [ratings[i][b] for i in both],
            weights=weights,
            categories=categories,
            cluster=None if cluster is None else [cluster[i] for i in both],
            confidence=confidence,
        )
    return found


def _indices(ratings: list[list[Any]], *, cluster: list[Any] | None, confidence: float) -> "PrevalenceAndBias | None":
    """Prevalence and bias of two raters, where there are two categories."""
    from thyrosight.statistics import prevalence_and_bias

    both = [i for i, row in enumerate(ratings) if None not in row]
    if len({cell for i in both for cell in ratings[i]}) != 2:
        return None
    patients = None if cluster is None else [cluster[i] for i in both]
    a, b = ([ratings[i][rater] for i in both] for rater in (0, 1))
    return prevalence_and_bias(a, b, cluster=patients, confidence=confidence)


def _categories(order: str | None, ratings: list[list[Any]]) -> list[Any]:
    given = sorted({cell for row in ratings for cell in row if cell is not None})
    if not given:
        raise StatisticsError("There is no rating in these columns.")
    if order is None:
        return given
    listed = [item.strip() for item in order.split(",") if item.strip()]
    return listed if isinstance(given[0], str) else as_categories([listed], decimal_comma=False)[0]


def _note_missing(question: Question, ratings: list[list[Any]]) -> None:
    empty = sum(cell is None for row in ratings for cell in row)
    if empty:
        question.note(
            f"{empty} of {sum(map(len, ratings))} ratings are missing; each coefficient uses the cases that two raters"
            " rated."
        )


def _counts(names: list[str], ratings: list[list[Any]]) -> "Table":
    """How often each rater gave each category."""
    from thyrosight.reports.statistics_tables import row, statistics_table

    categories = sorted({cell for line in ratings for cell in line if cell is not None})
    counted = [Counter(line[place] for line in ratings) for place in range(len(names))]
    rows = [
        row(f"{name}: {category}", n=count[category])
        for name, count in zip(names, counted, strict=True)
        for category in categories
    ]
    return statistics_table("Categories given", rows)


def _answer(
    names: list[str],
    ratings: list[list[Any]],
    overall: "dict[str, Estimate]",
    pairs: "dict[str, Estimate]",
    indices: "PrevalenceAndBias | None",
    *,
    weights: str,
) -> "Answer":
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_agreement as say
    from thyrosight.reports.statistics_figures import forest_figure, forest_line
    from thyrosight.reports.statistics_sections import estimates_section
    from thyrosight.reports.statistics_tables import row, statistics_table

    kappa = "Cohen's kappa" if weights == "none" else f"Cohen's kappa, {weights} weights"
    if len(names) == 2 and pairs:
        overall = {kappa: next(iter(pairs.values())), **overall}
    tables = [estimates_section(say.agreement_title(names, overall), overall, notes=say.agreement_notes(overall))]
    if indices is not None:
        rows = [
            row("prevalence index", value=indices.prevalence_index),
            row("bias index", value=indices.bias_index),
            row("kappa adjusted for both (PABAK)", indices.adjusted_kappa),
        ]
        tables.append(statistics_table("What moves kappa", rows))
    if len(names) > 2:
        tables.append(estimates_section(f"Each two raters: {kappa}", pairs))
    lines = [forest_line("all raters"), *(forest_line(name, one, bold=True) for name, one in overall.items())]
    if len(names) > 2:
        lines += [forest_line(kappa), *(forest_line(name, one) for name, one in pairs.items())]
    result = {
        "overall": {name: one.to_dict() for name, one in overall.items()},
        "pairs": {name: one.to_dict() for name, one in pairs.items()},
        "prevalence_and_bias": None if indices is None else indices.to_dict(),
    }
    return Answer(
        title="Agreement on categories",
        summary=say.agreement_summary(names, overall),
        tables=(*tables, _counts(names, ratings)),
        figures=(forest_figure(lines, x="Agreement"),),
        methods=say.agreement_methods(overall, weights=weights, pairs=len(names) > 2),
        result=result,
    )
