"""Categories for a table of nodules. Every cell that cannot be read is reported, all at once; none is guessed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thyrosight.tirads.assess import CategoryResult, assess
from thyrosight.tirads.codes import CODED_COLUMNS, read_coded_nodule
from thyrosight.tirads.lexicon import Nodule, TiradsError
from thyrosight.tirads.reading import COLUMNS, allowed_words, cell_text, try_read_nodule
from thyrosight.tirads.system import Points, System
from thyrosight.tirads.systems import find_system

SIZE_COLUMNS: Final = ("size_mm", "size_cm")
TABLE_COLUMNS: Final = (*COLUMNS, *SIZE_COLUMNS)
"""Names that a table's own columns can be mapped to."""


@dataclass(frozen=True)
class AssessedTable:
    """A table with the categories of every row.

    Attributes:
        results: for each system, one result for each row.
        columns: the columns to add, each with one text for each row.
        notes: remarks on the table as a whole.
    """

    results: Mapping[str, tuple[CategoryResult, ...]]
    columns: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def assess_table(
    rows: Sequence[Mapping[str, str]],
    *,
    systems: Iterable[str],
    columns: Mapping[str, str] | None = None,
    fill: Mapping[str, str] | None = None,
    vocabulary: str = "any",
    codes: bool = False,
    numbers: Sequence[int] | None = None,
    source: str = "table",
) -> AssessedTable:
    """Classify every row of a table under several systems.

    Args:
        rows: the table, one mapping of column to cell for each row.
        systems: keys or aliases.
        columns: the table's own column for each of `TABLE_COLUMNS`, where their names differ.
        fill: words for empty or absent cells, for example `{"extrathyroidal_extension": "absent"}`.
        vocabulary: of the words, see `read_nodule`.
        codes: whether the cells hold ACR points (`read_coded_nodule`) instead of words.
        numbers: the row number of each row in the user's file; counted from 2 if not given.
        source: the table's name in errors.

    Raises:
        TiradsError: an unknown system or column, no column with descriptors, or unreadable cells (all are listed).

    >>> rows = [{"comp": "solid", "echogenicity": "isoechoic", "margin": "smooth", "calcification": "none",
    ...          "shape": "wider"}]
    >>> assess_table(rows, systems=["acr"], columns={"composition": "comp"}).columns["acr_2017_category"]
    ('TR3',)
    """
    chosen = [find_system(name) for name in systems]
    mapping = _mapping(rows, columns or {}, CODED_COLUMNS if codes else TABLE_COLUMNS, source)
    records = [{name: cell_text(row.get(own)) for name, own in mapping.items()} for row in rows]
    notes = []
    for name, word in (fill or {}).items():
        count = sum(not record.get(name) for record in records)
        if count:
            notes.append(f"{name} was taken as {word!r} in {count} rows where it is not recorded")
        records = [record if record.get(name) else record | {name: word} for record in records]
    places = list(numbers) if numbers is not None else list(range(2, len(rows) + 2))
    if codes:
        nodules, contradictory = _read_codes(records, places, source)
        notes += contradictory
    else:
        nodules = _read_words(records, places, source, vocabulary)
        notes += _size_notes(nodules)
    results = {system.key: tuple(assess(system, nodule) for nodule in nodules) for system in chosen}
    added = {name: cells for system in chosen for name, cells in _columns(system, results[system.key]).items()}
    return AssessedTable(results, added, (*notes, *(_summary(system, results[system.key]) for system in chosen)))


def _mapping(
    rows: Sequence[Mapping[str, str]], columns: Mapping[str, str], known: Sequence[str], source: str
) -> dict[str, str]:
    """The table's own column for each known name that occurs."""
    present = list(rows[0]) if rows else []
    for name, own in columns.items():
        if name not in known:
            raise TiradsError(f"{name!r} is no column that can be mapped; choose from {', '.join(known)}.")
        if own not in present:
            raise TiradsError(f"{source} has no column {own!r}; its columns are {', '.join(present)}.")
    mapping = {name: columns.get(name, name) for name in known if columns.get(name, name) in present}
    if not set(mapping) - set(SIZE_COLUMNS):
        raise TiradsError(
            f"{source} has no column with descriptors ({', '.join(known)}); say which columns hold them, for example "
            f"composition=COLUMN. Its columns are {', '.join(present) or 'none'}."
        )
    return mapping


def _read_words(
    records: Sequence[Mapping[str, str]], places: Sequence[int], source: str, vocabulary: str
) -> list[Nodule]:
    nodules = []
    problems: dict[tuple[str, str], list[int]] = {}
    for record, place in zip(records, places, strict=True):
        try:
            nodule, found = try_read_nodule(_in_millimetres(record), vocabulary=vocabulary)
        except TiradsError as error:
            nodule, found = None, (("size_cm", str(error)),)
        for problem in found:
            problems.setdefault(problem, []).append(place)
        if nodule is not None:
            nodules.append(nodule)
    if problems:
        raise TiradsError(_told(problems, source, vocabulary))
    return nodules


def _in_millimetres(record: Mapping[str, str]) -> Mapping[str, str]:
    size = record.get("size_cm", "")
    if not size or record.get("size_mm"):
        return record
    try:
        return {**record, "size_mm": f"{round(float(size) * 10, 6):g}"}
    except ValueError:
        raise TiradsError(f"{size!r} is not a number of centimetres; write it without the unit.") from None


def _told(problems: Mapping[tuple[str, str], Sequence[int]], source: str, vocabulary: str) -> str:
    """All problems in words: each once, with the rows that have it."""
    lines = []
    for (column, text), rows in sorted(problems.items(), key=lambda item: list(item[1])):
        plural = "s" if len(rows) > 1 else ""
        lines.append(f"row{plural} {', '.join(map(str, rows))}, {column}: {text}")
    cells = sum(map(len, problems.values()))
    first = f"{source}: {cells} cell{'s' if cells > 1 else ''} cannot be read; nothing was written."
    return "\n".join([first, *lines, *allowed_words(problems, vocabulary)])


def _read_codes(
    records: Sequence[Mapping[str, str]], places: Sequence[int], source: str
) -> tuple[list[Nodule], list[str]]:
    nodules, problems = [], []
    contradictory: dict[str, list[int]] = {}
    for record, place in zip(records, places, strict=True):
        try:
            reading = read_coded_nodule(record, where=f"row {place}")
        except TiradsError as error:
            problems.append(str(error))
            continue
        nodules.append(reading.nodule)
        for text in reading.contradictions:
            contradictory.setdefault(text, []).append(place)
    if problems:
        raise TiradsError(
            "\n".join([f"{source}: {len(problems)} rows cannot be read; nothing was written.", *problems])
        )
    told = [
        f"{text}: {len(rows)} row{'s' if len(rows) > 1 else ''} ({_ranges(rows)})"
        for text, rows in contradictory.items()
    ]
    return nodules, told


def _ranges(rows: Sequence[int]) -> str:
    """Row numbers with runs joined.

    >>> _ranges([2, 5, 6, 7, 9])
    '2, 5-7, 9'
    """
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _size_notes(nodules: Sequence[Nodule]) -> list[str]:
    sizes = [nodule.size_mm for nodule in nodules if nodule.size_mm is not None]
    if len(sizes) < 5 or max(sizes) >= 8:
        return []
    return [f"no nodule measures more than {max(sizes):g} mm: check that the sizes are not in centimetres"]


def _columns(system: System, results: Sequence[CategoryResult]) -> dict[str, tuple[str, ...]]:
    """The columns that a system adds; names hold only letters, digits and underscores."""
    stem = system.key.replace("-", "_")
    columns = {
        f"{stem}_category": tuple(result.category or "" for result in results),
        f"{stem}_lowest": tuple(result.lowest or "" for result in results),
        f"{stem}_highest": tuple(result.highest or "" for result in results),
    }
    if isinstance(system.rule, Points):
        columns[f"{stem}_points_lowest"] = tuple(_text(result.lowest_points) for result in results)
        columns[f"{stem}_points_highest"] = tuple(_text(result.highest_points) for result in results)
    columns[f"{stem}_recommendation"] = tuple(result.recommendation() for result in results)
    columns[f"{stem}_notes"] = tuple("; ".join(_row_notes(result)) for result in results)
    return columns


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _row_notes(result: CategoryResult) -> list[str]:
    unknown = ", ".join(result.not_exactly_known)
    return [*([f"not exactly known: {unknown}"] if unknown else []), *result.notes]


def _summary(system: System, results: Sequence[CategoryResult]) -> str:
    """How many rows got which category."""
    counts = Counter(result.category for result in results if result.category)
    none = sum(result.lowest is None for result in results)
    ranges = sum(result.category is None for result in results) - none
    parts = [f"{category.name} {counts[category.name]}" for category in system.categories if counts[category.name]]
    parts += [f"range {ranges}"] * bool(ranges) + [f"not classifiable {none}"] * bool(none)
    return f"{system.title}: {', '.join(parts) or 'no rows'}"
