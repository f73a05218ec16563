"""`thyrosight stats readers` and `readers-against-system`: multi-reader multi-case studies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.options import (
    SCORE_NAMES,
    Effect,
    Equivalence,
    Margin,
    Missing,
    MissingReadings,
    margin_aim,
)
from thyrosight.cli.stats.question import Question, answers
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.documents.drawings import ForestLine
    from thyrosight.statistics import MarginTest, ReaderComparison, StandaloneComparison

ReaderColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Reader (default: reader).")]
CaseColumn = Annotated[str | None, typer.Option(metavar="COLUMN", help="Case (default: case, nodule_id).")]
RatingColumn = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Rating, higher for disease (default: rating, score, ...).")
]
RandomReaders = Annotated[Effect, typer.Option(help="random: other readers too; fixed: these alone.")]


@answers()
def readers_command(
    question: Question,
    *,
    reader: ReaderColumn = None,
    case: CaseColumn = None,
    test: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Test or modality; without one, readers alone (default: test, ...)."),
    ] = None,
    rating: RatingColumn = None,
    metric: Annotated[str, typer.Option(help="auc, sensitivity, specificity or accuracy.")] = "auc",
    threshold: Annotated[
        float | None, typer.Option(help="Rating from which on a case is called positive (not for auc).")
    ] = None,
    readers: RandomReaders = Effect.RANDOM,
    cases: Annotated[Effect, typer.Option(help="random: other cases too; fixed: these alone.")] = Effect.RANDOM,
    covariance: Annotated[str, typer.Option(help="delong, jackknife or unbiased.")] = "delong",
    reference: Annotated[
        str | None, typer.Option(metavar="TEST", help="With --margin: the test that the others are held against.")
    ] = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    missing: MissingReadings = Missing.REFUSE,
    block: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Block of reader and case in a split-plot study (default: readers who share cases form a block).",
        ),
    ] = None,
) -> "Answer":
    """Multi-reader multi-case study (Obuchowski-Rockette): a table with one row per reading."""
    from thyrosight.statistics import compare_readers

    aim = margin_aim(margin, equivalence=equivalence)
    table = question.table
    names = _reader_columns(question, reader=reader, case=case, rating=rating)
    names["test"] = table.column(
        test, option="--test", candidates=("test", "modality", "treatment", "system"), required=False
    )
    names["cluster"] = table.cluster_column(question.cluster, case=names["case"])
    names["block"] = "" if block is None else table.column(block, option="--block")
    _require_cells(question, names, measured=("rating",), missing=missing)
    data = _readings(question, names, missing=missing, numbers=("rating",))
    if names["block"]:
        data["block"] = table.names(names["block"])
    if names["test"]:
        data["test"] = [v if isinstance(v, str) else f"{names['test']} {v}" for v in table.names(names["test"])]
        table.own.update(data["test"])
    data.setdefault("test", [names["rating"]] * len(data["rating"]))
    _require_groups(question, data)
    result = compare_readers(
        data,
        metric=metric,
        test="test",
        reader="reader",
        case="case",
        truth="truth",
        rating="rating",
        threshold=threshold,
        covariance=covariance,
        readers=readers.value,
        cases=cases.value,
        cluster="cluster" if names["cluster"] else None,
        block="block" if names["block"] else None,
        missing=missing.value,
        confidence=question.confidence,
    )
    tests = (
        {}
        if margin is None
        else _against_reference(result, reference, margin=margin, aim=aim, confidence=question.confidence)
    )
    result, tests = question.tested((result, tests))
    return _answer_of_readers(result, tests, confidence=question.confidence)


@answers()
def readers_against_system_command(
    question: Question,
    *,
    system: Annotated[str, typer.Option(metavar="COLUMN", help="The system's score of the case, higher for disease.")],
    system_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table that holds the system's scores by case, if another than FILE."),
    ] = None,
    reader: ReaderColumn = None,
    case: CaseColumn = None,
    rating: RatingColumn = None,
    readers: RandomReaders = Effect.RANDOM,
    margin: Margin = None,
    equivalence: Equivalence = False,
    missing: MissingReadings = Missing.REFUSE,
) -> "Answer":
    """Mean of several readers against one system, such as a network, on the same cases (AUC).

    With --margin the system is new and the readers are the reference.
    """
    from thyrosight.statistics import compare_readers_with_system, margin_test

    aim = margin_aim(margin, equivalence=equivalence)
    table = question.table
    names = _reader_columns(question, reader=reader, case=case, rating=rating)
    if system_file is not None:
        scores = question.also(system_file)
        table.join(scores, key=names["case"], column=system, missing=missing is not Missing.REFUSE)
    names["system"] = table.column(system, option="--system")
    names["cluster"] = table.cluster_column(question.cluster, case=names["case"])
    _require_cells(question, names, measured=("rating", "system"), missing=missing)
    data = _readings(question, names, missing=missing, numbers=("rating", "system"))
    _require_groups(question, data)
    result = compare_readers_with_system(
        data,
        reader="reader",
        case="case",
        truth="truth",
        rating="rating",
        system="system",
        readers=readers.value,
        cluster="cluster" if names["cluster"] else None,
        missing=missing.value,
        confidence=question.confidence,
    )
    against = None
    if margin is not None:
        apart = result.difference
        against = margin_test(
            -apart.value, apart.se, margin=margin, aim=aim, df=result.df, confidence=question.confidence
        )
    result, against = question.tested((result, against))
    return _answer_of_system(result, system, against, confidence=question.confidence)


def _reader_columns(question: Question, *, reader: str | None, case: str | None, rating: str | None) -> dict[str, str]:
    """Columns that every table of readings has."""
    table = question.table
    of_case = table.column(case, option="--case", candidates=("case", "nodule_id", "case_id", "image", "key"))
    table.note_alike(of_case)
    return {
        "reader": table.column(reader, option="--reader", candidates=("reader", "observer", "rater")),
        "case": of_case,
        "truth": question.truth,
        "rating": table.column(rating, option="--rating", candidates=("rating", *SCORE_NAMES)),
    }


def _readings(
    question: Question, names: dict[str, str], *, missing: Missing, numbers: tuple[str, ...]
) -> dict[str, Any]:
    """The columns of readings by role: readers, cases and patients as names, the truth, and the numbers."""
    table = question.table
    data: dict[str, Any] = {role: table.names(names[role]) for role in ("reader", "case", "cluster") if names[role]}
    data["truth"] = table.truth(names["truth"], question.positive)
    for role in numbers:
        data[role] = table.numbers(names[role], missing=missing is not Missing.REFUSE)
    return data


def _require_groups(question: Question, data: dict[str, Any]) -> None:
    """Leave out tests where patients of a class (cases, where they are independent) are too few."""
    units = set(zip(data["truth"], data.get("cluster") or data["case"], strict=True))
    question.require_groups(*(sum(truth == one for truth, _ in units) for one in (0, 1)))


def _against_reference(
    result: "ReaderComparison", reference: str | None, *, margin: float, aim: str, confidence: float
) -> "dict[str, MarginTest]":
    """Test every other test of a study against the reference."""
    from thyrosight.statistics import margin_test

    if len(result.tests) < 2:
        raise StatisticsError("--margin compares tests, but the table holds one test only.")
    named = [test for test in result.tests if reference in (str(test), str(test).rpartition(" ")[2])]
    if len(named) != 1:
        raise StatisticsError(
            f"Name the reference among the tests with --reference; they are {', '.join(map(repr, result.tests))}."
        )
    tests = {}
    for one in result.differences:
        if named[0] in (one.test_a, one.test_b):
            new, sign = (one.test_a, 1) if one.test_b == named[0] else (one.test_b, -1)
            tests[f"{new} - {named[0]}"] = margin_test(
                sign * one.estimate.value, one.estimate.se, margin=margin, aim=aim, df=one.df, confidence=confidence
            )
    return tests


def _require_cells(question: Question, names: dict[str, str], *, measured: tuple[str, ...], missing: Missing) -> None:
    """Refuse empty cells or leave their rows out; unless `missing` is refused, those of `measured` columns stay."""
    if question.drop_missing and missing is not Missing.REFUSE:
        raise StatisticsError(
            f"Give --drop-missing or --missing {missing.value}, not both: --drop-missing leaves rows out beforehand."
        )
    allowed = measured if missing is not Missing.REFUSE else ()
    hint = "analyse the other readings with --missing analyse, or leave its case out with --missing drop-case"
    needed = [name for role, name in names.items() if name and role not in allowed]
    question.table.keep_complete(needed, drop=question.drop_missing, hint=hint)


def _answer_of_readers(result: "ReaderComparison", tests: "dict[str, MarginTest]", *, confidence: float) -> "Answer":
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_figures import forest_figure
    from thyrosight.reports.statistics_sections import margin_section, sections_of

    metric = "AUC" if result.metric == "auc" else result.metric.capitalize()
    margins = {"margin": {name: test.to_dict() for name, test in tests.items()}} if tests else {}
    return Answer(
        title="Multi-reader multi-case study",
        summary=say.readers_summary(result),
        tables=(*sections_of(result), *([margin_section(tests)] if tests else [])),
        figures=(forest_figure(_forest_of_readers(result), x=metric),),
        methods=say.readers_methods(result, confidence=confidence)
        + say.margin_methods(next(iter(tests.values()), None)),
        result=result.to_dict() | margins,
    )


def _answer_of_system(
    result: "StandaloneComparison", system: str, against: "MarginTest | None", *, confidence: float
) -> "Answer":
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_figures import forest_figure, forest_line
    from thyrosight.reports.statistics_sections import margin_section, sections_of

    lines = [forest_line(f"reader {n}", e) for n, e in zip(result.readers, result.reader_estimates, strict=True)]
    lines += [forest_line("mean reader", result.mean_reader, bold=True), forest_line(system, result.system, bold=True)]
    tables = sections_of(result)
    if against is not None:
        tables.append(margin_section({"system - mean reader": against}))
    return Answer(
        title="Readers against one system",
        summary=say.standalone_summary(result, system),
        tables=tuple(tables),
        figures=(forest_figure(lines, x="AUC"),),
        methods=say.readers_methods(result, confidence=confidence) + say.margin_methods(against),
        result=result.to_dict() | ({} if against is None else {"margin": against.to_dict()}),
    )


def _forest_of_readers(result: "ReaderComparison") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import forest_line

    lines = []
    for test, mean, estimates in zip(result.tests, result.test_estimates, result.reader_estimates, strict=True):
        lines.append(forest_line(str(test)))
        lines += [
            forest_line(f"reader {name}", estimate)
            for name, estimate in zip(result.readers, estimates, strict=True)
            if estimate.n
        ]
        lines.append(forest_line("mean", mean, bold=True))
    return lines
