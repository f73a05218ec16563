"""Readers: recorded categories, or categories that follow from recorded descriptors, as ranks for statistics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort.columns import READER_PREFIX
from thyrosight.cohort.records.options import ComputedReader, ReaderOptions
from thyrosight.errors import CohortError
from thyrosight.tirads import COLUMNS, System, TiradsError, assess, find_system, read_category, systems
from thyrosight.tirads.reading import try_read_nodule

_EMPTY = {"", "nan", "unknown", "not read", "skipped", "-"}
_MOST_CATEGORIES = 12
"""A reader with more different numbers than this gave ratings, not categories."""
_SHOWN = 3
_SHORT_NAME = 3


@dataclass(frozen=True, eq=False)
class Reading:
    """Categories or ratings that one reader gave to the rows of a table.

    Attributes:
        ranks: the higher the more suspicious; NaN where the reader said nothing that can be used.
        categories: in words, "" where there is none.
        order: the categories from least to most suspicious; empty where the reader gave ratings.
        system: whose categories they are, in words.
        notes: what was skipped or could not be read.
    """

    name: str
    ranks: "pd.Series[Any]"
    categories: "pd.Series[Any]"
    order: tuple[str, ...]
    system: str
    notes: list[str] = field(default_factory=list)


def read_readers(
    table: pd.DataFrame, options: ReaderOptions, *, label_sources: Sequence[str]
) -> tuple[list[Reading], list[str]]:
    """All readers of a cohort, and sentences about those that could not be used.

    Raises:
        CohortError: a column that the recipe names and the cohort does not have.
    """
    columns, notes = _columns(table, options, label_sources)
    found = [recorded(table, column, system=options.system) for column in columns]
    found += [_computed(table, reader) for reader in options.computed]
    usable = [reading for reading in found if reading.ranks.notna().any()]
    notes += [
        f"{reading.name}: no category could be used. {' '.join(reading.notes)}".strip()
        for reading in found
        if reading not in usable
    ]
    if options.computed and "TI-RADS" in label_sources:
        notes.append(
            "Labels follow TI-RADS: categories computed from the same readers' descriptors agree with them by their "
            "making, and say nothing about how well readers find cancer."
        )
    return usable, notes


def _columns(table: pd.DataFrame, options: ReaderOptions, label_sources: Sequence[str]) -> tuple[list[str], list[str]]:
    have = [str(name) for name in table if str(name).startswith(READER_PREFIX)]
    chosen = have if options.columns == "all" else []
    if not isinstance(options.columns, str):
        chosen = [name if name in table else f"{READER_PREFIX}{name}" for name in options.columns]
        if missing := [name for name in chosen if name not in table]:
            there = ", ".join(have) or "none"
            raise CohortError(f"readers.columns: there is no column {missing[0]}; readers' columns: {there}.")
    if not options.tirads_column or "tirads" not in table or "tirads" in chosen or not table["tirads"].notna().any():
        return chosen, []
    if "TI-RADS" not in label_sources:
        return [*chosen, "tirads"], []
    return chosen, [
        "The recorded TI-RADS categories were not compared with the network: the labels were made from them, so their "
        "AUC would be 1 by definition."
    ]


def recorded(table: pd.DataFrame, column: str, *, system: str = "") -> Reading:
    """A column of categories or ratings, as ranks.

    Args:
        table: with the column `key`, which names rows in notes.
        column: whose cells are categories of a TI-RADS system, or numbers.
        system: the TI-RADS system; the oldest that knows most of the categories where it is not named.
    """
    name = _name(column)
    cells = table[column].astype(object).where(table[column].notna(), "").astype(str).str.strip()
    empty = cells.str.casefold().isin(_EMPTY)
    given = cells[~empty]
    notes = [f"{int(empty.sum())} of {len(cells)} nodules were not read"] if empty.any() else []
    chosen = system or _guess(given)
    if not chosen:
        return _numbers(name, cells, empty, notes)
    found = find_system(chosen)
    words = cells.map(lambda cell: _category(found, cell) or "").where(~empty, "").astype(object)
    wrong = [f"{table.loc[row, 'key']}: {cells[row]!r}" for row in given.index if not words[row]]
    if wrong:
        notes.append(f"{len(wrong)} cells are no category of {found.title} and count as not read ({_some(wrong)})")
    return _reading(name, table, words.tolist(), found, notes)


def _reading(name: str, table: pd.DataFrame, words: Sequence[str], system: System, notes: list[str]) -> Reading:
    """The categories of a system as ranks."""
    ranks = [float(system.rank(word)) if word else np.nan for word in words]
    return Reading(
        name=name,
        ranks=pd.Series(ranks, index=table.index, dtype=float),
        categories=pd.Series(list(words), index=table.index, dtype=object),
        order=tuple(category.name for category in system.categories),
        system=system.title,
        notes=notes,
    )


def _name(column: str) -> str:
    """The name of a reader in the report.

    >>> _name("reader:A"), _name("reader:radiologists"), _name("tirads")
    ('Reader A', 'radiologists', 'Recorded TI-RADS')
    """
    if column == "tirads":
        return "Recorded TI-RADS"
    bare = column.removeprefix(READER_PREFIX)
    return f"Reader {bare}" if len(bare) <= _SHORT_NAME else bare


def _guess(cells: "pd.Series[Any]") -> str:
    """The oldest system that knows most of the categories; "" for plain numbers."""
    distinct = sorted(set(cells))
    if not distinct or sum(_number(cell) is not None for cell in distinct) > len(distinct) / 2:
        return ""

    counts = {key: sum(_category(system, cell) is not None for cell in distinct) for key, system in systems().items()}
    best = max(counts.values())
    return next((key for key, count in counts.items() if count == best), "") if best else ""


def _category(system: System, cell: str) -> str | None:
    """The category of a system that a cell names, None where it names none of them."""
    try:
        return read_category(system, cell)
    except TiradsError:
        return None


def _numbers(name: str, cells: "pd.Series[Any]", empty: "pd.Series[bool]", notes: list[str]) -> Reading:
    """Plain numbers: they stand for themselves."""
    values = cells.map(_number)
    wrong = [str(cell) for cell, value, gap in zip(cells, values, empty, strict=True) if value is None and not gap]
    if wrong:
        notes = [*notes, f"{len(wrong)} cells are neither number nor known category and count as not read "
                         f"({_some(wrong)})"]  # fmt: skip
    ranks = pd.to_numeric(values, errors="coerce").astype(float)
    distinct = sorted(set(ranks.dropna()))
    words = ranks.map(lambda value: "" if np.isnan(value) else f"{value:g}").astype(object)
    order = tuple(f"{value:g}" for value in distinct) if len(distinct) <= _MOST_CATEGORIES else ()
    system = "categories as recorded" if order else "ratings as recorded"
    return Reading(name, ranks, words, order, system, notes)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _computed(table: pd.DataFrame, reader: ComputedReader) -> Reading:
    """Categories that follow from the descriptors."""
    system = find_system(reader.system)
    words: list[str] = []
    unreadable: list[str] = []
    open_range = empty = 0
    for _, record in table.iterrows():
        described = {name: record.get(name + reader.suffix) for name in COLUMNS}
        if all(value is None or pd.isna(value) or value == "" for value in described.values()):
            empty += 1
            words.append("")
            continue
        nodule, problems = try_read_nodule(described, vocabulary=reader.vocabulary)
        if nodule is None:
            unreadable.append(f"{record['key']}: {problems[0][0]}: {problems[0][1]}")
            words.append("")
            continue
        result = assess(system, nodule)
        category = result.category
        if category is None and reader.uncertain != "skip":
            category = result.lowest if reader.uncertain == "lowest" else result.highest
        open_range += category is None
        words.append(category or "")
    notes = [f"{empty} of {len(table)} nodules have no descriptor"] if empty else []
    if unreadable:
        notes.append(f"{len(unreadable)} nodules have descriptors that cannot be read ({_some(unreadable)})")
    if open_range:
        notes.append(
            f"{open_range} of {len(table)} nodules have no certain category, because features are unknown or the "
            "system leaves them out; they count as not read (`readers.computed.uncertain` can take an end of the range)"
        )
    return _reading(reader.title, table, words, system, notes)


def _some(texts: Sequence[str]) -> str:
    shown = "; ".join(text.rstrip(".") for text in texts[:_SHOWN])
    return shown + ("; ..." if len(texts) > _SHOWN else "")


def read_by_all(readings: Sequence[Reading], table: pd.DataFrame) -> pd.DataFrame:
    """The rows that all readers judged."""
    every = np.ones(len(table), dtype=bool)
    for reading in readings:
        every &= reading.ranks.loc[table.index].notna().to_numpy()
    return table[every]
