"""`thyrosight stats diagnose`: sensitivity, specificity and all that follows from a two-by-two table."""

from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.stats_common import (
    SCORE_NAMES,
    TRUTH_NAMES,
    Cluster,
    Confidence,
    DropMissing,
    Encoding,
    FigureFile,
    Out,
    OutFormat,
    Positive,
    TableFile,
    Truth,
    read_table,
    save,
    with_notes,
    write_result,
)

if TYPE_CHECKING:
    from thyrosight.documents import Table
    from thyrosight.reports.statistics_figures import ForestLine
    from thyrosight.statistics import DiagnosticTable

_IN_FIGURE = ("sensitivity", "specificity", "accuracy", "ppv", "npv", "f1", "balanced_accuracy")


def diagnose_command(
    file: TableFile,
    *,
    truth: Truth = None,
    predicted: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Call: 0 and 1, or benign and malignant (default: predicted).")
    ] = None,
    score: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Score to call from instead, with --threshold or --rule.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Call positive from this score on.")] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="Choose the threshold here: youden, closest, 'sensitivity>=0.95', 'specificity>=0.9'."),
    ] = None,
    positive: Positive = None,
    positive_call: Annotated[
        str | None,
        typer.Option(metavar="VALUE", help="The value of the calls that means disease, if another than of the truth."),
    ] = None,
    cluster: Cluster = None,
    interval: Annotated[
        str | None,
        typer.Option(
            help="wilson, wald, clopper-pearson, agresti-coull, jeffreys, gee, bootstrap (default: wilson; gee with"
            " patients)."
        ),
    ] = None,
    prevalence: Annotated[float | None, typer.Option(help="Also give predictive values at this prevalence.")] = None,
    confidence: Confidence = 0.95,
    drop_missing: DropMissing = False,
    encoding: Encoding = None,
    out_format: OutFormat = None,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Sensitivity, specificity, predictive values, likelihood ratios and more, of a call or of a score."""
    from thyrosight.errors import StatisticsError
    from thyrosight.reports.statistics_sections import sections_of
    from thyrosight.statistics import diagnostic_table, operating_point

    if threshold is not None and rule is not None:
        raise StatisticsError("Give --threshold or --rule, not both.")
    by_score = score is not None or threshold is not None or rule is not None
    table = read_table(file, figure, encoding)
    truth_name = table.column(truth, option="--truth", candidates=TRUTH_NAMES)
    if by_score:
        name = table.column(score, option="--score", candidates=SCORE_NAMES)
    else:
        name = table.column(predicted, option="--predicted", candidates=("predicted", "call", "predicted_label"))
    patient_name = table.cluster_column(cluster)
    table.keep_complete([truth_name, name, *([patient_name] if patient_name else [])], drop=drop_missing)
    patient = table.names(patient_name) if patient_name else None
    if patient is None and cluster is None:
        table.note_repeats()
    known = table.truth(truth_name, positive)
    sections: list[Table] = []
    result = {}
    if by_score:
        values = table.numbers(name)
        if threshold is None:
            point = operating_point(known, values, rule=rule or "youden", cluster=patient, confidence=confidence)
            threshold = point.threshold
            sections, result["operating_point"] = sections_of(point), point.to_dict()
            table.notes.append("The threshold was chosen on these very data, so the table is optimistic.")
        calls = [int(value >= threshold) for value in values]
        table.notes.append(f"Positive from {name} = {threshold:g} on.")
    else:
        calls = table.calls(name, positive=positive, positive_call=positive_call)
    found = diagnostic_table(
        known, calls, cluster=patient, interval=interval, prevalence=prevalence, confidence=confidence
    )
    result["table"] = found.to_dict()
    sections = with_notes([*sections_of(found), *sections], table)
    write_result("diagnose", table, sections, result, out_format=out_format, out=out)
    if figure is not None:
        from thyrosight.reports.statistics_figures import figure_forest

        save(figure_forest(_forest(found), label="Proportion"), figure)


def _forest(found: "DiagnosticTable") -> "list[ForestLine]":
    from thyrosight.reports.statistics_figures import ForestLine
    from thyrosight.reports.statistics_sections import measure_name

    return [ForestLine(measure_name(name), getattr(found, name)) for name in _IN_FIGURE]
