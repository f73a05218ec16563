"""Where crops lie in their frame, and what becomes of them."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thyrosight.documents import CropView
from thyrosight.reports.figures.pictures import Pictures, panel
from thyrosight.reports.figures.style import FULL_WIDTH, styled

_BOX, _WINDOW = "#ff5a36", "#5bd75b"


@styled
def figure_crop_windows(views: Sequence[CropView], pictures: Pictures) -> Figure:
    """One column per view: above the frame with both rectangles, below the crop as resized.

    Args:
        views: at least one, at most four.
        pictures: their frames and crops.
    """
    side, head = FULL_WIDTH / max(len(views), 3), 0.3
    # Frames are wider than tall as a rule: the upper row is as tall as the tallest of them needs.
    tall = side * max(min(_extent(view, pictures)[1] / _extent(view, pictures)[0], 1.2) for view in views)
    figure = Figure(figsize=(side * len(views), side + tall + head))
    for place, view in enumerate(views):
        above = panel(figure, place * side, side, side)
        below = panel(figure, place * side, 0, side)
        width, height = figure.get_size_inches()
        above.set_position(((place * side + 0.05) / width, side / height, (side - 0.1) / width, (tall - 0.05) / height))
        above.set_anchor("S")
        above.imshow(pictures[view.frame], cmap="gray", vmin=0, vmax=255, interpolation="none")
        for (left, top, right, bottom), colour in ((view.box, _BOX), (view.window, _WINDOW)):
            above.add_patch(
                Rectangle(
                    (left - 0.5, top - 0.5), right - left, bottom - top, fill=False, edgecolor=colour, linewidth=1.5
                )
            )
        rows, columns = pictures[view.frame].shape[:2]
        above.set_xlim(min(view.window[0], 0) - 2, max(view.window[2], columns) + 2)
        above.set_ylim(max(view.window[3], rows) + 2, min(view.window[1], 0) - 2)
        above.set_aspect("equal")
        above.set_title(view.title, fontsize=10, pad=4)
        below.imshow(pictures[view.crop], cmap="gray", vmin=0, vmax=255, interpolation="none")
    return figure


def _extent(view: CropView, pictures: Pictures) -> tuple[float, float]:
    """Width and height of the frame together with its window."""
    rows, columns = pictures[view.frame].shape[:2]
    left, top, right, bottom = view.window
    return max(right, columns) - min(left, 0), max(bottom, rows) - min(top, 0)
