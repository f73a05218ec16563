"""`thyrosight stats paired`: two readers' or systems' calls on the same nodules."""

from typing import TYPE_CHECKING, Annotated

import typer

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
    with_notes,
    write_result,
)

if TYPE_CHECKING:
    from thyrosight.cli.stats_table import StatsTable
    from thyrosight.reports.statistics_figures import ForestLine
    from thyrosight.statistics import MarginTest, PairedCalls


def paired_command(
    file: TableFile,
    *,
    a: Annotated[str, typer.Option("--a", metavar="COLUMN", help="Calls, or score, of the first reader or system.")],
    b: Annotated[str, typer.Option("--b", metavar="COLUMN", help="The same of the second.")],
    truth: Truth = None,
    positive: Positive = None,
    positive_call: Annotated[
        str | None,
        typer.Option(metavar="VALUE", help="The value of the calls that means disease, if another than of the truth."),
    ] = None,
    threshold_a: Annotated[float | None, typer.Option(help="Column --a is a score: positive from this one on.")] = None,
    threshold_b: Annotated[float | None, typer.Option(help="Column --b is a score: positive from this one on.")] = None,
    cluster: Cluster = None,
    margin: Margin = None,
    equivalence: Equivalence = False,
    method: Annotated[
        str | None,
        typer.Option(
            help="mcnemar-exact, mcnemar-mid-p, mcnemar-chi-square, mcnemar-chi-square-corrected, score or gee"
            " (default: mcnemar-exact, and score for predictive values; gee with patients)."
        ),
    ] = None,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Compare two readers or systems on the same nodules: sensitivity, specificity, accuracy, predictive values.

    With --margin, a is new and b the reference.
    """
    from thyrosight.reports.statistics_sections import margin_section, sections_of
    from thyrosight.statistics import compare_calls

    aim = margin_aim(margin, equivalence=equivalence)
    table = read_table(file, figure, encoding)
    truth_name = table.column(truth, option="--truth", candidates=TRUTH_NAMES)
    names = table.column(a, option="--a"), table.column(b, option="--b")
    patient_name = table.cluster_column(cluster)
    table.keep_complete([truth_name, *names, *([patient_name] if patient_name else [])], drop=drop_missing)
    if not patient_name and cluster is None:
        table.note_repeats()
    known = table.truth(truth_name, positive)
    calls = [
        _calls(table, name, threshold=threshold, positive=positive, positive_call=positive_call)
        for name, threshold in zip(names, (threshold_a, threshold_b), strict=True)
    ]
    patient = table.names(patient_name) if patient_name else None
    found = compare_calls(known, *calls, cluster=patient, method=method, confidence=confidence)
    table.notes.append(f"a is {names[0]}, b is {names[1]}.")
    sections, result = with_notes(sections_of(found), table), found.to_dict()
    if margin is not None:
        tests = _against_margin(found, margin=margin, aim=aim, confidence=confidence)
        sections.append(margin_section({f"{name}, a - b": test for name, test in tests.items()}))
        result["margin"] = {name: test.to_dict() for name, test in tests.items()}
    write_result("paired", table, sections, result, out_format=out_format, out=out)
    if figure is not None:
        from thyrosight.reports.statistics_figures import figure_forest

        save(figure_forest(_forest(found), label=f"{names[0]} - {names[1]}", reference=0), figure)


def _calls(
    table: "StatsTable", name: str, *, threshold: float | None, positive: str | None, positive_call: str | None
) -> list[int]:
    """A column of calls, or the calls of a column of scores."""
    if threshold is None:
        return table.calls(name, positive=positive, positive_call=positive_call)
    table.notes.append(f"Positive from {name} = {threshold:g} on.")
    return [int(value >= threshold) for value in table.numbers(name)]


def _against_margin(found: "PairedCalls", *, margin: float, aim: str, confidence: float) -> "dict[str, MarginTest]":
    """Sensitivity and specificity against a margin: by Tango's score, or with patients by the variance of GEE."""
    from thyrosight.statistics import margin_test, paired_margin_test

    tests = {}
    for name, counts in (("sensitivity", found.malignant), ("specificity", found.benign)):
        one = getattr(found, name)
        if one is None:
            continue
        if one.clusters is None:
            tests[name] = paired_margin_test(
                counts[1], counts[2], sum(counts), margin=margin, aim=aim, confidence=confidence
            )
        else:
            tests[name] = margin_test(one.difference, one.se, margin=margin, aim=aim, confidence=confidence)
    return tests


def _forest(found: "PairedCalls") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import ForestLine
    from thyrosight.reports.statistics_sections import measure_name
    from thyrosight.statistics import Estimate

    return [
        ForestLine(
            measure_name(name),
            Estimate(one.difference, one.low, one.high, one.se, one.method, one.n, one.clusters, one.confidence),
        )
        for name, one in found.comparisons().items()
    ]
