"""The tables of a study's report, as text in rows; numbers come from the result and are only written out here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thyrosight.reports.figures import p_text

if TYPE_CHECKING:
    from thyrosight.studies import StudyResult
    from thyrosight.studies.result import Explanations, MeanMeasure, Measure, NetworkResult

DASH = "\N{EN DASH}"
UNDEFINED = "undefined"


@dataclass(frozen=True)
class Cell:
    """A value with what stands below it in smaller type: interval, spread."""

    text: str
    below: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """A table of texts: its caption, column heads, rows (the first cell names the row) and notes below."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    notes: Sequence[str] = ()
    strong_row: int | None = None
    """Row that is set in bold: the main network."""


def with_interval(value: float | None, low: float | None, high: float | None, *, digits: int = 3) -> str:
    """A value with its interval.

    >>> with_interval(0.8123, 0.7, 0.9), with_interval(0.5, None, None), with_interval(None, None, None)
    ('0.812 (0.700–0.900)', '0.500', 'undefined')
    """
    if value is None:
        return UNDEFINED
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f}{DASH}{high:.{digits}f})"


def means_table(result: "StudyResult") -> Table:
    """Each measure of each network, averaged over the divisions."""
    from thyrosight.studies import MEASURES

    rows: list[list[str | Cell]] = []
    for network in result.networks:
        cells = [network.mean.get(name) for name in MEASURES]
        rows.append([network.title, *(_cell(cell) for cell in cells)])
    some = next(iter(result.main.mean.values()))
    return Table(
        caption=f"Measures on the test parts, mean over {_divisions(some.divisions)}, with 95 % intervals",
        head=["Network", *MEASURES.values()],
        rows=rows,
        notes=[
            *_methods(network.mean for network in result.networks),
            f"± is the standard deviation between divisions. {sentence(result.source_sentence)}",
        ],
        strong_row=_place_of_main(result),
    )


def pooled_table(result: "StudyResult") -> Table:
    """Each measure of each network over the pooled test predictions."""
    from thyrosight.studies import MEASURES

    rows: list[list[str | Cell]] = []
    for network in result.networks:
        cells = [network.pooled.get(name) for name in MEASURES]
        rows.append([network.title, *(_cell(cell) for cell in cells)])
    some = next(iter(result.main.pooled.values()))
    size = f"n = {some.n} predictions" + (f" of {some.clusters} groups" if some.clusters else "")
    return Table(
        caption=f"The same measures over all test predictions pooled ({size}), with 95 % intervals",
        head=["Network", *MEASURES.values()],
        rows=rows,
        notes=[*_methods(network.pooled for network in result.networks), sentence(result.source_sentence)],
        strong_row=_place_of_main(result),
    )


def comparison_table(result: "StudyResult") -> Table | None:
    """Differences of the comparators to the main network; None without comparators."""
    compared = [network for network in result.networks if network.against_main]
    if not compared:
        return None
    rows, methods = [], []
    for network in compared:
        item = network.against_main
        assert item is not None
        name = _measure_name(item.measure)
        difference = f"{item.difference:+.3f} ({item.low:+.3f} to {item.high:+.3f})"
        rows.append([network.title, name, difference, p_text(item.p), p_text(item.p_corrected)])
        methods.append(item.method)
    return Table(
        caption=f"Difference of each comparator to {result.main.title} on the same divisions",
        head=["Network", "Measure", "Comparator minus main (95 % interval)", "P", "P corrected"],
        rows=rows,
        notes=[*dict.fromkeys(sentence(method) for method in methods), sentence(result.source_sentence)],
    )


def divisions_table(network: "NetworkResult") -> Table:
    """What one network did on each division."""
    from thyrosight.studies import MEASURES

    shown = [name for name in ("auc", "balanced_accuracy", "recall", "specificity") if name in MEASURES]
    rows: list[list[str | Cell]] = []
    for item in network.divisions:
        cells = [item.measures.get(name) for name in shown]
        rows.append(
            [
                item.name,
                f"{item.train}\u00a0/\u00a0{item.validation}\u00a0/\u00a0{item.test}",
                str(item.test_malignant),
                f"{item.best_epoch} of {item.epochs}",
                f"{item.threshold:.3f}",
                *(_cell(cell) for cell in cells),
            ]
        )
    rules = dict.fromkeys(item.threshold_rule for item in network.divisions)
    return Table(
        caption=f"{network.title}, division by division",
        head=[
            "Division",
            "Images train / valid. / test",
            "Malignant in test",
            "Epoch kept",
            "Threshold",
            *(MEASURES[name] for name in shown),
        ],
        rows=rows,
        notes=[f"Threshold on the calibrated risk: {', '.join(rules)}."],
    )


def networks_table(result: "StudyResult") -> Table:
    """The networks: where they started from, their size, how long they were trained, and time."""
    rows = [
        [n.title, n.role, n.start, f"{n.parameters / 1e6:.1f} million", _epochs(n), _duration(n.seconds)]
        for n in result.networks
    ]
    return Table(
        caption="Networks",
        head=["Network", "Role", "Initial weights", "Parameters", "Epochs", "Training and testing"],
        rows=rows,
        notes=["Epochs are those trained in a division; time is summed over the divisions."],
        strong_row=_place_of_main(result),
    )


def _epochs(network: "NetworkResult") -> str:
    """Epochs trained, as a range where divisions differ."""
    found = [division.epochs for division in network.divisions]
    return str(min(found)) if min(found) == max(found) else f"{min(found)} to {max(found)}"


def cohort_table(result: "StudyResult") -> Table:
    """Images by label, and by site and size where those are known."""
    facts: Mapping[str, Any] = result.cohort
    rows = [["All images", str(result.benign), str(result.malignant), str(result.images)]]
    for title, key in (("Label source", "by_label_source"), ("Site", "by_site"), ("Size", "by_size")):
        for name, counts in (facts.get(key) or {}).items():
            if isinstance(counts, Mapping):
                benign, malignant = int(counts.get("benign", 0)), int(counts.get("malignant", 0))
                rows.append([f"{title}: {name}", str(benign), str(malignant), str(benign + malignant)])
    patients = "patients unknown" if result.patients is None else f"{result.patients} patients"
    return Table(
        caption=f"Cohort: {result.images} images, {result.groups} groups, {patients}",
        head=["Images", "Benign", "Malignant", "All"],
        rows=rows,
        notes=[
            "A group holds the images of one patient and their near-duplicates; "
            "it never stands on both sides of a division."
        ]
        if "groups ignored" not in result.split_kind
        else ["Groups were ignored in the divisions of this study."],
    )


def regions_table(explanations: "Explanations") -> Table:
    """Shape features of highlighted regions by class."""
    rows = [
        [
            item.title,
            _number(item.benign_median),
            str(len(item.benign)),
            _number(item.malignant_median),
            str(len(item.malignant)),
            p_text(item.p),
            p_text(item.p_corrected),
        ]
        for item in explanations.regions
    ]
    methods = dict.fromkeys(sentence(item.method) for item in explanations.regions)
    return Table(
        caption="Shape of the highlighted region, benign against malignant",
        head=["Feature", "Benign median", "n", "Malignant median", "n", "P", "P corrected"],
        rows=rows,
        notes=[*methods, explanations.regions_note],
    )


def _cell(item: "MeanMeasure | Measure | None") -> Cell:
    """A measure with its interval, and its spread over divisions where there is one."""
    if item is None or item.value is None:
        return Cell(UNDEFINED)
    below = [] if item.low is None or item.high is None else [f"{item.low:.3f}{DASH}{item.high:.3f}"]
    spread = getattr(item, "spread", None)
    return Cell(f"{item.value:.3f}", [*below, *([] if spread is None else [f"\u00b1 {spread:.3f}"])])


def _methods(found: "Any") -> list[str]:
    """How the intervals were made, each way named once with the measures it holds for."""
    ways: dict[str, list[str]] = {}
    for measures in found:
        for name, item in measures.items():
            names = ways.setdefault(item.method, [])
            if _measure_name(name) not in names:
                names.append(_measure_name(name))
    if len(ways) == 1:
        return [f"Intervals: {next(iter(ways))}."]
    return [f"Intervals of {', '.join(names)}: {method}." for method, names in ways.items()]


def _measure_name(name: str) -> str:
    from thyrosight.studies import MEASURES

    return MEASURES.get(name, name)


def _divisions(count: int) -> str:
    return "1 division" if count == 1 else f"{count} divisions"


def _place_of_main(result: "StudyResult") -> int:
    return next(place for place, network in enumerate(result.networks) if network.role == "main")


def sentence(text: str) -> str:
    """A clause as a sentence.

    >>> sentence("labels: TI-RADS")
    'Labels: TI-RADS.'
    """
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:#.3g}".rstrip(".")


def _duration(seconds: float) -> str:
    """Seconds in words.

    >>> _duration(42.4), _duration(150), _duration(7300)
    ('42 s', '2.5 min', '2.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
