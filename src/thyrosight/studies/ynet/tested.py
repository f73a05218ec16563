"""One network over all divisions: what its trials left, read back and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from thyrosight.cohort import Split
from thyrosight.statistics import DivisionOutcome
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.predictions import DivisionPredictions, judge, load_raw
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.units import Unit
from thyrosight.studies.ynet.outlined import load_outlines
from thyrosight.studies.ynet.recipe import TaskNetwork, YNetRecipe
from thyrosight.studies.ynet.trials import OUTLINES, PREDICTIONS, WEIGHTS, Setup
from thyrosight.sweeps import TrialOutcome


@dataclass(frozen=True, eq=False)
class Tested:
    """A network with its trial on every division.

    Attributes:
        network: of the recipe.
        divisions: their names.
        folders: of the trials, in the order of the divisions.
        records: what the trials found.
        judged: predictions, calibrated and thresholded on each validation part; empty where no classes are learnt.
        outlines: measures of each division's images; empty where no outlines are learnt.
    """

    network: TaskNetwork
    divisions: tuple[str, ...]
    folders: tuple[Path, ...]
    records: tuple[dict[str, object], ...]
    judged: tuple[DivisionPredictions, ...]
    outlines: tuple[pd.DataFrame, ...]

    @property
    def pooled(self) -> pd.DataFrame:
        """Test predictions of all divisions, with the name of the division."""
        parts = [
            item.part("test").assign(division=name) for item, name in zip(self.judged, self.divisions, strict=True)
        ]
        return pd.concat(parts, ignore_index=True)

    @property
    def drawn(self) -> pd.DataFrame:
        """Measures of the test outlines of all divisions, with the name of the division."""
        parts = [
            table[table["part"] == "test"].assign(division=name)
            for table, name in zip(self.outlines, self.divisions, strict=True)
        ]
        return pd.concat(parts, ignore_index=True)

    def outcomes(self) -> list[DivisionOutcome]:
        """Each division's test part in the form that the statistics take."""
        return [item.tested() for item in self.judged]

    def units(self, split: Split) -> list[Judged]:
        """The trials as the units that a comparison of networks has."""
        return [
            Judged(
                Unit(
                    division=split.division(name),
                    network=self.network,
                    raw=predictions.table,
                    record=dict(record),
                    weights=folder / WEIGHTS,
                ),
                predictions,
            )
            for name, folder, record, predictions in zip(
                self.divisions, self.folders, self.records, self.judged, strict=True
            )
        ]


def tested_networks(setup: Setup, outcomes: Mapping[str, TrialOutcome], folder: Path) -> tuple[list[Tested], list[str]]:
    """Every network whose trials all finished, the main one first, and sentences about the others.

    Args:
        setup: of the study.
        outcomes: by the name of the trial.
        folder: of the sweep.
    """
    found, problems = [], []
    together: dict[str, list[str]] = {}
    for config in setup.configurations():
        together.setdefault(config.name, []).append(config.trial().name)
    for name, trials in together.items():
        failed = [outcomes[trial] for trial in trials if outcomes[trial].status != "finished"]
        problems += [f"Trial {item.trial.name} failed: {item.error}" for item in failed]
        if failed:
            problems.append(f"{_network(setup.recipe, name).title} is left out: not all of its trials finished.")
            continue
        found.append(_read(setup, _network(setup.recipe, name), [outcomes[trial] for trial in trials], folder))
    return found, problems


def _network(recipe: YNetRecipe, key: str) -> TaskNetwork:
    return next(network for network in recipe.networks if network.key == key)


def _read(setup: Setup, network: TaskNetwork, outcomes: Sequence[TrialOutcome], folder: Path) -> Tested:
    folders = tuple(folder / outcome.trial.name for outcome in outcomes)
    options: EvaluationOptions = setup.recipe.evaluation
    learns_classes, learns_outlines = network.task != "segmentation", network.task != "classification"
    return Tested(
        network=network,
        divisions=tuple(division.name for division in setup.split.divisions),
        folders=folders,
        records=tuple(dict(outcome.result) for outcome in outcomes),
        judged=tuple(judge(load_raw(own / PREDICTIONS), options=options) for own in folders) if learns_classes else (),
        outlines=tuple(load_outlines(own / OUTLINES) for own in folders) if learns_outlines else (),
    )
