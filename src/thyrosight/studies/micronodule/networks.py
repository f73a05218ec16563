"""Training the networks of the study once, and what they say of every tested nodule."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import softmax

from thyrosight.cohort import Division
from thyrosight.files import sha256_of_file, sha256_of_json, write_json
from thyrosight.inference import predict_logits
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.micronodule.tested import External
from thyrosight.studies.predictions import DivisionPredictions, judge, load_raw, raw_table, write_table
from thyrosight.studies.recipe import NetworkOptions
from thyrosight.studies.units import Plan, Unit, run_unit, trained_network
from thyrosight.training import prepare_set


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network with its calibrated predictions; parts are validation, test and one per external set."""

    unit: Unit
    predictions: DivisionPredictions

    @property
    def judged(self) -> Judged:
        """The same, as the other kinds of study know it."""
        return Judged(self.unit, self.predictions)


def train_networks(plan: Plan, externals: Sequence[External]) -> dict[str, Trained]:
    """Train each network, or take over what an earlier run finished, and judge all tested nodules.

    Calibration and operating point come from the validation part alone.
    """
    division = plan.split.divisions[0]
    networks = sorted(plan.recipe.networks, key=lambda network: network.role != "main")
    found = {}
    for done, network in enumerate(networks):
        plan.progress("Networks", done, len(networks))
        found[network.architecture] = _train(plan, division, network, externals)
    plan.progress("Networks", len(networks), len(networks))
    return found


def _train(plan: Plan, division: Division, network: NetworkOptions, externals: Sequence[External]) -> Trained:
    unit = run_unit(plan, division, network, keep_weights=True)
    folder = plan.workspace.unit(division.name, network.architecture)
    raw = pd.concat([unit.raw, *(_external(plan, unit, item, folder) for item in externals)], ignore_index=True)
    predictions = judge(raw, options=plan.recipe.evaluation)
    table = predictions.table
    own = table["part"].isin(["validation", "test"])
    write_table(table[own], folder / "predictions.csv")
    for item in externals:
        write_table(table[table["part"] == item.part], folder / f"{item.part}.csv")
    return Trained(unit, predictions)


def _external(plan: Plan, unit: Unit, item: External, folder: Path) -> pd.DataFrame:
    """What a network says of an external set; taken over where these very weights have judged this very set."""
    assert unit.weights is not None, "networks of this study keep their weights"
    rows = item.cohort.table
    if rows.empty:
        return unit.raw.head(0)
    identity = sha256_of_json(
        [sha256_of_file(unit.weights), item.cohort.digest(), plan.recipe.preparation.digest(), item.part]
    )
    path, mark = folder / f"{item.part}.csv", folder / f"{item.part}.json"
    if path.exists() and mark.exists() and json.loads(mark.read_text(encoding="utf-8")).get("identity") == identity:
        return load_raw(path)
    prepared = prepare_set(
        rows,
        plan.recipe.preparation,
        cache=plan.workspace.cache,
        progress=lambda _, done, total: plan.progress(f"Preparing {item.name}", done, total),
    )
    network = trained_network(unit)
    logits = predict_logits(network, unit.spec, prepared.pixels, batch_size=plan.recipe.training.batch_size)
    table = raw_table(item.part, rows, softmax(logits.astype(np.float64), axis=1)[:, 1])
    write_table(table, path)
    write_json(mark, {"identity": identity})
    return table
