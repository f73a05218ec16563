"""Where crops lie in their frame, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from thyrosight.reports.figures.pictures import panel
from thyrosight.reports.figures.style import FULL_WIDTH, styled

Corners = tuple[float, float, float, float]
_BOX, _WINDOW = "#ff5a36", "#5bd75b"


@dataclass(frozen=True, eq=False)
class CropView:
    """A frame with a nodule's box and the window around it, beside what the network is shown.

    Attributes:
        title: of the pair.
        frame: the frame's pixels.
        box, window: in pixels of the frame (left, top, right, bottom); the window may reach outside.
        crop: the resized window.
    """

    title: str
    frame: NDArray[np.uint8]
    box: Corners
    window: Corners
    crop: NDArray[np.uint8]


@styled
def figure_crop_windows(views: Sequence[CropView]) -> Figure:
    """One column per view: above the frame with both rectangles, below the crop as resized.

    Args:
        views: at least one, at most four.
    """
    side, head = FULL_WIDTH / max(len(views), 3), 0.3
    # Frames are wider than tall as a rule: the upper row is as tall as the tallest of them needs.
    tall = side * max(min(_extent(view)[1] / _extent(view)[0], 1.2) for view in views)
    figure = Figure(figsize=(side * len(views), side + tall + head))
    for place, view in enumerate(views):
        above = panel(figure, place * side, side, side)
        below = panel(figure, place * side, 0, side)
        width, height = figure.get_size_inches()
        above.set_position(((place * side + 0.05) / width, side / height, (side - 0.1) / width, (tall - 0.05) / height))
        above.set_anchor("S")
        above.imshow(view.frame, cmap="gray", vmin=0, vmax=255, interpolation="none")
        for (left, top, right, bottom), colour in ((view.box, _BOX), (view.window, _WINDOW)):
            above.add_patch(
                Rectangle(
                    (left - 0.5, top - 0.5), right - left, bottom - top, fill=False, edgecolor=colour, linewidth=1.5
                )
            )
        rows, columns = view.frame.shape[:2]
        above.set_xlim(min(view.window[0], 0) - 2, max(view.window[2], columns) + 2)
        above.set_ylim(max(view.window[3], rows) + 2, min(view.window[1], 0) - 2)
        above.set_aspect("equal")
        above.set_title(view.title, fontsize=10, pad=4)
        below.imshow(view.crop, cmap="gray", vmin=0, vmax=255, interpolation="none")
    return figure


def _extent(view: CropView) -> tuple[float, float]:
    """Width and height of the frame together with its window."""
    rows, columns = view.frame.shape[:2]
    left, top, right, bottom = view.window
    return max(right, columns) - min(left, 0), max(bottom, rows) - min(top, 0)
