"""Images: heat maps beside their originals, and the worst errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from thyrosight.documents import ErrorExample, HeatExample
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, MALIGNANT, styled

Pictures = Mapping[str, NDArray[Any]]
"""Pixels, heat maps and masks by name, as `pictures.npz` of a study holds them."""
_PER_ROW = 6
_TEXT_ABOVE, _TEXT_BELOW, _LINE_BELOW = 0.24, 0.78, 0.46  # inches


@styled
def figure_heat_maps(examples: Sequence[HeatExample], pictures: Pictures, *, scale: float) -> Figure:
    """Originals above their heat maps, benign first, all maps on one scale whose bar stands at the right.

    Args:
        examples: at least one.
        pictures: `<key>/pixels` uint8 `(size, size)` or `(size, size, 3)`, and `<key>/heat` `(size, size)`, of each.
        scale: the heat drawn at full strength in every map.
    """
    from thyrosight.explain import overlay

    ordered = [e for e in examples if e.label == "benign"] + [e for e in examples if e.label != "benign"]
    columns = min(len(ordered), _PER_ROW)
    blocks = -(-len(ordered) // columns)
    side = (FULL_WIDTH - 0.9) / max(columns, 4)
    height = blocks * (2 * side + _TEXT_BELOW + _TEXT_ABOVE)
    figure = Figure(figsize=(side * columns + 0.9, height))
    for place, example in enumerate(ordered):
        block, column = divmod(place, columns)
        top = height - block * (2 * side + _TEXT_BELOW + _TEXT_ABOVE) - _TEXT_ABOVE
        left = column * side
        original = panel(figure, left, top - side, side)
        mapped = panel(figure, left, top - 2 * side, side)
        original.imshow(pictures[f"{example.key}/pixels"], cmap="gray", vmin=0, vmax=255, interpolation="none")
        mapped.imshow(
            overlay(pictures[f"{example.key}/pixels"], pictures[f"{example.key}/heat"], scale=scale),
            interpolation="none",
        )
        _head(original, example.label)
        mapped.set_xlabel(
            f"{_short(example.key)}\nrisk {example.risk:.2f}: {example.predicted}\n"
            f"deletion {example.deletion:.2f}\n(random order {example.deletion_random:.2f})",
            fontsize=9,
            labelpad=4,
        )
    _bar(figure, left=columns * side + 0.12, bottom=height - _TEXT_ABOVE - 2 * side, length=side, scale=scale)
    return figure


@styled
def figure_errors(examples: Sequence[ErrorExample], pictures: Pictures) -> Figure:
    """Images on which the network was most wrong, with truth and calibrated risk."""
    columns = min(len(examples), _PER_ROW)
    rows = -(-len(examples) // columns)
    side = FULL_WIDTH / _PER_ROW if columns > 4 else FULL_WIDTH / 5
    figure = Figure(figsize=(side * columns, rows * (side + _LINE_BELOW + _TEXT_ABOVE)))
    for place, example in enumerate(examples):
        row, column = divmod(place, columns)
        axes = panel(
            figure, column * side, (rows - row) * (side + _LINE_BELOW + _TEXT_ABOVE) - _TEXT_ABOVE - side, side
        )
        axes.imshow(pictures[f"{example.key}/pixels"], cmap="gray", vmin=0, vmax=255, interpolation="none")
        _head(axes, example.label)
        axes.set_xlabel(f"{_short(example.key)}\nrisk {example.risk:.2f}", fontsize=9, labelpad=4)
    return figure


def panel(figure: Figure, left: float, bottom: float, side: float, tall: float | None = None) -> Axes:
    """Axes of `side` inches (`tall` of them high, else square), with a small gap, that show an image and no more."""
    high = side if tall is None else tall
    width, height = figure.get_size_inches()
    gap = 0.05
    axes = figure.add_axes(
        ((left + gap) / width, (bottom + gap) / height, (side - 2 * gap) / width, (high - 2 * gap) / height)
    )
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for edge in axes.spines.values():
        edge.set_visible(False)
    return axes


def _head(axes: Axes, label: str) -> None:
    """The true label in its colour above a panel."""
    axes.set_title(label, color=MALIGNANT if label == "malignant" else BENIGN, fontsize=10, pad=3)


def _short(name: str) -> str:
    """A name that fits below a panel."""
    return name if len(name) <= 18 else f"{name[:17]}…"


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
    axes.set_title("heat", fontsize=8.5, weight="normal", pad=4, loc="left")
