"""Tables, figures and sentences on lesions found and localised."""

import math
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any

from thyrosight.documents import Figure, Table
from thyrosight.documents.drawings import Curve, ForestLine, LinePanel, Lines
from thyrosight.reports.merit_names import short_name
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_methods import level_sentence, p_words, with_limits
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import (
    Estimate,
    FrocCurve,
    LocalisationComparison,
    MarkedCases,
    ReaderComparison,
    localisation_curve,
    localisation_merit,
)

Pairs = Mapping[tuple[str, str], LocalisationComparison]
Merits = Mapping[str, Mapping[str, Estimate]]
"""Figures of merit of each reader, by name."""

_CITED = {
    "wafroc": "[chakraborty2004, chakraborty2016]",
    "wafroc1": "[chakraborty2008, chakraborty2016]",
    "afroc": "[chakraborty2004]",
    "afroc1": "[chakraborty2008]",
    "lroc": "[swensson1996]",
    "pcl": "[swensson1996]",
    "cpm": "[niemeijer2011]",
}
_BANDS_AT_MOST = 2


def merits_of(marked: Mapping[str, MarkedCases], metric: str, **options: Any) -> dict[str, dict[str, Estimate]]:
    """The figures of merit of each reader: the chosen one first, then those that the cases define."""
    usual = ["wafroc", "afroc", "inferred-roc", "lroc", "pcl"]
    if next(iter(marked.values())).with_lesion.all():
        usual = ["wafroc1", "afroc1", "pcl"]
    names = list(dict.fromkeys([metric, *usual]))
    return {
        reader: {name: localisation_merit(one, metric=name, **options) for name in names}
        for reader, one in marked.items()
    }


def froc_summary(
    marked: Mapping[str, MarkedCases], curves: Mapping[str, FrocCurve], merits: Merits, pairs: Pairs, metric: str
) -> str:
    """Summarise how many lesions each reader found, and whether the readers differ."""
    said = _searched(marked, curves)
    place = _near_one(curves.values())
    for name, curve in curves.items():
        said.append(
            f"Sensitivity of {name} {with_limits(curve.at_rates[place])} at {curve.rates[place]:g} false marks per"
            f" case, {short_name(metric)} {with_limits(merits[name][metric])}."
        )
    said += [f"Difference {a} - {b} {with_limits(one.difference)}, {p_words(one.p)}." for (a, b), one in pairs.items()]
    return " ".join(said)


def _same_cases(marked: Mapping[str, MarkedCases]) -> bool:
    """Whether all readers searched the same cases."""
    return len({one.cases for one in marked.values()}) == 1


def _searched(marked: Mapping[str, MarkedCases], curves: Mapping[str, FrocCurve]) -> list[str]:
    """How much was searched: by all, or by each reader where they searched different cases."""
    said = []
    for name, curve in curves.items():
        units = "" if curve.clusters is None else f" of {curve.clusters} patients"
        if _same_cases(marked):
            return [f"{curve.lesions} lesions in {curve.n} cases{units}."]
        said.append(f"{name} searched {curve.n} cases{units} with {curve.lesions} lesions.")
    return said


def _near_one(curves: Collection[FrocCurve]) -> int:
    """The place of the rate nearest to one false mark per case that the marks of all reach, else of the lowest rate."""
    rates = next(iter(curves)).rates
    last = min(float(curve.false_per_case[-1]) for curve in curves)
    reached = [place for place, rate in enumerate(rates) if rate <= last]
    return min(reached or [0], key=lambda place: abs(math.log(rates[place])))


def froc_tables(
    marked: Mapping[str, MarkedCases], curves: Mapping[str, FrocCurve], merits: Merits, pairs: Pairs, metric: str
) -> tuple[Table, ...]:
    """Sensitivities at rates, figures of merit, and differences of readers."""
    several = len(curves) > 1
    at_rates: dict[str, Estimate] = {}
    areas: dict[str, Estimate] = {}
    for name, curve in curves.items():
        of = f"{name}, " if several else ""
        at_rates |= {
            f"{of}at {rate:g} false per case": one for rate, one in zip(curve.rates, curve.at_rates, strict=True)
        }
        at_rates[f"{of}CPM"] = curve.cpm
        areas |= {f"{of}{short_name(key)}": one for key, one in merits[name].items()}
    notes = [
        f"{name}: {sentence}" if several else sentence
        for name, curve in curves.items()
        for sentence in (*((str(marked[name]) + ".",)), *curve.notes)
    ]
    tables = [
        estimates_section("Sensitivity per lesion at false marks per case", at_rates, notes=notes),
        estimates_section("Figures of merit", areas),
    ]
    if pairs:
        rows = [row(f"{a} - {b}", one.difference, p=one.p) for (a, b), one in pairs.items()]
        said = list(dict.fromkeys(note for one in pairs.values() for note in one.notes))
        if len(pairs) > 1:
            said.append("P values of the pairs are not corrected for each other.")
        level = next(iter(pairs.values())).difference.confidence
        title = f"Differences, {short_name(metric)} ({100 * level:g} % intervals)"
        tables.append(statistics_table(title, rows, notes=said))
    return tuple(tables)


def froc_figures(
    curves: Mapping[str, FrocCurve], marked: Mapping[str, MarkedCases], merits: Merits
) -> tuple[Figure, ...]:
    """The FROC curves in steps with their bands, and the wAFROC curves in a square."""
    area = "wafroc1" if next(iter(marked.values())).with_lesion.all() else "wafroc"
    first = next(iter(curves.values()))
    lines = [_froc_line(name, curve, band=len(curves) <= _BANDS_AT_MOST) for name, curve in curves.items()]
    shaded = any(line.low is not None for line in lines)
    size = f"{first.lesions} lesions in {first.n} cases" if _same_cases(marked) else "each reader on the cases searched"
    note = size + (f"; shaded: pointwise {100 * first.confidence:g} % band" if shaded else "")
    froc = LinePanel(
        curves=tuple(lines),
        x="False marks per case",
        y="Sensitivity per lesion",
        bottom=0,
        top=1.02,
        whole=False,
        note=note,
    )
    squares = []
    for name, one in marked.items():
        curve = localisation_curve(one, metric=area, confidence=first.confidence)
        squares.append(
            Curve(
                name=f"{name}: {with_limits(merits[name][area], level=False)}",
                x=tuple(curve.false_fraction.tolist()),
                y=tuple(curve.true_fraction.tolist()),
            )
        )
    x = "Cases with a false mark" if area.endswith("1") else "Lesion-free cases with a mark"
    square = LinePanel(curves=tuple(squares), x=x, y="Lesions found (weighted)", square=True, note=size)
    return (
        Figure(name="froc", caption=f"FROC curves; {note}", drawing=Lines(panels=(froc,))),
        Figure(name="wafroc", caption=f"Curves of {short_name(area)}", drawing=Lines(panels=(square,))),
    )


def _froc_line(name: str, curve: FrocCurve, *, band: bool) -> Curve:
    """A curve in steps: from each point level to the next one's false marks, then up."""
    band = band and bool((curve.low == curve.low).all())
    places = [0, *(place for one, two in pairwise(range(curve.false_per_case.size)) for place in (one, two))]
    across = [0, *(two for one, two in pairwise(range(curve.false_per_case.size)) for _ in (one, two))]
    pick = {
        key: tuple(float(values[place]) for place in places)
        for key, values in (("y", curve.sensitivity), ("low", curve.low), ("high", curve.high))
    }
    return Curve(
        name=name,
        x=tuple(float(curve.false_per_case[place]) for place in across),
        y=pick["y"],
        low=pick["low"] if band else None,
        high=pick["high"] if band else None,
    )


def study_figure(found: ReaderComparison) -> Figure:
    """Each reader's figure of merit with every test, and the means."""
    lines: list[ForestLine] = []
    for test, mean, estimates in zip(found.tests, found.test_estimates, found.reader_estimates, strict=True):
        lines.append(forest_line(str(test)))
        lines += [forest_line(f"reader {name}", one) for name, one in zip(found.readers, estimates, strict=True)]
        lines.append(forest_line("mean", mean, bold=True))
    return forest_figure(lines, x=short_name(found.metric))


def acceptance_methods(rule: str, metric: str) -> str:
    """State the rule for a hit, and the figure of merit."""
    cited = f" {_CITED[metric]}" if metric in _CITED else ""
    return (
        f"A mark hit {rule}; of several marks on a lesion the surest counted and the others did not."
        f" The figure of merit was {short_name(metric)}{cited}."
    )


def froc_methods(curves: Mapping[str, FrocCurve], pairs: Pairs, *, rule: str, metric: str) -> str:
    """How lesions found were analysed."""
    first = next(iter(curves.values()))
    unit = "cases" if first.clusters is None else "patients"
    where = "all cases" if first.false_marks == "all" else "cases without a lesion"
    text = (
        f"{acceptance_methods(rule, metric)} FROC curves [bunch1978] count false marks on {where}; sensitivities"
        " at fixed numbers of false marks per case and their mean, the CPM [niemeijer2011], carry intervals of a"
        f" bootstrap over {unit} [efron1993]. Areas carry jackknife intervals over {unit}, on the logit scale."
    )
    if pairs:
        kind = next(iter(pairs.values())).difference.method.split(",")[0]
        text += f" Readers were compared on the same cases by the {kind}."
    if first.clusters is None:
        text += " Cases were taken as independent."
    return f"{text} {level_sentence(first.confidence)}"


def froc_result(
    marked: Mapping[str, MarkedCases], curves: Mapping[str, FrocCurve], merits: Merits, pairs: Pairs
) -> dict[str, Any]:
    """All results as plain values."""
    return {
        "readers": {
            name: {
                "marks": str(marked[name]),
                "froc": curve.to_dict(),
                "merits": {key: one.to_dict() for key, one in merits[name].items()},
            }
            for name, curve in curves.items()
        },
        "differences": [{"a_name": a, "b_name": b, **one.to_dict()} for (a, b), one in pairs.items()],
    }
