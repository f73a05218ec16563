"""Tables I to VI of a study of fusion, as text in rows; numbers come from the result and are only written out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thyrosight.reports.figures import p_text
from thyrosight.reports.tables import DASH, UNDEFINED, Cell, Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies.elasticity_fusion import ElasticityFusionResult
    from thyrosight.studies.elasticity_fusion.result import PairComparison, Row
    from thyrosight.studies.result import MeanMeasure

MEASURES = {"accuracy": "Accuracy, %", "recall": "Sensitivity, %", "specificity": "Specificity, %", "auc": "AUC, %"}
"""The columns of the paper's tables, all in per cent as it has them."""
SPREAD = "± is the standard deviation between the folds' networks, which share one test part."


_NARROW = "\N{NARROW NO-BREAK SPACE}"
HEADS_NOTE = "SPP: spatial pyramid pooling; GAP: global average pooling; own classifier: the network's own layers."


def percent(item: "MeanMeasure | None", *, spread: bool = True) -> Cell:
    """A measure in per cent with its spread, and its interval below."""
    if item is None or item.value is None:
        return Cell(UNDEFINED)
    varied = f"{_NARROW}±{_NARROW}{100 * item.spread:.1f}" if spread and item.spread is not None else ""
    if item.low is None or item.high is None:
        return Cell(f"{100 * item.value:.1f}{varied}")
    return Cell(f"{100 * item.value:.1f}{varied}", [f"{100 * item.low:.1f}{DASH}{100 * item.high:.1f}"])


def difference(found: "PairComparison | None") -> list[str | Cell]:
    """A difference in points of per cent with its interval, and its P value with the corrected one below."""
    if found is None:
        return [DASH, DASH]
    return [
        Cell(f"{100 * found.difference:+.1f}", [f"{100 * found.low:+.1f} to {100 * found.high:+.1f}"]),
        Cell(p_text(found.p), [f"({p_text(found.p_corrected)})"]),
    ]


def _of(row: "Row", measure: str, *, to: str | None = None) -> "PairComparison | None":
    """The row's difference in a measure: to the first row it was compared with, or to the one named."""
    return next((item for item in row.against if item.measure == measure and to in (None, item.to)), None)


def _compared(rows: "Sequence[Row]", what: str) -> str:
    """What the differences are, and how they were tested."""
    first = next((item for row in rows for item in row.against), None)
    if first is None:
        return ""
    return f"Δ: minus {what}, on the same images; {first.method}. P of Δ AUC, in brackets corrected."


def _intervals(rows: "Sequence[Row]") -> str:
    return f"95 % intervals below the values: {rows[0].mean['auc'].method}."


def networks_table(result: "ElasticityFusionResult", rows: "Sequence[Row]", *, caption: str) -> Table:
    """Networks without pretraining: Table I or II."""
    body = [
        [
            row.title,
            *(percent(row.mean.get(name)) for name in MEASURES),
            *difference(_of(row, "auc")),
            f"{row.parameters / 1e6:.1f}",
        ]
        for row in rows
    ]
    return Table(
        caption=caption,
        head=["Network", *MEASURES.values(), "Δ AUC", "P", "Million parameters"],
        rows=body,
        notes=[
            f"{_intervals(rows)} {SPREAD}",
            _compared(rows, f"{rows[0].title}"),
            sentence(result.source_sentence),
        ],
    )


def depth_table(result: "ElasticityFusionResult", rows: "Sequence[Row]", *, caption: str) -> Table:
    """The depths of one input: Table III or V."""
    body = [
        [
            str(row.depth),
            *(percent(row.mean.get(name)) for name in MEASURES),
            percent(row.validation_auc),
            *difference(_of(row, "auc")),
            f"{row.trained_parameters / 1e6:.1f}",
        ]
        for row in rows
    ]
    chosen = next(row.depth for row in rows if row.main)
    return Table(
        caption=caption,
        head=["Frozen", *MEASURES.values(), "Validation AUC, %", "Δ AUC", "P", "Million trained"],
        rows=body,
        notes=[
            f"{_intervals(rows)} {SPREAD}",
            f"Bold: the depth that the validation AUC speaks for. {_compared(rows, f'{chosen} frozen layers')}",
            sentence(result.source_sentence),
        ],
        strong_row=next(place for place, row in enumerate(rows) if row.main),
    )


def best_table(result: "ElasticityFusionResult", names: dict[str, str]) -> Table:
    """Which depth is best, and how sure that is."""
    ends = sorted({found.to for item in result.best for found in item.against}, key=lambda to: int(to.split()[0]))
    body: list[list[str | Cell]] = []
    for item in result.best:
        sure = 100 * item.share_of_draws[str(item.depth)]
        folds = ", ".join(f"{depth} ({count})" for depth, count in item.best_in_folds.items() if count)
        areas = {found.to: found for found in item.against if found.measure == "auc"}
        body.append(
            [
                names[item.input],
                str(item.depth),
                f"{100 * item.validation_auc:.1f}",
                f"{sure:.0f}",
                ", ".join(map(str, item.likely)),
                folds,
                *(cell for to in ends for cell in difference(areas.get(to))),
            ]
        )
    draws = result.best[0].draws
    methods = dict.fromkeys(found.method for item in result.best for found in item.against)
    return Table(
        caption="The depth that the validation folds speak for",
        head=[
            "Input",
            "Best",
            "Validation AUC, %",
            "Best in draws, %",
            "Depths that share 95 % of draws",
            "Best in folds",
            *(head for to in ends for head in (f"Δ AUC, % to {to}", "P")),
        ],
        rows=body,
        notes=[
            f"Draws: {draws} bootstrap samples of the validation patients, in each of which the choice is made anew. "
            "A long list of depths means that these patients do not tell them apart. In brackets: number of folds.",
            f"Δ: on the test part, which had no say in the choice; {'; '.join(methods)}." if methods else "",
            sentence(result.source_sentence),
        ],
    )


def parts_table(result: "ElasticityFusionResult") -> Table:
    """Table IV."""

    def number(value: int | None) -> str:
        return "unknown" if value is None else str(value)

    rows = [
        [
            item.part,
            number(item.patients),
            str(item.images),
            number(item.malignant_patients),
            str(item.malignant_images),
            number(item.benign_patients),
            str(item.benign_images),
        ]
        for item in result.parts
    ]
    return Table(
        caption="Patients and images of the training and the test part (the paper's Table IV)",
        head=[
            "Part",
            "Patients",
            "Images",
            "Malignant patients",
            "Malignant images",
            "Benign patients",
            "Benign images",
        ],
        rows=rows,
        notes=["A patient with nodules of both classes counts in both.", sentence(result.source_sentence)],
    )


def methods_table(result: "ElasticityFusionResult") -> Table:
    """Table VI."""
    main = result.main_row
    body = [
        [
            Cell(row.title, [f"{row.depth} frozen"]),
            *(percent(row.mean.get(name)) for name in MEASURES),
            *difference(None if row.main else _of(row, "auc", to=main.title)),
            *difference(None if row.main else _of(row, "accuracy", to=main.title))[:1],
        ]
        for row in result.methods
    ]
    return Table(
        caption="Methods (the paper's Table VI)",
        head=["Method", *MEASURES.values(), "Δ AUC", "P", "Δ accuracy"],
        rows=body,
        notes=[
            f"{HEADS_NOTE} {_intervals(result.methods)} {SPREAD} The paper has no intervals and no tests.",
            _compared([row for row in result.methods if not row.main], f"the main method ({main.title})"),
            sentence(result.source_sentence),
        ],
        strong_row=next(place for place, row in enumerate(result.methods) if row.main),
    )


def fusion_table(result: "ElasticityFusionResult") -> Table | None:
    """Late fusion against each kind of image alone; None without both."""
    singles = {row.title for row in result.methods if row.input in ("b-mode", "elastogram")}
    found = [
        (row, item)
        for row in result.methods
        if row.input == "late"
        for item in row.against
        if item.to in singles and "late fusion" in item.family
    ]
    if not found:
        return None
    cells: dict[tuple[str, str], dict[str, PairComparison]] = {}
    for row, item in found:
        cells.setdefault((row.title, item.to), {})[item.measure] = item
    body = [[late, single, *difference(by["auc"]), *difference(by["accuracy"])] for (late, single), by in cells.items()]
    return Table(
        caption="What late fusion gains over one kind of image",
        head=["Late fusion", "minus", "Δ AUC, %", "P", "Δ accuracy, %", "P"],
        rows=body,
        notes=[
            f"Same head, same images; {found[0][1].method}. Corrected P in brackets.",
            sentence(result.source_sentence),
        ],
    )
