"""Further tables of a study of fusion: per nodule, one image hidden, what was published, what training costs."""

from typing import TYPE_CHECKING

from thyrosight.reports.elasticity_fusion_published import PROPOSED, PUBLISHED
from thyrosight.reports.elasticity_fusion_tables import MEASURES, SPREAD, difference, percent
from thyrosight.reports.tables import DASH, Cell, Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies.elasticity_fusion import ElasticityFusionResult
    from thyrosight.studies.elasticity_fusion.result import Row


def nodule_table(result: "ElasticityFusionResult") -> Table:
    """The methods with a nodule's images averaged."""
    body: list[list[str | Cell]] = [
        [row.title, *(percent(row.per_nodule.get(name)) for name in MEASURES)] for row in result.methods
    ]
    return Table(
        caption="The same methods per nodule: the risks of its images averaged",
        head=["Method", *MEASURES.values()],
        rows=body,
        notes=[
            "Where the nodule is not recorded, a patient's images of one label are averaged; the operating point is "
            f"that of single images. {SPREAD}",
            sentence(result.source_sentence),
        ],
        strong_row=next(place for place, row in enumerate(result.methods) if row.main),
    )


def hidden_table(result: "ElasticityFusionResult") -> Table:
    """Methods with one image hidden."""
    body: list[list[str | Cell]] = []
    for row in result.hidden:
        found = {item.measure: item for item in row.against}
        body.append(
            [
                Cell(row.title, [f"without {row.hidden}"]),
                *(percent(row.mean.get(name)) for name in MEASURES),
                *difference(found.get("auc")),
                *difference(found.get("accuracy"))[:1],
            ]
        )
    return Table(
        caption="Methods tested with one image of every pair hidden",
        head=["Method", *MEASURES.values(), "Δ AUC", "P", "Δ accuracy"],
        rows=body,
        notes=[
            f"Δ: minus the same networks with both images; {result.hidden[0].against[0].method}. Calibration and "
            "operating point are those of whole pairs, as in use.",
            sentence(result.source_sentence),
        ],
    )


def published_table(result: "ElasticityFusionResult") -> Table:
    """Table VII: what was published, and the main method beside it."""
    rows: list[list[str | Cell]] = [
        [item.reference, item.tested, *([f"{value:.2f}" if value else DASH for value in item.measures])]
        for item in (*PUBLISHED, PROPOSED)
    ]
    main, test = result.main_row, next(item for item in result.parts if item.part == "Test")
    tested = f"{test.images} ({test.malignant_images} / {test.benign_images})"
    rows.append([f"This run: {main.title}", tested, *(percent(main.mean.get(name)) for name in MEASURES)])
    return Table(
        caption="Published results (the paper's Table VII): other patients, not comparable",
        head=["Method", "Test images (malignant / benign)", *MEASURES.values()],
        rows=rows,
        notes=[
            "Published figures were measured on other patients with other labels and without intervals; they stand "
            "here for the record, and no difference to them means anything. The paper heads two columns “Sensitivity”; "
            "the second is specificity.",
            f"Last row: {sentence(result.source_sentence)}",
        ],
        strong_row=len(rows) - 1,
    )


def cost_table(result: "ElasticityFusionResult") -> Table | None:
    """The measured saving; None where it was not measured."""
    if result.cost is None:
        return None
    rows = [
        [
            row.cached,
            str(row.epochs),
            f"{row.seconds:.1f}",
            f"{row.seconds_per_epoch:.1f}",
            f"{row.images_per_second:.1f}",
        ]
        for row in result.cost.rows
    ]
    differ = result.cost.largest_difference
    same = "" if differ is None else f" Their probabilities on the test images differ by at most {differ:.2g}."
    return Table(
        caption=f"Training with and without kept activations ({result.cost.title}, {result.cost.depth} frozen)",
        head=["Output of frozen layers", "Epochs", "Seconds in all", "Seconds, last epoch", "Images per second"],
        rows=rows,
        notes=[f"{result.cost.sentence}{same}"],
    )


def trials_table(result: "ElasticityFusionResult") -> Table:
    """Every network: how long it was trained and whether activations were kept."""
    rows: list[list[str | Cell]] = [
        [
            row.name,
            f"{min(row.epochs)}{DASH}{max(row.epochs)}" if min(row.epochs) < max(row.epochs) else str(row.epochs[0]),
            f"{row.seconds / 60:.1f}",
            DASH if row.images_per_second is None else f"{row.images_per_second:.1f}",
            "; ".join(row.cached),
        ]
        for row in every_row(result)
    ]
    return Table(
        caption="Training of every network",
        head=["Network", "Epochs", "Minutes, all folds", "Images per second", "Output of frozen layers"],
        rows=rows,
        notes=["`tables/trials.csv` holds every fold."],
    )


def every_row(result: "ElasticityFusionResult") -> "list[Row]":
    """The rows of all tables, each network once."""
    rows = [row for table in (*result.plain.values(), *result.depths.values(), result.methods) for row in table]
    return list({row.name: row for row in rows}.values())
