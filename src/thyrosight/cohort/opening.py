"""Opening a source as a cohort."""

from dataclasses import replace
from os.path import isfile
from pathlib import Path
from typing import Any, cast

import pandas as pd

from thyrosight.cohort.columns import ALWAYS_THERE, COLUMNS, UNKNOWN
from thyrosight.cohort.patients import with_known_names
from thyrosight.cohort.problems import Problem, require_no_errors
from thyrosight.cohort.schema import place, table_problems, typed
from thyrosight.cohort.sources import SOURCES, Source, SourceTable, complete_options, recognise
from thyrosight.cohort.table import Cohort, no_images
from thyrosight.errors import CohortError
from thyrosight.identifiers import Policy


def kinds() -> tuple[str, ...]:
    """The kinds of source that `open_cohort` knows."""
    return tuple(SOURCES)


def open_cohort(source: Path | str, *, kind: str | None = None, **options: Any) -> Cohort:
    """Open a manifest or an archive as a validated cohort.

    Every cell is checked, and that each file exists; files are not opened (`check_cohort` does that).

    Args:
        source: a file or folder; its kind is recognised by its files.
        kind: one of `kinds()`; None recognises it.
        options: options of that kind, for example `tirads_malignant_from="4b"` for DDTI.

    Raises:
        CohortError: the source does not exist, an option is unknown, or the table has problems, listed row by row.
    """
    path = Path(source)
    recognised, raw = read_source(path, kind=kind, **options)
    require_no_errors([*table_problems(raw.table), *missing_files(raw.table)], str(source))
    return build_cohort(path, recognised, raw)


def build_cohort(path: Path, source: Source, raw: SourceTable) -> Cohort:
    """The cohort of a source whose table holds no errors."""
    warnings = tuple(problem.sentence() for problem in table_problems(raw.table))
    return Cohort(
        table=typed(raw.table.rename(columns={"group": "group_as_given"})),
        name=_name(path),
        source=str(path),
        exclusions=raw.exclusions,
        notes=(*raw.notes, *warnings),
        label_policy=raw.label_policy,
        kind=source.name,
        left_out=_left_out(raw.left_out),
    )


def read_source(path: Path, *, kind: str | None = None, **options: Any) -> tuple[Source, SourceTable]:
    """Read a source without validating it; columns that every cohort has are added.

    Raises:
        CohortError: the source does not exist or cannot be read, or an option is unknown.
    """
    source = recognise(path, kind=kind)
    chosen = complete_options(source, options)
    raw = with_known_names(source.read(path, chosen), cast("Policy", chosen["patients"]))
    table = raw.table.copy()
    if table.empty:
        raise CohortError(f"{path}: no image is left in the cohort; nothing can be done with it.")
    if "key" not in table:
        table["key"] = _keys(table["image"].tolist())
    for name in ("patient_id", "nodule_id"):
        if name not in table:
            table[name] = UNKNOWN
    known = [name for name in COLUMNS if name in table]
    own = [name for name in table.columns if name not in COLUMNS]
    table = table[[*ALWAYS_THERE, *(name for name in known if name not in ALWAYS_THERE), *own]]
    return source, replace(raw, table=table)


def missing_files(table: pd.DataFrame) -> list[Problem]:
    """One problem for each file that the table names and that does not exist."""
    problems = []
    names = [name for name, rule in COLUMNS.items() if name in table and rule.content in ("file", "files")]
    for index, row in zip(table.index, table[names].to_numpy(), strict=True):
        for column, cell in zip(names, row, strict=True):
            for part in filter(None, str(cell).split("|")):
                if not isfile(part):  # noqa: PTH113 (a name too long for a file is no error)
                    text = f"{part}: no such file; correct the path or remove the row"
                    problems.append(Problem(where=place(index), column=column, text=text))
    return problems


def _keys(images: list[str]) -> list[str]:
    """Short unique names: the file stem, preceded by as many folders as necessary, or followed by a number.

    >>> _keys(["/a/x/1.png", "/a/y/1.png"]), _keys(["/a/2.png", "/a/2.png"])
    (['x/1', 'y/1'], ['2', '2-2'])
    """
    named = [Path(image) for image in images]
    paths = [(path.parent / path.stem).as_posix().split("/") for path in named]
    deepest = max((len(parts) for parts in paths), default=1)
    different = len(set(images))
    depth = next((d for d in range(1, deepest) if len({"/".join(parts[-d:]) for parts in paths}) == different), deepest)
    keys: list[str] = []
    taken: set[str] = set()
    for parts in paths:
        key = plain = "/".join(parts[-depth:])
        number = 1
        while key in taken:
            number += 1
            key = f"{plain}-{number}"
        taken.add(key)
        keys.append(key)
    return keys


def _left_out(table: pd.DataFrame) -> pd.DataFrame:
    """Images left out, as text; an image without another label gets ""."""
    labelled = table if "label" in table else table.assign(label="")
    return labelled[list(no_images())].astype("str").reset_index(drop=True)


def _name(path: Path) -> str:
    resolved = path.resolve()
    if resolved.is_dir() or resolved.stem != "cohort":
        return resolved.stem if resolved.is_file() else resolved.name
    return resolved.parent.name
