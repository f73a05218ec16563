"""`thyrosight stats`: statistics of diagnostic and reader studies on tables, for people who do not program."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli import stats_diagnose, stats_paired, stats_readers
from thyrosight.cli.stats_common import (
    TRUTH_NAMES,
    Cluster,
    Confidence,
    DropMissing,
    Encoding,
    Equivalence,
    FigureFile,
    Margin,
    Out,
    OutFormat,
    Positive,
    TableFile,
    Truth,
    margin_aim,
    read_table,
    save,
    save_roc,
    score_columns,
    with_notes,
    write_result,
)

if TYPE_CHECKING:
    from thyrosight.reports.statistics_figures import ForestLine

app = typer.Typer(no_args_is_help=True, help="Statistics of diagnostic and reader studies on tables.")


@app.command("auc")
def auc_command(
    file: TableFile,
    *,
    truth: Truth = None,
    score: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Score, higher for disease; repeat for several (default: score, ...)."),
    ] = None,
    positive: Positive = None,
    cluster: Cluster = None,
    method: Annotated[
        str | None, typer.Option(help="delong, obuchowski or bootstrap (default: by whether there are clusters).")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="logit or wald; with bootstrap: percentile or bca (default: the first).")
    ] = None,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Area under the ROC curve with its interval, for one or more scores."""
    from thyrosight.reports.statistics_sections import estimates_section
    from thyrosight.statistics import auc, roc_curve

    table = read_table(file, figure, encoding)
    names, known, patient = score_columns(
        table, truth=truth, score=score, positive=positive, cluster=cluster, drop_missing=drop_missing
    )
    values = {name: table.numbers(name) for name in names}
    areas = {
        name: auc(known, column, cluster=patient, method=method, interval=interval, confidence=confidence)
        for name, column in values.items()
    }
    section = estimates_section("Area under the ROC curve", areas, notes=table.notes)
    result = {name: area.to_dict() for name, area in areas.items()}
    write_result("auc", table, [section], result, out_format=out_format, out=out)
    if figure is not None:
        curves = {name: roc_curve(known, values[name], cluster=patient, confidence=confidence) for name in names}
        save_roc(curves, areas, figure)


@app.command("compare-auc")
def compare_auc_command(
    file: TableFile,
    *,
    score: Annotated[list[str], typer.Option(metavar="COLUMN", help="Score; give two (--score a --score b) or more.")],
    truth: Truth = None,
    positive: Positive = None,
    cluster: Cluster = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Compare the AUCs of two or more scores on the same nodules (DeLong; Obuchowski with patients).

    With --margin the first score is new and each other one a reference.
    """
    from itertools import combinations

    from thyrosight.errors import StatisticsError
    from thyrosight.reports.statistics_sections import auc_differences, estimates_section, margin_section
    from thyrosight.statistics import adjust_p_values, auc, compare_auc, margin_test, roc_curve

    aim = margin_aim(margin, equivalence=equivalence)
    if len(set(score)) < 2:
        raise StatisticsError("Give two different scores: --score COLUMN --score COLUMN.")
    table = read_table(file, figure, encoding)
    names, known, patient = score_columns(
        table, truth=truth, score=score, positive=positive, cluster=cluster, drop_missing=drop_missing
    )
    values = {name: table.numbers(name) for name in names}
    pairs = {
        (a, b): compare_auc(known, values[a], values[b], cluster=patient, confidence=confidence)
        for a, b in combinations(names, 2)
    }
    areas = {name: auc(known, values[name], cluster=patient, confidence=confidence) for name in names}
    notes = list(table.notes)
    if len(pairs) > 1:
        holm = adjust_p_values([pair.p for pair in pairs.values()])
        shown = (f"{a} - {b} {p:.3f}" for (a, b), p in zip(pairs, holm, strict=True))
        notes.append(f"P values of the pairs are not corrected; by Holm's method they are: {', '.join(shown)}.")
    sections = [estimates_section("Area under the ROC curve", areas), auc_differences(pairs, notes=notes)]
    result: dict[str, Any] = {
        "areas": {name: area.to_dict() for name, area in areas.items()},
        "differences": [{"a_name": a, "b_name": b, **pair.to_dict()} for (a, b), pair in pairs.items()],
    }
    if margin is not None:
        against = {
            f"{a} - {b}": margin_test(pair.difference, pair.se, margin=margin, aim=aim, confidence=confidence)
            for (a, b), pair in pairs.items()
            if a == names[0]
        }
        sections.append(margin_section(against))
        result["margin"] = {name: test.to_dict() for name, test in against.items()}
    write_result("compare-auc", table, sections, result, out_format=out_format, out=out)
    if figure is not None:
        curves = {name: roc_curve(known, values[name], cluster=patient, confidence=confidence) for name in names}
        save_roc(curves, areas, figure)


app.command("diagnose")(stats_diagnose.diagnose_command)
app.command("paired")(stats_paired.paired_command)
app.command("compare-readers")(stats_readers.compare_readers_command)
app.command("readers-against-system")(stats_readers.readers_against_system_command)


@app.command("categorise")
def categorise_command(
    file: TableFile,
    *,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Risk category; give two to compare two systems (default: category, ...)."),
    ] = None,
    truth: Truth = None,
    positive: Positive = None,
    cluster: Cluster = None,
    order: Annotated[
        str | None, typer.Option(metavar="LIST", help="All categories from low to high risk, for example 2,3,4a,4b,5.")
    ] = None,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Malignancy rate per risk category, and how well the categories sort; with two systems, which sorts better."""
    from thyrosight.errors import StatisticsError
    from thyrosight.reports.statistics_sections import sections_of
    from thyrosight.statistics import categorisation, compare_categorisations

    table = read_table(file, figure, encoding)
    names = [
        table.column(name, option="--category", candidates=("category", "tirads", "ti-rads", "tirads_grade", "grade"))
        for name in (category or (None,))
    ]
    if len(names) > 2:
        raise StatisticsError("Give one category column, or two to compare.")
    truth_name = table.column(truth, option="--truth", candidates=TRUTH_NAMES)
    patient_name = table.cluster_column(cluster)
    table.keep_complete([truth_name, *names, *([patient_name] if patient_name else [])], drop=drop_missing)
    known = table.truth(truth_name, positive)
    columns = [table.labels(name) for name in names]
    patient = table.names(patient_name) if patient_name else None
    orders = [_order(order, column) for column in columns]
    if not patient_name and cluster is None:
        table.note_repeats()
    if len(names) == 2:
        comparison = compare_categorisations(
            known,
            columns[0],
            columns[1],
            cluster=patient,
            order_a=orders[0],
            order_b=orders[1],
            confidence=confidence,
        )
        table.notes.append(f"a is {names[0]}, b is {names[1]}.")
        write_result(
            "categorise",
            table,
            with_notes(sections_of(comparison), table),
            comparison.to_dict(),
            out_format=out_format,
            out=out,
        )
        systems = [comparison.a, comparison.b]
    else:
        single = categorisation(known, columns[0], cluster=patient, order=orders[0], confidence=confidence)
        write_result(
            "categorise",
            table,
            with_notes(sections_of(single), table),
            single.to_dict(),
            out_format=out_format,
            out=out,
        )
        systems = [single]
    if figure is not None:
        from thyrosight.reports.statistics_figures import figure_forest

        save(figure_forest(_forest_of_categories(names, systems), label="Malignancy rate"), figure)


def _forest_of_categories(names: list[str], systems: list[Any]) -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import ForestLine

    lines = []
    for name, system in zip(names, systems, strict=True):
        lines.append(ForestLine(name))
        lines += [
            ForestLine(f"{category} ({malignant} of {total})", rate)
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
