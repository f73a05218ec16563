"""The tables of the original report, the networks and the trials of a study of outlines and classes."""

from typing import TYPE_CHECKING, Any

from thyrosight.reports.tables import DASH, UNDEFINED, Cell, Table, sentence
from thyrosight.reports.ynet_cells import PER_CENT, measure_cell, name_of, p_words

if TYPE_CHECKING:
    from thyrosight.studies.ynet import YNetResult
    from thyrosight.studies.ynet.result import TaskResult


def report_table(result: "YNetResult") -> Table:
    """The original report: where it decides, and with the undecided as wrong and as right calls."""
    from thyrosight.studies.ynet.result import TABLE_3

    report = result.report
    assert report is not None, "the table is left out without reports"
    ways = (
        ("Where it decides", report.decided),
        ("Undecided as wrong calls", report.undecided_wrong),
        ("Undecided as right calls", report.undecided_right),
    )
    rows: list[list[str | Cell]] = [
        [name, str(found["accuracy"].n), *(measure_cell(found[measure], measure) for measure in TABLE_3)]
        for name, found in ways
    ]
    counts = "; ".join(f"{name} {count}" for name, count in report.readings.items())
    return Table(
        caption="The original report as a reader, by keywords",
        head=["", "Images", *(f"{title}, %" if name in PER_CENT else title for name, title in TABLE_3.items())],
        rows=rows,
        notes=[
            f"Each test image counted once. Readings: {counts}. Dictionary: {report.dictionary}.",
            f"Intervals (95 %): {report.decided['sensitivity'].method}.",
            sentence(result.source_sentence),
        ],
    )


def report_comparisons_table(result: "YNetResult") -> Table | None:
    """Networks against the report on the same images; None where nothing was compared."""
    from thyrosight.studies.ynet.result import TABLE_3

    report = result.report
    if report is None or not report.comparisons:
        return None
    of = {(item.network, item.quantity): item for item in report.comparisons}
    rows: list[list[str | Cell]] = []
    for network in (one for one in result.networks if one.classes):
        cells = [of.get((network.title, quantity)) for quantity in PER_CENT]
        rows.append([name_of(network), *(_against(item) for item in cells)])
    methods = dict.fromkeys(sentence(item.method) for item in report.comparisons)
    tests = max(item.n for item in report.comparisons)
    return Table(
        caption="Networks minus original report, in percentage points, on the images whose report decides",
        head=["Network", *(TABLE_3[quantity] for quantity in PER_CENT)],
        rows=rows,
        notes=[
            "Below: 95 % interval, P, and in brackets P corrected by Holm over all cells.",
            f"Paired over {tests} tests of the decided images (an image counts once for each division that tests it, "
            f"within its patient's cluster). {' '.join(methods)}",
            sentence(result.source_sentence),
        ],
    )


def _against(item: Any) -> Cell:
    if item is None:
        return Cell(UNDEFINED)
    return Cell(
        f"{100 * item.difference:+.1f}",
        [
            f"{100 * item.low:+.1f} to {100 * item.high:+.1f}",
            f"P {p_words(item.p)} ({p_words(item.p_corrected)})" if item.p is not None else "",
        ],
    )


def networks_table(result: "YNetResult") -> Table:
    """Every network with its size, its start, and its difference to the main one."""
    rows: list[list[str | Cell]] = []
    for network in result.networks:
        against = {item.measure: item for item in network.against_main}
        cells: list[str | Cell] = []
        for name in ("auc", "dice"):
            item = against.get(name)
            cells.append(
                (DASH if network.role == "comparator" else "main")
                if item is None
                else Cell(
                    f"{item.difference:+.3f}",
                    [f"{item.low:+.3f} to {item.high:+.3f}", f"P {p_words(item.p)} ({p_words(item.p_corrected)})"],
                )
            )
        rows.append(
            [name_of(network), network.start, f"{network.parameters / 1e6:.2f} million", _epochs(network), *cells]
        )
    methods = dict.fromkeys(sentence(item.method) for network in result.networks for item in network.against_main)
    return Table(
        caption=f"Networks, and their difference to {result.main.title} on the same images",
        head=["Network", "First weights", "Parameters", "Epochs", "Δ AUC", "Δ mean Dice"],
        rows=rows,
        notes=[
            "Δ: minus the main network; P, and in brackets corrected. Epochs: the most trained in a division.",
            *methods,
            sentence(result.source_sentence),
        ],
        strong_row=next(place for place, network in enumerate(result.networks) if network.role == "main"),
    )


def trials_table(result: "YNetResult") -> Table:
    """Every trial, with what its validation part said."""
    rows: list[list[str | Cell]] = [
        [
            str(item["trial"]),
            str(item["status"]),
            _text(item.get("best_epoch")),
            _text(item.get("validation_auc")),
            _text(item.get("validation_dice")),
            _text(item.get("train")),
            _text(item.get("seconds")),
        ]
        for item in result.trials
    ]
    return Table(
        caption=f"All {len(result.trials)} trials",
        head=["Trial", "Status", "Epoch kept", "Validation AUC", "Validation Dice", "Training images", "Seconds"],
        rows=rows,
        notes=[
            "Validation AUC and Dice are those that chose the epoch, the Dice measured at the network's size. Seconds "
            "are those of the trial where it ran.",
            sentence(result.source_sentence),
        ],
    )


def _text(value: Any) -> str:
    if value is None or value == "":
        return DASH
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _epochs(network: "TaskResult") -> str:
    return f"{max((point.epoch for point in network.history), default=0)}"
