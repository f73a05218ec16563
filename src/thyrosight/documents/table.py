"""A table as data: columns that know what they hold, and rows of values. Every output is a rendering of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from thyrosight.documents.cells import Cell, cell, sentence
from thyrosight.documents.columns import Column, Kind, Row, Value, holds
from thyrosight.documents.measure import Distribution, Frozen, Measure, Share, with_heads
from thyrosight.languages import current_language, say
from thyrosight.showing import Shown

if TYPE_CHECKING:
    import pandas as pd


class Table(Shown, Frozen):
    """A table with its numbers.

    A row lacks a key where the column does not apply to it (printed as a dash); a measure whose value is None is one
    that the data do not define (printed as "undefined").

    Attributes:
        name: for `Document.table` and the CSV file.
        caption: printed above.
        columns: from left to right; the first shown one names the row.
        rows: values by the keys of the columns.
        notes: printed below, after the methods of the intervals, which are collected from the cells.
        strong: place of the row that is set in bold.
        source: label source, split and size, where they are not those of the whole document.
        folded: only its caption is shown on the screen until a reader opens it; on paper it is open.

    Raises:
        ValueError: two columns of one key, a row with an unknown key, or a value that its column cannot hold.

    >>> table = Table(
    ...     name="means",
    ...     caption="Means",
    ...     columns=(Column(key="network", title="Network"), Column(key="auc", title="AUC", kind="area")),
    ...     rows=({"network": "ResNet-18", "auc": Measure(value=0.8, low=0.7, high=0.9)},),
    ... )
    >>> table.at(network="ResNet-18", measure="auc").high
    0.9
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Value], ...]
    notes: tuple[str, ...] = ()
    strong: int | None = None
    source: str | None = None
    folded: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_older(cls, given: Any) -> Any:
        """Results of older versions say which folded tables are open on paper; now all are."""
        return {key: value for key, value in given.items() if key != "on_paper"} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _check_cells(self) -> Self:
        keys = [column.key for column in self.columns]
        if len(set(keys)) < len(keys):
            raise ValueError(f"table {self.name}: two columns share a key: {', '.join(keys)}")
        for row in self.rows:
            kinds = {column.key: row.get("kind") if column.kind == "row" else column.kind for column in self.columns}
            for key, value in row.items():
                if key not in kinds:
                    raise ValueError(
                        f"table {self.name}: a row has {key!r}, which is no column; there are {', '.join(keys)}"
                    )
                if not holds(kinds[key], value):
                    raise ValueError(f"table {self.name}, column {key}: {value!r} is no {kinds[key]}")
        return self

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that are printed."""
        return tuple(column for column in self.columns if not column.hidden and not column.under)

    def column(self, key: str) -> Column:
        """The column of that key.

        Raises:
            KeyError: there is none; names those there are.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"table {self.name} has no column {key!r}; it has {', '.join(c.key for c in self.columns)}")

    def row(self, **where: Value) -> dict[str, Value]:
        """The one row whose columns hold these values.

        Raises:
            KeyError: an unknown column, or no row or several of these values; names the values there are.
        """
        found = self.rows
        for key, value in where.items():
            self.column(key)
            there = list(dict.fromkeys(str(row.get(key)) for row in found))
            found = tuple(row for row in found if row.get(key) == value)
            if not found:
                raise KeyError(f"table {self.name} has no row with {key}={value!r}; there are {', '.join(there)}")
        if len(found) > 1:
            raise KeyError(f"table {self.name} has {len(found)} rows with {where}; name more columns")
        if not found:
            raise KeyError(f"table {self.name} has no row")
        return found[0]

    def at(self, *, column: str | None = None, **where: Value) -> Any:
        """One cell: of the one row whose columns hold the values of `where`, in the column `column`.

        Where a table has a column for each measure, `measure` may name it in place of `column`.

        Raises:
            KeyError: as `row`; or the row has no such cell.
        """
        place = column
        if place is None and "measure" in where and all(own.key != "measure" for own in self.columns):
            place = str(where.pop("measure"))
        if place is None:
            raise KeyError(f"table {self.name}: name the column; it has {', '.join(c.key for c in self.columns)}")
        self.column(place)
        row = self.row(**where)
        if place not in row:
            raise KeyError(f"table {self.name}: {place} does not apply to the row {where}")
        return row[place]

    def records(self) -> list[dict[str, str | bool | int | float | None]]:
        """Flat rows for CSV files: an estimate becomes columns for value, limits, spread, n and method, and so on."""
        names = list(dict.fromkeys(name for row in self.rows for column in self.columns for name in _flat(column, row)))
        order = [name for column in self.columns for name in names if name == column.key or _part_of(name, column.key)]
        flat = [
            {name: value for column in self.columns for name, value in _flat(column, row).items()} for row in self.rows
        ]
        return [{name: row.get(name) for name in dict.fromkeys(order)} for row in flat]

    def frame(self) -> "pd.DataFrame":
        """The flat rows as a pandas table."""
        import pandas as pd

        return pd.DataFrame(self.records())

    def methods(self) -> list[str]:
        """Sentences on how the intervals were obtained, each way named once with the columns it holds for.

        A way that holds in one row alone is named with that row, where others hold for the same column, and as that of
        some rows where these have no name of their own; the other way round in tables whose rows differ in kind. A way
        that has several reasons, such as numbers of groups, is named without them.
        """
        ways: dict[str, tuple[dict[str, None], set[str]]] = {}
        heads = with_heads({measure.method for *_, measure in self._measures() if measure.method})
        for title, where, measure in self._measures():
            if measure.method:
                titles, places = ways.setdefault(heads[measure.method], ({}, set()))
                titles[title.removesuffix(", %").removesuffix("，%")] = None
                places.add(where)
        names = Counter(str(row.get(self.shown[0].key)) for row in self.rows)
        names.update(column.title for column in self.shown)
        every = Counter(title for titles, _ in ways.values() for title in titles)

        def row_of(method: str) -> str:
            """The row that a way is named with, if any."""
            titles, places = ways[method]
            place = next(iter(places))
            shared = any(every[title] > 1 for title in titles)
            return place if len(places) == 1 and names[place] == 1 and shared else ""

        general = [method for method, (titles, _) in ways.items() if len(titles) == len(every)]
        rest = [method for method in ways if method not in general]
        said = [_general("; ".join(general), whole=all(map(row_of, rest)))] if general else []
        for method in rest:
            titles = ways[method][0]
            named = ("、" if current_language() == "zh" else ", ").join(titles)
            if row := row_of(method):
                said.append(say("Intervals of {0} in {1}: {2}.", named, row, method))
            elif all(every[title] > 1 for title in titles):
                said.append(say("Intervals of {0} in some rows: {1}.", named, method))
            else:
                said.append(say("Intervals of {0}: {1}.", named, method))
        return said

    def _measures(self) -> Iterator[tuple[str, str, Measure]]:
        """Each estimate whose interval is printed, with the heading of its column and the name of its row; the other
        way round where rows differ in kind."""
        for row in self.rows:
            for column in self.shown:
                value = row.get(column.key)
                if isinstance(value, Measure) and column.kind != "rate":
                    row_name = str(row.get(self.shown[0].key))
                    names = (row_name, column.title) if column.kind == "row" else (column.title, row_name)
                    yield *names, value

    def told_apart(self, **keys: Value) -> Self:
        """The table with hidden columns that tell its rows from those of other tables of its name.

        A table that is printed in parts, for example one for each tested set, is one table in `Document.table` and in
        CSV files.
        """
        columns = (
            *(Column(key=key, kind=_plain_kind(value), hidden=True) for key, value in keys.items()),
            *self.columns,
        )
        rows = tuple(keys | row for row in self.rows)
        return self.model_copy(update={"columns": columns, "rows": rows})


def joined(parts: Sequence[Table]) -> Table:
    """Tables of one name as one: the rows of all, with the columns of any of them.

    >>> parts = [
    ...     Table(name="n", caption="", columns=(Column(key=key, kind="count"),), rows=({key: place},))
    ...     for place, key in enumerate("ab")
    ... ]
    >>> [part.told_apart(part=place).rows for place, part in enumerate(parts)][1]
    ({'part': 1, 'b': 1},)
    >>> joined(parts).records()
    [{'a': 0, 'b': None}, {'a': None, 'b': 1}]
    """
    if len(parts) == 1:
        return parts[0]
    columns = {column.key: column for part in reversed(parts) for column in part.columns}
    order = dict.fromkeys(column.key for part in parts for column in part.columns)
    return parts[0].model_copy(
        update={
            "columns": tuple(columns[key] for key in order),
            "rows": tuple(row for part in parts for row in part.rows),
            "strong": None,
        }
    )


def _plain_kind(value: Value) -> Kind:
    return "text" if isinstance(value, str) else "count"


_PARTS = (
    "low", "high", "se", "spread", "n", "clusters", "divisions", "method", "confidence", "of", "share", "mean", "sd",
    "quartile_1", "median", "quartile_3",
)  # fmt: skip
"""Parts of cells in the order of their columns in flat rows."""


def _flat(column: Column, row: Mapping[str, Value]) -> dict[str, str | bool | int | float | None]:
    """The cells that one cell becomes in a flat row; parts that are not known are left out."""
    key, value = column.key, row.get(column.key)
    if isinstance(value, Share):
        return {key: value.n, f"{key}_of": value.of, f"{key}_share": value.share}
    if not isinstance(value, Measure | Distribution):
        return {key: value}
    known = value.model_dump()
    parts = {name: known[name] for name in _PARTS if known.get(name) not in (None, "")}
    main = value.value if isinstance(value, Measure) else value.mean if column.kind == "summary" else value.median
    return {key: main} | {f"{key}_{name}": part for name, part in parts.items()}


def _part_of(name: str, key: str) -> bool:
    """Whether a flat column holds a part of the cells of column `key`."""
    return name.startswith(f"{key}_") and name.removeprefix(f"{key}_") in _PARTS


def cells(table: Table, columns: Sequence[Column] = ()) -> list[list[Cell]]:
    """The printed rows of a table, a cell for each shown column, or for each of `columns`."""
    shown = columns or table.shown
    return [[_cell(table, row, column) for column in shown] for row in table.rows]


def _cell(table: Table, row: Row, column: Column) -> Cell:
    """One cell, with the values of further columns that stand below it."""
    found = cell(column.in_row(row), row.get(column.key), applies=column.key in row)
    for below in table.columns:
        if below.under == column.key and not below.hidden and below.key in row:
            text = f"{below.title} {cell(below.in_row(row), row[below.key]).line}"
            found = found._replace(spread=", ".join(part for part in (found.spread, text) if part))
    return found


def notes(table: Table, source: str = "") -> list[str]:
    """Lines printed below a table: methods of its intervals, its notes, its source (else the document's)."""
    own = source if table.source is None else table.source
    return [*table.methods(), *table.notes, *([sentence(own)] if own else [])]


def _general(method: str, *, whole: bool) -> str:
    """How intervals of all columns were obtained; `whole`: in all rows but those that are named."""
    reason = method.removeprefix("no interval: ")
    if not whole:
        return say("Intervals in some rows: {0}.", method)
    return say("No intervals: {0}.", reason) if reason != method else say("Intervals: {0}.", method)
