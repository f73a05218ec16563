"""The tables of a micronodule study's report; every number comes from the result."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thyrosight.reports.figures import p_text
from thyrosight.reports.tables import DASH, UNDEFINED, Cell, Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies.base import Measure
    from thyrosight.studies.micronodule.result import (
        Analysis,
        CategorySystem,
        Characteristic,
        ClassSummary,
        Diagnosis,
        ReaderTable,
        TestSet,
    )

PERCENT = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
_COUNTS = {
    "true_positive": "True positive",
    "true_negative": "True negative",
    "false_positive": "False positive",
    "false_negative": "False negative",
}


def p_or_dash(p: float | None) -> str:
    """A P value as papers print it, or a dash where there is none."""
    return DASH if p is None else p_text(p)


def p_equals(p: float | None) -> str:
    """A P value behind the letter P.

    >>> p_equals(0.2), p_equals(0.00001)
    ('= 0.200', '< 0.001')
    """
    text = p_or_dash(p)
    return text if text.startswith("<") else f"= {text}"


def shown(name: str, item: "Measure") -> Cell:
    """A measure with its interval below: proportions in per cent, areas as they are."""
    if item.value is None:
        return Cell(UNDEFINED)
    factor, digits = (100, 1) if name in PERCENT else (1, 2)
    text = f"{factor * item.value:.{digits}f}"
    if item.low is None or item.high is None:
        return Cell(text)
    return Cell(text, [f"{factor * item.low:.{digits}f}{DASH}{factor * item.high:.{digits}f}"])


def characteristics_table(found: "TestSet", part: "Analysis", *, title: str) -> Table:
    """Patients, nodules and categories by class (Table 1)."""
    rows: list[list[str | Cell]] = []
    for line in part.characteristics:
        name = f"\u2003{line.level}" if line.level else line.name
        rate = ""
        if line.rate is not None and line.rate.value is not None:
            error = "" if line.rate.se is None else f" ({100 * line.rate.se:.1f})"
            rate = f"{100 * line.rate.value:.1f}{error}"
        rows.append([name, _class(line.malignant), _class(line.benign), rate, _p(line)])
    ways = _ways([(line.name, line.method) for line in part.characteristics if line.method and not line.level])
    return Table(
        caption=f"{title}. Patients and nodules ({part.name})",
        head=["Characteristic", "Malignant", "Benign", "Malignancy rate, % (SE)", "P"],
        rows=rows,
        notes=[
            "Means ± standard deviation, or numbers with percentages of the class. A patient with nodules of both "
            "classes counts in both.",
            *ways,
            sentence(found.source_sentence),
        ],
    )


def sizes_table(found: "TestSet", *, title: str) -> Table | None:
    """Smaller against larger nodules among those tested (Supplement 2); None where there are not both."""
    if not found.by_size:
        return None
    names = [part.name for part in found.subgroups]
    rows: list[list[str | Cell]] = [
        [
            f"\u2003{line.level}" if line.level else line.name,
            _class(line.small),
            _class(line.large),
            "" if line.level or not line.method else p_or_dash(line.p),
        ]
        for line in found.by_size
    ]
    ways = _ways([(line.name, line.method) for line in found.by_size if line.method and not line.level])
    return Table(
        caption=f"{title}. Patients and nodules by size",
        head=["Characteristic", *(names if len(names) == 2 else ["smaller", "larger"]), "P"],
        rows=rows,
        notes=[*ways, sentence(found.source_sentence)],
    )


def _ways(tests: Sequence[tuple[str, str]]) -> list[str]:
    """How each characteristic was tested, each way named once."""
    ways: dict[str, list[str]] = {}
    for name, method in tests:
        ways.setdefault(method, []).append(name)
    return [sentence(f"{', '.join(names)}: {method}") for method, names in ways.items()]


def _class(item: "ClassSummary | None") -> str:
    if item is None:
        return ""
    if item.mean is not None:
        return f"{item.mean:.1f}" + ("" if item.sd is None else f" ± {item.sd:.1f}")
    return str(item.n) if item.share is None else f"{item.n} ({100 * item.share:.1f} %)"


def _p(line: "Characteristic") -> str:
    return "" if line.level or not line.method else p_or_dash(line.p)


def reader_table(
    found: "TestSet", part: "Analysis", table: "ReaderTable", *, title: str, strong: bool = False
) -> Table:
    """Network and reader with their measures and P values (Table 2)."""
    from thyrosight.studies.micronodule.result import QUANTITIES

    differences = {line.quantity: line for line in table.differences}
    rows: list[list[str | Cell]] = []
    network, reader = table.network, table.radiologist
    rows.append(["Cut-off", network.threshold_text if network else DASH, reader.threshold_text, ""])
    for name, words in _COUNTS.items():
        rows.append([words, _count(network, name), _count(reader, name), ""])
    for name, words in QUANTITIES.items():
        ours = shown(name, network.measures[name]) if network else Cell(DASH)
        line = differences.get(name)
        p = p_or_dash(line.p) if line else DASH
        unit = ", %" if name in PERCENT else ""
        rows.append([words + unit, ours, shown(name, reader.measures[name]), p])
    notes = [
        "Cut-offs by Youden's index on these very nodules, as in the paper. Less the optimism of that choice, "
        f"{_corrected(network, reader)}."
    ]
    methods = dict.fromkeys(sentence(line.method) for line in table.differences if line.p is not None)
    undefined = [
        sentence(f"{QUANTITIES[line.quantity]}: {line.method}") for line in table.differences if line.p is None
    ]
    return Table(
        caption=f"{title}. CNN against {table.reader} ({part.name}, n = {table.n})",
        head=["Measure", "CNN", table.reader, "P"],
        rows=rows,
        notes=[
            *notes,
            f"Intervals below the values respect patients. Tests: {' '.join(methods)}" if methods else "",
            *undefined,
            *(sentence(note) for note in table.notes),
            f"{table.reader}: {table.system}. {sentence(found.source_sentence)}",
        ],
    )


def _count(item: "Diagnosis | None", name: str) -> str:
    return DASH if item is None else str(getattr(item.counts, name))


def _corrected(*raters: "Diagnosis | None") -> str:
    """Sensitivity and specificity corrected for optimism, in words."""
    parts = []
    for item in raters:
        if item is None or not item.corrected:
            continue
        values = [item.corrected[name].value for name in ("sensitivity", "specificity")]
        if any(value is None for value in values):
            continue
        percent = [f"{100 * value:.1f} %" for value in values if value is not None]
        parts.append(f"{item.rater} has sensitivity {percent[0]} and specificity {percent[1]}")
    return "; ".join(parts) or "nothing can be said"


def alone_table(found: "TestSet", part: "Analysis", *, title: str) -> Table | None:
    """The network without readers at the cut-off redefined on these nodules; None where there is none."""
    from thyrosight.studies.micronodule.result import QUANTITIES

    if part.network is None:
        return None
    item = part.network
    rows: list[list[str | Cell]] = [["Cut-off", item.threshold_text]]
    rows += [[words, _count(item, name)] for name, words in _COUNTS.items()]
    for name, words in QUANTITIES.items():
        rows.append([words + (", %" if name in PERCENT else ""), shown(name, item.measures[name])])
    return Table(
        caption=f"{title}. Diagnostic performance of the CNN ({part.name}, n = {item.n})",
        head=["Measure", "CNN"],
        rows=rows,
        notes=[
            "Cut-off by Youden's index on these very nodules, as in the paper. Less the optimism of that choice, "
            f"{_corrected(item)}.",
            f"Intervals: {item.measures['sensitivity'].method}; AUC: {item.measures['auc'].method}.",
            sentence(found.source_sentence),
        ],
    )


def categorisation_table(found: "TestSet", part: "Analysis", *, title: str) -> Table | None:
    """How well categories sort nodules (Table 3); None where there are none."""
    if not part.categories:
        return None
    against = {line.b: line for line in part.category_differences}
    rows: list[list[str | Cell]] = []
    for system in part.categories:
        line = against.get(system.name)
        difference: str | Cell = DASH
        if line is not None and line.difference.value is not None:
            low, high = line.difference.low, line.difference.high
            below = [] if low is None or high is None else [f"{low:+.1f} to {high:+.1f}"]
            difference = Cell(f"{line.difference.value:+.1f}", below)
        rows.append(
            [
                system.name,
                str(system.n),
                _number(system.linear_trend),
                _number(system.likelihood_ratio),
                _number(system.aic),
                difference,
                p_or_dash(line.p if line else None),
            ]
        )
    notes = [
        "Larger chi-squares mean steadier rise (trend) and less mixture (likelihood ratio); a smaller AIC means a more "
        "informative system.",
        *(sentence(f"{system.name}: {system.note}") for system in part.categories if system.note),
        *dict.fromkeys(sentence(line.method) for line in part.category_differences),
        sentence(found.source_sentence),
    ]
    return Table(
        caption=f"{title}. Categorisation ({part.name})",
        head=["System", "n", "Linear trend χ²", "Likelihood ratio χ²", "AIC", "AIC of CNN TIRADS minus this", "P"],
        rows=rows,
        notes=notes,
    )


def categories_table(found: "TestSet", part: "Analysis", rule: str) -> Table | None:
    """Malignant of all nodules in each category of the network, calibrated beside uncalibrated."""
    systems = [system for system in part.categories if system.name.startswith("CNN")]
    if not systems:
        return None
    names = list(dict.fromkeys(line.name for system in systems for line in system.lines))
    rows: list[list[str | Cell]] = [
        [f"Category {name}", *(_line(system, name) for system in systems)] for name in sorted(names)
    ]
    return Table(
        caption=f"Risk categories of the CNN: malignant of all nodules ({part.name})",
        head=["", *(system.name for system in systems)],
        rows=rows,
        notes=[f"Rule: {rule}. Calibrated on the validation part. {sentence(found.source_sentence)}"],
    )


def _line(system: "CategorySystem", name: str) -> Cell:
    for line in system.lines:
        if line.name == name:
            text = f"{line.malignant} of {line.total}"
            if line.rate.value is None or line.rate.low is None or line.rate.high is None:
                return Cell(text)
            return Cell(
                text, [f"{100 * line.rate.value:.0f} % ({100 * line.rate.low:.0f}{DASH}{100 * line.rate.high:.0f})"]
            )
    return Cell("none")


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.1f}"
