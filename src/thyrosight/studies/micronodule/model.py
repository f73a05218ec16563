"""The model that the study leaves: its main network, with calibration and operating point of the validation part."""

from thyrosight.inference import save_bundle
from thyrosight.studies.base import ModelCard
from thyrosight.studies.bundle import card_of, origin_of, validated_point
from thyrosight.studies.evaluate import measures
from thyrosight.studies.micronodule.networks import Trained
from thyrosight.studies.software import software_versions
from thyrosight.studies.units import Plan, trained_network


def save_main(plan: Plan, trained: Trained) -> ModelCard:
    """Save the bundle; its metrics are those of the tested nodules, which played no part in training it."""
    options, predictions = plan.recipe.evaluation, trained.predictions
    validation, test = predictions.part("validation"), predictions.part("test")
    division = plan.split.divisions[0].name
    sizes = {"train": trained.unit.record["train"], "validation": len(validation), "test": len(test)}
    measured = {}
    if 0 < test["truth"].sum() < len(test):
        found = measures(test, options=options, seed=plan.recipe.seed)
        measured = {name: item.model_dump() for name, item in found.items()}
    bundle = save_bundle(
        plan.workspace.folder / "model",
        network=trained_network(trained.unit),
        spec=trained.unit.spec,
        preparation=plan.recipe.preparation,
        calibration=predictions.calibrator.to_dict(),
        operating_point=validated_point(predictions, division, rule=options.operating_point),
        cohort=origin_of(plan.cohort, plan.split, division, images=sizes, division_rule=plan.split.method),
        metrics=measured,
        software=software_versions(),
    )
    return card_of(bundle, calibration=options.calibration)
