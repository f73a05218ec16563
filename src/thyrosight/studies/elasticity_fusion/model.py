"""The model that the study leaves: the main method's network of the first division, named before any result."""

from pathlib import Path
from typing import Literal

from thyrosight.inference import save_bundle
from thyrosight.networks import build, load_weights
from thyrosight.studies.base import ModelCard
from thyrosight.studies.bundle import card_of, origin_of, validated_point
from thyrosight.studies.elasticity_fusion.judging import Network
from thyrosight.studies.elasticity_fusion.trials import WEIGHTS, Setup
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.recipe import NetworkOptions
from thyrosight.studies.result import NetworkResult
from thyrosight.studies.software import software_versions
from thyrosight.studies.units import Unit


def judged_units(setup: Setup, network: Network, *, role: Literal["main", "comparator"]) -> list[Judged]:
    """A row's networks as the units that a comparison of networks has."""
    options = NetworkOptions(architecture=network.config.architecture, weights=setup.recipe.network.weights, role=role)
    return [
        Judged(
            Unit(
                division=setup.split.division(tested.config.division),
                network=options,
                raw=tested.judged.table,
                record=dict(tested.outcome.result),
                weights=tested.folder / WEIGHTS,
            ),
            tested.judged,
        )
        for tested in network.tested
    ]


def save_pair_model(
    setup: Setup, folder: Path, main: Network, judged: Judged, result: NetworkResult
) -> tuple[ModelCard | None, list[str]]:
    """Save the bundle of the main method's first division.

    Its metrics are those of the test part, which played no role in its training, its calibration or its threshold.

    Returns:
        The card, or None and the sentence that says why there is no model.
    """
    weights = main.tested[0].folder / WEIGHTS
    if not weights.exists():
        trial = main.tested[0].config.name
        return None, [
            f"No model was saved: the trained weights of {trial} are not in its folder; delete the folder and run the "
            "study again to train them anew."
        ]
    recipe, predictions, options = setup.recipe, judged.predictions, setup.recipe.evaluation
    spec, division = main.tested[0].spec, main.config.division
    network = build(spec)
    load_weights(network, weights)
    own = next(item for item in result.divisions if item.name == division)
    sizes = {"train": own.train, "validation": own.validation, "test": own.test}
    pair = recipe.pair(main.config.head)
    bundle = save_bundle(
        folder,
        network=network.eval(),
        spec=spec,
        preparation=pair.first,
        pair=pair,
        calibration=predictions.calibrator.to_dict(),
        operating_point=validated_point(predictions, division, rule=options.operating_point),
        cohort=origin_of(setup.cohort, setup.split, division, images=sizes),
        metrics={name: measure.model_dump() for name, measure in own.measures.items()},
        software=software_versions(),
    )
    return card_of(bundle, calibration=options.calibration), []
