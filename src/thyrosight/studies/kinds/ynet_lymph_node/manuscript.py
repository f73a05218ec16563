"""Outline of a manuscript on outlines and classes."""

from thyrosight.documents import Table
from thyrosight.studies.outline import Outline, manuscript_tables
from thyrosight.studies.quoting import p_words, quoted, rows_said
from thyrosight.studies.result import Result

_CLASSES = ("auc", "sensitivity", "specificity", "accuracy")


def outline(result: Result) -> Outline:
    """Outlines, classes, whether learning both helps either, and the original report as a reader."""
    there = {table.name for table in manuscript_tables(result)}
    outlines = tuple(rows_said(result.table("outlines"), ("dice_mean", "dice_median"))) if "outlines" in there else ()
    classes = tuple(rows_said(result.table("table-3"), _CLASSES)) if "table-3" in there else ()
    results = [
        (heading, (" ".join(texts),))
        for heading, texts in (
            ("Outlines", outlines),
            ("Classes", classes),
            ("Joint or separate training", _joint(result.table("joint-or-alone")) if "joint-or-alone" in there else ()),
            (
                "Original report",
                _report(result.table("report-against-networks")) if "report-against-networks" in there else (),
            ),
        )
        if texts
    ]
    described = "Patients and images are described in {table:baseline}; " if "baseline" in there else ""
    return Outline(
        purpose="To test a network that outlines a lesion and tells benign from malignant at once, against networks "
        "that learn one of the two.",
        tables=("baseline", "outlines", "table-3", "joint-or-alone", "original-report", "report-against-networks"),
        figures=("flow", "outlines", "dice", "roc", "calibration"),
        statistics=("Outlines were compared with the reference masks by the Dice coefficient [dice1945] in the frame.",)
        if outlines
        else (),
        results=(("Patients and images", (f"{described}{{figure:flow}} shows who was left out.",)), *results),
        abstract=(*outlines[:1], *classes[:1]),
    )


def _joint(table: Table) -> tuple[str, ...]:
    said = []
    for row in table.rows:
        p = p_words(row.get("p_corrected", row.get("p")))
        said.append(
            f"{row['measured']} of {row['title']} was {quoted(table, row, 'joint')} when both were learnt and "
            f"{quoted(table, row, 'alone')} when {row['learnt']} alone were; the difference was "
            f"{quoted(table, row, 'difference')}{f' ({p})' if p else ''}: {row['verdict']}."
        )
    return (*said[:-1], f"{said[-1].rstrip('.')} ({{table:{table.name}}}).")


def _report(table: Table) -> tuple[str, ...]:
    first = table.rows[0]["network"]
    said = [
        f"{row['measured']} of {row['title']} minus that of the original report, where the report decides, was "
        f"{quoted(table, row, 'difference')} percentage points."
        for row in table.rows
        if row["network"] == first and row["measure"] in ("sensitivity", "specificity", "accuracy")
    ]
    return (*said[:-1], f"{said[-1].rstrip('.')} ({{table:{table.name}}}).") if said else ()
