"""Explanations of a network's output: heat maps, their faithfulness, and the shape of the regions they highlight."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
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
    from thyrosight.explain.gradcam import heat_maps
    from thyrosight.explain.heat_drawing import colour_bar, overlay, strength
    from thyrosight.explain.heat_scale import scale_rule, shared_scale
    from thyrosight.explain.outlined_frame import outline_panel
    from thyrosight.explain.panel import explanation_panel
    from thyrosight.explain.receptive_field import receptive_fields
    from thyrosight.explain.regions import NoduleBox, RegionShape, region_shape, region_shapes
else:
    __getattr__, __dir__ = on_first_use(__name__)

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
