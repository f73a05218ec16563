"""The label of a case, where it comes from, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thyrosight.cohort.mapping.diagnoses import read_cytology, read_diagnosis
from thyrosight.cohort.mapping.plan import UNKNOWN_VALUE, ColumnPlan, MappingPlan
from thyrosight.cohort.mapping.rows import CaseRow
from thyrosight.cohort.mapping.values import meaning_of
from thyrosight.cohort.mapping.words import read_word
from thyrosight.identifiers import names_nobody

_OPEN: Final = ("", UNKNOWN_VALUE)


@dataclass(frozen=True)
class Verdict:
    """The label of a case.

    Attributes:
        label: benign, malignant or "".
        source: where it comes from; "" without a label.
        reason: why the case is left out; "" where it is not.
        overruled: whether histology contradicts cytology, which it often does.
    """

    label: str
    source: str = ""
    reason: str = ""
    overruled: bool = False


def verdict_of(row: CaseRow, plan: MappingPlan) -> Verdict:
    """The label of a row: of histology, else as written, else of cytology, where Bethesda II and VI alone decide."""
    histology = _readings(row, plan, "histology")
    label, unclear = _written(row, plan)
    cytology = _readings(row, plan, "bethesda") or _readings(row, plan, "cytology")
    by_needle = next((found for found, _ in cytology if found), "")
    decided = {found for found, _ in histology if found}
    if decided:
        return _by_histology(decided, label, by_needle)
    if label:
        source = _source(row, plan)
        return Verdict(label, "cytology" if source == "unstated" and by_needle == label else source)
    if histology:
        return Verdict("", reason=f"no label: histology leaves it open ({histology[0][1]})")
    if by_needle:
        return Verdict(by_needle, "cytology")
    why = f"{cytology[0][1]} without histology" if cytology else unclear
    return Verdict("", reason=f"no label: {why}" if why else "no label")


def _by_histology(decided: set[str], written: str, by_needle: str) -> Verdict:
    if len(decided) > 1:
        return Verdict("", reason="its histologies contradict each other")
    label = decided.pop()
    if written and written != label:
        return Verdict("", reason="its label contradicts its histology")
    return Verdict(label, "pathology", overruled=bool(by_needle) and by_needle != label)


def _readings(row: CaseRow, plan: MappingPlan, field: str) -> list[tuple[str, str]]:
    """Label and reason of each cell of a field that holds something."""
    found = []
    for cell, header in row.cells.get(field, ()):
        given = _given(cell, plan.columns.get(header))
        if _says_nothing(cell) and not given:
            continue
        text = given if given is not None and field == "bethesda" and given not in _OPEN else cell
        reading = read_diagnosis(text) if field == "histology" else read_cytology(text, alone=field == "bethesda")
        if given is None or field == "bethesda":
            found.append((reading.label, reading.reason))
        else:
            asked = "its meaning is not known" if given == UNKNOWN_VALUE else "the mapping leaves it open"
            found.append(("", reading.reason or asked) if given in _OPEN else (given, ""))
    return found


def _says_nothing(cell: str) -> bool:
    """Whether a cell says that there was no examination.

    >>> _says_nothing("keine OP"), _says_nothing("n. d."), _says_nothing("未手术"), _says_nothing("kein Karzinom")
    (True, True, True, False)
    """
    plain = " ".join(cell.casefold().split())
    return names_nobody(cell) or plain in _NOT_DONE


_NOT_DONE: Final = frozenset(
    {
        "no", "nein", "0", "no surgery", "not done", "not operated", "no histology", "keine op", "nicht operiert",
        "keine histologie", "nicht durchgeführt", "no operado", "no operada", "sin cirugía", "sin cirugia",
        "no realizado", "no realizada", "未手术", "未做", "未穿刺", "未行手术", "none", "keine", "no se realizó",
        "n. d.", "sin histología",
        "follow-up", "verlauf", "seguimiento", "随访", "entfällt", "no procede", "conservative", "konservativ",
    }
)  # fmt: skip


def _written(row: CaseRow, plan: MappingPlan) -> tuple[str, str]:
    """The label that is written down, and why there is none."""
    for cell, header in row.cells.get("label", ()):
        given = _given(cell, plan.columns.get(header))
        meant = given if given is not None else meaning_of(cell, "label", header=header)
        if meant is not None and meant not in _OPEN:
            return meant, ""
        return "", "the words leave it open" if meant == "" else "its meaning is not known"
    return "", ""


def _given(cell: str, column: ColumnPlan | None) -> str | None:
    values: Mapping[str, str] = {} if column is None else column.values
    return values.get(cell)


def _source(row: CaseRow, plan: MappingPlan) -> str:
    for cell, header in row.cells.get("label_source", ()):
        meant = _given(cell, plan.columns.get(header)) or read_word(cell, "label_source")
        if meant and meant not in _OPEN:
            return meant
    return plan.label_source
