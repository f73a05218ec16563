"""The model that the study leaves: the main network of the first division, chosen before any result was seen."""

from pathlib import Path
from typing import Any

from thyrosight.inference import MaskPoint, OperatingPoint, save_bundle
from thyrosight.inference.bundle import NO_CLASSES
from thyrosight.networks import ModelSpec, build, load_weights
from thyrosight.statistics import diagnostic_table
from thyrosight.studies.base import ModelCard
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
    bundle = save_bundle(
        folder,
        network=network.eval(),
        spec=spec,
        preparation=setup.recipe.preparation,
        calibration=calibration,
        operating_point=point,
        masks=_mask_point(main),
        cohort=_origin(setup, main),
        metrics=_metrics(main, result),
        software=software_versions(),
    )
    card = ModelCard(
        folder=str(bundle.folder),
        hash=bundle.hash,
        division=division,
        threshold=point.threshold,
        calibration=setup.recipe.evaluation.calibration if main.judged else "none",
    )
    return card, []


def _operating_point(setup: Setup, main: Tested) -> tuple[OperatingPoint, dict[str, Any] | None]:
    if not main.judged:
        return NO_CLASSES, None
    predictions, division = main.judged[0], main.divisions[0]
    chosen_on = predictions.part("validation")
    there = diagnostic_table(chosen_on["truth"].to_numpy(), chosen_on["predicted"].to_numpy())
    point = OperatingPoint(
        threshold=predictions.threshold,
        rule=setup.recipe.evaluation.operating_point,
        chosen_on=f"validation part of {division} ({len(chosen_on)} images)",
        sensitivity=there.sensitivity.value,
        specificity=there.specificity.value,
    )
    return point, predictions.calibrator.to_dict()


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


def _origin(setup: Setup, main: Tested) -> dict[str, Any]:
    cohort, division = setup.cohort, main.divisions[0]
    sizes = {part: len(setup.split.rows(cohort, division, part)) for part in PARTS}
    return {
        "name": cohort.name,
        "digest": cohort.digest(),
        "label_source": " and ".join(cohort.label_sources),
        "label_policy": cohort.label_policy,
        "split_kind": setup.split.kind,
        "division": division,
        "images": sizes,
        "description": cohort.describe().model_dump(mode="json"),
    }


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
