"""`thyrosight stats multiclass`: more than two classes, by scores, by calls, or both."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.statistics import MulticlassAuc, MulticlassTable

_TRUTH = ("class", "histology", "truth", "label", "diagnosis")
_PREDICTED = ("predicted", "predicted_class", "call")


@answers(truth=False)
def multiclass_command(
    question: Question,
    *,
    truth: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="True class (default: class, histology, truth, ...).")
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLASS=COLUMN",
            help="Score of a class; one for each class (default: the columns p_CLASS, where all are there).",
        ),
    ] = None,
    predicted: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Called class (default: predicted, or the class of the highest score)."),
    ] = None,
    order: Annotated[
        str | None, typer.Option(metavar="LIST", help="All classes in the order of the tables, with commas between.")
    ] = None,
) -> "Answer":
    """More than two classes: Hand and Till's area, one class against the rest, and the confusion matrix of calls."""
    from thyrosight.documents import Answer
    from thyrosight.errors import StatisticsError
    from thyrosight.reports import multiclass_sections as say
    from thyrosight.reports.statistics_figures import forest_figure
    from thyrosight.statistics import multiclass_auc, multiclass_table, too_few_together
    from thyrosight.statistics.multiclass.class_labels import class_of_highest

    table = question.table
    name = table.column(truth, option="--truth", candidates=_TRUTH)
    classes = _classes(question, name, order)
    columns = _score_columns(question, classes, score)
    called = table.column(predicted, option="--predicted", candidates=_PREDICTED, required=False)
    if not columns and not called:
        raise StatisticsError(
            f"{table.path} has neither a column of calls (--predicted) nor scores of all classes"
            f" (--score CLASS=COLUMN for each of {', '.join(classes)})."
        )
    patient = question.patients(name, *columns, *([called] if called else []))
    known = table.words(name)
    groups = Counter(label for label, _ in dict.fromkeys(zip(known, patient or range(len(known)), strict=True)))
    question.refuse_tests(too_few_together(min(groups.values())))
    options: dict[str, Any] = {"classes": classes, "cluster": patient, "confidence": question.confidence}
    areas, scores = None, [list(row) for row in zip(*(table.numbers(column) for column in columns), strict=True)]
    if columns:
        areas = question.tested(multiclass_auc(known, scores, **options))
    calls = table.frame[called].tolist() if called else class_of_highest(scores, classes)
    if not called:
        question.note("The call of a nodule is the class of its highest score.")
    found = question.tested(multiclass_table(known, calls, **options))
    return Answer(
        title="More than two classes",
        summary=say.multiclass_summary(areas, found),
        tables=(*(say.area_sections(areas) if areas else []), *say.table_sections(found)),
        figures=(forest_figure(_forest(areas, found), x="Area" if areas else "Proportion"),),
        methods=say.multiclass_methods(areas, found),
        result={"areas": areas.to_dict() if areas else None, "calls": found.to_dict()},
    )


def _classes(question: Question, name: str, order: str | None) -> list[str]:
    """All classes: as the user listed them, or those of the truth, sorted."""
    if order is not None:
        return [item.strip() for item in order.split(",") if item.strip()]
    table = question.table
    present = table.frame[name][~table.missing(name)]
    return sorted(set(present), key=lambda word: (not word.isdigit(), int(word) if word.isdigit() else 0, word))


def _score_columns(question: Question, classes: list[str], given: list[str] | None) -> list[str]:
    """The column of each class's score, in order; none where there are none.

    Raises:
        StatisticsError: an option that is not written as CLASS=COLUMN, or a class without a score.
    """
    from thyrosight.errors import StatisticsError

    table = question.table
    if given is None:
        lowered = {column.lower(): column for column in table.frame.columns}
        found = [lowered.get(f"p_{name}".lower()) for name in classes]
        return [column for column in found if column is not None] if all(found) else []
    pairs = dict(text.rpartition("=")[::2] for text in given)
    if "" in pairs or not all(pairs.values()):
        raise StatisticsError("Write each score as CLASS=COLUMN, such as --score papillary=p_papillary.")
    wrong = [name for name in [*pairs, *classes] if name not in classes or name not in pairs]
    if wrong:
        raise StatisticsError(
            f"Give one --score CLASS=COLUMN for each of the classes {', '.join(classes)}; {wrong[0]!r} has"
            f" {'no score' if wrong[0] in classes else 'one, but is no class'}."
        )
    return [table.column(pairs[name], option="--score") for name in classes]


def _forest(areas: "MulticlassAuc | None", table: "MulticlassTable") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import forest_line

    if areas is None:
        return [
            forest_line(f"sensitivity, {name}", one.sensitivity)
            for name, one in zip(table.classes, table.by_class, strict=True)
        ]
    rest = [
        forest_line(f"{name} against the rest", area)
        for name, area in zip(areas.classes, areas.one_against_rest, strict=True)
    ]
    pairs = [forest_line(f"{pair.first} and {pair.second}", pair.area) for pair in areas.pairs]
    return [forest_line("Hand and Till's M", areas.hand_till, bold=True), *rest, *pairs]
