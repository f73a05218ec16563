"""The figures of a report; every number they draw is given to them."""

from thyrosight.reports.figures.comparison import figure_divisions, figure_measures
from thyrosight.reports.figures.counts import figure_confusion, figure_scores
from thyrosight.reports.figures.crop_windows import figure_crop_windows
from thyrosight.reports.figures.curves import (
    figure_calibration,
    figure_precision_recall,
    figure_roc,
)
from thyrosight.reports.figures.dice import figure_dice, figure_dice_by_size, figure_dice_history
from thyrosight.reports.figures.drawing import draw
from thyrosight.reports.figures.feature_projections import figure_feature_projections
from thyrosight.reports.figures.freeze_depth import figure_freeze_depth
from thyrosight.reports.figures.picture_grid import figure_picture_grid
from thyrosight.reports.figures.pictures import Pictures, figure_errors, figure_heat_maps
from thyrosight.reports.figures.regions import figure_regions
from thyrosight.reports.figures.segmentations import figure_segmentations
from thyrosight.reports.figures.stacked import figure_stacked
from thyrosight.reports.figures.style import to_svg
from thyrosight.reports.figures.training_curves import figure_training

__all__ = [
    "Pictures",
    "draw",
    "figure_calibration",
    "figure_confusion",
    "figure_crop_windows",
    "figure_dice",
    "figure_dice_by_size",
    "figure_dice_history",
    "figure_divisions",
    "figure_errors",
    "figure_feature_projections",
    "figure_freeze_depth",
    "figure_heat_maps",
    "figure_measures",
    "figure_picture_grid",
    "figure_precision_recall",
    "figure_regions",
    "figure_roc",
    "figure_scores",
    "figure_segmentations",
    "figure_stacked",
    "figure_training",
    "to_svg",
]
