"""Outline of a manuscript on a study of readers."""

from collections.abc import Sequence

from thyrosight.documents import Measure, Row
from thyrosight.studies.kinds.reader_study.methods import materials, methods
from thyrosight.studies.outline import Outline
from thyrosight.studies.quoting import p_words, quoted
from thyrosight.studies.result import Result


def outline(result: Result) -> Outline:
    """The readers' areas, what they did, what the model changed, and how far they agreed."""
    there = set(result.document.names())
    areas = _compared(result, "mrmc") if "mrmc" in there else ()
    decisions = _compared(result, "mrmc-decisions") if "mrmc-decisions" in there else ()
    alone = _alone(result) if "standalone" in there else ()
    changed = _changes(result) if "reliance" in there else ()
    agreed = _agreement(result) if "agreement" in there else ()
    agreed += _agreement_apart(result) if "agreement-differences" in there else ()
    took = _times(result) if "times" in there else ()
    found = result.facts.readings
    several = found is not None and len(found.arms) > 1
    return Outline(
        purpose="To compare readers of the same cases without a model and with it."
        if several
        else "To measure how well readers judge the same cases.",
        tables=(
            "readers",
            "mrmc",
            "mrmc-decisions",
            "standalone",
            "reliance",
            "agreement",
            "agreement-differences",
            "times",
        ),
        figures=("flow", "roc", "differences", "changes"),
        methods=methods(result),
        materials=materials(result),
        results=(
            ("Readings", ("The readers are described in {table:readers}, and what was left out in {figure:flow}.",)),
            ("Accuracy", (" ".join(areas), *(["ROC curves: {figure:roc}."] if _has(result, "roc") else []))),
            *((("Decisions", decisions),) if decisions else ()),
            *((("Readers and the model alone", alone),) if alone else ()),
            *((("Changes of mind", changed),) if changed else ()),
            *((("Agreement", agreed),) if agreed else ()),
            *((("Time", took),) if took else ()),
        ),
        abstract=(*areas, *changed[:1]),
    )


def _has(result: Result, figure: str) -> bool:
    return any(item.name == figure for item in result.document.figures())


def _compared(result: Result, name: str) -> tuple[str, ...]:
    """The mean reader in each pair of arms, as the first of both analyses has it."""
    table = result.table(name)
    preferred = str(table.rows[0]["readers"])
    said = []
    for row in (row for row in table.rows if row["readers"] == preferred):
        measure = _begin(str(row["measure"]))
        if "difference" not in row:
            said.append(f"The mean {measure} of the readers was {quoted(table, row, 'reference')} ({{table:{name}}}).")
            continue
        p = p_words(row.get("p_corrected", row.get("p")))
        first, second = str(row["comparison"]).split(" and ", 1)
        said.append(
            f"The mean {measure} of the readers was {quoted(table, row, 'reference')} in the arm {first} and "
            f"{quoted(table, row, 'new')} in the arm {second}, a difference{' in points' if measure != 'AUC' else ''} "
            f"of {quoted(table, row, 'difference')}{f'; {p}' if p else ''} ({{table:{name}}}); verdict: "
            f"{row['verdict']}."
        )
    return tuple(said)


def _begin(measure: str) -> str:
    return measure if measure == "AUC" else measure.lower()


def _alone(result: Result) -> tuple[str, ...]:
    """The readers of the first arm against the model."""
    table = result.table("standalone")
    row = table.rows[0]
    p = p_words(row.get("p_corrected", row.get("p")))
    return (
        f"The mean AUC of the readers in the arm {row['arm']} was {quoted(table, row, 'readers')}, that of the model "
        f"alone {quoted(table, row, 'system')}, a difference of {quoted(table, row, 'difference')}"
        f"{f'; {p}' if p else ''} ({{table:standalone}}); verdict on the readers: {row['verdict']}.",
    )


def _changes(result: Result) -> tuple[str, ...]:
    """Decisions that readers changed towards a model that was right, or one that was wrong."""
    table = result.table("reliance")
    misled, corrected = (_row(table.rows, what) for what in ("misled", "corrected"))
    said = []
    if isinstance(misled.get("share"), Measure):
        said.append(
            f"Where the model was wrong, {misled['changed']} of {misled['n']} decisions that were right at first were "
            f"given up: {quoted(table, misled, 'share')} ({{table:reliance}})."
        )
    if isinstance(corrected.get("share"), Measure):
        said.append(
            f"Where the model was right, {corrected['changed']} of {corrected['n']} decisions that were wrong at first "
            f"were corrected: {quoted(table, corrected, 'share')}."
        )
    return tuple(said)


def _row(rows: Sequence[Row], what: str) -> Row:
    return next(row for row in rows if row["what"] == what)


def _agreement(result: Result) -> tuple[str, ...]:
    """Agreement on the first answer in each arm."""
    table = result.table("agreement")
    answer = str(table.rows[0]["answer"])
    key = next(name for name in ("kappa", "alpha", "icc") if isinstance(table.rows[0].get(name), Measure))
    title = {"kappa": "Fleiss' kappa", "alpha": "Krippendorff's alpha", "icc": "the intraclass correlation"}[key]
    rows = [row for row in table.rows if row["answer"] == answer and isinstance(row.get(key), Measure)]
    said = "; ".join(f"{quoted(table, row, key)} in the arm {row['arm']}" for row in rows)
    return (f"Between readers, {title} of the {answer.lower()} was {said} ({{table:agreement}}).",)


def _agreement_apart(result: Result) -> tuple[str, ...]:
    """Differences between arms in agreement on the first answer."""
    table = result.table("agreement-differences")
    answer = str(table.rows[0]["answer"])
    said = []
    for row in (row for row in table.rows if row["answer"] == answer):
        first, second = str(row["comparison"]).split(" and ", 1)
        said.append(
            f"The difference in agreement on the {answer.lower()}, {row['coefficient']} in the arm {second} minus that "
            f"in the arm {first}, was {quoted(table, row, 'difference')} ({{table:agreement-differences}})."
        )
    return tuple(said)


def _times(result: Result) -> tuple[str, ...]:
    """The median time in each arm, and the first ratio."""
    table = result.table("times")
    row = table.rows[-1]
    medians = [column for column in table.columns if column.kind == "median"]
    said = "; ".join(f"{quoted(table, row, column.key)} s in the arm {column.title}" for column in medians)
    ratio = next((column for column in table.columns if column.key.startswith("ratio_") and column.key in row), None)
    apart = "" if ratio is None else quoted(table, row, ratio.key)
    return (f"The median time for a reading was {said}{f', the ratio {apart}' if apart else ''} ({{table:times}}).",)
