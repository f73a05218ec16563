"""Explanations of a network's output: heat maps, their faithfulness, and the shape of the regions they highlight."""

from thyrosight.explain.compare import FEATURES, RegionComparison, axial_test, compare_regions, mean_axis
from thyrosight.explain.faithfulness import DeletionScores, deletion_scores
from thyrosight.explain.feature_projection import (
    ConvolutionLayer,
    Unit,
    UnitProjection,
    find_layer,
    layers_of,
    network_of_image,
    project_units,
    strongest_units,
)
from thyrosight.explain.gradcam import heat_maps, scale_rule, shared_scale
from thyrosight.explain.outline_panel import outline_panel
from thyrosight.explain.overlay import colour_bar, overlay, strength
from thyrosight.explain.panel import explanation_panel
from thyrosight.explain.receptive_field import receptive_fields
from thyrosight.explain.regions import NoduleBox, RegionShape, region_shape, region_shapes

__all__ = [
    "FEATURES",
    "ConvolutionLayer",
    "DeletionScores",
    "NoduleBox",
    "RegionComparison",
    "RegionShape",
    "Unit",
    "UnitProjection",
    "axial_test",
    "colour_bar",
    "compare_regions",
    "deletion_scores",
    "explanation_panel",
    "find_layer",
    "heat_maps",
    "layers_of",
    "mean_axis",
    "network_of_image",
    "outline_panel",
    "overlay",
    "project_units",
    "receptive_fields",
    "region_shape",
    "region_shapes",
    "scale_rule",
    "shared_scale",
    "strength",
    "strongest_units",
]
