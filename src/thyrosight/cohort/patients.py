"""Patients and nodules of a source by their names: some name nobody, and some differ only in how they are written."""

from dataclasses import replace

import pandas as pd

from thyrosight.cohort.columns import UNKNOWN
from thyrosight.cohort.sources.base import SourceTable
from thyrosight.identifiers import Names, Policy, names_in, names_nobody, plain_form


def with_known_names(raw: SourceTable, policy: Policy) -> SourceTable:
    """A source whose columns of patients and nodules hold names or nothing; its notes say what was changed.

    Images left out are named alike, for they can link patients.
    """
    table, left_out, notes = raw.table, raw.left_out, list(raw.notes)
    if "patient_id" in table:
        given = [*table["patient_id"], *left_out["patient_id"]]
        names = names_in((cell for cell in given if cell.casefold() != UNKNOWN), policy=policy)
        notes += names.notes("patient_id")
        table = table.assign(patient_id=[names.of(cell) for cell in table["patient_id"]])
        left_out = left_out.assign(patient_id=[names.of(cell) or UNKNOWN for cell in left_out["patient_id"]])
    if "nodule_id" in table:
        table, said = _with_nodules(table, policy)
        notes += said
    return replace(raw, table=table, left_out=left_out, notes=tuple(notes))


def _with_nodules(table: pd.DataFrame, policy: Policy) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Nodules of one patient whose names differ only in form become one, or stay apart, as patients do."""
    patients = table["patient_id"] if "patient_id" in table else pd.Series(UNKNOWN, index=table.index)
    cells = table["nodule_id"].tolist()
    whose = [f"{patient}\0{plain_form(cell)}" for patient, cell in zip(patients, cells, strict=True)]
    spelled: dict[str, dict[str, int]] = {}
    for key, cell in zip(whose, cells, strict=True):
        if cell and cell.casefold() != UNKNOWN and not names_nobody(cell):
            counts = spelled.setdefault(key, {})
            counts[cell] = counts.get(cell, 0) + 1
    usual = {key: max(counts, key=counts.__getitem__) for key, counts in spelled.items()}
    alike = tuple(tuple(counts) for counts in spelled.values() if len(counts) > 1)
    nobody: dict[str, int] = {}
    for cell in cells:
        if cell and cell.casefold() != UNKNOWN and names_nobody(cell):
            nobody[cell] = nobody.get(cell, 0) + 1
    names = Names(nobody, alike, policy)
    kept = [
        usual[key] if policy == "merge" and key in usual else names.of(cell)
        for key, cell in zip(whose, cells, strict=True)
    ]
    return table.assign(nodule_id=kept), names.notes("nodule_id", what="nodule")
