"""Outline of a manuscript on B-mode images with their elastograms."""

from thyrosight.documents import Table
from thyrosight.studies.outline import Outline, manuscript_tables, parts_of
from thyrosight.studies.quoting import had, p_words, quoted
from thyrosight.studies.result import Result

_MEASURES = ("auc", "recall", "specificity", "accuracy")


def outline(result: Result) -> Outline:
    """The main method, the others against it, what fusion gains, and how many layers to freeze."""
    every = manuscript_tables(result)
    there = {table.name for table in every}
    methods = result.table("methods")
    main = methods.rows[methods.strong or 0]
    said = (f"The main method ({main['title']}) had {had(methods, main, _MEASURES)} ({{table:methods}}).",)
    fusion = _fusion(result.table("fusion"), str(main["title"])) if "fusion" in there else ()
    results = [("Methods", (*said, *fusion))]
    if "best-depths" in there:
        results.append(("Frozen layers", _depths(result.table("best-depths"))))
    return Outline(
        purpose="To find how a pretrained network is best transferred to ultrasound, and what is gained when a second "
        "image of the nodule is read together with the B-mode image.",
        tables=("parts", "methods", "fusion", "best-depths", "hidden"),
        figures=("flow", "roc", "freeze-depth", "calls", "calibration"),
        networks=(
            "Networks were shown the B-mode image, the second image, both mixed, or pairs of them joined before the "
            "first layer (early fusion) or before the classifier (late fusion), with the classifier of their own, "
            "spatial pyramid pooling [he2015] or global average pooling behind the last convolution; the first layers "
            "kept the weights that they began with, as many as the tables state.",
        ),
        results=(("Patients and images", _parts(parts_of(every, "parts"))), *results),
        abstract=(*said, *fusion[:1]),
    )


def _parts(tables: list[Table]) -> tuple[str, ...]:
    return (
        ("{table:parts} describes the training and the test part, {figure:flow} who was left out.",) if tables else ()
    )


def _fusion(table: Table, main: str) -> tuple[str, ...]:
    said = []
    for row in table.rows:
        if row["title"] == main:
            p = p_words(row.get("p_corrected", row.get("p")))
            said.append(
                f"The AUC of {row['title']} minus that of {row['minus']} was {quoted(table, row, 'difference')}"
                f"{f' ({p})' if p else ''}: {row['verdict']}"
            )
    return (f"{'. '.join(said)} ({{table:fusion}}).",) if said else ()


def _depths(table: Table) -> tuple[str, ...]:
    said = [
        f"for {row['input']}, {row['depth']} frozen layers had the best AUC on the validation folds "
        f"({quoted(table, row, 'validation_auc')})"
        for row in table.rows
    ]
    text = "; ".join(said)
    return (f"{text[:1].upper()}{text[1:]} ({{table:best-depths}}, which states how sure that choice is).",)
