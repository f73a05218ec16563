"""Outlines side by side: the image, the reader's outline, and the network's with its Dice."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from thyrosight.documents import OutlineExample
from thyrosight.reports.figures.pictures import Pictures, panel
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, MALIGNANT, styled

TRUTH, FOUND = "#36d1c4", "#ffd23f"
"""Outlines over grey pictures: their colours do not change on a dark page, as the pictures do not."""
_HEAD, _BELOW, _GROUP = 0.28, 0.2, 0.3  # inches
_PER_ROW = 2


class _Shown(NamedTuple):
    """An example with its pixels and masks."""

    example: OutlineExample
    pixels: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    found: NDArray[np.bool_]


@styled
def figure_segmentations(examples: Sequence[OutlineExample], pictures: Pictures) -> Figure:
    """Pairs of panels, two pairs in a row, under the heading of their group.

    The left panel of a pair shows the image with the reader's outline, the right one with the network's.

    Args:
        examples: at least one; those of a group stand together.
        pictures: of each `<key>/pixels`, uint8 `(rows, columns)` or `(rows, columns, 3)`, and `<key>/truth` and
            `<key>/found`, bool `(rows, columns)`.
    """
    groups: dict[str, list[_Shown]] = {}
    for example in examples:
        arrays = (pictures[f"{example.key}/{name}"] for name in ("pixels", "truth", "found"))
        groups.setdefault(example.group, []).append(_Shown(example, *arrays))
    side = FULL_WIDTH / (2 * _PER_ROW)
    rows = [
        (name if start == 0 else "", items[start : start + _PER_ROW])
        for name, items in groups.items()
        for start in range(0, len(items), _PER_ROW)
    ]
    talls = [side * max(_height_share(picture) for picture in row) for _, row in rows]
    height = sum(_HEAD + tall + _BELOW for tall in talls) + len(groups) * _GROUP
    figure = Figure(figsize=(FULL_WIDTH, height))
    top = height
    for (name, row), tall in zip(rows, talls, strict=True):
        if name:
            figure.text(0.006, (top - 0.1) / height, name, fontsize=11, fontweight="bold", va="top")
            top -= _GROUP
        for place, picture in enumerate(row):
            _pair(figure, picture, left=2 * place * side, bottom=top - _HEAD - tall, side=side, tall=tall)
        top -= _HEAD + tall + _BELOW
    return figure


def _height_share(picture: _Shown) -> float:
    start, stop = _lit_rows(picture.pixels)
    return (stop - start) / int(picture.pixels.shape[1])


def _pair(figure: Figure, picture: _Shown, *, left: float, bottom: float, side: float, tall: float) -> None:
    start, stop = _lit_rows(picture.pixels)
    for offset, mask, colour, what in ((0, picture.truth, TRUTH, "reader"), (1, picture.found, FOUND, "network")):
        axes = panel(figure, left + offset * side, bottom, side, tall)
        axes.imshow(picture.pixels, cmap="gray", vmin=0, vmax=255, interpolation="none")
        _draw(axes, mask, colour)
        axes.set(xlim=(-0.5, picture.pixels.shape[1] - 0.5), ylim=(stop - 0.5, start - 0.5))
        axes.set_anchor("N")
        axes.text(
            0.02, 0.03, what if mask.any() else f"{what}: nothing", transform=axes.transAxes, color=colour, fontsize=8.5
        )
        if offset == 0:
            colour_of_label = MALIGNANT if picture.example.label == "malignant" else BENIGN
            axes.set_title(picture.example.label, color=colour_of_label, fontsize=10, pad=3)
        else:
            axes.set_title(picture.example.text, fontsize=9, fontweight="normal", pad=3, loc="right")


def _draw(axes: Axes, mask: NDArray[np.bool_], colour: str) -> None:
    if mask.any():
        # Padded, so that an outline at the picture's edge is closed.
        values = np.pad(mask, 1).astype(float)
        rows, columns = (np.arange(count) - 1 for count in values.shape)
        axes.contour(columns, rows, values, levels=[0.5], colors=[colour], linewidths=1.5)


def _lit_rows(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    """The rows between black bars above and below."""
    lit = np.flatnonzero(pixels.reshape(pixels.shape[0], -1).any(axis=1))
    return (0, pixels.shape[0]) if not lit.size else (int(lit[0]), int(lit[-1]) + 1)
