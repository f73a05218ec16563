"""Tables and curves of networks of outlines and classes: Table 3, ROC curves, and the networks beside the main one."""

from thyrosight.documents import Column, Figure, Row, Table, columns, drawings, hidden, sentence, with_interval
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.original_reports import OriginalReports
from thyrosight.studies.kinds.ynet_lymph_node.judging import Judged, Measured
from thyrosight.studies.measures import DIAGNOSTIC, diagnostic_column
from thyrosight.studies.verdicts import margin_note, verdict

_TABLE_3 = ("auc", *DIAGNOSTIC)


_REPORT = "Original report, where it decides"


def table_3(found: Measured, *, pooled: bool) -> Table | None:
    """AUC and the seven measures of each network that tells classes, and of the original report.

    The table is printed in the way that fits the division (`Measured.once`); the other way goes into a CSV file.
    """
    if not found.classes:
        return None
    printed = pooled == found.once
    rows: list[Row] = [
        {"network": item.network.key, "title": item.title, **(item.pooled if pooled else item.means)}
        for item in found.classes
    ]
    if printed and isinstance(found.reports, OriginalReports):
        own = {name: found.reports.measure(name) for name in DIAGNOSTIC}
        rows.append({"network": "original-report", "title": _REPORT, **own})
    return Table(
        name="table-3" if printed else f"table-3-{'pooled' if pooled else 'means'}",
        caption="Classes: AUC and measures at the operating point (the paper's Table 3)",
        columns=(
            *hidden("network"),
            Column(key="title", title="Network"),
            *(diagnostic_column(name) for name in _TABLE_3),
        ),
        rows=tuple(rows),
        notes=tuple(_table_3_notes(found)),
        strong=0 if found.main.rows is not None else None,
    )


def _table_3_notes(found: Measured) -> list[str]:
    notes = [
        f"{sentence(found.rule)} Operating points: chosen on each validation part, where that is large enough; else "
        f"0.5. {_test_sizes(found.classes[0])}"
    ]
    if not found.once:
        notes.append("± is the standard deviation between divisions.")
    if isinstance(found.reports, OriginalReports):
        images = len(found.reports.called)
        undecided = images - len(found.reports.decided)
        out = (
            f"{undecided} of {images} test images are undecided by its keywords and left out of this row; bounds with "
            "them stand in its own section"
            if undecided
            else f"its keywords decide all {images} test images"
        )
        notes.append(f"Original report: {out}. It has one operating point and no AUC.")
    notes.append("The paper prints sensitivity as TP / (TN + FP), which is no sensitivity; here it is TP / (TP + FN).")
    return notes


def _test_sizes(item: Judged) -> str:
    tests = [judged.part("test") for judged in item.network.judged()]
    sizes = [(len(test), int(test["truth"].sum())) for test in tests]
    if len(set(sizes)) == 1:
        return f"Test images in each division: {sizes[0][0]}, {sizes[0][1]} of them malignant."
    return f"Test images: {sum(n for n, _ in sizes)}, {sum(m for _, m in sizes)} of them malignant."


def roc(found: Measured) -> Figure:
    """ROC curves of every network that tells classes, and the original report as a corner."""
    recipe, what = found.finished.recipe, "AUC" if found.once else "mean AUC"
    drawn: list[drawings.Curve] = []
    for item in found.classes:
        area = found.shown(item)["auc"]
        name = item.title if area.value is None else f"{item.title}\n{what} {with_interval(area, digits=2)}"
        assert item.rows is not None, "only networks with classes are here"
        drawn.append(curves.roc_of(item.rows, name=name, options=recipe.statistics, band=not drawn))
    first = found.classes[0]
    assert first.rows is not None, "only networks with classes are here"
    words = "ROC curves of the pooled test predictions (the paper's Figure 4)." + curves.band_words(
        first.rows, first.title
    )
    if isinstance(found.reports, OriginalReports):
        sensitivity, specificity = (found.reports.measure(name).value for name in ("sensitivity", "specificity"))
        if sensitivity is not None and specificity is not None:
            corner = {"x": (0, 1 - specificity, 1), "y": (0, sensitivity, 1)}
            drawn.append(drawings.Curve(name=_REPORT, **corner))
            words += " The original report is the corner of its line."
    return Figure(name="roc", caption=words, drawing=curves.roc_drawing(drawn))


def networks_table(found: Measured) -> Table:
    """Every network with its size, its start, and its difference to the main one in AUC and mean Dice."""
    against, options = found.against_main(), found.finished.recipe.statistics
    rows: list[Row] = []
    for item in found.networks:
        record = item.network.tested[0].record
        row: Row = {"network": item.network.key, "title": item.title, "start": item.network.start}
        row |= {"role": item.asked.role, "parameters": record["parameters"], "millions": record["parameters"] / 1e6}
        row["epochs"] = max(tested.record["epochs"] for tested in item.network.tested)
        for measure, compared in against.items():
            if one := compared.get(item.network.key):
                row |= {measure: one.difference, f"{measure}_p": one.p, f"{measure}_p_corrected": one.p_corrected}
                row[f"{measure}_verdict"] = verdict(one.difference, options, p=one.p_corrected)
        rows.append(row)
    return Table(
        name="networks",
        caption=f"Networks, and their difference to {found.main.title} on the same images",
        columns=(
            *hidden("network"),
            *columns("text", {"title": "Network", "role": "Role", "start": "First weights"}),
            *hidden("parameters", kind="count"),
            Column(key="millions", title="Million parameters", kind="number"),
            Column(key="epochs", title="Epochs", kind="count"),
            Column(key="auc", title="Δ AUC", kind="difference"),
            *columns("p", {"auc_p": "P", "auc_p_corrected": "P corrected"}),
            Column(key="auc_verdict", title="Classes"),
            Column(key="dice", title="Δ mean Dice", kind="difference"),
            *columns("p", {"dice_p": "P", "dice_p_corrected": "P corrected"}),
            Column(key="dice_verdict", title="Outlines"),
        ),
        rows=tuple(rows),
        notes=("Δ: minus the main network. Epochs: the most trained in a division.", margin_note(options)),
        strong=0,
    )
