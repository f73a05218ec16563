"""The truth of a simulated elastography cohort: the content of `phantom.json`."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from thyrosight import __version__
from thyrosight.phantoms.elastography.malignancy import MIDDLE_KPA, SPREAD
from thyrosight.phantoms.elastography.options import ElastographyOptions
from thyrosight.phantoms.elastography.patients import ElastographyImage
from thyrosight.phantoms.features import EFFECTS, EFFECTS_SOURCE

FORMAT = 1
"""Number that is raised whenever the same seed gives other images."""
KIND = "thyroid nodules with elastograms"

_KNOWS = {
    "b_mode": "B-mode features alone",
    "stiffness": "the nodule's stiffness alone",
    "stiffness_and_shape": "stiffness and whether the nodule is taller than wide, which colours alone show too",
    "both": "B-mode features and stiffness",
}
_TRANSLUCENT = (
    "the colours are translucent: a reader of an elastogram sees some of B-mode through them, "
    "and may know more than stiffness"
)
_OPAQUE = "the colours are opaque: an elastogram shows B-mode only around its colour box and in holes"


def describe_cohort(images: Sequence[ElastographyImage], seed: int, options: ElastographyOptions) -> dict[str, Any]:
    """The model of malignancy, and the best possible AUC with B-mode, with stiffness and with both."""
    model = options.model
    malignant = sum(image.label == "malignant" for image in images)
    best = {name: round(value, 6) for name, value in model.best_possible_auc().items()}
    return {
        "format": FORMAT,
        "thyrosight": __version__,
        "kind": KIND,
        "what": "simulated B-mode of thyroid nodules with registered elastograms; no patient, not for diagnosis",
        "seed": seed,
        "images": len(images),
        "patients": len({image.patient for image in images}),
        "nodules": len({(image.patient, image.nodule) for image in images}),
        "malignant_images": malignant,
        "benign_images": len(images) - malignant,
        "malignancy_model": {
            "kind": "logistic: log odds = intercept + B-mode part + elastography part",
            "intercept": round(model.intercept, 6),
            "b_mode_part": {"strength": options.b_mode_strength, "times the sum of": EFFECTS, "source": EFFECTS_SOURCE},
            "elastography_part": {
                "stiffness_separation": options.stiffness_separation,
                "times": f"log(stiffness in kPa / {MIDDLE_KPA:g}) / {SPREAD:g}",
            },
            "independence": "given the label, B-mode features and stiffness are independent",
        },
        "prevalence_of_all_nodules": options.prevalence,
        "best_possible_auc": best["both"],
        "best_possible_auc_of": "all nodules that could be drawn, ranked by their true risk",
        "best_possible_auc_by_knowledge": {name: {"auc": best[name], "knows": _KNOWS[name]} for name in best},
        "best_possible_auc_method": "exact: sums over all pairs of feature combinations, normal distribution function",
        "auc_in_this_cohort": {
            "b_mode": _cohort_auc(images, lambda image: model.risk_b_mode(image.subject.features)),
            "stiffness": _cohort_auc(images, lambda image: image.subject.stiffness_kpa),
            "both": _cohort_auc(images, lambda image: model.risk(image.subject.features, image.subject.stiffness_kpa)),
        },
        "colours_show_b_mode": _OPAQUE if options.opacity == 1.0 else _TRANSLUCENT,
        "machines": [asdict(machine) for machine in options.machines],
        "options": options.as_dict(),
    }


def _cohort_auc(images: Sequence[ElastographyImage], score: Callable[[ElastographyImage], float]) -> float | None:
    """AUC of a true value against the drawn labels, over images; None when a class is absent."""
    from sklearn.metrics import roc_auc_score

    truth = [image.label == "malignant" for image in images]
    if len(set(truth)) < 2:
        return None
    return round(float(roc_auc_score(truth, [score(image) for image in images])), 6)
