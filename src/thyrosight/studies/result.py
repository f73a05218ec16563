"""The result of a study: its facts, the model it left, and the document that holds every table and figure."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from thyrosight.documents import Document, FlowStep, Frozen, Table
from thyrosight.errors import CohortError
from thyrosight.files import parse_json
from thyrosight.showing import Shown
from thyrosight.studies.base import ModelCard

if TYPE_CHECKING:
    import pandas as pd

RESULTS = "results.json"
FORMAT = 2


class ReadingFacts(Frozen):
    """Numbers of a table of readings.

    Attributes:
        readers, readings: that were analysed.
        arms: ways of reading, the reference first.
        design: in words.
        protocol: hash of the protocol; empty without one.
    """

    readers: int
    readings: int
    arms: tuple[str, ...]
    design: str
    protocol: str = ""


class StudyFacts(Frozen):
    """The facts that every study states, whatever its kind.

    Attributes:
        images: in a study of readers the cases; `groups` are then patients, or cases where these are unknown.
        readings: of a study of readers, in which nothing is trained and nothing divided.
    """

    kind: str
    recipe: str
    title: str
    paper: str
    created: str
    command: str
    engine: str
    seed: int
    label_sources: tuple[str, ...]
    label_policy: str
    split_kind: str
    split_method: str
    cohort: dict[str, Any]
    cohort_digest: str
    split_digest: str
    images: int
    groups: int
    patients: int | None
    benign: int
    malignant: int
    flow: tuple[FlowStep, ...]
    recipe_yaml: str
    software: dict[str, str]
    source: str = ""
    parts: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Groups of each class in each part, the fewest of any division."""
    readings: ReadingFacts | None = None

    @property
    def source_sentence(self) -> str:
        """Label source, split and size in one sentence, for every figure and table."""
        sources = " and ".join(self.label_sources)
        if self.readings is not None:
            found = self.readings
            return (
                f"labels: {sources}; {self.split_kind}; {found.readings} readings of {self.images} cases by "
                f"{found.readers} readers"
            )
        return f"labels: {sources}; {self.split_kind} split; {self.images} images in {self.groups} groups"

    @property
    def patients_text(self) -> str:
        """The number of patients, or that they are unknown."""
        return "patients unknown" if self.patients is None else f"{self.patients} patients"


class Result(Shown, Frozen):
    """A finished study, written as `results.json` and read by every report."""

    format: int = FORMAT
    facts: StudyFacts
    model: ModelCard | None
    document: Document

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Parts that could not be done, and why: printed first, never hidden."""
        return self.document.unfinished

    def table(self, name: str) -> Table:
        """The table of that name, for example `result.table("means").at(network="resnet18", measure="auc")`.

        Raises:
            KeyError: there is none; names those there are.
        """
        return self.document.table(name)


def load_result(folder: Path | str) -> Result:
    """Read `results.json` of a study's folder.

    Raises:
        CohortError: no result there, or one that this version cannot read.
    """
    path = Path(folder) / RESULTS
    try:
        value = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CohortError(f"{folder} holds no finished study: there is no {RESULTS}; run the study first.") from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise CohortError(
            f"{path} was written by another version of ThyroSight; run the study again in the same folder to write it "
            "anew."
        )
    try:
        return Result.model_validate(value)
    except ValidationError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> CohortError:
    reason = str(error).splitlines()[0]
    return CohortError(f"{path} cannot be read ({reason}); run the study again to write it anew.")


def unseen_image(result: Result, folder: Path) -> "pd.Series[Any]":
    """The row of the first test image of the division whose model was bundled: the model never saw its group.

    Raises:
        CohortError: the study left no model.
    """
    from thyrosight.cohort import Cohort, Split
    from thyrosight.studies.stored import read_cells

    if result.model is None:
        raise CohortError(f"{folder} holds no model; run the study to its end.")
    table = read_cells(folder / "cohort.csv")
    cohort = Cohort(table=table, name=str(result.facts.cohort.get("name", "")), source=str(folder))
    row: pd.Series[Any] = Split.load(folder / "splits.json").rows(cohort, result.model.division, "test").iloc[0]
    return row
