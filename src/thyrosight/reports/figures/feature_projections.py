"""What the units of a network's layers answer to, projected down to pixels (after Figure 3 of Qin et al.)."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from thyrosight.documents import FeatureProjection
from thyrosight.reports.figures.pictures import Pictures, panel
from thyrosight.reports.figures.style import styled

Pixels = TypeVar("Pixels", bound=np.generic)

_COLUMNS = ("Image", "Input patch", "Deconvolution", "Integrated gradients")
_SIDE, _HEAD, _BELOW = 2.3, 0.3, 0.52  # inches
_PERCENTILE = 99.5
_WINDOW = "#ffd23f"
_SIGNED = LinearSegmentedColormap.from_list("signed", ["#3fa9ff", "#16456b", "#101010", "#7a3a08", "#ffa136"])
"""Black at zero, blue below and orange above: told apart with every common colour vision deficiency."""


class _Drawn(NamedTuple):
    """A projection with its pixels."""

    data: FeatureProjection
    pixels: NDArray[np.uint8]
    deconvolution: NDArray[np.float32]
    attribution: NDArray[np.float32]


@styled
def figure_feature_projections(found: Sequence[FeatureProjection], pictures: Pictures) -> Figure:
    """One row per unit: its image with its receptive field, and in that field the input and both projections.

    All units of a layer share the scale of each projection, and zero looks the same in all: a unit that finds little
    looks weak beside one that finds much. Between layers the scales differ and are stated.

    Args:
        found: at least one, in the order in which they are drawn.
        pictures: `<key>/pixels` uint8 `(rows, columns[, 3])`; `<key>/deconvolution` and `<key>/attribution` float32
            `(rows, columns)`, signed.
    """
    parts = ("pixels", "deconvolution", "attribution")
    projections = [_Drawn(item, *(pictures[f"{item.key}/{part}"] for part in parts)) for item in found]
    scales = layer_scales(projections)
    row_height = _SIDE + _BELOW
    height = _HEAD + len(projections) * row_height
    figure = Figure(figsize=(_SIDE * len(_COLUMNS), height))
    for place, projection in enumerate(projections):
        bottom = height - _HEAD - place * row_height - _SIDE
        axes = [panel(figure, column * _SIDE, bottom, _SIDE) for column in range(len(_COLUMNS))]
        _draw(axes, projection, *scales[projection.data.layer])
    for column, title in enumerate(_COLUMNS):
        figure.text((column + 0.02) / len(_COLUMNS), 1 - 0.07 / height, title, va="top", fontsize=10, weight="bold")
    return figure


def layer_scales(projections: Sequence[_Drawn]) -> dict[int, tuple[float, float]]:
    """By number of the layer: the strengths drawn at full, of its deconvolutions and of its attributions.

    The 99.5th percentile of the magnitude of all pixels in the receptive fields of the layer's units; a single pixel
    does not dim all others. 1 where nothing answers, so that it is drawn empty.
    """
    scales = {}
    for number in dict.fromkeys(projection.data.layer for projection in projections):
        same = [projection for projection in projections if projection.data.layer == number]
        scales[number] = (
            _scale([_cut(projection.deconvolution, projection) for projection in same]),
            _scale([_cut(projection.attribution, projection) for projection in same]),
        )
    return scales


def _scale(patches: Sequence[NDArray[np.float32]]) -> float:
    strengths = np.abs(np.concatenate([patch.ravel() for patch in patches]))
    return float(np.percentile(strengths, _PERCENTILE)) or float(strengths.max()) or 1.0


def _draw(axes: Sequence[Axes], projection: _Drawn, deconvolution: float, attribution: float) -> None:
    whole, patch, first, second = axes
    for one in axes:
        one.set_anchor("S")
    unit = projection.data
    left, top, right, bottom = projection.data.window
    whole.imshow(projection.pixels, cmap="gray", vmin=0, vmax=255, interpolation="none")
    whole.add_patch(
        Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False, edgecolor=_WINDOW, linewidth=1.2)
    )
    patch.imshow(_cut(projection.pixels, projection), cmap="gray", vmin=0, vmax=255, interpolation="none")
    first.imshow(
        _cut(projection.deconvolution, projection),
        cmap="gray",
        vmin=-deconvolution,
        vmax=deconvolution,
        interpolation="none",
    )
    second.imshow(
        _cut(projection.attribution, projection),
        cmap=_SIGNED,
        vmin=-attribution,
        vmax=attribution,
        interpolation="none",
    )
    _below(whole, f"layer {unit.layer}, map {unit.map}\nactivation {_number(unit.activation)}")
    _below(patch, f"layer {unit.layer}, map {unit.map}\n{bottom - top} x {right - left} pixels")
    _below(first, f"layer {unit.layer}, map {unit.map}\nblack to white: ±{_number(deconvolution)}")
    _below(second, f"layer {unit.layer}, map {unit.map}\nblue to orange: ±{_number(attribution)}")


def _cut(values: NDArray[Pixels], projection: _Drawn) -> NDArray[Pixels]:
    left, top, right, bottom = projection.data.window
    return values[top:bottom, left:right]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _below(axes: Axes, text: str) -> None:
    axes.set_xlabel(text, fontsize=8.5, labelpad=4)
