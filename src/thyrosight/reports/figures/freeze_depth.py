"""A measure against the number of frozen layers, and how often each number was found best."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from thyrosight.documents import DepthCurve
from thyrosight.reports.figures.style import DASHES, FULL_WIDTH, MARKERS, SERIES, new_figure, styled


@styled
def figure_freeze_depth(curves: Sequence[DepthCurve], measures: Sequence[str]) -> Figure:
    """One panel per measure with a band per input (a ring marks the chosen depth), and one of how often each was best.

    Args:
        curves: at least one, at most eight.
        measures: names of the measures, at least one.
    """
    panels = len(measures) + 1
    figure, grid = new_figure(FULL_WIDTH, 3.9, nrows=1, ncols=panels, squeeze=False)
    axes = grid[0]
    for place, (one, name) in enumerate(zip(axes, measures, strict=False)):
        _draw_measure(one, curves, place)
        one.set(xlabel="Frozen convolution layers", title=name)
    _draw_shares(axes[-1], curves)
    axes[-1].set(xlabel="Frozen convolution layers", title="Share of draws in which best", ylim=(0, None))
    depths = sorted({depth for curve in curves for depth in curve.depths})
    for one in axes[:-1]:
        one.set_xlim(depths[0] - 0.7, depths[-1] + 0.7)
        one.xaxis.set_major_locator(FixedLocator(depths) if len(depths) < 8 else MaxNLocator(integer=True, nbins=8))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(curves))
    return figure


def _draw_measure(axes: Axes, curves: Sequence[DepthCurve], place: int) -> None:
    for index, curve in enumerate(curves):
        bars = curve.measures[place]
        values = _numbers([bar.value for bar in bars])
        low, high = _numbers([bar.low for bar in bars]), _numbers([bar.high for bar in bars])
        colour = SERIES[index]
        axes.fill_between(curve.depths, low, high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(
            curve.depths, values, color=colour, linestyle=DASHES[index], marker=MARKERS[index], markersize=4.5,
            label=curve.name,
        )  # fmt: skip
        at = list(curve.depths).index(curve.chosen)
        axes.plot(
            [curve.chosen], [values[at]], marker="o", markersize=12, markerfacecolor="none", markeredgecolor=colour,
            markeredgewidth=1.6, linestyle="none",
        )  # fmt: skip


def _draw_shares(axes: Axes, curves: Sequence[DepthCurve]) -> None:
    """Bars of each depth side by side, one per input; depths stand at equal distances."""
    depths = sorted({depth for curve in curves for depth in curve.depths})
    width = 0.8 / len(curves)
    for index, curve in enumerate(curves):
        shift = (index - (len(curves) - 1) / 2) * width
        places = np.array([depths.index(depth) for depth in curve.depths])
        axes.bar(places + shift, curve.shares, width=width, color=SERIES[index])
    every = 1 + (len(depths) - 1) // 8
    axes.set_xticks(range(0, len(depths), every), [str(depth) for depth in depths[::every]])


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
