"""Images side by side, each with its label and its result: the examples that papers show."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thyrosight.documents import GridPicture
from thyrosight.reports.figures.pictures import Pictures, panel
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, MALIGNANT, styled

_BOX = "#ffd23f"
_LINE, _HEAD = 0.165, 0.30  # inches


@styled
def figure_picture_grid(shown: Sequence[GridPicture], pictures: Pictures, *, columns: int = 4) -> Figure:
    """Pictures in rows of at most `columns`; each is fitted into a square without distorting it.

    Args:
        shown: at least one.
        pictures: pixels by the names that `shown` gives.
        columns: pictures in a row, at most.
    """
    pixels = [pictures[item.picture] for item in shown]
    across = max(min(columns, len(shown)), 2)
    side = FULL_WIDTH / max(across, 3)
    letters = max(int(side * 13.5), 10)
    wrapped = [[part for line in p.lines for part in textwrap.wrap(line, letters) or [""]] for p in shown]
    tall = side * max(min(image.shape[0] / image.shape[1], 1.0) for image in pixels)
    below = 0.12 + _LINE * max(len(lines) for lines in wrapped)
    rows = -(-len(shown) // across)
    height = rows * (tall + _HEAD + below)
    figure = Figure(figsize=(side * across, height))
    for place, (picture, image, lines) in enumerate(zip(shown, pixels, wrapped, strict=True)):
        row, column = divmod(place, across)
        axes = panel(figure, column * side, height - row * (tall + _HEAD + below) - _HEAD - tall, side, tall)
        axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="none")
        axes.set_anchor("S")
        head = f"{picture.letter}  {picture.label}".strip()
        axes.set_title(head, color=MALIGNANT if picture.label == "malignant" else BENIGN, fontsize=10, pad=3)
        axes.set_xlabel("\n".join(lines), fontsize=8.5, labelpad=4)
        if picture.box is not None:
            left, top, right, bottom = picture.box
            axes.add_patch(
                Rectangle(
                    (left - 0.5, top - 0.5), right - left, bottom - top, fill=False, edgecolor=_BOX, linewidth=1.4
                )
            )
    return figure
