"""The end of every study: its findings written into its folder, whatever they were found from."""

from collections.abc import Sequence

import pandas as pd

from thyrosight.documents import Table
from thyrosight.files import write_json
from thyrosight.studies.base import ModelCard
from thyrosight.studies.guidelines import with_guidelines
from thyrosight.studies.kind import Report
from thyrosight.studies.page import document_of
from thyrosight.studies.result import RESULTS, Result, StudyFacts
from thyrosight.studies.stored import write_arrays, write_table
from thyrosight.studies.workspace import Workspace


def written(
    facts: StudyFacts,
    report: Report,
    workspace: Workspace,
    *,
    model: ModelCard | None = None,
    limitations: Sequence[str] = (),
    unfinished: Sequence[str] = (),
    trials: Table | None = None,
) -> Result:
    """Write the findings of a study into its folder: pictures, predictions, tables, guidelines, and the result.

    Args:
        facts: of the study.
        report: what its kind says.
        workspace: its folder.
        model: that it leaves.
        limitations: that follow from its data; those of the report stand behind.
        unfinished: what could not be done, before what the report says of that.
        trials: the table of trained networks.

    Raises:
        OutputError: the folder cannot be written.
    """
    if report.flow is not None:
        facts = facts.model_copy(update={"flow": tuple(report.flow)})
    write_arrays(report.pictures, workspace.pictures)
    for name, table in report.predictions.items():
        write_table(table, workspace.folder / "predictions" / f"{name}.csv")
    document = document_of(
        facts,
        report,
        model=model,
        limitations=[*limitations, *report.limitations],
        unfinished=[*unfinished, *report.unfinished],
        trials=trials,
    )
    result = Result(facts=facts, model=model, document=document)
    _write_tables(result, workspace)
    result = with_guidelines(result, workspace.folder)
    write_json(workspace.folder / RESULTS, result.model_dump(mode="json"))
    return result


def _write_tables(result: Result, workspace: Workspace) -> None:
    """Every table as CSV; each row carries label source and split, because tables travel without their report.

    A table of an earlier run that this one does not have is removed: it must not stand beside other results.
    """
    facts, tables = result.facts, [result.table(name) for name in result.document.names()]
    whole = {"labels": " and ".join(facts.label_sources), "split": facts.split_kind}
    filled = {table.name: table.records() for table in tables if table.rows}
    for path in workspace.tables.glob("*.csv"):
        if path.stem not in filled:
            path.unlink()
    for name, rows in filled.items():
        told = [row | {key: row.get(key) or text for key, text in whole.items()} for row in rows]
        write_table(pd.DataFrame(told), workspace.tables / f"{name}.csv", digits=None)
