"""The figures of a report; every number they draw is given to them."""

from thyrosight.reports.figures.drawing import draw
from thyrosight.reports.figures.pictures import Pictures
from thyrosight.reports.figures.style import to_svg

__all__ = ["Pictures", "draw", "to_svg"]
