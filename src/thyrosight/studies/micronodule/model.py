"""The model that the study leaves: its main network, with calibration and operating point of the validation part."""

from thyrosight.inference import OperatingPoint, save_bundle
from thyrosight.statistics import diagnostic_table
from thyrosight.studies.base import ModelCard
from thyrosight.studies.evaluate import measures
from thyrosight.studies.micronodule.networks import Trained
from thyrosight.studies.software import software_versions
from thyrosight.studies.units import Plan, trained_network


def save_main(plan: Plan, trained: Trained) -> ModelCard:
    """Save the bundle; its metrics are those of the tested nodules, which played no part in training it."""
    options, predictions = plan.recipe.evaluation, trained.predictions
    validation, test = predictions.part("validation"), predictions.part("test")
    there = diagnostic_table(validation["truth"].to_numpy(), validation["predicted"].to_numpy())
    division, cohort = plan.split.divisions[0].name, plan.cohort
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
        operating_point=OperatingPoint(
            threshold=predictions.threshold,
            rule=options.operating_point,
            chosen_on=f"validation part of {division} ({len(validation)} images)",
            sensitivity=there.sensitivity.value,
            specificity=there.specificity.value,
        ),
        cohort={
            "name": cohort.name,
            "digest": cohort.digest(),
            "label_source": " and ".join(cohort.label_sources),
            "label_policy": cohort.label_policy,
            "split_kind": plan.split.kind,
            "division": division,
            "division_rule": plan.split.method,
            "images": {"train": trained.unit.record["train"], "validation": len(validation), "test": len(test)},
            "description": cohort.describe().model_dump(mode="json"),
        },
        metrics=measured,
        software=software_versions(),
    )
    return ModelCard(
        folder=str(bundle.folder),
        hash=bundle.hash,
        division=division,
        threshold=predictions.threshold,
        calibration=options.calibration,
    )
