"""A study of readers, run: no image is opened and no network trained; a table of readings becomes a report."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.errors import ReadingsError, RecipeError
from thyrosight.files import csv_text, sha256_of_json, write_text
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress, silent
from thyrosight.readings import Protocol, Readings, read_orders, read_protocol, readings_csv
from thyrosight.readings.table import COLUMNS, MARKS
from thyrosight.studies.analyses.readings.places import SIDES
from thyrosight.studies.base import RecipeHead
from thyrosight.studies.kinds.reader_study.arranging import Arranged, arrange
from thyrosight.studies.kinds.reader_study.joining import read_with_cases
from thyrosight.studies.kinds.reader_study.recipe import Recipe
from thyrosight.studies.kinds.reader_study.report import report
from thyrosight.studies.result import ReadingFacts, Result, StudyFacts
from thyrosight.studies.software import software_versions
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import written
from thyrosight.tables import is_missing, read_table

READINGS, PROTOCOL, LESIONS, ORDERS = "readings.csv", "protocol.yaml", "lesions.csv", "orders.csv"
NO_SPLIT = "no split, as nothing was trained"
_OF_PICTURES = ("image", "first_frame", "last_frame")
Rows = Iterable[dict[str, Any]]


def reader_report(
    readings: Path | str | Readings | Rows,
    protocol: Protocol | Path | str | None = None,
    *,
    out: Path | str,
    recipe: RecipeHead | None = None,
    lesions: pd.DataFrame | Path | str | None = None,
    cases: Path | str | None = None,
    orders: Path | str | Rows | None = None,
    amendments: Sequence[str] = (),
    command: str = "",
    progress: Progress = silent,
) -> Result:
    """Analyse a table of readings and leave the report's result and tables in the folder `out`.

    Needs neither images nor PyTorch. `thyrosight.reports.write_report(result, out)` draws the page.

    Args:
        readings: a file, a table that was read, or rows as `thyrosight.readings.reading_row` makes them.
        protocol: of the study, or its file; without one the table alone says what was done.
        out: the study's folder.
        recipe: how the readings are analysed, as `load_recipe` reads it; with its defaults where not given.
        lesions: the lesions of the cases, for marks: columns case, lesion, left, top, right, bottom.
        cases: a file with a row for each case, of which columns are added to the readings; see `read_with_cases`.
        orders: who was to read what, so that missing readings are known: `orders.csv` of `reader-study design`, or rows
            as `thyrosight.readings.task_rows` makes them. Without them the protocol tells what it can.
        amendments: a sentence for each amendment of the protocol.
        command: how the user started it, for the report.
        progress: called with what is being done.

    Raises:
        ReadingsError: a table or a protocol that cannot be used; one sentence.
        RecipeError, OutputError, FolderInUseError: with one sentence each.
    """
    own = Recipe() if recipe is None else _own(recipe)
    plan = protocol if protocol is None or isinstance(protocol, Protocol) else read_protocol(Path(protocol))
    table = _read(readings, cases, own)
    found = lesions if lesions is None or isinstance(lesions, pd.DataFrame) else read_lesions(Path(lesions))
    lots = read_orders(Path(orders)) if isinstance(orders, Path | str) else None if orders is None else list(orders)
    arranged = arrange(table, own, plan, orders=lots)
    folder = Path(out).absolute()
    text = readings_csv(table.rows)
    identity = sha256_of_json(
        {
            "readings": text,
            "protocol": None if plan is None else plan.to_json(),
            "lesions": None if found is None else found.to_csv(index=False),
            **({} if lots is None else {"orders": csv_text(lots)}),
        }
    )
    new = not folder.exists()
    try:
        with locked_folder(folder):
            workspace = Workspace(folder, own, cohort=identity)
            write_text(folder / READINGS, text)
            if plan is not None:
                write_text(folder / PROTOCOL, plan.to_yaml())
            if found is not None:
                write_text(folder / LESIONS, found.to_csv(index=False))
            if lots is not None:
                write_text(folder / ORDERS, csv_text(lots))
            name = Path(readings).stem if isinstance(readings, Path | str) else "readings"
            facts = facts_of(own, arranged, plan, name=name, identity=identity, command=command)
            made = report(arranged, facts, plan, lesions=found, amendments=amendments, progress=progress)
            return written(facts, made, workspace)
    finally:
        if new:
            with suppress(OSError):  # it holds files, unless something was refused
                folder.rmdir()


def _own(recipe: RecipeHead) -> Recipe:
    if not isinstance(recipe, Recipe):
        raise RecipeError(
            f"Recipe {recipe.name}: a study of the kind {recipe.study} reads a cohort, not a table of readings; give "
            "it with --cohort."
        )
    return recipe


def _read(readings: Path | str | Readings | Rows, cases: Path | str | None, recipe: Recipe) -> Readings:
    """A table from a file, or from rows that a program made, which has the columns that any row fills in."""
    if isinstance(readings, Path | str):
        return read_with_cases(Path(readings), None if cases is None else Path(cases), columns=recipe.columns)
    if isinstance(readings, Readings):
        return readings
    rows = tuple({**dict.fromkeys(COLUMNS), **row, MARKS: _marks(row.get(MARKS))} for row in readings)
    names = dict.fromkeys(name for row in rows for name in row)
    return Readings(rows, tuple(name for name in names if any(row.get(name) is not None for row in rows)))


def _marks(given: Any) -> Any:
    """Marks as lists, also where a row holds them as a file does."""
    return json.loads(given) if isinstance(given, str) else given


def read_lesions(path: Path) -> pd.DataFrame:
    """Read the lesions of the cases: a row for each lesion in each image that shows it.

    Raises:
        ReadingsError: a column that is missing, or a side that is no number.
    """
    table = read_table(path, error=ReadingsError)
    for name in ("case", "lesion", *SIDES):
        if name not in table.header:
            raise ReadingsError(f"{path} has no column {name!r}; its columns are {', '.join(table.header)}.")
    rows = []
    for number, cells in table.rows:
        row: dict[str, Any] = dict(zip(table.header, cells, strict=True))
        if is_missing(row["lesion"]):
            continue
        for name in (*SIDES, *(name for name in _OF_PICTURES if name in row)):
            try:
                row[name] = float(row[name])
            except ValueError:
                raise ReadingsError(f"{path}, row {number}: {name!r} should be a number, got {row[name]!r}.") from None
        rows.append(row)
    return pd.DataFrame(rows, columns=list(table.header))


def facts_of(
    recipe: Recipe, arranged: Arranged, protocol: Protocol | None, *, name: str, identity: str, command: str
) -> StudyFacts:
    """Facts of the study that stand on every page."""
    found = arranged.found
    cases = found.rows.drop_duplicates("case")
    malignant = int((cases["truth"] == 1).sum())
    return StudyFacts(
        kind=recipe.study,
        recipe=recipe.name,
        title=protocol.title if protocol else recipe.title,
        paper=recipe.paper,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        engine="local",
        seed=recipe.seed,
        label_sources=arranged.label_sources,
        label_policy="",
        split_kind=NO_SPLIT,
        split_method="",
        cohort={"name": name},
        cohort_digest=identity,
        split_digest="",
        images=len(cases),
        groups=int(cases["group"].nunique()),
        patients=int(cases["group"].nunique()) if "cluster" in arranged.given else None,
        benign=len(cases) - malignant,
        malignant=malignant,
        flow=(),
        recipe_yaml=recipe.to_yaml(),
        software=software_versions(),
        readings=ReadingFacts(
            readers=len(found.readers),
            readings=len(found.rows),
            arms=found.arms,
            design=design_words(arranged, protocol),
            protocol=protocol.sha256 if protocol else "",
        ),
    )


def design_words(arranged: Arranged, protocol: Protocol | None) -> str:
    """The design in words."""
    found = arranged.found
    if len(found.arms) == 1:
        return "one way of reading"
    if found.sequential:
        return "sequential: each case first without the model, then with it"
    if protocol is not None and protocol.design == "concurrent":
        return "concurrent: each case in one way of reading, drawn by lot"
    if protocol is not None:
        return f"independent sessions, at least {protocol.washout_days} days apart"
    return "several ways of reading, in an order that the table does not tell"
