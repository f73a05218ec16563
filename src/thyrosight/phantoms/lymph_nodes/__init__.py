"""Simulated cervical lymph nodes with known truth."""

from thyrosight.phantoms.lymph_nodes.best_auc import best_possible_node_auc
from thyrosight.phantoms.lymph_nodes.cohort import make_lymph_node_cohort
from thyrosight.phantoms.lymph_nodes.features import LymphNodeFeatures, node_prevalence
from thyrosight.phantoms.lymph_nodes.options import LymphNodeOptions
from thyrosight.phantoms.lymph_nodes.patients import LymphNodeImage, lymph_node_images
from thyrosight.phantoms.lymph_nodes.reporter import SimulatedReporter

__all__ = [
    "LymphNodeFeatures",
    "LymphNodeImage",
    "LymphNodeOptions",
    "SimulatedReporter",
    "best_possible_node_auc",
    "lymph_node_images",
    "make_lymph_node_cohort",
    "node_prevalence",
]
