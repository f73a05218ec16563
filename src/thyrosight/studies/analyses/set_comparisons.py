"""One table for all comparisons of a set: network and readers on all its nodules and on those of each size."""

from thyrosight.documents import Column, Row, Table, Value, columns
from thyrosight.studies.analyses.diagnosis import COUNTS, NETWORK, QUANTITIES
from thyrosight.studies.analyses.lesion_set import AnalysedSet, Analysis, placed
from thyrosight.studies.measures import diagnostic_column
from thyrosight.studies.sentences import rule_words

_SHOWN = ("auc", "sensitivity", "specificity")
_ALONE = "network-alone"


def comparisons_table(found: AnalysedSet, *, caption: str, rule: str) -> Table | None:
    """A row for each reader in each part, or for the network alone where nobody read; None where nothing was judged.

    The whole tables, with counts and further measures, stand in CSV files.
    """
    rows = [row for part in (found.whole, *found.subgroups) for row in _rows(part)]
    if not rows:
        return None
    read = any("reader" in row for row in rows)
    judged = any("auc_network" in row for row in rows)
    shown: list[Column] = []
    for name in _SHOWN:
        plain = diagnostic_column(name)
        if judged:
            shown.append(plain.model_copy(update={"key": f"{name}_network", "title": f"{QUANTITIES[name]}, {NETWORK}"}))
        if read:
            key = f"{name}_reader"
            shown.append(plain.model_copy(update={"key": key, "title": f"{QUANTITIES[name]}, reader"}))
            shown.append(Column(key=f"{name}_p", title="P corrected", kind="p", under=key))
    table = Table(
        name="comparisons",
        caption=caption,
        columns=(
            *columns("text", {"part": "Nodules", **({"reader": "Reader"} if read else {})}),
            Column(key="n", title="n", kind="count"),
            *shown,
        ),
        rows=tuple(rows),
        notes=(
            f"Cut-offs {rule_words(rule)} in each row. Counts, accuracy and predictive values of network and readers "
            "stand in CSV files.",
        ),
    )
    return placed(table, found.item)


def _rows(part: Analysis) -> list[Row]:
    if part.readers:
        return [_row(part, table, {"reader": name}) for name, table in part.readers.items()]
    alone = [table for table in (*part.tables, *part.more) if table.name == _ALONE]
    return [_row(part, table, {}) for table in alone]


def _row(part: Analysis, table: Table, who: dict[str, Value]) -> Row:
    row: Row = {"part": part.name, **who}
    for name in _SHOWN:
        own = table.row(quantity=name)
        row |= {f"{name}_{rater}": own[rater] for rater in ("network", "reader") if rater in own}
        if own.get("p_corrected") is not None:
            row[f"{name}_p"] = own["p_corrected"]
    counted = [table.row(quantity=name) for name in COUNTS]
    rater = "reader" if "reader" in counted[0] else "network"
    return row | {"n": sum(int(str(count[rater])) for count in counted)}
