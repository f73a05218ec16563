"""Images: grids of pictures with what was said of each, and heat maps below their originals."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from thyrosight.documents.drawings import GridPicture, HeatExample, HeatMaps, Mark, PictureGrid
from thyrosight.languages import say, wrapped
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, INK, MALIGNANT

Pictures = Mapping[str, NDArray[Any]]
"""Pixels, heat maps and masks by name, as `pictures.npz` of a study holds them."""
_MARKS = {"yellow": "#ffd23f", "red": "#ff5a36", "green": "#5bd75b", "turquoise": "#36d1c4"}
"""Over grey pictures: they do not change on a dark page, as the pictures do not."""
_SIGNED = LinearSegmentedColormap.from_list("signed", ["#3fa9ff", "#16456b", "#101010", "#7a3a08", "#ffa136"])
"""Black at zero, blue below and orange above: told apart with every common colour vision deficiency."""
_THIN = 0.9
_LINE, _HEAD, _HEADING = 0.165, 0.30, 0.30  # inches
_PER_ROW = 4
_WIDE = 0.85
_SMALL, _RING = 0.08, 0.06
"""A frame of a smaller share of its picture gets a ring around it, of this share at least, so that it is found."""
_TEXT_ABOVE, _TEXT_BELOW = 0.24, 0.78  # inches


def picture_grid(drawing: PictureGrid, pictures: Pictures) -> Figure:
    """Pictures in rows of at most `columns`; each is fitted into its square without distorting it."""
    across = max(min(drawing.columns, len(drawing.pictures)), 2)
    side = FULL_WIDTH / max(across, 2 if _all_wide(drawing.pictures, pictures) else 3)
    rows = _rows(drawing.pictures, across)
    lines_below = [[_wrapped(shown.lines, letters=max(int(side * 13.5), 10)) for shown in row] for row in rows]
    talls = [side * max(_height_share(shown, pictures) for shown in row) for row in rows]
    below = [0.12 + _LINE * max(len(lines) for lines in of_row) for of_row in lines_below]
    headed = [_HEADING * bool(row[0].heading) for row in rows]
    height = sum(talls) + sum(below) + sum(headed) + _HEAD * len(rows)
    figure, top = Figure(figsize=(side * across, height)), height
    for row, lines, tall, beneath, heading in zip(rows, lines_below, talls, below, headed, strict=True):
        if heading:
            figure.text(0.006, (top - 0.1) / height, row[0].heading, fontsize=11, fontweight="bold", va="top")
        top -= heading + _HEAD + tall
        for column, shown in enumerate(row):
            axes = _panel(figure, column * side, top, side, tall)
            _draw_picture(axes, shown, pictures)
            axes.set_xlabel("\n".join(lines[column]), fontsize=8.5, labelpad=4)
        top -= beneath
    return figure


def _all_wide(shown: Sequence[GridPicture], pictures: Pictures) -> bool:
    """Whether every picture is so much wider than tall that two of them may fill the page."""
    return all(_height_share(one, pictures) < _WIDE for one in shown)


def _rows(shown: Sequence[GridPicture], across: int) -> list[list[GridPicture]]:
    """Rows of at most `across` pictures; a heading begins a new one."""
    headings = np.cumsum([bool(one.heading) for one in shown])
    groups = [
        [one for _, one in group] for _, group in groupby(zip(headings, shown, strict=True), lambda pair: pair[0])
    ]
    return [group[start : start + across] for group in groups for start in range(0, len(group), across)]


def _wrapped(lines: Sequence[str], *, letters: int) -> list[str]:
    return [part for line in lines for part in wrapped(line, letters) or [""]]


def _limits(shown: GridPicture, pictures: Pictures) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is shown: the part asked for, or all with the frames around it."""
    if shown.part:
        return shown.part
    rows, columns = pictures[shown.picture].shape[:2]
    corners = [(0.0, 0.0, float(columns), float(rows)), *(mark.box for mark in shown.marks if mark.box)]
    lefts, tops, rights, bottoms = zip(*corners, strict=True)
    found = min(lefts), min(tops), max(rights), max(bottoms)
    if found == corners[0]:
        return found
    return found[0] - 2, found[1] - 2, found[2] + 2, found[3] + 2


def _height_share(shown: GridPicture, pictures: Pictures) -> float:
    left, top, right, bottom = _limits(shown, pictures)
    return min((bottom - top) / (right - left), 1.0)


def _draw_picture(axes: Axes, shown: GridPicture, pictures: Pictures) -> None:
    low, high = (0.0, 255.0) if shown.scale is None else (-shown.scale, shown.scale)
    colours = "gray" if shown.colours == "grey" else _SIGNED
    axes.imshow(pictures[shown.picture], cmap=colours, vmin=low, vmax=high, interpolation="none")
    for mark in shown.marks:
        _draw_mark(axes, mark, pictures, size=pictures[shown.picture].shape[:2])
    left, top, right, bottom = _limits(shown, pictures)
    axes.set(xlim=(left - 0.5, right - 0.5), ylim=(bottom - 0.5, top - 0.5))
    axes.set_anchor("S")
    _head(axes, f"{shown.letter}  {say(shown.label)}".strip(), shown.label)


def _draw_mark(axes: Axes, mark: Mark, pictures: Pictures, *, size: tuple[int, ...]) -> None:
    """A frame, or the outline of a mask, and words in the lower left corner."""
    colour = _MARKS[mark.colour]
    if mark.box is not None:
        left, top, right, bottom = mark.box
        corner, width, height = (left - 0.5, top - 0.5), right - left, bottom - top
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=_THIN))
        shown = max(size)
        if max(width, height) < _SMALL * shown:
            middle = corner[0] + width / 2, corner[1] + height / 2
            axes.add_patch(Circle(middle, _RING * shown, fill=False, edgecolor=colour, linewidth=_THIN, linestyle="--"))
    if mark.mask and pictures[mark.mask].any():
        # Padded, so that an outline at the picture's edge is closed.
        values = np.pad(pictures[mark.mask], 1).astype(float)
        rows, columns = (np.arange(count) - 1 for count in values.shape)
        axes.contour(columns, rows, values, levels=[0.5], colors=[colour], linewidths=_THIN)
    axes.text(0.02, 0.03, mark.text, transform=axes.transAxes, color=colour, fontsize=8.5)


def heat_maps(drawing: HeatMaps, pictures: Pictures) -> Figure:
    """Originals above their heat maps, benign first, all maps on one scale whose bar stands at the right."""
    from thyrosight.explain import overlay

    ordered = sorted(drawing.examples, key=lambda example: example.label != "benign")
    columns = min(len(ordered), _PER_ROW)
    side = (FULL_WIDTH - 0.9) / max(columns, 4)
    block = 2 * side + _TEXT_BELOW + _TEXT_ABOVE
    height = -(-len(ordered) // columns) * block
    figure = Figure(figsize=(side * columns + 0.9, height))
    for place, example in enumerate(ordered):
        row, column = divmod(place, columns)
        top = height - row * block - _TEXT_ABOVE
        original = _panel(figure, column * side, top - side, side, side)
        mapped = _panel(figure, column * side, top - 2 * side, side, side)
        pixels, heat = pictures[f"{example.key}/pixels"], pictures[f"{example.key}/heat"]
        original.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="none")
        mapped.imshow(overlay(pixels, heat, scale=drawing.scale), interpolation="none")
        _head(original, say(example.label), example.label)
        name = example.key if len(example.key) <= 18 else f"{example.key[:17]}…"
        mapped.set_xlabel(
            "\n".join((name, *_said_of(example))),
            fontsize=9,
            labelpad=4,
        )
    _bar(figure, left=columns * side + 0.12, bottom=height - _TEXT_ABOVE - 2 * side, length=side, scale=drawing.scale)
    return figure


def _said_of(example: HeatExample) -> tuple[str, str, str]:
    """Words to a heat map: the network's answer on the image, and how faithful the map is."""
    return (
        say("risk {n0}: {1}", f"{example.risk:.2f}", say(example.predicted)),
        say("deletion {n0}", f"{example.deletion:.2f}"),
        say("(random order {n0})", f"{example.deletion_random:.2f}"),
    )


def _bar(figure: Figure, *, left: float, bottom: float, length: float, scale: float) -> None:
    """The bar that says what strength the colours of the maps stand for."""
    from thyrosight.explain import colour_bar

    width, height = figure.get_size_inches()
    axes = figure.add_axes((left / width, (bottom + 0.1) / height, 0.16 / width, (length - 0.2) / height))
    axes.imshow(colour_bar(100, 8), aspect="auto", extent=(0, 1, 0, 1), interpolation="none")
    axes.set_xticks([])
    axes.set_yticks([0, 0.5, 1], ["0", f"{scale / 2:.2g}", f"≥ {scale:.2g}"], fontsize=8.5)
    axes.yaxis.tick_right()
    axes.grid(visible=False)
    axes.set_title(say("heat"), fontsize=8.5, weight="normal", pad=4, loc="left")


def _panel(figure: Figure, left: float, bottom: float, side: float, tall: float) -> Axes:
    """Axes of `side` by `tall` inches, with a small gap, that show an image and no more."""
    width, height = figure.get_size_inches()
    gap = 0.05
    place = (left + gap) / width, (bottom + gap) / height, (side - 2 * gap) / width, (tall - 2 * gap) / height
    axes = figure.add_axes(place)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return axes


def _head(axes: Axes, text: str, label: str) -> None:
    """Words above a panel: a class in its colour, other words plain."""
    colour = {"benign": BENIGN, "malignant": MALIGNANT}.get(label)
    axes.set_title(
        text, color=colour or INK, fontsize=10 if colour else 9, fontweight="bold" if colour else "normal", pad=3
    )
