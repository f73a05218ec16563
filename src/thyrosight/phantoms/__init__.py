"""Simulated ultrasound with known truth: phantom cohorts for tests and demonstrations without patients."""

from thyrosight.phantoms.cohort import make_phantom_cohort, phantom_images
from thyrosight.phantoms.elastography import (
    ElastographyOptions,
    elastography_options_like,
    make_elastography_cohort,
)
from thyrosight.phantoms.features import (
    EFFECTS,
    INTERCEPT,
    NoduleFeatures,
    best_possible_auc,
    draw_features,
    population,
    prevalence,
)
from thyrosight.phantoms.image import PhantomImage
from thyrosight.phantoms.lymph_nodes import (
    LymphNodeFeatures,
    LymphNodeOptions,
    SimulatedReporter,
    best_possible_node_auc,
    lymph_node_images,
    make_lymph_node_cohort,
)
from thyrosight.phantoms.network_errors import SimulatedNetwork
from thyrosight.phantoms.options import LIKE, PhantomOptions, options_like
from thyrosight.phantoms.readers import SimulatedReader

__all__ = [
    "EFFECTS",
    "INTERCEPT",
    "LIKE",
    "ElastographyOptions",
    "LymphNodeFeatures",
    "LymphNodeOptions",
    "NoduleFeatures",
    "PhantomImage",
    "PhantomOptions",
    "SimulatedNetwork",
    "SimulatedReader",
    "SimulatedReporter",
    "best_possible_auc",
    "best_possible_node_auc",
    "draw_features",
    "elastography_options_like",
    "lymph_node_images",
    "make_elastography_cohort",
    "make_lymph_node_cohort",
    "make_phantom_cohort",
    "options_like",
    "phantom_images",
    "population",
    "prevalence",
]
