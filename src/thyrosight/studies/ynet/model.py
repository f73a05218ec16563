"""The model that the study leaves: the main network of the first division, chosen before any result was seen."""

from pathlib import Path
from typing import Any

from thyrosight.inference import MaskPoint, OperatingPoint, save_bundle
from thyrosight.inference.bundle import NO_CLASSES
from thyrosight.networks import ModelSpec, build, load_weights
from thyrosight.studies.base import ModelCard
from thyrosight.studies.bundle import card_of, origin_of, validated_point
from thyrosight.studies.software import software_versions
from thyrosight.studies.ynet.outlined import MARKED_FROM
from thyrosight.studies.ynet.result import TaskResult
from thyrosight.studies.ynet.tested import Tested
from thyrosight.studies.ynet.trials import PARTS, WEIGHTS, Setup


def save_main(setup: Setup, main: Tested, result: TaskResult, folder: Path) -> tuple[ModelCard | None, list[str]]:
    """Save the bundle, or say why it could not be.

    Its figures are those of its own test part, which played no role in its training, its calibration or its threshold.
    """
    weights, division = main.folders[0] / WEIGHTS, main.divisions[0]
    if not weights.exists():
        return None, [
            f"No model was saved: the weights of {main.network.title} are not in the folder of trial "
            f"{main.folders[0].name}; delete that folder and run the study again to train it here."
        ]
    record: dict[str, Any] = dict(main.records[0])
    spec = ModelSpec.model_validate(record["spec"])
    network = build(spec)
    load_weights(network, weights)
    point, calibration = _operating_point(setup, main)
    sizes: dict[str, int] = {part: len(setup.split.rows(setup.cohort, division, part)) for part in PARTS}
    bundle = save_bundle(
        folder,
        network=network.eval(),
        spec=spec,
        preparation=setup.recipe.preparation,
        calibration=calibration,
        operating_point=point,
        masks=_mask_point(main),
        cohort=origin_of(setup.cohort, setup.split, division, images=sizes),
        metrics=_metrics(main, result),
        software=software_versions(),
    )
    return card_of(bundle, calibration=setup.recipe.evaluation.calibration if main.judged else "none"), []


def _operating_point(setup: Setup, main: Tested) -> tuple[OperatingPoint, dict[str, Any] | None]:
    if not main.judged:
        return NO_CLASSES, None
    predictions, rule = main.judged[0], setup.recipe.evaluation.operating_point
    return validated_point(predictions, main.divisions[0], rule=rule), predictions.calibrator.to_dict()


def _mask_point(main: Tested) -> MaskPoint | None:
    if not main.outlines:
        return None
    table = main.outlines[0]
    own = table[table["part"] == "validation"]
    return MaskPoint(
        threshold=MARKED_FROM,
        chosen_on=f"validation part of {main.divisions[0]} ({len(own)} images; Dice in their frames)",
        dice=float(own["dice"].mean()),
    )


def _metrics(main: Tested, result: TaskResult) -> dict[str, Any]:
    """What was measured on the first division's test part."""
    found: dict[str, Any] = {}
    if result.classes is not None:
        found = {name: measure.model_dump() for name, measure in result.classes.divisions[0].measures.items()}
    if main.outlines:
        drawn = main.drawn
        own = drawn.loc[drawn["division"] == main.divisions[0], "dice"]
        found["dice"] = {"mean": float(own.mean()), "median": float(own.median()), "n": len(own)}
    return found
