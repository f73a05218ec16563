"""A kind of study: the few decisions in which studies differ. The rest is the same for all and stands in `run`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import numpy.typing as npt
import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.documents import Content, FlowStep, Measure, Section, Summary, Table, Tile, section
from thyrosight.errors import NetworkError
from thyrosight.inference import HeatScale
from thyrosight.progress import Progress
from thyrosight.studies.divisions import study_split
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import R, Setup, Trial
from thyrosight.studies.workspace import Workspace
from thyrosight.sweeps import TrialOutcome


@dataclass(frozen=True, eq=False)
class Finished(Generic[R]):
    """A study whose networks are trained and tested.

    Attributes:
        networks: by key, those whose trials all finished, in the order of the plan.
        outcomes: of all trials, by name.
        progress: called with what is being done and how far it is.
        repeats: the network that the study is about, trained from further seeds and on fewer patients, by key.
        studied: key of the network that it is about; empty where there is none.
    """

    setup: Setup[R]
    workspace: Workspace
    facts: StudyFacts
    networks: Mapping[str, Network]
    outcomes: Mapping[str, TrialOutcome]
    progress: Progress
    studied: str = ""
    repeats: Mapping[str, Network] = field(default_factory=dict)

    @property
    def every(self) -> dict[str, Network]:
        """All networks, also those that repeat another."""
        return {**self.networks, **self.repeats}

    @property
    def recipe(self) -> R:
        """The recipe of the study."""
        return self.setup.recipe

    def main(self, key: str) -> Network:
        """The network that the study is about.

        Raises:
            NetworkError: it could not be trained, so that there is nothing to report.
        """
        if key not in self.networks:
            raise self.no_main()
        return self.networks[key]

    def no_main(self) -> NetworkError:
        """The error that says why the main network could not be trained."""
        failed = [outcome for outcome in self.outcomes.values() if outcome.status == "failed"]
        reasons = "; ".join(f"{outcome.trial.name}: {outcome.error}" for outcome in failed[:3])
        return NetworkError(f"The main network could not be trained, so that there is nothing to report. {reasons}")


@dataclass(eq=False)
class Findings:
    """One section of a report, with what the rest of the page says of it; without contents there is no section.

    Attributes:
        title, contents: of the section.
        said: sentences of the key result; empty ones are passed over.
        limitations, unfinished, predictions, pictures: as in `Report`.
        external: whether it tells of images of another collection.
        more: tables of it that are not printed.
    """

    title: str
    contents: Sequence[Content] = ()
    said: list[str] = field(default_factory=list)
    limitations: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    predictions: dict[str, pd.DataFrame] = field(default_factory=dict)
    pictures: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    external: bool = False
    more: Sequence[Table] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """The findings of a study, as its kind reports them.

    Attributes:
        key_result, sections, tiles, tiles_note, summary, more: as in `thyrosight.documents.Document`.
        model: the network whose first division becomes the study's model; None leaves no model.
        limitations: to be known before believing the result, besides those of the cohort.
        unfinished: what could not be done, and why.
        flow: the flow chart, where it is not that of the cohort.
        single_source: whether all images come from one collection.
        predictions: tables for the user's own statistics, written as `predictions/<name>.csv`.
        pictures: arrays that figures name, written to `pictures.npz`.
        title: of the page, where it is not that of the recipe.
        source: stands before label source, split and size under every table and figure.
    """

    key_result: str
    sections: Sequence[Section]
    tiles: Sequence[Tile] = ()
    tiles_note: str = ""
    summary: Summary | None = None
    more: Sequence[Table] = ()
    model: Network | None = None
    metrics: Mapping[str, Measure] = field(default_factory=dict)
    heat_scale: HeatScale | None = None
    limitations: Sequence[str] = ()
    unfinished: Sequence[str] = ()
    flow: Sequence[FlowStep] | None = None
    single_source: bool = True
    predictions: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pictures: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    title: str = ""
    source: str = ""

    @classmethod
    def of(cls, parts: Sequence[Findings], **rest: Any) -> "Report":
        """A report of parts in their order; `rest` are the other fields."""
        return cls(
            key_result=" ".join(sentence for part in parts for sentence in part.said if sentence),
            sections=[section(part.title, *part.contents) for part in parts if part.contents],
            limitations=[sentence for part in parts for sentence in part.limitations],
            unfinished=[sentence for part in parts for sentence in part.unfinished],
            predictions={name: table for part in parts for name, table in part.predictions.items()},
            pictures={name: pixels for part in parts for name, pixels in part.pictures.items()},
            more=[*rest.pop("more", ()), *(table for part in parts for table in part.more)],
            **{"single_source": not any(part.external for part in parts)} | rest,
        )


class Kind(ABC, Generic[R]):
    """A kind of study; one object serves one run.

    A kind must say which networks are trained (`trials`) and what is reported of them (`report`). It may refuse a
    recipe (`check`), choose among the images (`select`) and divide them by a rule of its own (`split`).
    """

    def __init__(self, recipe: R) -> None:
        self.recipe = recipe

    def check(self, cohort: Cohort) -> None:
        """Find now, not after hours of training, what cannot work: unknown networks, absent weights, an unfit table.

        Groups of the cohort are not known yet.

        Raises:
            RecipeError, NetworkError, CohortError: with one sentence each.
        """

    def select(self, cohort: Cohort, *, folder: Path, progress: Progress) -> Cohort:
        """The images that the study takes, with columns that it derives; the study's folder may not exist yet."""
        return cohort

    def split(self, cohort: Cohort, workspace: Workspace, *, given: Path | None) -> Split:
        """The division: the user's, that of an earlier run, or drawn as the recipe asks for.

        Raises:
            SplitError, RecipeError: divisions that do not fit the cohort, or that cannot be drawn.
        """
        options: Any = self.recipe
        return study_split(options.split, cohort, workspace, given=given, seed=self.recipe.seed)

    def identity(self, cohort: Cohort) -> dict[str, Any]:
        """Further JSON that trials depend on besides their own fields, the cohort and the split."""
        return {}

    def studied(self, networks: Mapping[str, Network]) -> str:
        """The key of the network that the study is about, once the plan names no new trials; it is judged in its first
        view. Empty where there is none."""
        return ""

    @abstractmethod
    def trials(self, setup: Setup[R], networks: Mapping[str, Network]) -> Sequence[Trial]:
        """The trials to run. It is asked again until it names nothing new, so that later ones may depend on earlier:
        `networks` are those that are trained and tested already, by key."""

    @abstractmethod
    def report(self, finished: Finished[R]) -> Report:
        """The findings.

        Raises:
            NetworkError: the main network could not be trained, so that there is nothing to report.
        """
