"""A checklist: what the software knows of each item, what a person wrote, and the file in which both meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from thyrosight.errors import OutputError
from thyrosight.files import csv_text, write_text
from thyrosight.languages import LANGUAGES, Translator, translator
from thyrosight.studies.guidelines.guideline import Guideline, answer_of
from thyrosight.studies.guidelines.known import Known
from thyrosight.tables import read_table

FOLDER = "guidelines"
COLUMNS = {
    "item": "item",
    "section": "section",
    "topic": "topic",
    "asks": "what to report",
    "known": "from this study",
    "place": "place in the report",
    "rest": "still to write",
    "written": "your answer",
    "page": "place in the manuscript",
    "again": "check again",
}
"""Columns of the file by the field that they hold; a file may have them in any language."""
_OWN = ("written", "page", "again")
"""Fields that a person fills; the rest is written anew each time."""
WRITE = "not known: write it"


@dataclass(frozen=True)
class Entry:
    """One item of a checklist; fields as the columns of the file.

    Attributes:
        known, place: what the software knows, and where the report says it.
        rest: what is still to be written, as far as the software can tell.
        written, page: a person's answer, and its place in the manuscript.
        again: why a person's answer is to be read again; empty where it is not.
        more: columns that a person added.
    """

    item: str
    section: str
    topic: str
    asks: str
    known: str = ""
    place: str = ""
    rest: str = WRITE
    written: str = ""
    page: str = ""
    again: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Who answered the item: a person, this study, this study in part, or nobody yet."""
        if self.written:
            return "written"
        return "open" if not self.known else "in part" if self.rest else "known"


@dataclass(frozen=True)
class Checklist:
    """A guideline answered for one study.

    Attributes:
        further: rows of the file that are of no item of the guideline, kept as they are.
    """

    name: str
    guideline: Guideline
    entries: tuple[Entry, ...]
    further: tuple[Mapping[str, str], ...] = field(default=())

    def count(self, status: str) -> int:
        """How many items have that status."""
        return sum(entry.status == status for entry in self.entries)

    @property
    def path(self) -> Path:
        """The file in a study's folder."""
        return Path(FOLDER) / f"{self.name}.csv"

    def csv(self, *, language: str = "en") -> str:
        """The file: a row for each item, for spreadsheets; what a person wrote stays in that person's words."""
        say, titles = translator(language), titles_in(language)
        rows = [
            {
                titles[title]: getattr(entry, name) if name in (*_OWN, "item") else say(getattr(entry, name))
                for name, title in COLUMNS.items()
            }
            | dict(entry.more)
            for entry in self.entries
        ]
        rows += [{titles.get(title, title): cell for title, cell in row.items()} for row in self.further]
        # The mark at the start tells spreadsheets that the text is Unicode.
        return "\ufeff" + csv_text(rows, list(dict.fromkeys([*titles.values(), *(key for row in rows for key in row)])))


def titles_in(language: str) -> dict[str, str]:
    """The headers of a file in a language, by those of the English one."""
    say = translator(language)
    return {title: say(title) for title in COLUMNS.values()}


def answered(name: str, guideline: Guideline, known: Known) -> Checklist:
    """A checklist with what the software knows of a study, and no answer of a person."""
    entries = []
    for section, item in guideline.rows():
        entry = Entry(item.item, section, item.topic, item.asks)
        found = answer_of(item.answer, known)
        if found is not None:
            entry = replace(entry, known=found.text, place=found.place, rest=item.rest)
        entries.append(entry)
    return Checklist(name, guideline, tuple(entries))


def taken_up(fresh: Checklist, folder: Path) -> Checklist:
    """The checklist with a person's answers from its file in a study's folder, if there is one.

    An answer that was written beside another finding of the software is marked to be read again; the mark stays until a
    person empties it.

    Raises:
        OutputError: the file cannot be read, or lacks a column, or has an item twice; it stays as it is.
    """
    path = folder / fresh.path
    if not path.exists():
        return fresh
    rows, language = _rows(path)
    known = {entry.item for entry in fresh.entries}
    entries = [_with_answer(entry, rows.get(entry.item), translator(language)) for entry in fresh.entries]
    further = [row for item, row in rows.items() if item not in known and any(row[COLUMNS[name]] for name in _OWN)]
    return Checklist(fresh.name, fresh.guideline, tuple(entries), tuple(further))


def write_checklist(checklist: Checklist, folder: Path, *, language: str = "en") -> None:
    """Write the file of a checklist into a study's folder, whole or not at all, in one of `LANGUAGES`.

    Raises:
        OutputError: it cannot be written, for example because it is open in a spreadsheet program.
    """
    write_text(folder / checklist.path, checklist.csv(language=language))


def _rows(path: Path) -> tuple[dict[str, dict[str, str]], str]:
    """Rows of a file by their item, under the English headers, and the language that it is in."""
    table = read_table(path, error=OutputError, short_rows=True)
    language = max(LANGUAGES, key=lambda code: len(set(titles_in(code).values()) & set(table.header)))
    titles = titles_in(language)
    missing = [
        titles[title]
        for name, title in COLUMNS.items()
        if name in ("item", "known", *_OWN) and titles[title] not in table.header
    ]
    if missing:
        raise OutputError(
            f"{path} lacks the column {missing[0]!r}; put it back, or move the file away to have it written anew."
        )
    english = {said: title for title, said in titles.items()}
    header = [english.get(title, title) for title in table.header]
    rows: dict[str, dict[str, str]] = {}
    for number, cells in table.rows:
        row = dict.fromkeys(COLUMNS.values(), "") | dict(zip(header, cells, strict=True))
        item = row[COLUMNS["item"]].removesuffix(".0")
        if item in rows:
            raise OutputError(f"{path}, row {number}: item {item!r} stands twice; remove one of the rows.")
        rows[item] = row | {COLUMNS["item"]: item}
    return rows, language


def _with_answer(entry: Entry, row: Mapping[str, str] | None, say: Translator) -> Entry:
    """An item with a person's answer, from a file in the language of `say`."""
    if row is None:
        return entry
    own = {name: row[COLUMNS[name]] for name in _OWN}
    before = row[COLUMNS["known"]]
    if own["written"] and _plain(before) != _plain(say(entry.known)):
        was = before or "nothing"
        own["again"] = f"Written when this study said: {was} Empty this cell when you have read your answer again."
    more = {title: cell for title, cell in row.items() if title not in COLUMNS.values()}
    return replace(entry, **own, more=more)


def _plain(text: str) -> str:
    """Text without what spreadsheet programs change."""
    return " ".join(text.split())


def again(checklists: Sequence[Checklist]) -> list[str]:
    """Sentences that name the answers to be read again."""
    found = []
    for checklist in checklists:
        items = [entry.item for entry in checklist.entries if entry.again]
        if items:
            found.append(
                f"{checklist.guideline.name}, item{'s' if len(items) > 1 else ''} {', '.join(items)}: your answer was "
                f"written beside other findings than those of this run; read it again in {checklist.path.as_posix()}."
            )
    return found
