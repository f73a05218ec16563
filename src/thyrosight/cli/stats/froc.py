"""`thyrosight stats froc`: lesions found and localised, by one or more readers or models."""

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.hits import Rule
from thyrosight.cli.stats.marks import Marks, read_marks
from thyrosight.cli.stats.options import Effect
from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.statistics import LocalisationComparison, MarkedCases, ReaderComparison


@answers(truth=False)
def froc_command(
    question: Question,
    *,
    lesions: Annotated[
        Path,
        typer.Option(
            "--lesions",
            metavar="FILE",
            help="Table with a row per lesion (case, lesion, box), and one with an empty lesion per case without.",
        ),
    ],
    searched: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Table of who searched what: reader, test, case; or FILE again if it has a row without a mark for each"
            " search without one. Default: every reader searched every case.",
        ),
    ] = None,
    reader: Annotated[str | None, typer.Option(metavar="COLUMN", help="Reader or model (default: reader).")] = None,
    test: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Test that all readers used, as for `stats readers`.")
    ] = None,
    case: Annotated[str | None, typer.Option(metavar="COLUMN", help="Case of a mark (default: case, image).")] = None,
    rating: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Confidence of a mark (default: confidence, rating, calibrated_risk, ...)."
        ),
    ] = None,
    weight: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Weight of a lesion in its case (default: all alike).")
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="What hits: centre, overlap, distance, or id (default: id with a column lesion, or centre)."),
    ] = None,
    least_overlap: Annotated[float, typer.Option(help="For overlap: intersection over union from this on.")] = 0.5,
    within_mm: Annotated[float | None, typer.Option(help="For distance: between centres, at most.")] = None,
    mm_per_pixel: Annotated[float | None, typer.Option(help="For distance, where coordinates are pixels.")] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="What is compared: wafroc, afroc, wafroc1, afroc1, inferred-roc, lroc, pcl, sensitivity, cpm."
        ),
    ] = None,
    at: Annotated[
        list[float] | None, typer.Option(metavar="RATE", help="False marks per case; repeat (default: 1/8 to 8).")
    ] = None,
    false_marks: Annotated[str, typer.Option(help="Cases whose false marks count: all or lesion-free.")] = "all",
    interpolation: Annotated[str, typer.Option(help="Between points of the curve: step or linear (LUNA16).")] = "step",
    readers: Annotated[
        Effect, typer.Option(help="With --test. random: other readers too; fixed: these.")
    ] = Effect.RANDOM,
) -> "Answer":
    """Find and localise lesions: FROC curve, sensitivity at false marks per image, CPM, AFROC, wAFROC, LROC.

    FILE has a row per mark: case, confidence, and x and y, a box, or the lesion that it hits. With several readers who
    searched different cases, --searched says who searched what.
    """
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_localisation as say
    from thyrosight.statistics import froc_curve
    from thyrosight.statistics.localisation.figures_of_merit import CPM_RATES

    acceptance = Rule(rule, least_overlap, within_mm, mm_per_pixel)
    read = read_marks(
        question,
        lesions,
        reader=reader,
        test=test,
        case=case,
        rating=rating,
        weight=weight,
        rule=acceptance,
        searched=searched,
    )
    if len(read.tests) > 1:
        return _answer_of_study(question, read, metric=metric, readers=readers)
    marked = {name: read.of_reader(name) for name in read.readers}
    chosen = metric or _default_metric(question, read.lesions["lesion"])
    _require_groups(question, marked.values(), chosen)
    curves = {
        name: froc_curve(
            one,
            false_marks=false_marks,
            interpolation=interpolation,
            confidence=question.confidence,
            rates=at or CPM_RATES,
            replicates=0 if question.table.untested else 2000,
        )
        for name, one in marked.items()
    }
    shared: dict[str, Any] = {
        "confidence": question.confidence,
        "false_marks": false_marks,
        "interpolation": interpolation,
        "rate": (at or [1.0])[0],
    }
    merits = question.tested(say.merits_of(marked, chosen, **shared))
    pairs = question.tested(_pairs(question, read, chosen, **shared))
    return Answer(
        title="Lesions found and localised",
        summary=say.froc_summary(marked, curves, merits, pairs, chosen),
        tables=say.froc_tables(marked, curves, merits, pairs, chosen),
        figures=say.froc_figures(curves, marked, merits) if question.draws else (),
        methods=say.froc_methods(curves, pairs, rule=read.rule, metric=chosen),
        result=say.froc_result(marked, curves, merits, pairs),
    )


def _require_groups(question: Question, marked: "Iterable[MarkedCases]", metric: str) -> None:
    """Leave out tests and bootstraps where a reader searched too few patients with a lesion, or to compare with."""
    from thyrosight.statistics.localisation.comparison import notes_on_few

    for one in marked:
        if notes := notes_on_few(one, metric):
            question.refuse_tests(notes[0].rstrip("."))
            return


def _default_metric(question: Question, lesions: list[Any]) -> str:
    if all(lesions):
        question.note("Every case has a lesion: wAFROC1, which takes the false marks of all cases, stands for wAFROC.")
        return "wafroc1"
    return "wafroc"


def _pairs(
    question: Question, read: Marks, metric: str, **options: Any
) -> "dict[tuple[str, str], LocalisationComparison]":
    """Every two readers on the cases that both searched."""
    from thyrosight.errors import StatisticsError
    from thyrosight.statistics import compare_localisation

    found = {}
    for a, b in combinations(read.readers, 2):
        both = read.cases_of(a) & read.cases_of(b)
        if both != read.cases_of(a) | read.cases_of(b):
            question.note(f"{a} - {b}: compared on the {len(both)} cases that both searched.")
        try:
            marked = [read.of_reader(name, both) for name in (a, b)]
            found[a, b] = compare_localisation(*marked, metric=metric, **options)
        except StatisticsError as error:
            if read.searched is None:
                raise
            question.note(f"{a} - {b} cannot be compared. {error}")
    return found


def _answer_of_study(question: Question, read: Marks, *, metric: str | None, readers: Effect) -> "Answer":
    """Several tests: a study of readers by the method of Obuchowski and Rockette."""
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_localisation as say
    from thyrosight.reports import statistics_methods as of_readers
    from thyrosight.reports.statistics_sections import sections_of
    from thyrosight.statistics import compare_localisation_readers

    found: ReaderComparison = compare_localisation_readers(
        read.marks,
        read.lesions,
        metric=metric or _default_metric(question, read.lesions["lesion"]),
        test="test",
        reader="reader",
        searched=read.searched,
        readers=readers.value,
        confidence=question.confidence,
        weight=read.weight,
        cluster=read.patient,
    )
    return Answer(
        title="Readers who find and localise lesions",
        summary=of_readers.readers_summary(found),
        tables=tuple(sections_of(found)),
        figures=(say.study_figure(found),),
        methods=say.acceptance_methods(read.rule, found.metric)
        + " "
        + of_readers.readers_methods(found, confidence=question.confidence),
        result=found.to_dict(),
    )
