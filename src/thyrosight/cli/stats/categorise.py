"""`thyrosight stats categorise`: risk categories, of one system and of two on the same nodules."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.statistics import Categorisation

_NAMES = ("category", "tirads", "ti-rads", "tirads_grade", "grade")


@answers()
def categorise_command(
    question: Question,
    *,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Risk category; give two to compare two systems (default: category, ...)."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(metavar="LIST", help="All categories from low to high risk, for example 2,3,4a,4b,5.")
    ] = None,
) -> "Answer":
    """Malignancy rate per risk category, and how well the categories sort; with two systems, which sorts better."""
    from thyrosight.errors import StatisticsError
    from thyrosight.statistics import categorisation

    names = [question.table.column(name, option="--category", candidates=_NAMES) for name in (category or (None,))]
    if len(names) > 2:
        raise StatisticsError("Give one category column, or two to compare.")
    known, patient = question.truth_and_patients(*names)
    columns = [question.table.labels(name) for name in names]
    orders = [_order(order, column) for column in columns]
    if len(names) == 2:
        return _comparison(question, names, known=known, columns=columns, orders=orders, patient=patient)
    single = categorisation(known, columns[0], cluster=patient, order=orders[0], confidence=question.confidence)
    single = question.tested(single)
    return _answer(names, [single], result=single, summary="")


def _comparison(
    question: Question,
    names: list[str],
    *,
    known: list[int],
    columns: list[list[Any]],
    orders: list[list[Any] | None],
    patient: list[Any] | None,
) -> "Answer":
    """Two systems on the same nodules."""
    from thyrosight.reports import statistics_methods as say
    from thyrosight.statistics import compare_categorisations

    found = compare_categorisations(
        known, *columns, cluster=patient, order_a=orders[0], order_b=orders[1], confidence=question.confidence
    )
    found = question.tested(found)
    question.note(f"a is {names[0]}, b is {names[1]}.")
    summary = say.categories_comparison_summary(found, *names)
    return _answer(names, [found.a, found.b], result=found, summary=summary)


def _answer(names: list[str], systems: "list[Categorisation]", *, result: Any, summary: str) -> "Answer":
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_figures import forest_figure
    from thyrosight.reports.statistics_sections import sections_of

    return Answer(
        title="Risk categories",
        summary=summary or say.categories_summary(systems[0], names[0]),
        tables=tuple(sections_of(result)),
        figures=(forest_figure(_forest(names, systems), x="Malignancy rate"),),
        methods=say.categories_methods(systems[0]),
        result=result.to_dict(),
    )


def _forest(names: list[str], systems: "list[Categorisation]") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import forest_line

    lines = []
    for name, system in zip(names, systems, strict=True):
        lines.append(forest_line(name))
        lines += [
            forest_line(f"{category} ({malignant} of {total})", rate)
            for category, malignant, total, rate in zip(
                system.categories, system.malignant, system.total, system.malignancy_rate, strict=True
            )
        ]
    return lines


def _order(given: str | None, values: list[Any]) -> list[Any] | None:
    """Categories as the user listed them, as numbers where the column holds numbers."""
    if given is None:
        return None
    items = [item.strip() for item in given.split(",") if item.strip()]
    if all(isinstance(value, str) for value in values):
        return items
    try:
        return [float(item) for item in items]
    except ValueError:
        from thyrosight.errors import StatisticsError

        raise StatisticsError(f"The categories are numbers, so --order should list numbers, got {given!r}.") from None
