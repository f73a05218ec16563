"""The label of a case, where it comes from, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thyrosight.cohort.mapping.diagnoses import read_cytology, read_diagnosis, says_nothing
from thyrosight.cohort.mapping.plan import UNKNOWN_VALUE, ColumnPlan, MappingPlan
from thyrosight.cohort.mapping.rows import CaseRow
from thyrosight.cohort.mapping.values import meaning_of
from thyrosight.cohort.mapping.words import read_word

_OPEN: Final = ("", UNKNOWN_VALUE)
_UNKNOWN_WORDS: Final = "words that are not understood"


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
        return Verdict("", reason=_said_by("histology", histology[0][1]))
    if by_needle:
        return Verdict(by_needle, "cytology")
    if cytology:
        return Verdict("", reason=_said_by("cytology", cytology[0][1]))
    return Verdict("", reason=f"no label: {unclear}" if unclear else _nothing_given(plan))


def label_policy(plan: MappingPlan) -> str:
    """The rule by which a mapping gives labels, in one sentence."""
    held = {column.to for column in plan.columns.values()}
    rules = []
    if "histology" in held:
        rules.append("histology decides")
    if "label" in held:
        source = "source as the table says" if "label_source" in held else f"source {plan.label_source}"
        rules.append(f"the diagnosis that is written in the table counts ({source})")
    if held & {"cytology", "bethesda"}:
        rules.append("cytology counts where it is benign (Bethesda II) or malignant (Bethesda VI)")
    return "; without it ".join(rules) + "; words that leave it open, and contradictions, give no label"


def _nothing_given(plan: MappingPlan) -> str:
    held = {column.to for column in plan.columns.values()}
    kinds = ["histology"] * ("histology" in held) + ["cytology"] * bool(held & {"cytology", "bethesda"})
    if "label" in held or not kinds:
        return "no label"
    return f"no {kinds[0]}" if len(kinds) == 1 else "neither histology nor cytology"


def _said_by(what: str, reason: str) -> str:
    """Why histology or cytology gives no label; nothing counts below it."""
    lacking = ", and no histology" if what == "cytology" else ""
    if reason.startswith("Bethesda"):
        kind = "nondiagnostic" if reason == "Bethesda I" else "indeterminate"
        return f"{kind} cytology ({reason}){lacking}"
    if reason == _UNKNOWN_WORDS:
        return f"the words of the {what} are not understood{lacking}"
    detail = "" if reason == "the words leave it open" else f" ({reason})"
    return f"{what} not decisive{detail}{lacking}"


def _by_histology(decided: set[str], written: str, by_needle: str) -> Verdict:
    if len(decided) > 1:
        return Verdict("", reason="two histologies that contradict each other")
    label = decided.pop()
    if written and written != label:
        return Verdict("", reason="label contradicts histology")
    return Verdict(label, "pathology", overruled=bool(by_needle) and by_needle != label)


def _readings(row: CaseRow, plan: MappingPlan, field: str) -> list[tuple[str, str]]:
    """Label and reason of each cell of a field that holds something."""
    found = []
    for cell, header in row.cells.get(field, ()):
        column = plan.columns.get(header)
        given = _given(cell, column)
        if says_nothing(cell) and not given:
            continue
        text = given if given is not None and field == "bethesda" and given not in _OPEN else cell
        alone = field == "bethesda" or (column is not None and column.bethesda)
        reading = read_diagnosis(text) if field == "histology" else read_cytology(text, alone=alone)
        if given is None or field == "bethesda":
            found.append((reading.label, _UNKNOWN_WORDS if reading.reason == "no known word" else reading.reason))
        else:
            told = reading.reason if reading.reason not in ("", "no known word", "empty") else ""
            asked = _UNKNOWN_WORDS if given == UNKNOWN_VALUE else "the mapping leaves it open"
            found.append(("", told or asked) if given in _OPEN else (given, ""))
    return found


def _written(row: CaseRow, plan: MappingPlan) -> tuple[str, str]:
    """The label that is written down, and why there is none."""
    for cell, header in row.cells.get("label", ()):
        given = _given(cell, plan.columns.get(header))
        meant = given if given is not None else meaning_of(cell, "label", header=header)
        if not meant and says_nothing(cell):
            continue
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
