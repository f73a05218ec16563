"""Images side by side, each with what was said of it: the examples that papers show."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from thyrosight.reports.figures.pictures import panel
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, MALIGNANT, styled

_BOX = "#ffd23f"
_LINE, _HEAD = 0.165, 0.30  # inches


@dataclass(frozen=True, eq=False)
class GridPicture:
    """One image of a grid.

    Attributes:
        pixels: uint8 `(rows, columns)` grey or `(rows, columns, 3)`.
        label: "benign" or "malignant", shown above in its colour.
        lines: shown below; long lines are wrapped.
        box: (left, top, right, bottom) in pixels of the image, drawn as a frame.
        letter: shown before the label, for example "A".
    """

    pixels: NDArray[np.uint8]
    label: str
    lines: Sequence[str] = field(default_factory=tuple)
    box: tuple[float, float, float, float] | None = None
    letter: str = ""


@styled
def figure_picture_grid(pictures: Sequence[GridPicture], *, columns: int = 4) -> Figure:
    """Pictures in rows of at most `columns`; each is fitted into a square without distorting it.

    Args:
        pictures: at least one.
        columns: pictures in a row, at most.
    """
    across = max(min(columns, len(pictures)), 2)
    side = FULL_WIDTH / max(across, 3)
    letters = max(int(side * 13.5), 10)
    wrapped = [[part for line in p.lines for part in textwrap.wrap(line, letters) or [""]] for p in pictures]
    tall = side * max(min(p.pixels.shape[0] / p.pixels.shape[1], 1.0) for p in pictures)
    below = 0.12 + _LINE * max(len(lines) for lines in wrapped)
    rows = -(-len(pictures) // across)
    height = rows * (tall + _HEAD + below)
    figure = Figure(figsize=(side * across, height))
    for place, (picture, lines) in enumerate(zip(pictures, wrapped, strict=True)):
        row, column = divmod(place, across)
        axes = panel(figure, column * side, height - row * (tall + _HEAD + below) - _HEAD - tall, side, tall)
        axes.imshow(picture.pixels, cmap="gray", vmin=0, vmax=255, interpolation="none")
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
