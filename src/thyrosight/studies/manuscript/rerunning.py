"""Computing a study again from its reproduction folder, and saying figure by figure whether the same came out."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from thyrosight.cohort import Cohort, open_cohort
from thyrosight.documents import Column, Row, Table
from thyrosight.errors import CohortError
from thyrosight.files import sha256_of_file, write_csv
from thyrosight.progress import Progress, silent
from thyrosight.readings import read_readings
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.guidelines.page import without_guidelines
from thyrosight.studies.kinds.reader_study.run import reader_report
from thyrosight.studies.loading import load_recipe
from thyrosight.studies.manuscript.reproduction import (
    LESIONS,
    ORDERS,
    PROTOCOL,
    READINGS,
    RECIPE,
    SPLITS,
    check_files,
    image_hashes,
    reproduction_folder,
)
from thyrosight.studies.result import Result, load_result
from thyrosight.studies.run import run_study

COMPARISON = "comparison.csv"
_COMMAND = "thyrosight study rerun"
_MARGIN = 0.02
"""Difference of two figures of a study of readers below which they count as close."""
SAME, CLOSE, OTHER, GONE = "identical", "close", "different", "missing"
_OF_THE_RUN = ("machine", "threads", "starts", "images_per_second", "seconds", "time")
"""Columns that tell where and how fast a study ran, which is never the same twice."""


class Figure(NamedTuple):
    """One figure of a table: where it stands, what it was and is, and whether that is the same."""

    table: str
    row: int
    column: str
    before: Any
    now: Any
    verdict: str


class Rerun(NamedTuple):
    """The comparison of a study with its repetition.

    Attributes:
        figures: every figure of every table.
        predictions, same_predictions: files of predictions, and how many of them are the same bytes.
        tolerance: below which two figures count as close.
        result: of the repetition.
        file: where the figures are written, one by one.
    """

    figures: tuple[Figure, ...]
    predictions: int
    same_predictions: int
    tolerance: float
    result: Result
    file: Path

    @property
    def agrees(self) -> bool:
        """Whether no figure differs by more than the tolerance, and none is missing."""
        return all(item.verdict in (SAME, CLOSE) for item in self.figures)

    def words(self) -> str:
        """Result of the repetition, in two sentences."""
        counted = Counter(item.verdict for item in self.figures)
        files = f"{self.same_predictions} of {self.predictions} files of predictions are the same bytes."
        if counted[SAME] == len(self.figures):
            return f"All {len(self.figures)} figures came out identical. {files}"
        said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in (SAME, CLOSE, OTHER, GONE) if counted[verdict])
        return f"Of {len(self.figures)} figures: {said} (tolerance {self.tolerance:g}). {files}"

    def table(self) -> Table:
        """How many figures of each table came out the same."""
        rows: list[Row] = []
        verdicts = (SAME, CLOSE, OTHER, GONE)
        for name in dict.fromkeys(item.table for item in self.figures):
            counted = Counter(item.verdict for item in self.figures if item.table == name)
            gaps = [_gap(item) for item in self.figures if item.table == name]
            row: Row = {"table": name, "figures": sum(counted.values()), "largest": max(gaps)}
            rows.append({**row, **{verdict: counted[verdict] for verdict in verdicts}})
        return Table(
            name="rerun",
            caption="Figures of the export that came out again",
            columns=(
                Column(key="table", title="Table"),
                *(Column(key=key, title=key.capitalize(), kind="count") for key in ("figures", *verdicts)),
                Column(key="largest", title="Largest gap", kind="number"),
            ),
            rows=tuple(rows),
        )


def rerun(
    folder: Path | str,
    *,
    cohort: Path | str | None = None,
    out: Path | str | None = None,
    tolerance: float | None = None,
    progress: Progress = silent,
) -> Rerun:
    """Run an exported study again, with its recipe, its divisions and its cohort, and compare every figure.

    Args:
        folder: that `thyrosight study export` wrote, or its reproduction folder.
        cohort: where the cohort is now; the place that the study read it from where not given.
        out: folder of the repetition, beside the reproduction folder where not given; goes on where it stopped.
        tolerance: up to which two figures count as close: absolute up to 1, relative beyond. The smallest difference
            that matters to the recipe (`evaluation.margin`) where not given.
        progress: called with what is being done.

    Raises:
        CohortError: a file was changed, the cohort is not to be found or is not the one of the study.
        SplitError, RecipeError, NetworkError, ImageError, OutputError: as `run_study`.
    """
    home = reproduction_folder(Path(folder))
    stored = check_files(home)
    before, recipe = load_result(home), load_recipe(home / RECIPE)
    target = Path(out) if out is not None else home.parent / "rerun"
    if isinstance(recipe, RecipeBase):
        opened = _opened(cohort or stored["source"], recipe)
        _require_images(opened, stored["images"], progress)
        now = run_study(recipe, opened, target, split_file=home / SPLITS, progress=progress, command=_COMMAND)
        margin = recipe.evaluation.margin
    else:
        stored_file = {name: home / name if (home / name).is_file() else None for name in (PROTOCOL, LESIONS, ORDERS)}
        now = reader_report(
            read_readings(home / READINGS), stored_file[PROTOCOL], out=target, recipe=recipe,
            lesions=stored_file[LESIONS], orders=stored_file[ORDERS], command=_COMMAND, progress=progress,
        )  # fmt: skip
        margin = _MARGIN
    margin = margin if tolerance is None else tolerance
    figures = tuple(compared(without_guidelines(before), without_guidelines(now), tolerance=margin))
    write_csv(target / COMPARISON, [item._asdict() for item in figures])
    kept = "trials" if isinstance(recipe, RecipeBase) else "predictions"
    files = list((home / kept).rglob("*.csv"))
    same = sum(_same_file(path, target / path.relative_to(home)) for path in files)
    return Rerun(figures, len(files), same, margin, now, target / COMPARISON)


def compared(before: Result, now: Result, *, tolerance: float) -> Iterator[Figure]:
    """Every figure of the tables of a result beside the same one of another."""
    there = set(now.document.names())
    for name in before.document.names():
        old = before.table(name)
        timed = {column.key for column in old.columns if column.kind == "seconds"} | set(_OF_THE_RUN)
        new = now.table(name).records() if name in there else []
        for place, row in enumerate(old.records()):
            other = new[place] if place < len(new) else None
            for key, value in row.items():
                if key in timed or value is None:
                    continue
                found = None if other is None else other.get(key)
                yield Figure(name, place + 1, key, value, found, _verdict(value, found, tolerance))


def _verdict(before: Any, now: Any, tolerance: float) -> str:
    if now is None:
        return GONE
    if before == now:
        return SAME
    if isinstance(before, int | float) and isinstance(now, int | float):
        return CLOSE if abs(before - now) <= tolerance * max(1.0, abs(before)) else OTHER
    return OTHER


def _gap(item: Figure) -> float:
    numbers = all(isinstance(value, int | float) for value in (item.before, item.now))
    return abs(float(item.before) - float(item.now)) if numbers else 0.0


def _opened(source: Path | str, recipe: RecipeBase) -> Cohort:
    """The cohort as the study read it.

    Raises:
        CohortError: nobody knows where it is.
    """
    if not str(source):
        raise CohortError("The export does not say where its cohort was; name it with --cohort.")
    if not Path(source).exists():
        raise CohortError(f"The cohort is not at {source} any more; say with --cohort where it is now.")
    return open_cohort(source, **dict[str, Any](recipe.cohort.options))


def _require_images(cohort: Cohort, stored: dict[str, str], progress: Progress) -> None:
    """Refuse images that are missing or were changed; what the study did not use is passed over.

    Raises:
        CohortError: names the first.
    """
    names = {name.partition(" (")[0] for name in stored} | set(stored)
    table = cohort.table[cohort.table["key"].astype(str).isin(names)]
    found = image_hashes(table, progress=progress)
    for name, sha in stored.items():
        if name not in found:
            raise CohortError(f"The cohort {cohort.source} lacks the image {name} that the study used.")
        if found[name] != sha:
            raise CohortError(
                f"The image {name} of the cohort {cohort.source} is not the one that the study used: its bytes differ."
            )


def _same_file(one: Path, other: Path) -> bool:
    return other.is_file() and sha256_of_file(one) == sha256_of_file(other)
