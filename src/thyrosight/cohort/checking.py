"""Checking a source: every cell and every file, all problems at once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from thyrosight.cohort.columns import LABELS
from thyrosight.cohort.opening import build_cohort, missing_files, read_source
from thyrosight.cohort.problems import Problem
from thyrosight.cohort.schema import place, table_problems
from thyrosight.cohort.table import Cohort, CohortDescription
from thyrosight.cohort.threads import in_threads
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, read_frame, read_mask
from thyrosight.progress import Progress
from thyrosight.showing import Shown


class CheckReport(Shown, BaseModel):
    """The report of a check.

    Attributes:
        source: path of the source.
        kind: kind of the source.
        rows: number of images checked.
        problems: all problems, in the order of the rows.
        image_sizes: number of images of each size, written width x height; the most frequent size first.
        description: description of the cohort; None if errors prevent its use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    kind: str
    rows: int
    problems: tuple[Problem, ...]
    image_sizes: dict[str, int]
    description: CohortDescription | None

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)


def check_cohort(
    source: Path | str, *, kind: str | None = None, progress: Progress | None = None, **options: Any
) -> tuple[CheckReport, Cohort | None]:
    """Check every cell and open every file of a source; return the report, and the cohort if it has no errors.

    The check finds misspelt labels and columns, numbers out of range, repeated keys, missing, damaged and mislabelled
    images, boxes outside their image, empty masks and masks of another size.

    Raises:
        CohortError: the source cannot be read as a table, or an option is unknown.
    """
    path = Path(source)
    recognised, raw = read_source(path, kind=kind, **options)
    table = raw.table
    absent = missing_files(table)
    gone = {(problem.where, problem.column) for problem in absent}
    rows = [(place(index), row) for index, row in zip(table.index, table.to_dict("records"), strict=True)]
    opened = in_threads(lambda item: _open(*item, gone), rows, "Checking images", progress)
    in_files = [problem for _, problems in opened for problem in problems]
    problems = [*table_problems(table), *absent, *in_files]
    errors = any(problem.severity == "error" for problem in problems)
    cohort = None if errors else build_cohort(path, recognised, raw)
    if cohort is not None:
        problems += _one_class(cohort)
    sizes = Counter(size for size, _ in opened if size)
    report = CheckReport(
        source=str(source),
        kind=recognised.name,
        rows=len(table),
        problems=tuple(_in_row_order(problems, [where for where, _ in rows])),
        image_sizes=dict(sizes.most_common()),
        description=cohort.describe() if cohort is not None else None,
    )
    return report, cohort


def _in_row_order(problems: list[Problem], places: list[str]) -> list[Problem]:
    position = {where: number for number, where in enumerate(places)}
    return sorted(problems, key=lambda problem: position.get(problem.where, -1))


def _open(where: str, row: dict[Any, Any], gone: set[tuple[str, str]]) -> tuple[str, list[Problem]]:
    """Size of the image, and the problems of the files of one row; files known to be missing are skipped."""
    if not row["image"] or (where, "image") in gone:
        return "", []
    try:
        frame = read_frame(row["image"])
    except ImageError as error:
        return "", [Problem(where=where, column="image", text=str(error))]
    shape = (frame.rows, frame.columns)
    found = [*_box_problems(where, row, shape), *_mask_problems(where, row, shape, gone)]
    if row.get("elastogram") and (where, "elastogram") not in gone:
        try:
            read_frame(row["elastogram"])
        except ImageError as error:
            found.append(Problem(where=where, column="elastogram", text=str(error)))
    return f"{frame.columns} x {frame.rows}", found


def _box_problems(where: str, row: dict[Any, Any], shape: tuple[int, int]) -> Iterator[Problem]:
    try:
        box = Box.from_text(row["box"], where="") if row.get("box") else None
    except ImageError:
        return  # reported by the schema
    try:
        if box is not None:
            box.require_inside(shape, "")
    except ImageError as error:
        yield Problem(where=where, column="box", text=str(error).removeprefix(": "))


def _mask_problems(
    where: str, row: dict[Any, Any], shape: tuple[int, int], gone: set[tuple[str, str]]
) -> Iterator[Problem]:
    names = [name for name in str(row.get("mask") or "").split("|") if name]
    if not names or (where, "mask") in gone:
        return
    marked = False
    for name in names:
        try:
            marked |= bool(read_mask(name, shape=shape).any())
        except ImageError as error:
            yield Problem(where=where, column="mask", text=str(error))
            return
    if not marked:
        text = f"{'|'.join(names)} is empty: no pixel is marked; draw the lesion or clear the cell"
        yield Problem(where=where, column="mask", text=text)


def _one_class(cohort: Cohort) -> list[Problem]:
    """A warning if the cohort holds one class only."""
    counts: pd.Series[int] = cohort.table["label"].value_counts()
    missing = [label for label in LABELS if label not in counts]
    text = (
        f"no image is {missing[0]}; such a cohort can be predicted, but not trained or evaluated on" if missing else ""
    )
    return [Problem(where="", column="label", text=text, severity="warning")] if missing else []
