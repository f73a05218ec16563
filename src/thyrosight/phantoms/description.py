"""The truth of a phantom cohort: the content of `phantom.json`."""

from typing import Any

from thyrosight import __version__
from thyrosight.phantoms.features import (
    EFFECTS,
    EFFECTS_SOURCE,
    INTERCEPT,
    best_possible_auc,
    population,
    prevalence,
)
from thyrosight.phantoms.image import PhantomImage
from thyrosight.phantoms.options import PhantomOptions
from thyrosight.phantoms.picture import EXTERNAL_SITES
from thyrosight.phantoms.readers import SHARED_DIFFICULTY
from thyrosight.phantoms.reference import RULE

FORMAT = 1
"""Number that is raised whenever the same seed gives other images."""


def describe_cohort(images: list[PhantomImage], seed: int, options: PhantomOptions) -> dict[str, Any]:
    """The model of malignancy, the best possible AUC, and the additions of the options."""
    malignant = sum(image.label == "malignant" for image in images)
    return {
        "format": FORMAT,
        "thyrosight": __version__,
        "what": "simulated B-mode ultrasound of thyroid nodules; no patient, not for diagnosis",
        "seed": seed,
        "images": len(images),
        "patients": len({image.patient for image in images}),
        "nodules": len({(image.patient, image.nodule) for image in images}),
        "malignant_images": malignant,
        "benign_images": len(images) - malignant,
        "malignancy_model": {
            "kind": "logistic: log odds = intercept + the effect of each feature",
            "source": EFFECTS_SOURCE,
            "intercept": INTERCEPT,
            "effects": EFFECTS,
        },
        "best_possible_auc": round(best_possible_auc(), 6),
        "best_possible_auc_of": "all nodules that could be drawn, ranked by their true risk",
        "auc_of_true_risk_in_this_cohort": _cohort_auc(images),
        "prevalence_of_all_nodules": round(prevalence(), 6),
        **_additions(options),
    }


def _additions(options: PhantomOptions) -> dict[str, Any]:
    """The additions of the options; empty for a plain cohort."""
    added: dict[str, Any] = {}
    if options.as_dict():
        added["options"] = options.as_dict()
    if options.external_share:
        added["external_sites"] = [site.name for site in EXTERNAL_SITES]
    if options.reference_standard:
        added["reference_standard"] = RULE
    if options.readers:
        added["readers"] = [reader.describe(population()) for reader in options.readers]
        added["correlation_between_binormal_readers"] = SHARED_DIFFICULTY
    if options.network is not None:
        added["simulated_network"] = options.network.describe(population())
    return added


def _cohort_auc(images: list[PhantomImage]) -> float | None:
    """AUC of the true risk against the labels that were drawn, over images; None when a class is absent."""
    from sklearn.metrics import roc_auc_score

    truth = [image.label == "malignant" for image in images]
    if len(set(truth)) < 2:
        return None
    return round(float(roc_auc_score(truth, [image.risk for image in images])), 6)
