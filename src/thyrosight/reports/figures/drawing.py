"""From the data of a figure to the drawing: one function for each kind."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from thyrosight.documents import drawings
from thyrosight.documents.diagrams import Diagram
from thyrosight.reports.figures.bars import confusion, divisions, measures, scores, stacked
from thyrosight.reports.figures.boxes import dice, dice_by_size, regions
from thyrosight.reports.figures.diagrams import diagram
from thyrosight.reports.figures.estimates import forest, scatter
from thyrosight.reports.figures.flow import flow
from thyrosight.reports.figures.lines import calibration, lines
from thyrosight.reports.figures.pictures import Pictures, heat_maps, picture_grid
from thyrosight.reports.figures.style import page_style

_DRAWN: dict[type, Callable[..., Figure]] = {
    drawings.Lines: lines,
    drawings.Forest: forest,
    drawings.Scatter: scatter,
    drawings.Calibration: calibration,
    drawings.MeasureBars: measures,
    drawings.DivisionDots: divisions,
    drawings.Confusion: confusion,
    drawings.Scores: scores,
    drawings.Stacked: stacked,
    drawings.Regions: regions,
    drawings.Dice: dice,
    drawings.DiceBySize: dice_by_size,
    drawings.Flow: flow,
    Diagram: diagram,
}
_PICTURED: dict[type, Callable[..., Figure]] = {drawings.HeatMaps: heat_maps, drawings.PictureGrid: picture_grid}


def draw(drawing: Any, pictures: Pictures | None = None) -> Figure:
    """Draw a figure, whatever the user's matplotlib is set to.

    Args:
        drawing: its data, of `thyrosight.documents.drawings`.
        pictures: pixels, heat maps and masks that it names.

    Raises:
        KeyError: a picture that is not there.
        TypeError: a kind of figure that nobody draws.
    """
    kind = type(drawing)
    with page_style():
        if kind in _PICTURED:
            return _PICTURED[kind](drawing, pictures or {})
        if kind in _DRAWN:
            return _DRAWN[kind](drawing)
    raise TypeError(f"There is no drawing for {kind.__name__}.")
