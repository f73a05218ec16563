"""The section of a report that answers the reporting guidelines."""

from collections.abc import Sequence
from pathlib import Path

from thyrosight.documents import Column, Content, Row, Section, Table, columns, section
from thyrosight.errors import OutputError
from thyrosight.files import write_json
from thyrosight.lock import locked_folder
from thyrosight.studies.guidelines.checklist import Checklist, again, answered, taken_up, write_checklist
from thyrosight.studies.guidelines.guideline import of_study
from thyrosight.studies.guidelines.known import Known
from thyrosight.studies.result import RESULTS, Result

SECTION = "Reporting guidelines"
_LONGEST = 260
_STATUS = {
    "known": "Known from this study",
    "in part": "In part",
    "written": "Written by you",
    "open": "Not known: to write",
}


def checklists_of(result: Result, folder: Path | None = None) -> list[Checklist]:
    """The checklists of every guideline that applies to a study, with a person's answers from its folder.

    Raises:
        OutputError: a file of answers cannot be read; it stays as it is.
    """
    known = Known(without_guidelines(result))
    fresh = [answered(name, guideline, known) for name, guideline in of_study(known).items()]
    return fresh if folder is None else [taken_up(checklist, folder) for checklist in fresh]


def with_guidelines(result: Result, folder: Path) -> Result:
    """The result with its section on reporting guidelines; files in the folder are taken up and written anew.

    What goes wrong with one of these files is said in the report, and the file stays as it is.
    """
    plain = without_guidelines(result)
    known = Known(plain)
    found, problems = [], []
    for name, guideline in of_study(known).items():
        fresh = answered(name, guideline, known)
        try:
            own = taken_up(fresh, folder)
            write_checklist(own, folder)
        except OutputError as error:
            own = fresh
            problems.append(f"The checklist {guideline.name} is without your answers: {error}")
        found.append(own)
    document = plain.document
    page = guidelines_section(found)
    return plain.model_copy(
        update={
            "document": document.model_copy(
                update={
                    "sections": (*document.sections, page),
                    "unfinished": (*document.unfinished, *problems, *again(found)),
                }
            )
        }
    )


def write_checklists(result: Result, folder: Path, *, language: str) -> None:
    """Write the files of answers again in a language, with what a person wrote in them.

    Raises:
        OutputError: a file of answers cannot be read or written; it stays as it is.
    """
    for checklist in checklists_of(result, folder):
        write_checklist(checklist, folder, language=language)


def take_up_answers(result: Result, folder: Path) -> Result:
    """The result of an earlier run with the answers that were written since, stored in its folder.

    Raises:
        OutputError: a file of answers cannot be read, or the folder not be written; all stays as it is.
        FolderInUseError: a run works in the folder.
    """
    with locked_folder(folder):
        checklists_of(result, folder)
        found = with_guidelines(result, folder)
        write_json(folder / RESULTS, found.model_dump(mode="json"))
    return found


def without_guidelines(result: Result) -> Result:
    """The result without that section, and without what was said of its files."""
    document = result.document
    if all(part.title != SECTION for part in document.sections):
        return result
    said = [text for text in document.unfinished if not _of_guidelines(text)]
    sections = [part for part in document.sections if part.title != SECTION]
    return result.model_copy(
        update={"document": document.model_copy(update={"sections": tuple(sections), "unfinished": tuple(said)})}
    )


def _of_guidelines(text: str) -> bool:
    return text.startswith("The checklist ") or "your answer was written beside other findings" in text


def guidelines_section(checklists: Sequence[Checklist]) -> Section:
    """Counts of all checklists, then each of them folded."""
    contents: list[Content] = [
        "What this study says on the items of reporting guidelines, and what remains to be written. Items are in our "
        "own words: read the publications before you submit. Write your answers in the files, with a spreadsheet "
        "program: `thyrosight study report` and the next run take them up, and never overwrite them.",
        _counts_table(checklists),
        *(checklist_table(checklist) for checklist in checklists),
    ]
    return section(SECTION, *contents)


def _counts_table(checklists: Sequence[Checklist]) -> Table:
    rows = [
        {"guideline": each.guideline.name, "about": each.guideline.about, "file": each.path.as_posix()}
        | {name.replace(" ", "_"): each.count(name) for name in _STATUS}
        for each in checklists
    ]
    return Table(
        name="guidelines",
        caption="Reporting guidelines: items by who answers them",
        columns=(
            *columns("text", {"guideline": "Guideline", "about": "For"}),
            *columns("count", {name.replace(" ", "_"): title for name, title in _STATUS.items()}),
            Column(key="file", title="File"),
        ),
        rows=tuple(rows),
        source="",
    )


def checklist_table(checklist: Checklist) -> Table:
    """One checklist, folded on the page."""
    guideline = checklist.guideline
    rows: list[Row] = [
        {
            "item": f"{entry.item} {entry.topic}",
            "asks": entry.asks,
            "known": f"{_short(entry.known)}{f' ({entry.place})' if entry.place else ''}",
            "write": _to_write(entry.written, entry.page, entry.rest, entry.again),
        }
        for entry in checklist.entries
    ]
    return Table(
        name=f"guideline-{checklist.name}",
        caption=f"{guideline.name}: {guideline.about} ({len(rows)} rows of {guideline.main_items} items)",
        columns=tuple(
            columns(
                "text",
                {
                    "item": "Item",
                    "asks": "What to report",
                    "known": "From this study",
                    "write": "Written by you, or still to write",
                },
            )
        ),
        rows=tuple(rows),
        notes=(f"{guideline.reference} doi:{guideline.doi}.",),
        source="",
        folded=True,
    )


def _short(text: str) -> str:
    """The first sentences of a long text, which the file holds whole."""
    start, stop, _ = text[:_LONGEST].rpartition(". ")
    return f"{start}. …" if stop and len(text) > _LONGEST else text


def _to_write(written: str, page: str, rest: str, again: str) -> str:
    """A person's answer with its place, or what is still to be written."""
    if not written:
        return f"To write: {rest}." if rest and not rest.startswith("not known") else rest.capitalize()
    place = f" ({page})" if page else ""
    return f"{written}{place}{' Read again: the findings have changed.' if again else ''}"
