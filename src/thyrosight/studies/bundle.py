"""The model that a study leaves: the main network of the first division, chosen before any result was seen."""

from thyrosight.inference import HeatScale, OperatingPoint, save_bundle
from thyrosight.statistics import diagnostic_table
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.result import Explanations, ModelCard, NetworkResult
from thyrosight.studies.software import software_versions
from thyrosight.studies.units import Plan, trained_network


def save_model(plan: Plan, judged: Judged, result: NetworkResult, explanations: Explanations | None) -> ModelCard:
    """Save the bundle of `judged` into the study's folder.

    Its metrics are those of its own test part, which played no role in its training, its calibration or its threshold.
    """
    options, predictions = plan.recipe.evaluation, judged.predictions
    division = judged.unit.division.name
    chosen_on = predictions.part("validation")
    there = diagnostic_table(chosen_on["truth"].to_numpy(), chosen_on["predicted"].to_numpy())
    cohort = plan.cohort
    own = next(item for item in result.divisions if item.name == division)
    bundle = save_bundle(
        plan.workspace.folder / "model",
        network=trained_network(judged.unit),
        spec=judged.unit.spec,
        preparation=plan.recipe.preparation,
        calibration=predictions.calibrator.to_dict(),
        operating_point=OperatingPoint(
            threshold=predictions.threshold,
            rule=options.operating_point,
            chosen_on=f"validation part of {division} ({len(chosen_on)} images)",
            sensitivity=there.sensitivity.value,
            specificity=there.specificity.value,
        ),
        heat_scale=HeatScale(value=explanations.scale, rule=explanations.scale_rule) if explanations else None,
        cohort={
            "name": cohort.name,
            "digest": cohort.digest(),
            "label_source": " and ".join(cohort.label_sources),
            "label_policy": cohort.label_policy,
            "split_kind": plan.split.kind,
            "division": division,
            "images": {"train": own.train, "validation": own.validation, "test": own.test},
            "description": cohort.describe().model_dump(mode="json"),
        },
        metrics={name: measure.model_dump() for name, measure in own.measures.items()},
        software=software_versions(),
    )
    return ModelCard(
        folder=str(bundle.folder),
        hash=bundle.hash,
        division=division,
        threshold=predictions.threshold,
        calibration=options.calibration,
    )
