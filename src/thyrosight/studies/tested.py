"""Trained networks with the predictions that their trials left, read back, calibrated and thresholded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from thyrosight.networks import ModelSpec, find_architecture
from thyrosight.statistics import DivisionOutcome
from thyrosight.studies.base import EvaluationOptions
from thyrosight.studies.outlined import OUTLINE_COLUMNS, OUTLINES
from thyrosight.studies.predictions import PREDICTIONS, DivisionPredictions, judge, load_raw
from thyrosight.studies.stored import read_table
from thyrosight.studies.trial import PLAIN, WEIGHTS, Trial
from thyrosight.sweeps import TrialOutcome

if TYPE_CHECKING:
    from torch import nn

RANDOM_START = "random weights"


@dataclass(frozen=True, eq=False)
class Tested:
    """A finished trial with the facts of its training.

    Attributes:
        raw: uncalibrated predictions of all views; empty where no classes are learnt.
        options: how predictions are calibrated and thresholded.
    """

    trial: Trial
    folder: Path
    record: Mapping[str, Any]
    raw: pd.DataFrame
    options: EvaluationOptions
    _judged: dict[str, DivisionPredictions] = field(default_factory=dict, repr=False)

    @property
    def spec(self) -> ModelSpec:
        """The network's input, classes and first weights."""
        return ModelSpec.model_validate(self.record["spec"])

    @property
    def keeps_weights(self) -> bool:
        """Whether the trained weights are in the trial's folder."""
        return (self.folder / WEIGHTS).exists()

    def judged(self, view: str = PLAIN.name) -> DivisionPredictions:
        """Predictions in one view, calibrated and thresholded on the validation part of that view.

        A view without a validation part of its own takes calibration and threshold of the first view.

        Raises:
            StatisticsError: a validation part with one class only.
        """
        if view not in self._judged:
            rows = self.raw[self.raw["view"] == view].reset_index(drop=True)
            first = self.trial.views[0].name
            own = bool((rows["part"] == "validation").any()) or view == first
            self._judged[view] = judge(rows, options=self.options) if own else self.judged(first).apply(rows)
        return self._judged[view]

    def outlines(self) -> pd.DataFrame:
        """Measures of the outlines of each validation and test image."""
        return read_table(self.folder / OUTLINES, OUTLINE_COLUMNS)

    def drop_weights(self) -> None:
        """Remove weights that were kept while it was open which network would be the main one."""
        (self.folder / WEIGHTS).unlink(missing_ok=True)

    def network(self) -> "nn.Module":
        """The trained network, in evaluation mode; its weights were kept."""
        from thyrosight.networks import load_network

        return load_network(self.spec, self.folder / WEIGHTS).eval()


@dataclass(frozen=True, eq=False)
class Network:
    """One network or configuration, trained and tested on every division, in their order."""

    key: str
    tested: tuple[Tested, ...]

    @property
    def trial(self) -> Trial:
        """The trial of the first division."""
        return self.tested[0].trial

    @property
    def view(self) -> str:
        """The view in which it is judged: the first one."""
        return self.trial.views[0].name

    @property
    def axes(self) -> Mapping[str, str | int | float | None]:
        """Values by which tables group."""
        return self.trial.axes

    @property
    def title(self) -> str:
        """The printed name of its architecture."""
        return find_architecture(self.trial.architecture).title

    @property
    def start(self) -> str:
        """The origin of its first weights, in words."""
        origin = self.tested[0].spec.weights
        return RANDOM_START if origin.kind == "none" else f"{origin.name} ({origin.kind})"

    @property
    def divisions(self) -> tuple[str, ...]:
        """The names of the divisions."""
        return tuple(item.trial.division for item in self.tested)

    @property
    def seconds(self) -> float:
        """Time in training, summed over the divisions."""
        return float(sum(item.record["seconds"] for item in self.tested))

    def judged(self, view: str = PLAIN.name) -> list[DivisionPredictions]:
        """Calibrated predictions of each division."""
        return [item.judged(view) for item in self.tested]

    def outcomes(self, view: str = PLAIN.name) -> list[DivisionOutcome]:
        """Each division's test part in the form that the statistics take."""
        return [item.tested() for item in self.judged(view)]

    def validated(self, view: str = PLAIN.name) -> list[DivisionOutcome]:
        """Each division's validation part in the form that the statistics take."""
        return [item.validated() for item in self.judged(view)]

    def pooled(self, view: str = PLAIN.name) -> pd.DataFrame:
        """Test predictions of all divisions, with the name of the division: each counts once."""
        pairs = zip(self.judged(view), self.divisions, strict=True)
        return pd.concat([item.part("test").assign(division=name) for item, name in pairs], ignore_index=True)

    def outlines(self) -> pd.DataFrame:
        """Measures of the test outlines of all divisions, with the name of the division."""
        pairs = zip((item.outlines() for item in self.tested), self.divisions, strict=True)
        parts = [table[table["part"] == "test"].assign(division=name) for table, name in pairs]
        return pd.concat(parts, ignore_index=True)


def networks_of(
    trials: Sequence[Trial],
    outcomes: Mapping[str, TrialOutcome],
    folder: Path,
    *,
    options: EvaluationOptions,
) -> tuple[dict[str, Network], list[str]]:
    """Every network whose trials all finished, by key, and sentences about the others.

    Raises:
        CohortError: a damaged file of predictions.
    """
    together: dict[str, list[Trial]] = {}
    for trial in trials:
        together.setdefault(trial.key, []).append(trial)
    found, problems = {}, []
    for key, own in together.items():
        failed = [outcomes[trial.name] for trial in own if outcomes[trial.name].status != "finished"]
        problems += [f"Trial {item.trial.name} failed: {item.error}" for item in failed]
        if failed:
            problems.append(f"{key} is left out: not all of its trials finished.")
            continue
        found[key] = Network(key, tuple(_read(t, outcomes[t.name], folder / t.name, options) for t in own))
    return found, problems


def _read(trial: Trial, outcome: TrialOutcome, folder: Path, options: EvaluationOptions) -> Tested:
    raw = load_raw(folder / PREDICTIONS) if trial.task != "segmentation" else pd.DataFrame()
    return Tested(trial, folder, dict(outcome.result), raw, options)
