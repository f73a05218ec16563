"""`thyrosight stats compare-readers`: multi-reader multi-case studies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats_common import (
    SCORE_NAMES,
    TRUTH_NAMES,
    Cluster,
    Confidence,
    DropMissing,
    Effect,
    Encoding,
    Equivalence,
    FigureFile,
    Margin,
    Missing,
    MissingReadings,
    Out,
    OutFormat,
    Positive,
    TableFile,
    Truth,
    margin_aim,
    read_table,
    save,
    with_notes,
    write_result,
)
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats_table import StatsTable
    from thyrosight.reports.statistics_figures import ForestLine
    from thyrosight.statistics import MarginTest, ReaderComparison


def compare_readers_command(
    file: TableFile,
    *,
    reader: Annotated[str | None, typer.Option(metavar="COLUMN", help="Reader (default: reader).")] = None,
    case: Annotated[str | None, typer.Option(metavar="COLUMN", help="Case (default: case, nodule_id).")] = None,
    test: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Test or modality; without one, readers alone (default: test, ...)."),
    ] = None,
    truth: Truth = None,
    rating: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Rating, higher for disease (default: rating, score, ...).")
    ] = None,
    positive: Positive = None,
    metric: Annotated[str, typer.Option(help="auc, sensitivity, specificity or accuracy.")] = "auc",
    threshold: Annotated[
        float | None, typer.Option(help="Rating from which on a case is called positive (not for auc).")
    ] = None,
    readers: Annotated[Effect, typer.Option(help="random: other readers too; fixed: these alone.")] = Effect.RANDOM,
    cases: Annotated[Effect, typer.Option(help="random: other cases too; fixed: these alone.")] = Effect.RANDOM,
    covariance: Annotated[str, typer.Option(help="delong, jackknife or unbiased.")] = "delong",
    reference: Annotated[
        str | None, typer.Option(metavar="TEST", help="With --margin: the test that the others are held against.")
    ] = None,
    cluster: Cluster = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    missing: MissingReadings = Missing.REFUSE,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Multi-reader multi-case study (Obuchowski-Rockette): a table with one row per reading."""
    from thyrosight.reports.statistics_sections import margin_section, sections_of
    from thyrosight.statistics import compare_readers

    aim = margin_aim(margin, equivalence=equivalence)
    table = read_table(file, figure, encoding)
    names = _reader_columns(table, reader=reader, case=case, truth=truth, rating=rating)
    names["test"] = table.column(
        test, option="--test", candidates=("test", "modality", "treatment", "system"), required=False
    )
    names["cluster"] = table.cluster_column(cluster, case=names["case"])
    _require_cells(table, names, measured=("rating",), missing=missing, drop=drop_missing)
    data: dict[str, Any] = {
        role: table.names(names[role]) for role in ("reader", "case", "test", "cluster") if names[role]
    }
    if names["test"]:
        data["test"] = [v if isinstance(v, str) else f"{names['test']} {v}" for v in data["test"]]
    data["truth"] = table.truth(names["truth"], positive)
    data["rating"] = table.numbers(names["rating"], missing=missing is Missing.DROP_CASE)
    data.setdefault("test", [names["rating"]] * len(data["rating"]))
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
        missing=missing.value,
        confidence=confidence,
    )
    sections, answer = with_notes(sections_of(result), table), result.to_dict()
    if margin is not None:
        tests = _against_reference(result, reference, margin=margin, aim=aim, confidence=confidence)
        sections.append(margin_section(tests))
        answer["margin"] = {name: test.to_dict() for name, test in tests.items()}
    write_result("compare-readers", table, sections, answer, out_format=out_format, out=out)
    if figure is not None:
        from thyrosight.reports.statistics_figures import figure_forest

        save(figure_forest(_forest_of_readers(result), label="AUC" if metric == "auc" else metric.capitalize()), figure)


def readers_against_system_command(
    file: TableFile,
    *,
    system: Annotated[str, typer.Option(metavar="COLUMN", help="The system's score of the case, higher for disease.")],
    system_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Table that holds the system's scores by case, if another than FILE."),
    ] = None,
    reader: Annotated[str | None, typer.Option(metavar="COLUMN", help="Reader (default: reader).")] = None,
    case: Annotated[str | None, typer.Option(metavar="COLUMN", help="Case (default: case, nodule_id).")] = None,
    truth: Truth = None,
    rating: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Readers' rating, higher for disease (default: rating, ...).")
    ] = None,
    positive: Positive = None,
    readers: Annotated[Effect, typer.Option(help="random: other readers too; fixed: these alone.")] = Effect.RANDOM,
    cluster: Cluster = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    missing: MissingReadings = Missing.REFUSE,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Mean of several readers against one system, such as a network, on the same cases (AUC).

    With --margin the system is new and the readers are the reference.
    """
    from thyrosight.reports.statistics_sections import margin_section, sections_of
    from thyrosight.statistics import compare_readers_with_system, margin_test

    aim = margin_aim(margin, equivalence=equivalence)
    table = read_table(file, figure, encoding)
    names = _reader_columns(table, reader=reader, case=case, truth=truth, rating=rating)
    if system_file is not None:
        scores = read_table(system_file, None, encoding)
        table.join(scores, key=names["case"], column=system, missing=missing is Missing.DROP_CASE)
    names["system"] = table.column(system, option="--system")
    names["cluster"] = table.cluster_column(cluster, case=names["case"])
    _require_cells(table, names, measured=("rating", "system"), missing=missing, drop=drop_missing)
    data: dict[str, Any] = {role: table.names(names[role]) for role in ("reader", "case", "cluster") if names[role]}
    data["truth"] = table.truth(names["truth"], positive)
    for role in ("rating", "system"):
        data[role] = table.numbers(names[role], missing=missing is Missing.DROP_CASE)
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
        confidence=confidence,
    )
    sections, answer = with_notes(sections_of(result), table), result.to_dict()
    if margin is not None:
        apart = result.difference
        found = margin_test(-apart.value, apart.se, margin=margin, aim=aim, df=result.df, confidence=confidence)
        sections.append(margin_section({"system - mean reader": found}))
        answer["margin"] = found.to_dict()
    write_result("readers-against-system", table, sections, answer, out_format=out_format, out=out)
    if figure is not None:
        from thyrosight.reports.statistics_figures import ForestLine, figure_forest

        lines = [ForestLine(f"reader {n}", e) for n, e in zip(result.readers, result.reader_estimates, strict=True)]
        lines += [
            ForestLine("mean reader", result.mean_reader, bold=True),
            ForestLine(system, result.system, bold=True),
        ]
        save(figure_forest(lines, label="AUC"), figure)


def _reader_columns(
    table: "StatsTable", *, reader: str | None, case: str | None, truth: str | None, rating: str | None
) -> dict[str, str]:
    """Columns that every table of readings has."""
    return {
        "reader": table.column(reader, option="--reader", candidates=("reader", "observer", "rater")),
        "case": table.column(case, option="--case", candidates=("case", "nodule_id", "case_id", "image", "key")),
        "truth": table.column(truth, option="--truth", candidates=TRUTH_NAMES),
        "rating": table.column(rating, option="--rating", candidates=("rating", *SCORE_NAMES)),
    }


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


def _require_cells(
    table: "StatsTable", names: dict[str, str], *, measured: tuple[str, ...], missing: Missing, drop: bool
) -> None:
    """Refuse empty cells or leave their rows out; where cases are to be dropped, those of `measured` columns stay."""
    if drop and missing is Missing.DROP_CASE:
        raise StatisticsError("Give --drop-missing or --missing drop-case, not both: one drops readings, one cases.")
    allowed = measured if missing is Missing.DROP_CASE else ()
    hint = "leave its case out with --missing drop-case, or the row with --drop-missing"
    table.keep_complete([name for role, name in names.items() if name and role not in allowed], drop=drop, hint=hint)


def _forest_of_readers(result: Any) -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import ForestLine

    lines = []
    for test, mean, estimates in zip(result.tests, result.test_estimates, result.reader_estimates, strict=True):
        lines.append(ForestLine(str(test)))
        lines += [
            ForestLine(f"reader {name}", estimate) for name, estimate in zip(result.readers, estimates, strict=True)
        ]
        lines.append(ForestLine("mean", mean, bold=True))
    return lines
