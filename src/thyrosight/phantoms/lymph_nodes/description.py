"""The truth of a lymph node cohort: the content of its `phantom.json`."""

from typing import Any, Final

from thyrosight import __version__
from thyrosight.phantoms.lymph_nodes.best_auc import best_possible_node_auc
from thyrosight.phantoms.lymph_nodes.features import (
    EFFECTS,
    EFFECTS_SOURCE,
    INTERCEPT,
    SEX_EFFECT,
    node_prevalence,
)
from thyrosight.phantoms.lymph_nodes.neck_level import COUNTS, PLACES
from thyrosight.phantoms.lymph_nodes.options import LymphNodeOptions
from thyrosight.phantoms.lymph_nodes.patients import LymphNodeImage

FORMAT: Final = 1
"""Number that is raised whenever the same seed gives other images."""

KIND: Final = "cervical lymph nodes"


def describe_lymph_nodes(images: list[LymphNodeImage], seed: int, options: LymphNodeOptions) -> dict[str, Any]:
    """The model of malignancy, the best possible AUC, the places of nodes, and the reporter."""
    malignant = sum(image.label == "malignant" for image in images)
    described = {
        "format": FORMAT,
        "thyrosight": __version__,
        "kind": KIND,
        "what": "simulated B-mode ultrasound of cervical lymph nodes; no patient, not for diagnosis",
        "seed": seed,
        "images": len(images),
        "patients": len({image.patient for image in images}),
        "nodules": len(images),
        "malignant_images": malignant,
        "benign_images": len(images) - malignant,
        "malignancy_model": {
            "kind": "logistic: log odds = intercept + the effect of each feature + the effect of sex",
            "source": EFFECTS_SOURCE,
            "intercept": INTERCEPT,
            "effects": EFFECTS,
            "effect_of_sex": SEX_EFFECT,
        },
        "best_possible_auc": round(best_possible_node_auc("picture"), 6),
        "best_possible_auc_of": "all nodes that could be drawn, ranked by their risk given the features in the picture",
        "best_possible_auc_with_sex": round(best_possible_node_auc("picture and sex"), 6),
        "best_possible_auc_with_sex_and_neck_level": round(best_possible_node_auc("picture, sex and neck level"), 6),
        "auc_of_true_risk_in_this_cohort": _cohort_auc(images),
        "prevalence_of_all_nodules": round(node_prevalence(), 6),
        "prevalence_by_sex": {sex: round(node_prevalence(sex), 6) for sex in SEX_EFFECT},
        "neck_levels": {
            "source": "shares by label after Table 2 of Zhao et al., Front Oncol 2023; they show in no picture",
            **{
                label: {f"{level} {side}": count for (level, side), count in zip(PLACES, counts, strict=True)}
                for label, counts in COUNTS.items()
            },
        },
        "second_node_share": options.second_node_share,
        "reporter": options.reporter.describe(),
    }
    return described | ({"options": options.as_dict()} if options.as_dict() else {})


def _cohort_auc(images: list[LymphNodeImage]) -> float | None:
    """AUC of the true risk, from features and sex, against the drawn labels; None if a class is absent."""
    from sklearn.metrics import roc_auc_score

    truth = [image.label == "malignant" for image in images]
    if len(set(truth)) < 2:
        return None
    return round(float(roc_auc_score(truth, [image.risk for image in images])), 6)
