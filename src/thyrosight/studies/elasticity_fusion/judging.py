"""From the predictions of the trials to the rows of the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.errors import CohortError
from thyrosight.networks import ModelSpec, architectures
from thyrosight.statistics import DivisionOutcome, mean_over_divisions
from thyrosight.studies.differences import compare_pairs
from thyrosight.studies.elasticity_fusion.configuration import Configuration
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe
from thyrosight.studies.elasticity_fusion.result import PairComparison, Row
from thyrosight.studies.elasticity_fusion.trials import NOTHING, PREDICTIONS
from thyrosight.studies.elasticity_fusion.wording import row_title
from thyrosight.studies.evaluate import start_of
from thyrosight.studies.predictions import RAW_COLUMNS, DivisionPredictions, judge, load_raw
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import MeanMeasure
from thyrosight.sweeps import TrialOutcome

COMPARED = ("auc", "accuracy")


@dataclass(frozen=True, eq=False)
class Tested:
    """One network of one division, judged.

    Attributes:
        config: which.
        outcome: of its trial.
        folder: of its trial.
        judged: its predictions, calibrated and thresholded on its validation fold.
        hidden: per image that was hidden the test part with the same calibration and threshold.
    """

    config: Configuration
    outcome: TrialOutcome
    folder: Path
    judged: DivisionPredictions
    hidden: Mapping[str, DivisionPredictions]

    @property
    def spec(self) -> ModelSpec:
        """What the network expects."""
        return ModelSpec.model_validate(self.outcome.result["spec"])

    def validated(self) -> DivisionOutcome:
        """The validation part with uncalibrated probabilities."""
        rows = self.judged.part("validation")
        return DivisionOutcome(
            truth=rows["truth"].tolist(),
            score=rows["probability"].tolist(),
            predicted=rows["predicted"].tolist(),
            cluster=rows["group"].tolist(),
        )


@dataclass(frozen=True, eq=False)
class Network:
    """One row of a table: the same network on every division."""

    tested: tuple[Tested, ...]

    @property
    def config(self) -> Configuration:
        """Its configuration, with the name of the first division."""
        return self.tested[0].config

    @property
    def name(self) -> str:
        """Its name in every division."""
        return self.config.row

    def outcomes(self) -> list[DivisionOutcome]:
        """What it said of the test part in every division."""
        return [item.judged.tested() for item in self.tested]

    def hidden(self, image: str) -> list[DivisionOutcome]:
        """The same with one image of each pair hidden."""
        return [item.hidden[image].tested() for item in self.tested]


def judged_networks(
    configs: Sequence[Configuration],
    outcomes: Sequence[TrialOutcome],
    folder: Path,
    *,
    divisions: int,
    options: EvaluationOptions,
) -> dict[str, Network]:
    """Every network whose trials have finished in all divisions, by name."""
    together: dict[str, list[Tested]] = {}
    for config, outcome in zip(configs, outcomes, strict=True):
        if outcome.status == "finished" and config.epochs is None:
            together.setdefault(config.row, []).append(_tested(config, outcome, folder / config.name, options))
    return {name: Network(tuple(items)) for name, items in together.items() if len(items) == divisions}


def _tested(config: Configuration, outcome: TrialOutcome, folder: Path, options: EvaluationOptions) -> Tested:
    raw = read_predictions(folder)
    judged = judge(raw[raw["hidden"] == NOTHING][list(RAW_COLUMNS)].reset_index(drop=True), options=options)
    hidden = {}
    for image, rows in raw[raw["hidden"] != NOTHING].groupby("hidden"):
        risk = np.asarray(judged.calibrator.apply(rows["probability"].to_numpy()), dtype=float)
        table = rows[list(RAW_COLUMNS)].assign(risk=risk, predicted=(risk >= judged.threshold).astype(int))
        hidden[str(image)] = DivisionPredictions(table.reset_index(drop=True), judged.calibrator, judged.threshold)
    return Tested(config, outcome, folder, judged, hidden)


def read_predictions(folder: Path) -> pd.DataFrame:
    """The predictions of a trial, with the column that says what was hidden.

    Raises:
        CohortError: the file cannot be read or lacks a column.
    """
    path = folder / PREDICTIONS
    load_raw(path)  # says what is wrong with a damaged file
    table = pd.read_csv(path, dtype={"key": str, "group": str, "hidden": str})
    if "hidden" not in table:
        raise CohortError(f"{path} lacks the column hidden; delete it and run the study again.")
    return table


def row_of(
    network: Network,
    recipe: ElasticityFusionRecipe,
    units: "pd.Series[str]",
    *,
    main: bool = False,
    against: Sequence[PairComparison] = (),
) -> Row:
    """A row of a table.

    Args:
        network: which.
        recipe: of the study.
        units: per key the nodule (else the patient) that an image shows.
        main: whether it is the study's own method.
        against: its differences to other rows.
    """
    facts = [item.outcome.result for item in network.tested]
    speeds = [fact["images_per_second"] for fact in facts if fact.get("images_per_second")]
    config = network.config
    return Row(
        name=network.name,
        title=row_title(config, recipe),
        input=config.input,
        head=config.head,
        architecture=architectures()[config.architecture].title,
        depth=config.depth,
        start=start_of(network.tested[0].spec),
        parameters=facts[0]["parameters"],
        trained_parameters=facts[0]["trained_parameters"],
        main=main,
        mean=means(network.outcomes(), recipe),
        validation_auc=means([item.validated() for item in network.tested], recipe)["auc"],
        per_nodule=means([_by_unit(item.judged, units) for item in network.tested], recipe),
        against=list(against),
        epochs=[fact["epochs"] for fact in facts],
        seconds=sum(fact["seconds"] for fact in facts),
        images_per_second=float(np.median(speeds)) if speeds else None,
        cached=list(dict.fromkeys(fact["activations"] for fact in facts)),
    )


def means(outcomes: Sequence[DivisionOutcome], recipe: ElasticityFusionRecipe) -> dict[str, MeanMeasure]:
    """Measures averaged over the folds' networks, with intervals that respect patients."""
    options = recipe.evaluation
    found = mean_over_divisions(outcomes, replicates=options.bootstrap, confidence=options.confidence, seed=recipe.seed)
    return {name: MeanMeasure(**item.to_dict()) for name, item in found.items()}


def nodules_of(table: pd.DataFrame) -> "pd.Series[str]":
    """Per key of a cohort's table the nodule it shows; the patient and label where the nodule is unknown."""
    known = table["nodule_id"].notna() & ~table["nodule_id"].isin([UNKNOWN, ""])
    nodule = table["group"].astype(str) + "/" + table["nodule_id"].astype(str)
    other = table["group"].astype(str) + "/" + table["label"].astype(str)
    return pd.Series(nodule.where(known, other).to_numpy(), index=table["key"].astype(str))


def _by_unit(judged: DivisionPredictions, units: "pd.Series[str]") -> DivisionOutcome:
    """The test part with the risks of each nodule's images averaged."""
    test = judged.part("test")
    unit = units.loc[test["key"]].to_numpy()
    together = test.assign(unit=unit).groupby(["unit", "truth"], sort=True)
    table = together.agg(risk=("risk", "mean"), group=("group", "first")).reset_index()
    return DivisionOutcome(
        truth=table["truth"].tolist(),
        score=table["risk"].tolist(),
        predicted=(table["risk"] >= judged.threshold).astype(int).tolist(),
        cluster=table["group"].tolist(),
    )


def compare(
    pairs: Sequence[tuple[str, Sequence[DivisionOutcome], str, Sequence[DivisionOutcome]]],
    recipe: ElasticityFusionRecipe,
    *,
    family: str,
) -> dict[str, list[PairComparison]]:
    """Differences of AUC and accuracy, each a minus b, P values corrected by Holm over the whole family and measure.

    Args:
        pairs: (key of the result, outcomes of a, name of b, outcomes of b).
        recipe: of the study.
        family: what is corrected together, in words.
    """
    found: dict[str, list[PairComparison]] = {}
    outcomes = [(a, b) for _, a, _, b in pairs]
    for measure in COMPARED:
        compared = compare_pairs(outcomes, measure=measure, over=family, options=recipe.evaluation, seed=recipe.seed)
        for (key, _, to, _), one in zip(pairs, compared, strict=True):
            found.setdefault(key, []).append(PairComparison(**one.model_dump(), to=to, family=family))
    return found
