"""From the data of a figure to the drawing: one function for each kind, chosen by its type."""

from functools import singledispatch
from typing import Any

from matplotlib.figure import Figure

from thyrosight import documents as data
from thyrosight.reports.figures.comparison import figure_divisions, figure_measures
from thyrosight.reports.figures.counts import figure_confusion, figure_scores
from thyrosight.reports.figures.crop_windows import figure_crop_windows
from thyrosight.reports.figures.curves import figure_calibration, figure_precision_recall, figure_roc
from thyrosight.reports.figures.dice import figure_dice, figure_dice_by_size, figure_dice_history
from thyrosight.reports.figures.feature_projections import figure_feature_projections
from thyrosight.reports.figures.freeze_depth import figure_freeze_depth
from thyrosight.reports.figures.picture_grid import figure_picture_grid
from thyrosight.reports.figures.pictures import Pictures, figure_errors, figure_heat_maps
from thyrosight.reports.figures.regions import figure_regions
from thyrosight.reports.figures.segmentations import figure_segmentations
from thyrosight.reports.figures.stacked import figure_stacked
from thyrosight.reports.figures.training_curves import figure_training


@singledispatch
def draw(drawing: Any, pictures: Pictures) -> Figure:
    """Draw a figure.

    Args:
        drawing: its data.
        pictures: pixels, heat maps and masks that it names.

    Raises:
        KeyError: a picture that is not there.
        TypeError: a kind of figure that nobody draws.
    """
    raise TypeError(f"There is no drawing for {type(drawing).__name__}.")


@draw.register
def _(drawing: data.RocCurves, pictures: Pictures) -> Figure:
    return figure_roc(drawing.curves)


@draw.register
def _(drawing: data.PrecisionRecall, pictures: Pictures) -> Figure:
    return figure_precision_recall(drawing.curves, prevalence=drawing.prevalence)


@draw.register
def _(drawing: data.Calibration, pictures: Pictures) -> Figure:
    return figure_calibration(drawing.bins, name=drawing.name, x_label=drawing.x_label)


@draw.register
def _(drawing: data.MeasureBars, pictures: Pictures) -> Figure:
    return figure_measures(drawing.networks, drawing.measures, chance=drawing.chance)


@draw.register
def _(drawing: data.DivisionDots, pictures: Pictures) -> Figure:
    return figure_divisions(drawing.networks, measure=drawing.measure)


@draw.register
def _(drawing: data.Confusion, pictures: Pictures) -> Figure:
    return figure_confusion(drawing.networks)


@draw.register
def _(drawing: data.Scores, pictures: Pictures) -> Figure:
    return figure_scores(drawing.benign, drawing.malignant, thresholds=drawing.thresholds)


@draw.register
def _(drawing: data.Training, pictures: Pictures) -> Figure:
    return figure_training(drawing.networks)


@draw.register
def _(drawing: data.HeatMaps, pictures: Pictures) -> Figure:
    return figure_heat_maps(drawing.examples, pictures, scale=drawing.scale)


@draw.register
def _(drawing: data.Errors, pictures: Pictures) -> Figure:
    return figure_errors(drawing.examples, pictures)


@draw.register
def _(drawing: data.Regions, pictures: Pictures) -> Figure:
    return figure_regions(drawing.features)


@draw.register
def _(drawing: data.Dice, pictures: Pictures) -> Figure:
    return figure_dice(drawing.networks, failed_below=drawing.failed_below)


@draw.register
def _(drawing: data.DiceBySize, pictures: Pictures) -> Figure:
    return figure_dice_by_size(drawing.network)


@draw.register
def _(drawing: data.DiceHistory, pictures: Pictures) -> Figure:
    return figure_dice_history(drawing.networks)


@draw.register
def _(drawing: data.Outlines, pictures: Pictures) -> Figure:
    return figure_segmentations(drawing.examples, pictures)


@draw.register
def _(drawing: data.PictureGrid, pictures: Pictures) -> Figure:
    return figure_picture_grid(drawing.pictures, pictures, columns=drawing.columns)


@draw.register
def _(drawing: data.FreezeDepth, pictures: Pictures) -> Figure:
    return figure_freeze_depth(drawing.curves, drawing.measures)


@draw.register
def _(drawing: data.FeatureProjections, pictures: Pictures) -> Figure:
    return figure_feature_projections(drawing.projections, pictures)


@draw.register
def _(drawing: data.CropWindows, pictures: Pictures) -> Figure:
    return figure_crop_windows(drawing.views, pictures)


@draw.register
def _(drawing: data.Stacked, pictures: Pictures) -> Figure:
    return figure_stacked(drawing.panels, drawing.categories, legend=drawing.legend)
