"""From the tables of sheets to rows of single nodules: joined sheets, blocks of patients, several nodules in a row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from thyrosight.cohort.mapping.fields import KEEP, LEAVE_OUT, known_fields
from thyrosight.cohort.mapping.plan import ColumnPlan, MappingPlan
from thyrosight.identifiers import names_nobody, plain_form
from thyrosight.spreadsheets import SheetTable

Cells = dict[str, list[tuple[str, str]]]
"""Cells with content of each field, each cell with its header."""

_FILLED_DOWN: Final = ("exam_date", "accession", "site")
_PER_NODULE: Final = frozenset(
    [
        "nodule_id",
        "size_mm",
        "label",
        "histology",
        "cytology",
        "bethesda",
        "tirads",
        "composition",
        "echogenicity",
        "margin",
        "calcification",
        "shape",
        "neck_side",
        "short_axis_mm",
    ]
)
_FEWEST_BLOCKS: Final = 0.2


@dataclass(frozen=True)
class CaseRow:
    """One nodule of one row of a sheet.

    Attributes:
        sheet, number: where it stands.
        cells: of fields, readers and kept columns.
        nodule: its number where the row holds several; 0 otherwise.
        nodules_in_row: how many the row holds.
    """

    sheet: str
    number: int
    cells: Cells
    nodule: int = 0
    nodules_in_row: int = 1

    @property
    def several(self) -> bool:
        """Whether the row holds several nodules."""
        return self.nodules_in_row > 1

    def first(self, name: str) -> str:
        """The first cell of a field; empty where there is none."""
        cells = self.cells.get(name)
        return cells[0][0] if cells else ""

    def where(self, sheets: int = 2) -> str:
        """Its place in words."""
        return f"row {self.number}" if sheets < 2 else f"{self.sheet}, row {self.number}"


@dataclass
class Collected:
    """Rows of all sheets, and sentences on how they came about."""

    rows: list[CaseRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def case_rows(tables: Sequence[SheetTable], plan: MappingPlan) -> Collected:
    """All rows of the tables as rows of single nodules."""
    found = Collected()
    main, joined = _main_and_joined(tables, plan, found.notes)
    below = 0
    nobody: Counter[str] = Counter()
    for table in main:
        columns = [(place, header, plan.columns.get(header)) for place, header in enumerate(table.header)]
        used = [(place, header, column) for place, header, column in columns if column and column.to != LEAVE_OUT]
        nobody += Counter(
            cells[place]
            for place, _, column in used
            for _, cells in table.rows
            if column.to == "patient_id" and cells[place] and names_nobody(cells[place])
        )
        rows, filled = _blocks([_row(table.name, number, cells, used) for number, cells in table.rows], plan)
        below += filled
        found.rows += [nodule for row, by in rows for nodule in _nodules(row, by)]
    if nobody:
        name, listed = "patient_id", ", ".join(map(repr, nobody))
        found.notes.append(
            f"{name}: {listed} {'names' if len(nobody) == 1 else 'name'} no patient; taken as unknown, in"
            f" {nobody.total()} rows."
        )
    if below:
        found.notes.append(f"Rows without a patient ({below}) belong to the patient of the row above (patient_blocks).")
    for table in joined:
        found.rows = _joined(found.rows, table, plan, found.notes)
    return found


ByNodule = dict[int, Cells]


def _row(
    sheet: str, number: int, cells: Sequence[str], used: Iterable[tuple[int, str, ColumnPlan]]
) -> tuple[CaseRow, ByNodule]:
    shared: Cells = {}
    by: ByNodule = {}
    for place, header, column in used:
        if not (cell := cells[place]):
            continue
        name = f"{KEEP}:{header}" if column.to == KEEP else column.to
        if name in ("patient_id", "nodule_id") and names_nobody(cell):
            continue
        into = shared if column.nodule is None else by.setdefault(column.nodule, {})
        into.setdefault(name, []).append((cell, header))
    return CaseRow(sheet, number, shared), by


def _blocks(rows: list[tuple[CaseRow, ByNodule]], plan: MappingPlan) -> tuple[list[tuple[CaseRow, ByNodule]], int]:
    """Rows with the patient of the row above, where a block names it in its first row alone."""
    if not plan.patient_blocks:
        return rows, 0
    of_patient = [name for name, one in known_fields().items() if one.of_patient]
    result: list[tuple[CaseRow, ByNodule]] = []
    above: Cells = {}
    filled = 0
    for given, by in rows:
        row = given
        if any(row.cells.get(name) for name in of_patient):
            above = row.cells
        elif above.get("patient_id") or above.get("patient_name"):
            carried = {name: above[name] for name in (*of_patient, *_FILLED_DOWN) if name in above}
            row = replace(row, cells={**carried, **row.cells})
            filled += 1
        result.append((row, by))
    return result, filled


def has_patient_blocks(tables: Sequence[SheetTable], plan: MappingPlan) -> bool:
    """Whether rows without a patient seem to belong to the row above.

    They do where the other columns of the patient are empty there too, or, without such columns, where they are too
    many to have lost their patient by mistake.
    """
    of_patient = {name for name, one in known_fields().items() if one.of_patient}
    empty = follows = rows = 0
    others = False
    for table in tables:
        places = {
            column.to: place
            for place, header in enumerate(table.header)
            if (column := plan.columns.get(header)) and column.to in of_patient
        }
        if "patient_id" not in places:
            continue
        others |= len(places) > 1
        seen = False
        for _, cells in table.rows:
            rows += 1
            missing = not cells[places["patient_id"]]
            empty += missing
            follows += missing and seen and not any(cells[place] for place in places.values())
            seen = seen or not missing
    return follows > 0 and (others or follows >= _FEWEST_BLOCKS * rows) and follows >= empty / 2


def _nodules(row: CaseRow, by: ByNodule) -> list[CaseRow]:
    """The nodules of a row: one for each numbered group of columns with content, or for each part of its cells."""
    filled = {number: cells for number, cells in sorted(by.items()) if cells}
    if len(filled) > 1 or (filled and max(filled) > 1):
        return [
            replace(row, cells=_with_number({**row.cells, **cells}, number), nodule=number, nodules_in_row=len(filled))
            for number, cells in filled.items()
        ]
    if filled:
        row = replace(row, cells={**row.cells, **next(iter(filled.values()))})
    return _parted(row)


def _with_number(cells: Cells, number: int) -> Cells:
    return cells if cells.get("nodule_id") else {**cells, "nodule_id": [(str(number), "")]}


def _parted(row: CaseRow) -> list[CaseRow]:
    """Nodules that stand one after the other in the cells of a row, parted by `;` or lines."""
    parts: dict[str, list[str]] = {}
    for name in _PER_NODULE & row.cells.keys():
        cell = row.cells[name][0][0]
        sign = "\n" if "\n" in cell else ";" if ";" in cell else "；"
        pieces = [piece.strip() for piece in cell.split(sign) if piece.strip()]
        if len(pieces) > 1:
            parts[name] = pieces
    counts = Counter(len(pieces) for pieces in parts.values())
    if not counts:
        return [row]
    count, agreeing = counts.most_common(1)[0]
    deciding = {"label", "histology", "cytology", "bethesda", "size_mm", "nodule_id"} & parts.keys()
    if count < 2 or len(counts) > 1 or (agreeing < 2 and not (deciding - {"histology", "cytology"})):
        return [row]
    return [
        replace(
            row,
            cells=_with_number(
                {
                    **row.cells,
                    **{name: [(pieces[place], row.cells[name][0][1])] for name, pieces in parts.items()},
                },
                place + 1,
            ),
            nodule=place + 1,
            nodules_in_row=count,
        )
        for place in range(count)
    ]


def _main_and_joined(
    tables: Sequence[SheetTable], plan: MappingPlan, notes: list[str]
) -> tuple[list[SheetTable], list[SheetTable]]:
    """Sheets whose rows are cases, and sheets that only add columns to these by the patient."""
    if len(tables) < 2:
        return list(tables), []
    held = {table.name: _fields_of(table, plan) for table in tables}
    best = max(tables, key=lambda table: (len(held[table.name]), len(table.rows)))
    main, joined = [], []
    for table in tables:
        own, core = held[table.name] - {"patient_id"}, held[best.name] - {"patient_id"}
        alike = len(own & core) >= len(own) / 2 and len(own & core) >= min(len(core) / 3, 2)
        if table is best or alike:
            main.append(table)
        elif "patient_id" in held[table.name] and "patient_id" in held[best.name] and own:
            joined.append(table)
        else:
            notes.append(f"Sheet {table.name!r} was left out: it shares no columns with {best.name!r}.")
    if len(main) > 1:
        notes.append(f"{len(main)} sheets were put one below the other: {', '.join(table.name for table in main)}.")
    return main, joined


def _fields_of(table: SheetTable, plan: MappingPlan) -> set[str]:
    columns = (plan.columns.get(header) for header in table.header)
    return {column.to for column in columns if column and column.to not in (LEAVE_OUT, "nothing")}


def _joined(rows: list[CaseRow], table: SheetTable, plan: MappingPlan, notes: list[str]) -> list[CaseRow]:
    """Rows with the columns of a sheet that has one row for each patient."""
    used = [
        (place, header, column)
        for place, header in enumerate(table.header)
        if (column := plan.columns.get(header)) and column.to != LEAVE_OUT
    ]
    by_patient: dict[str, Cells] = {}
    twice: set[str] = set()
    for number, cells in table.rows:
        row, _ = _row(table.name, number, cells, used)
        patient = plain_form(row.first("patient_id"))
        if patient in by_patient:
            twice.add(patient)
        by_patient[patient] = row.cells
    usable = {patient: cells for patient, cells in by_patient.items() if patient and patient not in twice}
    result = []
    matched = 0
    for row in rows:
        more = usable.get(plain_form(row.first("patient_id")), {})
        matched += bool(more)
        result.append(replace(row, cells={**more, **row.cells}) if more else row)
    notes.append(
        f"Sheet {table.name!r} was joined by the patient: its columns were added to {matched} of {len(rows)} rows"
        f"{f'; {len(twice)} patients with several rows there were not' if twice else ''}."
    )
    return result
