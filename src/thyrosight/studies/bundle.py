"""The model that a study leaves: the main network of the first division, chosen before any result was seen."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.documents import Measure
from thyrosight.imaging import PairPreparation
from thyrosight.inference import NOT_CALIBRATED, HeatScale, MaskPoint, OperatingPoint, save_bundle
from thyrosight.inference.bundle import NO_CLASSES
from thyrosight.statistics import diagnostic_table
from thyrosight.studies.base import ModelCard
from thyrosight.studies.execution import prepare_images, shown
from thyrosight.studies.outlined import MARKED_FROM
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.software import software_versions
from thyrosight.studies.tested import Tested
from thyrosight.studies.trial import PLAIN, Setup, Trial
from thyrosight.studies.workspace import Workspace

_COMPARED = 16
"""Images on which the exported network is compared with the trained one."""


def save_model(
    setup: Setup[Any],
    workspace: Workspace,
    tested: Tested,
    *,
    metrics: Mapping[str, Measure],
    heat_scale: HeatScale | None = None,
) -> ModelCard | str:
    """Save a trained network with its calibration and threshold into the study's folder.

    Args:
        tested: the network on one division.
        metrics: on its own test part, which played no role in its training, its calibration or its threshold.

    Returns:
        The card, or a sentence that says why there is no model.
    """
    options, trial = setup.recipe.evaluation, tested.trial
    if not tested.keeps_weights:
        return (
            f"No model was saved: the trained weights of {trial.name} are not in its folder; delete that folder and "
            "run the study again to train it here."
        )
    pair = trial.preparation if isinstance(trial.preparation, PairPreparation) else None
    predictions = tested.judged(trial.views[0].name) if len(tested.raw) else None
    bundle = save_bundle(
        workspace.folder / "model",
        network=tested.network(),
        spec=tested.spec,
        preparation=trial.preparation.first if isinstance(trial.preparation, PairPreparation) else trial.preparation,
        pair=pair,
        calibration=None if predictions is None else predictions.calibrator.to_dict(),
        operating_point=NO_CLASSES
        if predictions is None
        else validated_point(predictions, trial.division, rule=options.operating_point),
        heat_scale=heat_scale,
        masks=_mask_point(tested),
        cohort=_origin(setup, tested),
        metrics={name: measure.model_dump(mode="json", exclude_none=True) for name, measure in metrics.items()},
        software=software_versions(),
        images=_examples(setup, trial),
    )
    return ModelCard(
        folder=str(bundle.folder),
        hash=bundle.hash,
        division=trial.division,
        threshold=bundle.info.operating_point.threshold,
        calibration=NOT_CALIBRATED if predictions is None else predictions.calibrator.method,
    )


def _examples(setup: Setup[Any], trial: Trial) -> list[NDArray[np.uint8]]:
    """Some images of the validation part as the network sees them, on which its exported form is compared with it."""
    rows = setup.rows(trial, "validation").head(_COMPARED)
    given = shown(prepare_images(setup, trial, rows, view=PLAIN), trial)
    if trial.task != "classification":
        return list(given.pixels)
    return [given.batch(np.array([number]))[0] for number in range(len(given))]


def _mask_point(tested: Tested) -> MaskPoint | None:
    """How masks are cut, and the mean Dice that this has on the validation part; None where no outlines are learnt."""
    if tested.trial.task == "classification":
        return None
    table = tested.outlines()
    own = table[table["part"] == "validation"]
    return MaskPoint(
        threshold=MARKED_FROM,
        chosen_on=f"validation part of {tested.trial.division} ({len(own)} images; Dice in their frames)",
        dice=float(own["dice"].mean()),
    )


def validated_point(predictions: DivisionPredictions, division: str, *, rule: str) -> OperatingPoint:
    """The threshold of a division, with the sensitivity and specificity it has on the validation part."""
    chosen_on = predictions.part("validation")
    there = diagnostic_table(chosen_on["truth"].to_numpy(), chosen_on["predicted"].to_numpy())
    return OperatingPoint(
        threshold=predictions.threshold,
        rule=rule if predictions.chosen else "one half",
        chosen_on=f"validation part of {division} ({len(chosen_on)} images)"
        if predictions.chosen
        else f"nothing: the validation part of {division} is too small",
        sensitivity=there.sensitivity.value,
        specificity=there.specificity.value,
    )


def _origin(setup: Setup[Any], tested: Tested) -> dict[str, Any]:
    """The cohort that the network was trained on, for the bundle."""
    cohort, split = setup.cohort, setup.split
    sizes = {part: len(setup.rows(tested.trial, part)) for part in ("train", "validation", "test")}
    return {
        "name": cohort.name,
        "digest": cohort.digest(),
        "label_source": " and ".join(cohort.label_sources),
        "label_policy": cohort.label_policy,
        "split_kind": split.kind,
        "division": tested.trial.division,
        "division_rule": split.method,
        "images": sizes,
        "description": cohort.describe().model_dump(mode="json"),
    }
