"""The tables of cohort, outlines and classes of a study of outlines; its numbers are only written out here."""

from typing import TYPE_CHECKING

from thyrosight.reports.figures import p_text
from thyrosight.reports.tables import DASH, UNDEFINED, Cell, Table, sentence
from thyrosight.reports.ynet_cells import PER_CENT, limits, measure_cell, name_of, number, quartiles

if TYPE_CHECKING:
    from thyrosight.studies.ynet import YNetResult
    from thyrosight.studies.ynet.baseline import BaselineLine, ClassFigures
    from thyrosight.studies.ynet.result import OutlineResult, Spread, TaskResult

_INDENT = 2 * "\N{NO-BREAK SPACE}"
_MEASURED = {"auc": "AUC", "accuracy": "Accuracy", "dice": "Mean Dice"}


def baseline_table(result: "YNetResult") -> Table:
    """Patients and lesions by class."""
    rows: list[list[str | Cell]] = []
    for line in result.baseline:
        name = f"{_INDENT}{line.level}" if line.level else line.name
        p = p_text(line.p) if line.p is not None else ("" if line.level or not line.method else DASH)
        rows.append([name, _figures(line.malignant, line), _figures(line.benign, line), p])
    methods = dict.fromkeys(f"{line.name}: {line.method}" for line in result.baseline if line.method)
    return Table(
        caption="Baseline characteristics by class",
        head=["", "Malignant", "Benign", "P"],
        rows=rows,
        notes=[
            "Quantities: mean ± standard deviation (range).",
            *(sentence(method) for method in methods),
            sentence(result.source_sentence),
        ],
    )


def _figures(found: "ClassFigures | None", line: "BaselineLine") -> str:
    if found is None:
        return ""
    if found.share is not None:
        return f"{found.n} ({100 * found.share:.1f} %)"
    if found.mean is None or found.low is None or found.high is None:
        return str(found.n)
    sd = "" if found.sd is None else f" ± {found.sd:.1f}"
    return f"{found.mean:.1f}{sd} ({found.low:.1f}{DASH}{found.high:.1f}), n = {found.n}"


def levels_table(result: "YNetResult") -> Table:
    """Neck levels by side and class (the paper's Table 2)."""
    rows: list[list[str | Cell]] = []
    for item in result.levels:
        level = item.level if item.level == "not recorded" else f"Level {item.level}"
        rows.append([f"{level}, {item.side}" if item.side else level, str(item.malignant), str(item.benign)])
    total = [str(sum(item.malignant for item in result.levels)), str(sum(item.benign for item in result.levels))]
    return Table(
        caption="Where the lesions lie, in images (the paper's Table 2)",
        head=["Neck level and side", "Malignant", "Benign"],
        rows=[*rows, ["All", *total]],
        notes=[sentence(result.source_sentence)],
    )


def outlines_table(result: "YNetResult") -> Table:
    """How well each network outlines: Dice, IoU, distance, failures."""
    networks = [network for network in result.networks if network.outlines]
    some = networks[0].outlines
    assert some is not None, "only networks with outlines are here"
    return Table(
        caption=f"Outlines of the test images ({some.tests} tests of {some.images} images of {some.groups} groups)",
        head=[
            "Network",
            "Mean Dice",
            "Median",
            "Quartiles and range",
            "Median IoU",
            "Median HD95",
            f"Dice < {some.failed_below:g}",
            "Found nothing",
        ],
        rows=[_outlines_row(network, network.outlines) for network in networks if network.outlines],
        notes=[*_outlines_notes(networks[0].title, some), sentence(result.source_sentence)],
        strong_row=next((place for place, network in enumerate(networks) if network.role == "main"), None),
    )


def _outlines_row(network: "TaskResult", found: "OutlineResult") -> list[str | Cell]:
    mean, median = found.dice_mean, found.dice_median
    between = found.dice_spread_over_divisions
    return [
        name_of(network),
        Cell(number(mean.value), [limits(mean), *([] if between is None else [f"± {between:.3f}"])]),
        Cell(number(median.value), [text for text in [limits(median)] if text]),
        Cell(quartiles(found.dice, digits=3), [f"{number(found.dice.low)}{DASH}{number(found.dice.high)}"]),
        Cell(number(found.iou.median), [quartiles(found.iou, digits=3)]),
        _distance(found.hd95_pixels, found.hd95_mm),
        Cell(_per_cent(found.failed.value), [limits(found.failed, factor=100, digits=1)]),
        str(found.found_nothing),
    ]


def _outlines_notes(title: str, found: "OutlineResult") -> list[str]:
    """How outlines were measured; numbers are those of the network called `title`."""
    between = "" if found.dice_spread_over_divisions is None else "; ± is the standard deviation between divisions"
    known = "" if found.hd95_mm.n == 0 else f" In mm for the {found.hd95_mm.n} whose pixel spacing is known."
    notes = [
        "Measured in the frame: the network's mask is put back, cut at one half and freed from specks, as thyrosight "
        "segment gives it. Below medians of IoU and HD95: quartiles.",
        f"Mean Dice: {found.dice_mean.method}, 95 % interval below{between}.",
        f"HD95: 95 % Hausdorff distance of the {found.hd95_pixels.n} tests in which both masks mark something "
        f"({title}), in pixels of the frame.{known} Where nothing was found there is no distance, so it flatters "
        "networks that fail.",
    ]
    if found.without_lesion:
        notes.append(
            f"{found.without_lesion} tests have no lesion, in {found.marked_nothing_there} of which {title} marked one."
        )
    return notes


def table_3(result: "YNetResult") -> Table:
    """AUC and the seven measures of each network that tells classes, and of the original report."""
    from thyrosight.studies.ynet.result import TABLE_3

    rows: list[list[str | Cell]] = []
    networks = [network for network in result.networks if network.classes]
    for network in networks:
        found = result.table(network)
        rows.append([name_of(network), *(measure_cell(found.get(name), name) for name in ("auc", *TABLE_3))])
    if result.report:
        decided = result.report.decided
        cells = [measure_cell(decided[name], name) for name in TABLE_3]
        rows.append([Cell("Original report", ["where it decides"]), DASH, *cells])
    return Table(
        caption="Classes: AUC and measures at the operating point (the paper's Table 3)",
        head=["", "AUC", *(f"{title}, %" if name in PER_CENT else title for name, title in TABLE_3.items())],
        rows=rows,
        notes=[*_table_3_notes(result, networks), sentence(result.source_sentence)],
        strong_row=next((place for place, network in enumerate(networks) if network.role == "main"), None),
    )


def _table_3_notes(result: "YNetResult", networks: "list[TaskResult]") -> list[str]:
    notes = [f"{sentence(result.rule)} Operating points: chosen on each validation part. {_test_sizes(result)}"]
    for network in networks[:1]:
        found = result.table(network)
        own, area = found["sensitivity"].method, found["auc"].method
        notes.append(f"Intervals (95 %): {own}" + ("." if own == area else f"; AUC: {area}."))
    if not result.each_tested_once:
        notes.append("± is the standard deviation between divisions.")
    if result.report:
        undecided = sum(n for name, n in result.report.readings.items() if ":" in name)
        out = (
            f"{undecided} of {result.report.images} test images are undecided by its keywords and left out of this "
            "row; bounds with them stand in its own section"
            if undecided
            else f"its keywords decide all {result.report.images} test images"
        )
        notes.append(f"Original report: {out}. It has one operating point and no AUC.")
    notes.append("The paper prints sensitivity as TP / (TN + FP), which is no sensitivity; here it is TP / (TP + FN).")
    return notes


def _test_sizes(result: "YNetResult") -> str:
    some = next((network.classes for network in result.networks if network.classes), None)
    if some is None:
        return ""
    sizes = [(item.test, item.test_malignant) for item in some.divisions]
    if len(set(sizes)) == 1:
        return f"Test images in each division: {sizes[0][0]}, {sizes[0][1]} of them malignant."
    return f"Test images: {sum(n for n, _ in sizes)}, {sum(m for _, m in sizes)} of them malignant."


def effects_table(result: "YNetResult") -> Table:
    """Joint against alone."""
    rows: list[list[str | Cell]] = [
        [
            item.title,
            "classes" if item.task == "classification" else "outlines",
            _MEASURED.get(item.measure, item.measure),
            f"{item.joint:.3f}",
            f"{item.alone:.3f}",
            f"{item.difference:+.3f} ({item.low:+.3f} to {item.high:+.3f})",
            p_text(item.p),
            item.verdict,
        ]
        for item in result.effects
    ]
    methods = dict.fromkeys(sentence(item.method) for item in result.effects)
    return Table(
        caption="Does learning both tasks help or hurt each of them?",
        head=[
            "Network",
            "Task",
            "Measure",
            "Joint",
            "Alone",
            "Joint minus alone (95 % interval)",
            "P",
            "Joint training",
        ],
        rows=rows,
        notes=[
            "Same divisions, first weights of the encoder, order of images and training settings; the kept epoch is "
            "the one that is best for what was learnt.",
            *methods,
            "Intervals tell how much other patients might change the difference between these trained networks; "
            "another seed of training may change it too. P values are not corrected for their number.",
            sentence(result.source_sentence),
        ],
    )


def _distance(pixels: "Spread", mm: "Spread") -> Cell:
    if pixels.median is None:
        return Cell(DASH)
    below = [quartiles(pixels, digits=1)]
    if mm.median is not None:
        below.append(f"{mm.median:.1f} mm ({quartiles(mm, digits=1)})")
    return Cell(f"{pixels.median:.1f}", below)


def _per_cent(value: float | None) -> str:
    return UNDEFINED if value is None else f"{100 * value:.1f} %"
