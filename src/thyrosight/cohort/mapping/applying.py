"""From rows of cells to rows of a cohort: numbers, words, ages, labels; names and birth dates stay behind."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from thyrosight.cohort.columns import READER_PREFIX, UNKNOWN
from thyrosight.cohort.mapping.dates import Order, age_at, read_date
from thyrosight.cohort.mapping.diagnoses import bethesda_of
from thyrosight.cohort.mapping.fields import KEEP
from thyrosight.cohort.mapping.headers import plain_words
from thyrosight.cohort.mapping.labels import verdict_of
from thyrosight.cohort.mapping.measures import read_age, read_size, states_unit
from thyrosight.cohort.mapping.plan import UNKNOWN_VALUE, MappingPlan
from thyrosight.cohort.mapping.rows import CaseRow
from thyrosight.cohort.mapping.values import OPEN_VALUES, meaning_of
from thyrosight.cohort.mapping.words import says_yes
from thyrosight.counting import counted
from thyrosight.identifiers import Names, names_in, names_nobody

_TEXTS: Final = ("site", "neck_level", "box", "report_text")
_JUDGED: Final = ("label", "label_source", "histology", "cytology")


@dataclass(frozen=True)
class Case:
    """One nodule with the cells of the cohort's columns, and what finds its images.

    Attributes:
        row: where it comes from.
        cells: of the cohort.
        patient: in one form, also where names stay behind; "" where it is not known.
        accession: of the examination.
        day: of the examination as ISO date; "" where it is not known.
        person: name and birth date in plain words, to be compared with headers of images; never written.
    """

    row: CaseRow
    cells: dict[str, str]
    patient: str = ""
    accession: str = ""
    day: str = ""
    person: tuple[str, str] = ("", "")


@dataclass
class Applied:
    """All cases, and what was noticed."""

    cases: list[Case] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Cells that could not be understood, by column of the cohort."""
    overruled: int = 0


def apply_plan(rows: list[CaseRow], plan: MappingPlan) -> Applied:
    """The cases of all rows."""
    found = Applied()
    names = names_in((row.first("patient_id") for row in rows), policy=plan.patients)
    found.notes += names.notes("patient_id", option="--patients")
    persons: dict[tuple[str, str], str] = {}
    for row in rows:
        found.cases.append(_case(row, plan, names, persons, found))
    if persons:
        found.notes.append(
            f"Patients with a name but no number ({len(persons)}) are numbered in order: person 1, person 2, ..."
        )
    if found.overruled:
        found.notes.append(
            f"Histology contradicts cytology in {counted(found.overruled, 'row')}; histology decides there."
        )
    for (column, cell), count in found.unread.most_common(12):
        found.notes.append(
            f"{column}: {cell[:60]!r} was not understood and is empty{'' if count == 1 else f', in {count} rows'}."
        )
    if len(found.unread) > 12:
        found.notes.append(f"Further words that were not understood and are empty: {len(found.unread) - 12}.")
    return found


def _case(row: CaseRow, plan: MappingPlan, names: Names, persons: dict[tuple[str, str], str], found: Applied) -> Case:
    born, day = _date(row, plan, "birth_date"), _date(row, plan, "exam_date")
    name = " ".join(cell for cell, _ in row.cells.get("patient_name", ()))
    person = (plain_words(name), born.isoformat() if born else "")
    patient = names.of(row.first("patient_id"))
    if not patient and person[0]:
        patient = persons.setdefault(person, f"person {len(persons) + 1}")
    verdict = verdict_of(row, plan)
    found.overruled += verdict.overruled
    cells = {
        "patient_id": patient or UNKNOWN,
        "nodule_id": row.first("nodule_id") or UNKNOWN,
        "label": verdict.label,
        "label_source": verdict.source or plan.label_source,
        "exclude": _exclusion(row.first("exclude")) or verdict.reason,
        **_measures(row, plan, found),
        **_words(row, plan, found),
        **{name: row.first(name) for name in _TEXTS if row.first(name)},
        **{name: row.first(name) for name in row.cells if name.startswith(READER_PREFIX)},
        **{name.partition(":")[2]: row.first(name) for name in row.cells if name.startswith(f"{KEEP}:")},
    }
    if "age" not in cells and born and day and (age := age_at(born, day)) is not None:
        cells["age"] = str(age)
    asked = {
        "patient_name": name,
        "birth_date": person[1],
        "exam_date": day.isoformat() if day else "",
        "accession": row.first("accession"),
    }
    cells |= {name: asked[name] for name in plan.private if asked.get(name)}
    if "report_text" not in plan.private:
        cells.pop("report_text", None)
    return Case(row, cells, patient, row.first("accession"), day.isoformat() if day else "", person)


def _exclusion(cell: str) -> str:
    """The reason to leave a row out; a bare yes says that there is one."""
    if names_nobody(cell) or says_yes(cell) is False:
        return ""
    return "left out in the table" if says_yes(cell) else cell


def _date(row: CaseRow, plan: MappingPlan, name: str) -> date | None:
    for cell, header in row.cells.get(name, ()):
        column = plan.columns.get(header)
        order: Order = "mdy" if column is not None and column.dates == "mdy" else "dmy"
        if (day := read_date(cell, order=order, born=name == "birth_date")) is not None:
            return day
    return None


def _measures(row: CaseRow, plan: MappingPlan, found: Applied) -> dict[str, str]:
    cells = {}
    for name in ("size_mm", "short_axis_mm"):
        sizes = []
        for cell, header in row.cells.get(name, ()):
            column = plan.columns.get(header)
            size = read_size(cell, unit=(column.unit if column else "") or "mm")
            if size is None or (column is not None and size < column.smallest and not states_unit(cell)):
                found.unread[(name, cell)] += 1
            else:
                sizes.append(size)
        if sizes:
            cells[name] = f"{max(sizes):g}"
    if text := row.first("age"):
        age = read_age(text)
        if age is None:
            found.unread[("age", text)] += 1
        else:
            cells["age"] = f"{age:g}"
    return cells


def _words(row: CaseRow, plan: MappingPlan, found: Applied) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name in (name for name in OPEN_VALUES if name not in _JUDGED and name in row.cells):
        cell, header = row.cells[name][0]
        column = plan.columns.get(header)
        values: Mapping[str, str] = column.values if column else {}
        meant = values[cell] if cell in values else meaning_of(cell, name, header=header)
        if meant is None or meant == UNKNOWN_VALUE:
            found.unread[(name, cell)] += 1
        elif meant:
            cells[name] = meant
    if "bethesda" not in row.cells and (cytology := row.first("cytology")):
        column = plan.columns.get(row.cells["cytology"][0][1])
        if bethesda_of(cytology, alone=column is not None and column.bethesda):
            cells["bethesda"] = meaning_of(cytology, "bethesda") or ""
    return cells
