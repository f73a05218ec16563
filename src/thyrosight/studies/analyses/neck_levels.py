"""Images by neck level, side and class."""

from collections import Counter

import pandas as pd

from thyrosight.documents import Column, Row, Table, columns, hidden
from thyrosight.studies.analyses.baseline import recorded

LEVELS = ("I", "II", "III", "IV", "V", "VI", "VII")
_SIDES = ("right", "left", "middle", "")
_UNKNOWN = "not recorded"
_CLASSES = ("malignant", "benign")


def levels_table(rows: pd.DataFrame) -> Table | None:
    """Images of a cohort by neck level, side and class (the paper's Table 2); None where no level is recorded.

    A level that is not recorded is called so. Sides are not told apart where no column `neck_side` has them.
    """
    if not recorded(rows, "neck_level"):
        return None
    level = rows["neck_level"].astype(object).where(rows["neck_level"].notna(), _UNKNOWN).astype(str)
    level = level.str.strip().str.removeprefix("level ").str.removeprefix("Level ")
    side = pd.Series("", index=rows.index)
    if recorded(rows, "neck_side"):
        side = rows["neck_side"].astype(object).where(rows["neck_side"].notna(), "").astype(str).str.strip()
    counts = Counter(zip(level, side, rows["label"], strict=True))
    places = sorted(
        set(zip(level, side, strict=True)),
        key=lambda place: (_order(LEVELS, place[0]), place[0], _order(_SIDES, place[1]), place[1]),
    )
    found: list[Row] = []
    for own, where in places:
        row: Row = {"level": own, "side": where, "title": _title(own, where)}
        found.append(row | {label: counts[own, where, label] for label in _CLASSES})
    every: Row = {"title": "All"}
    found.append(every | {label: int((rows["label"] == label).sum()) for label in _CLASSES})
    return Table(
        name="table-2",
        caption="Where the lesions lie, in images (the paper's Table 2)",
        columns=(
            *hidden("level", "side"),
            Column(key="title", title="Neck level and side"),
            *columns("count", {"malignant": "Malignant", "benign": "Benign"}),
        ),
        rows=tuple(found),
    )


def _title(level: str, side: str) -> str:
    named = level if level == _UNKNOWN else f"Level {level}"
    return f"{named}, {side}" if side else named


def _order(order: tuple[str, ...], value: str) -> int:
    return order.index(value) if value in order else len(order)
