"""Outline of a manuscript on crop margins and input sizes."""

from thyrosight.documents import Row, Table
from thyrosight.studies.outline import Outline, manuscript_tables
from thyrosight.studies.quoting import had, p_words, quoted
from thyrosight.studies.result import Result

_MEASURES = ("auc", "sensitivity", "specificity", "accuracy")
_CLEAR = 0.05


def outline(result: Result) -> Outline:
    """The main choice, the other margins and input sizes against it, size groups, and features that go with errors."""
    there = {table.name for table in manuscript_tables(result)}
    margins = result.table("table-1")
    main = (
        f"With the margin that the recipe names, {_main(margins)['title']}, the network had "
        f"{had(margins, _main(margins), _MEASURES)} ({{table:table-1}}).",
    )
    varied = [_against_main(margins, "a margin of")]
    varied += [_against_main(result.table("input-sizes"), "images of")] if "input-sizes" in there else []
    results = [("Margins and input sizes", (*main, *(text for text in varied if text)))]
    if "size-groups" in there:
        results.append(("Size of nodules", _sizes(result.table("size-groups"))))
    if "table-3" in there:
        results.append(("Features and errors", _features(result.table("table-3"))))
    return Outline(
        purpose="To find how margin around the nodule and size of the image matter to a network that tells benign from "
        "malignant thyroid nodules, and which sonographic features go with its errors.",
        tables=("balance", "table-1", "input-sizes", "size-groups", "table-3"),
        figures=("flow", "crop-windows", "roc-margins", "roc-size-groups", "calibration"),
        networks=(
            "The margin around the nodule and the size of the image were varied; the recipe names the main choice, and "
            "which choice the validation part speaks for is stated apart from it.",
        ),
        results=(
            ("Parts of the cohort", ("{figure:flow} shows the parts of the cohort; {table:balance} compares training "
                                     "and test part.",) if "balance" in there else ("{figure:flow} shows the parts.",)),
            *results,
        ),
        abstract=(*main, *varied[:1]),
    )  # fmt: skip


def _main(table: Table) -> Row:
    """The row of the main choice, which the others are compared with."""
    return table.rows[table.strong or 0]


def _against_main(table: Table, what: str) -> str:
    said = []
    for row in table.rows:
        if "verdict" in row:
            p = p_words(row.get("delta_auc_p_corrected", row.get("delta_auc_p")))
            said.append(
                f"with {what} {row['title']} the AUC was {quoted(table, row, 'auc')}, minus the main choice "
                f"{quoted(table, row, 'delta_auc')}{f' ({p})' if p else ''}: {row['verdict']}"
            )
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]} ({{table:{table.name}}})." if text else ""


def _sizes(table: Table) -> tuple[str, ...]:
    said = []
    for row in table.rows:
        which = (
            "the main choice" if row["which"] == "main" else f"the configuration chosen for it ({row['configuration']})"
        )
        said.append(
            f"In the group {row['group']} ({row['benign_test']} benign and {row['malignant_test']} malignant tested), "
            f"{which} had {had(table, row, ('auc', 'accuracy'))} ({{table:size-groups}})."
        )
    return (" ".join(said),)


def _features(table: Table) -> tuple[str, ...]:
    found = [
        row for row in table.rows if isinstance(p := row.get("univariate_p_corrected"), int | float) and p < _CLEAR
    ]
    if not found:
        return ("After correction for the number of tests, no feature went with wrong calls ({table:table-3}).",)
    said = [
        f"{row['title']} against {row['reference']}: odds ratio {quoted(table, row, 'univariate')}, corrected "
        f"{p_words(row.get('univariate_p_corrected'))}"
        for row in found
    ]
    return (
        f"After correction for the number of tests, wrong calls went with these: {'; '.join(said)} "
        "({table:table-3}).",
    )
