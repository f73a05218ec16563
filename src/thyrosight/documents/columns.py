"""The columns of a table: what their cells hold, and how they are called."""

from collections.abc import Mapping
from typing import Literal, Self, get_args

from thyrosight.documents.measure import Distribution, Frozen, Measure, Share

Kind = Literal[
    "text", "count", "number", "share", "percent", "rate", "area", "difference", "points", "p", "seconds", "summary",
    "fraction", "median", "quartiles", "row",
]  # fmt: skip
Value = str | bool | int | float | Measure | Share | Distribution | None
Row = dict[str, Value]


class Column(Frozen):
    """One column of a table.

    Attributes:
        key: its name in CSV files and for `Table.at`.
        title: its printed heading.
        kind: of its cells: `text`; `count`, a whole number; `number`, to 3 significant digits; `share`, from 0 to 1;
            `percent`, a share printed in percent; `rate`, such a share with its standard error, not its interval;
            `area`, an area under a curve; `difference`, printed with its sign; `points`, a difference of shares in
            percentage points; `p`, a P value; `seconds`, a duration; `summary`, a whole number, a `Share`, or a
            `Distribution` by its mean, standard deviation and range; `fraction`, a `Share` as "3 of 7"; `median` and
            `quartiles`, a `Distribution` by its median and quartiles, or by its quartiles and range; `row`, where rows
            differ: each names its kind in its column `kind`.
        digits: decimals, where they are not those of the kind.
        hidden: left out of printed tables, kept in CSV files and for `Table.at`.
        blank: empty, and not dashed, in rows that it does not apply to, for example in the heads of levels.
        under: key of the column in whose cells it is printed, below the value and after its own title.
    """

    key: str
    title: str = ""
    kind: Kind = "text"
    digits: int | None = None
    hidden: bool = False
    blank: bool = False
    under: str = ""

    def in_row(self, row: Mapping[str, Value]) -> Self:
        """The column as it is in one row: of the kind that the row names, where rows differ."""
        return self if self.kind != "row" else self.model_copy(update={"kind": row.get("kind", "text")})


def columns(kind: Kind, titles: Mapping[str, str], *, digits: int | None = None, blank: bool = False) -> list[Column]:
    """Neighbouring columns of one kind, by key and title.

    >>> [column.title for column in columns("count", {"benign": "Benign", "malignant": "Malignant"})]
    ['Benign', 'Malignant']
    """
    return [Column(key=key, title=title, kind=kind, digits=digits, blank=blank) for key, title in titles.items()]


def hidden(*keys: str, kind: Kind = "text") -> list[Column]:
    """Columns that stand in CSV files alone."""
    return [Column(key=key, kind=kind, hidden=True) for key in keys]


_CELLS: dict[Value, tuple[type, ...]] = {
    "text": (str,),
    "count": (int,),
    "p": (int, float),
    "summary": (int, Share, Distribution),
    "fraction": (Share,),
    "median": (Distribution,),
    "quartiles": (Distribution,),
}
"""Cells of the kinds that hold no estimates."""


def holds(kind: Value, value: Value) -> bool:
    """Whether a column of that kind can hold the value; a row that names no kind holds none."""
    if kind not in get_args(Kind) or kind == "row":
        return False
    if value is None or isinstance(value, bool):
        return value is None
    return isinstance(value, _CELLS.get(kind, (int, float, Measure)))
