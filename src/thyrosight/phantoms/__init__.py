"""Simulated ultrasound with known truth: phantom cohorts to try, test and demonstrate everything without a patient."""

from thyrosight.phantoms.cohort import PhantomImage, make_phantom_cohort, phantom_images
from thyrosight.phantoms.features import (
    EFFECTS,
    INTERCEPT,
    NoduleFeatures,
    best_possible_auc,
    draw_features,
    prevalence,
)

__all__ = [
    "EFFECTS",
    "INTERCEPT",
    "NoduleFeatures",
    "PhantomImage",
    "best_possible_auc",
    "draw_features",
    "make_phantom_cohort",
    "phantom_images",
    "prevalence",
]
