"""From a hospital's table and a folder of images to a mapping and a cohort."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thyrosight.cohort.about import write_about
from thyrosight.cohort.columns import COLUMNS
from thyrosight.cohort.converting import relative_path
from thyrosight.cohort.mapping.applying import Applied, Case, apply_plan
from thyrosight.cohort.mapping.fields import LEAVE_OUT, is_known_header, known_fields
from thyrosight.cohort.mapping.image_files import ImageFile, ImageIndex, image_files_below, names_of
from thyrosight.cohort.mapping.labels import label_policy
from thyrosight.cohort.mapping.matching import Matched, contradicted, match_images
from thyrosight.cohort.mapping.plan import MappingPlan, require_usable
from thyrosight.cohort.mapping.proposing import Column, Guess, plan_of, propose
from thyrosight.cohort.mapping.rows import case_rows, has_patient_blocks
from thyrosight.errors import CohortError
from thyrosight.files import write_csv
from thyrosight.progress import Progress, silent
from thyrosight.spreadsheets import SheetTable, Workbook, read_workbook, table_of

_FEWEST = 2


@dataclass(frozen=True)
class Source:
    """A table and the images beside it, as read.

    Attributes:
        path: of the table.
        tables: of the sheets that are used.
        left_out: sheets that are not, with the reason.
        notes: sentences on the reading.
        images: the files below the folder.
    """

    path: Path
    tables: tuple[SheetTable, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    images: tuple[ImageFile, ...] = ()

    def columns(self) -> list[Column]:
        """Every column of the sheets by its header."""
        found: dict[str, list[str]] = {}
        sheets: dict[str, set[str]] = {}
        for table in self.tables:
            for place, header in enumerate(table.header):
                found.setdefault(header, []).extend(cells[place] for _, cells in table.rows)
                sheets.setdefault(header, set()).add(table.name)
        return [Column(header, tuple(cells), frozenset(sheets[header])) for header, cells in found.items()]


@dataclass
class MapReport:
    """Counts and remarks from mapping a table.

    Attributes:
        rows: rows of the sheets.
        nodules: cases in them.
        with_image: of these with an image.
        images: images used, and in all.
        labels: images by label and source; "" where none is known.
        excluded: images by the reason for which they are left out.
        how: images by the way they were found.
        rows_without: place, patient and reason of each case without an image.
        images_without: name and reason of each image without a row.
        notes: sentences on all that was understood or left out.
    """

    rows: int
    nodules: int
    with_image: int
    images: tuple[int, int]
    patients: int
    labels: dict[tuple[str, str], int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    how: dict[str, int] = field(default_factory=dict)
    rows_without: list[tuple[str, str, str]] = field(default_factory=list)
    images_without: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_source(
    table: Path,
    images: Path | None,
    *,
    sheets: Sequence[str] = (),
    hidden: bool = True,
    encoding: str | None = None,
    progress: Progress = silent,
) -> Source:
    """Read a table and list the images below a folder.

    Args:
        table: .xlsx, .xls, .ods, HTML or text with separators.
        images: the folder; None lists none.
        sheets: names of sheets to use; all visible ones with a table where empty.
        hidden: whether hidden rows and columns are used.
        encoding: of text.
        progress: called as images are listed.

    Raises:
        SpreadsheetError: the table cannot be read.
        CohortError: no such sheet or folder, or no sheet with a table.
    """
    book = read_workbook(table, encoding=encoding)
    tables, left_out = _tables(book, table, sheets, hidden)
    several = len(tables) > 1
    notes = list(book.notes)
    for one in tables:
        told = [*one.notes, *(f"row {number} was left out ({reason})" for number, reason in one.left_out[:5])]
        if (more := len(one.left_out) - 5) > 0:
            told.append(f"further rows left out (headers, totals and notes): {more}")
        place = f"Sheet {one.name!r}"
        notes += [f"{place}: {note}." if several else f"{note[:1].upper()}{note[1:]}." for note in told]
    notes += [f"Sheet {name!r} was left out: {reason}." for name, reason in left_out]
    found = tuple(image_files_below(images, progress=progress)) if images is not None else ()
    return Source(table, tuple(tables), tuple(left_out), tuple(notes), found)


def _tables(
    book: Workbook, path: Path, names: Sequence[str], hidden: bool
) -> tuple[list[SheetTable], list[tuple[str, str]]]:
    known = {sheet.name for sheet in book.sheets}
    if unknown := [name for name in names if name not in known]:
        raise CohortError(f"{path} has no sheet {unknown[0]!r}; it has {', '.join(map(repr, sorted(known)))}.")
    tables: list[SheetTable] = []
    left_out: list[tuple[str, str]] = []
    for sheet in book.sheets:
        if names and sheet.name not in names:
            continue
        if sheet.hidden and not names:
            left_out.append((sheet.name, "it is hidden; name it with --sheet to use it"))
            continue
        found = table_of(sheet, known=is_known_header, hidden=hidden)
        if found is None or not found.rows:
            left_out.append((sheet.name, "it holds no table" if sheet.rows else "it is empty"))
        elif not names and len(book.sheets) > 1 and sum(map(is_known_header, found.header)) < _FEWEST:
            left_out.append((sheet.name, "none of its headers is one of patients, images or diagnoses"))
        else:
            tables.append(found)
    if not tables:
        said = "; ".join(f"{name!r}: {reason}" for name, reason in left_out[:5])
        raise CohortError(f"{path} holds no table with a header and rows ({said}).")
    return tables, left_out


def proposal(source: Source, **settings: Any) -> tuple[list[Guess], MappingPlan]:
    """Guess what the columns hold; return the guesses and the mapping that follows from them."""
    guesses = propose(source.columns(), images=names_of(source.images))
    plan = plan_of(guesses, table=source.path.name, sheets=tuple(table.name for table in source.tables), **settings)
    if has_patient_blocks(source.tables, plan):
        plan = plan.model_copy(update={"patient_blocks": True})
    return guesses, plan


def run_plan(source: Source, plan: MappingPlan, out: Path) -> MapReport:
    """Map the rows, find their images, and write `cohort.csv` and `unmatched.csv` into `out`.

    Raises:
        CohortError: the mapping cannot be used, or no row has an image.
        OutputError: the folder cannot be written.
    """
    require_usable(plan, [frozenset(table.header) for table in source.tables])
    present = {header for table in source.tables for header in table.header}
    collected = case_rows(source.tables, plan)
    absent = [header for header, column in plan.columns.items() if header not in present and column.to != LEAVE_OUT]
    new = [header for header in present if header not in plan.columns]
    if len(absent) == len(plan.columns):
        raise CohortError(f"{source.path} has none of the columns that the mapping names; use another mapping.")
    notes = [*source.notes, *collected.notes]
    notes += [f"The mapping names the column {header!r}, which the table does not have." for header in absent]
    notes += [f"The column {header!r} is not in the mapping and was left out." for header in new]
    applied = apply_plan(collected.rows, plan)
    matched = match_images(applied.cases, ImageIndex(list(source.images)))
    notes += applied.notes
    if matched.elsewhere:
        notes.append(f"Images that lie in another folder than the table says: {matched.elsewhere}.")
    notes += [f"Files in the column {name} that were not found: {count}." for name, count in matched.lost.items()]
    rows = _cohort_rows(applied, matched, source, out)
    report = _report(source, applied, matched, rows, notes)
    if not rows:
        first = report.rows_without[0] if report.rows_without else ("", "", "no row")
        raise CohortError(
            f"No row of {source.path} has an image among the {len(source.images)} found ({first[0]}: {first[2]}); name"
            " the folder with --images, or correct the column of images in the mapping."
        )
    write_csv(out / "cohort.csv", rows, _columns(rows))
    write_about(out / "cohort.csv", label_policy=label_policy(plan))
    _write_unmatched(report, out / "unmatched.csv")
    return report


def _cohort_rows(applied: Applied, matched: Matched, source: Source, out: Path) -> list[dict[str, str]]:
    """A row for each image of each case; an image with two labels is left out with the reason."""
    odd = contradicted(applied.cases, matched.images)
    several = len({case.row.sheet for case in applied.cases})
    rows, whole = [], out.resolve()
    for case, places, beside in zip(applied.cases, matched.images, matched.companions, strict=True):
        companions = {
            name: "|".join(_path(source, place, whole) for place in found) for name, found in beside.items() if found
        }
        for place in dict.fromkeys(places):
            reason = case.cells["exclude"]
            reason = odd.get(place, reason)
            rows.append(
                {
                    "image": _path(source, place, whole),
                    **{name: cell for name, cell in case.cells.items() if name != "exclude"},
                    **companions,
                    "exclude": reason,
                    "table_row": case.row.where(several),
                }
            )
    return rows


def _path(source: Source, place: int, out: Path) -> str:
    return relative_path(source.images[place].path.resolve(), out)


def _columns(rows: Sequence[dict[str, str]]) -> list[str]:
    """Columns with content, those with a meaning first; always those of every cohort."""
    filled = dict.fromkeys(name for row in rows for name, cell in row.items() if cell)
    always = ["image", "patient_id", "nodule_id", "label", "label_source"]
    known = [name for name in COLUMNS if name in filled and name not in always]
    own = [name for name in filled if name not in COLUMNS and name not in ("exclude", "table_row")]
    return [*always, *known, *own, "exclude", "table_row"]


def _report(
    source: Source, applied: Applied, matched: Matched, rows: Sequence[dict[str, str]], notes: list[str]
) -> MapReport:
    cases: list[Case] = applied.cases
    used = matched.used
    sheets = len({case.row.sheet for case in cases})
    report = MapReport(
        rows=len({(case.row.sheet, case.row.number) for case in cases}),
        nodules=len(cases),
        with_image=sum(map(bool, matched.images)),
        images=(len(used), len(source.images)),
        patients=len({case.patient for case in cases if case.patient}),
        how=matched.how,
        notes=notes,
    )
    for row in rows:
        if row["exclude"]:
            report.excluded[row["exclude"]] = report.excluded.get(row["exclude"], 0) + 1
        else:
            key = (row["label"], row["label_source"])
            report.labels[key] = report.labels.get(key, 0) + 1
    report.rows_without = [
        (cases[place].row.where(sheets), cases[place].patient or "unknown", reason)
        for place, reason in sorted(matched.without.items())
    ]
    report.images_without = [
        (image.name, matched.ambiguous.get(place, "no row names it, its patient or its examination"))
        for place, image in enumerate(source.images)
        if place not in used
    ]
    if not any(case.row.cells.get("nodule_id") for case in cases):
        report.notes.append("The table does not say which rows are one nodule: nodule_id is unknown.")
    across = _on_several_sheets(cases)
    if across:
        report.notes.append(f"Patients on several sheets: {across}; their rows are those of one patient.")
    return report


def _on_several_sheets(cases: Sequence[Case]) -> int:
    sheets: dict[str, set[str]] = {}
    for case in cases:
        if case.patient:
            sheets.setdefault(case.patient, set()).add(case.row.sheet)
    return sum(len(named) > 1 for named in sheets.values())


def _write_unmatched(report: MapReport, path: Path) -> None:
    rows = [{"what": "row", "which": row, "patient_id": who, "why": why} for row, who, why in report.rows_without]
    rows += [{"what": "image", "which": name, "why": why} for name, why in report.images_without]
    write_csv(path, rows, ["what", "which", "patient_id", "why"])


def left_out_as_private(plan: MappingPlan) -> list[str]:
    """Headers of columns that name a person, and are therefore not in the cohort."""
    return [
        header
        for header, column in plan.columns.items()
        if (known := known_fields().get(column.to)) is not None and known.private and column.to not in plan.private
    ]
