"""What caching the output of frozen layers saves, measured by training the same network with and without."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from thyrosight.studies.elasticity_fusion.configuration import Configuration
from thyrosight.studies.elasticity_fusion.judging import read_predictions
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe
from thyrosight.studies.elasticity_fusion.result import Cost, CostRow
from thyrosight.studies.elasticity_fusion.wording import row_title
from thyrosight.sweeps import TrialOutcome


def measured_cost(
    configs: Sequence[Configuration], outcomes: Sequence[TrialOutcome], folder: Path, recipe: ElasticityFusionRecipe
) -> Cost | None:
    """The two trainings beside each other; None where they were not asked for or failed."""
    pairs = [(config, outcome) for config, outcome in zip(configs, outcomes, strict=True) if config.epochs is not None]
    if len(pairs) != 2 or any(outcome.status != "finished" for _, outcome in pairs):
        return None
    rows = [_row(config, outcome.result) for config, outcome in pairs]
    tables = [read_predictions(folder / config.name) for config, _ in pairs]
    differences = np.abs(tables[0]["probability"] - tables[1]["probability"])
    config = pairs[0][0]
    return Cost(
        depth=config.depth,
        title=row_title(config, recipe),
        rows=rows,
        largest_difference=float(differences.max()),
        sentence=_sentence(rows),
    )


def _row(config: Configuration, facts: Mapping[str, object]) -> CostRow:
    history = facts["history"]
    assert isinstance(history, list), "every training has a history"
    return CostRow(
        name=config.row,
        cached=str(facts["activations"]),
        epochs=len(history),
        seconds=sum(float(epoch["seconds"]) for epoch in history),
        seconds_per_epoch=float(history[-1]["seconds"]),
        images_per_second=float(str(facts["images_per_second"])),
    )


def _sentence(rows: Sequence[CostRow]) -> str:
    """The saving in words."""
    without, having = rows
    factor = without.seconds_per_epoch / having.seconds_per_epoch if having.seconds_per_epoch else float("nan")
    many = f"all {having.epochs} epochs" if having.epochs > 1 else "this one epoch"
    return (
        f"The last epoch took {having.seconds_per_epoch:.1f} s with the output of the frozen layers kept and "
        f"{without.seconds_per_epoch:.1f} s computing it anew ({factor:.2f} times as fast); {many}, with what it takes "
        f"to make and store that output, {having.seconds:.1f} s and {without.seconds:.1f} s."
    )
