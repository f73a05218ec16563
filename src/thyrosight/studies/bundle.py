"""The model that a study leaves: the main network of the first division, chosen before any result was seen."""

from collections.abc import Mapping
from typing import Any

from thyrosight.cohort import Cohort, Split
from thyrosight.inference import Bundle, HeatScale, OperatingPoint, save_bundle
from thyrosight.statistics import diagnostic_table
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.result import Explanations, ModelCard, NetworkResult
from thyrosight.studies.software import software_versions
from thyrosight.studies.units import Plan, trained_network


def save_model(plan: Plan, judged: Judged, result: NetworkResult, explanations: Explanations | None) -> ModelCard:
    """Save the bundle of `judged` into the study's folder.

    Its metrics are those of its own test part, which played no role in its training, its calibration or its threshold.
    """
    options, predictions = plan.recipe.evaluation, judged.predictions
    division = judged.unit.division.name
    own = next(item for item in result.divisions if item.name == division)
    sizes = {"train": own.train, "validation": own.validation, "test": own.test}
    bundle = save_bundle(
        plan.workspace.folder / "model",
        network=trained_network(judged.unit),
        spec=judged.unit.spec,
        preparation=plan.recipe.preparation,
        calibration=predictions.calibrator.to_dict(),
        operating_point=validated_point(predictions, division, rule=options.operating_point),
        heat_scale=HeatScale(value=explanations.scale, rule=explanations.scale_rule) if explanations else None,
        cohort=origin_of(plan.cohort, plan.split, division, images=sizes),
        metrics={name: measure.model_dump() for name, measure in own.measures.items()},
        software=software_versions(),
    )
    return card_of(bundle, calibration=options.calibration)


def validated_point(predictions: DivisionPredictions, division: str, *, rule: str) -> OperatingPoint:
    """The threshold of a division, with the sensitivity and specificity it has on the validation part."""
    chosen_on = predictions.part("validation")
    there = diagnostic_table(chosen_on["truth"].to_numpy(), chosen_on["predicted"].to_numpy())
    return OperatingPoint(
        threshold=predictions.threshold,
        rule=rule,
        chosen_on=f"validation part of {division} ({len(chosen_on)} images)",
        sensitivity=there.sensitivity.value,
        specificity=there.specificity.value,
    )


def origin_of(
    cohort: Cohort, split: Split, division: str, *, images: Mapping[str, int], division_rule: str | None = None
) -> dict[str, Any]:
    """What a bundle says of the cohort that its network was trained on.

    Args:
        cohort: with its label policy.
        split: of the cohort.
        division: whose network it is.
        images: how many each part has.
        division_rule: how the parts came about, where that is said.
    """
    return {
        "name": cohort.name,
        "digest": cohort.digest(),
        "label_source": " and ".join(cohort.label_sources),
        "label_policy": cohort.label_policy,
        "split_kind": split.kind,
        "division": division,
        **({} if division_rule is None else {"division_rule": division_rule}),
        "images": dict(images),
        "description": cohort.describe().model_dump(mode="json"),
    }


def card_of(bundle: Bundle, *, calibration: str) -> ModelCard:
    """How a result names a bundle whose cohort is described by `origin_of`."""
    return ModelCard(
        folder=str(bundle.folder),
        hash=bundle.hash,
        division=bundle.info.cohort["division"],
        threshold=bundle.info.operating_point.threshold,
        calibration=calibration,
    )
