"""`thyrosight stats roc` and `compare`: areas under ROC curves, of one score and of several on the same nodules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thyrosight.cli.stats.curve_parts import AtSensitivity, AtSpecificity, CurveParts, Partial
from thyrosight.cli.stats.options import Equivalence, Margin, Scores, margin_aim
from thyrosight.cli.stats.question import Question, answers

if TYPE_CHECKING:
    from thyrosight.documents import Answer, Figure, Table
    from thyrosight.statistics import AucComparison, Estimate, MarginTest

_REPLICATES = 2000


@answers()
def roc_command(
    question: Question,
    *,
    score: Scores = None,
    method: Annotated[
        str | None, typer.Option(help="delong, obuchowski or bootstrap (default: by whether there are clusters).")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="logit or wald; with bootstrap: percentile or bca (default: the first).")
    ] = None,
    partial: Partial = None,
    at_specificity: AtSpecificity = None,
    at_sensitivity: AtSensitivity = None,
) -> "Answer":
    """Area under the ROC curve with its interval, for one or more scores; also of a part of it, or at a fixed rate."""
    from thyrosight.documents import Answer
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_sections import estimates_section
    from thyrosight.statistics import auc

    asked = CurveParts.read(partial, at_specificity, at_sensitivity)
    names = question.score_names(score)
    known, patient = question.truth_and_patients(*names)
    values = {name: question.table.numbers(name) for name in names}
    areas = {
        name: auc(known, column, cluster=patient, method=method, interval=interval, confidence=question.confidence)
        for name, column in values.items()
    }
    areas = question.tested(areas)
    parts = _parts(question, asked, known, values, patient=patient)
    return Answer(
        title="Area under the ROC curve",
        summary=say.areas_summary(areas) + parts.summary,
        tables=(estimates_section("Area under the ROC curve", areas), *parts.tables),
        figures=(_roc_figure(known, values, areas, patient),) if question.draws else (),
        methods=say.areas_methods(areas[names[0]]) + parts.methods,
        result={name: area.to_dict() for name, area in areas.items()} | parts.result,
    )


@answers()
def compare_command(
    question: Question,
    *,
    score: Annotated[list[str], typer.Option(metavar="COLUMN", help="Score; give two (--score a --score b) or more.")],
    margin: Margin = None,
    equivalence: Equivalence = False,
    partial: Partial = None,
    at_specificity: AtSpecificity = None,
    at_sensitivity: AtSensitivity = None,
) -> "Answer":
    """Compare the AUCs of two or more scores on the same nodules (DeLong; Obuchowski with patients).

    Also parts of the curves, or one rate where the other is fixed (bootstrap of patients). With --margin the first
    score is new and each other one a reference.
    """
    from itertools import combinations

    from thyrosight.documents import Answer
    from thyrosight.errors import StatisticsError
    from thyrosight.reports import statistics_methods as say
    from thyrosight.reports.statistics_sections import auc_differences, estimates_section, margin_section
    from thyrosight.statistics import auc, compare_auc

    aim = margin_aim(margin, equivalence=equivalence)
    asked = CurveParts.read(partial, at_specificity, at_sensitivity)
    if len(set(score)) < 2:
        raise StatisticsError("Give two different scores: --score COLUMN --score COLUMN.")
    names = question.score_names(score)
    known, patient = question.truth_and_patients(*names)
    values = {name: question.table.numbers(name) for name in names}
    level = question.confidence
    pairs = {
        (a, b): compare_auc(known, values[a], values[b], cluster=patient, confidence=level)
        for a, b in combinations(names, 2)
    }
    pairs = question.tested(pairs)
    areas = {name: auc(known, values[name], cluster=patient, confidence=level) for name in names}
    tables = [estimates_section("Area under the ROC curve", areas), auc_differences(pairs, notes=_by_holm(pairs))]
    result: dict[str, Any] = {
        "areas": {name: area.to_dict() for name, area in areas.items()},
        "differences": [{"a_name": a, "b_name": b, **pair.to_dict()} for (a, b), pair in pairs.items()],
    }
    parts = _parts(question, asked, known, values, patient=patient, compared=list(pairs))
    against = question.tested(_against_margin(pairs, names[0], margin=margin, aim=aim, confidence=level))
    if against:
        tables.append(margin_section(against))
        result["margin"] = {name: test.to_dict() for name, test in against.items()}
    return Answer(
        title="Comparison of areas under the ROC curve",
        summary=say.areas_summary(areas) + say.differences_summary(pairs) + parts.summary,
        tables=(*tables, *parts.tables),
        figures=(_roc_figure(known, values, areas, patient),) if question.draws else (),
        methods=say.areas_methods(areas[names[0]])
        + say.differences_methods(pairs)
        + say.margin_methods(next(iter(against.values()), None))
        + parts.methods,
        result=result | parts.result,
    )


@dataclass(frozen=True)
class _Said:
    """Sentences, tables and values on parts of the curves; empty where no part was asked for."""

    summary: str = ""
    tables: "tuple[Table, ...]" = ()
    methods: str = ""
    result: dict[str, Any] = field(default_factory=dict)


def _parts(
    question: Question,
    asked: CurveParts,
    known: list[int],
    values: dict[str, list[float]],
    *,
    patient: list[Any] | None,
    compared: Sequence[tuple[str, str]] = (),
) -> _Said:
    """Parts of the curves of each score, and their differences for each of the `compared` pairs."""
    from thyrosight.reports import curve_sections as say

    if not asked:
        return _Said()
    options = {"cluster": patient, "confidence": question.confidence, "replicates": _REPLICATES}
    parts = question.tested({name: dict(asked.estimates(known, one, **options)) for name, one in values.items()})
    pairs = question.tested(
        {(a, b): list(asked.comparisons(known, values[a], values[b], **options)) for a, b in compared}
    )
    result: dict[str, Any] = {
        "parts": {name: {part: one.to_dict() for part, one in found.items()} for name, found in parts.items()}
    }
    tables, summary = [say.parts_section(parts)], say.parts_summary(parts)
    if pairs:
        tables.append(say.part_differences(pairs))
        summary = say.part_differences_summary(pairs)
        result["part_differences"] = [
            {"a_name": a, "b_name": b, **one.to_dict()} for (a, b), found in pairs.items() for one in found
        ]
    methods = say.parts_methods(parts, replicates=_REPLICATES, compared=bool(pairs))
    return _Said(summary, tuple(tables), methods, result)


def _by_holm(pairs: "dict[tuple[str, str], AucComparison]") -> list[str]:
    """A note with the corrected P values, where there are several pairs."""
    from thyrosight.statistics import adjust_p_values

    if len(pairs) < 2 or any(math.isnan(pair.p) for pair in pairs.values()):
        return []
    holm = adjust_p_values([pair.p for pair in pairs.values()])
    shown = (f"{a} - {b} {p:.3f}" for (a, b), p in zip(pairs, holm, strict=True))
    return [f"P values of the pairs are not corrected; by Holm's method they are: {', '.join(shown)}."]


def _against_margin(
    pairs: "dict[tuple[str, str], AucComparison]", new: str, *, margin: float | None, aim: str, confidence: float
) -> "dict[str, MarginTest]":
    """Tests of the new score against every other one; none without a margin."""
    from thyrosight.statistics import margin_test

    if margin is None:
        return {}
    return {
        f"{a} - {b}": margin_test(pair.difference, pair.se, margin=margin, aim=aim, confidence=confidence)
        for (a, b), pair in pairs.items()
        if a == new
    }


def _roc_figure(
    truth: list[int], values: dict[str, list[float]], areas: "dict[str, Estimate]", patient: list[Any] | None
) -> "Figure":
    from thyrosight.reports.statistics_figures import RocLine, roc_figure
    from thyrosight.statistics import roc_curve

    curves = {
        name: roc_curve(truth, column, cluster=patient, confidence=areas[name].confidence)
        for name, column in values.items()
    }
    return roc_figure([RocLine(name, curve, areas[name]) for name, curve in curves.items()])
