"""Curves: ROC, precision and recall, training by epoch, measures by depth; and predicted against observed risk."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from thyrosight.documents.drawings import Calibration, Curve, LinePanel, Lines
from thyrosight.languages import say
from thyrosight.reports.figures.style import (
    DASHES,
    FULL_WIDTH,
    HALF_WIDTH,
    MARKERS,
    MUTED,
    PAPER,
    SERIES,
    add_note,
    cycled,
    new_figure,
    square_axes,
)


def lines(drawing: Lines) -> Figure:
    """Panels of curves; names that all panels share stand once, below them."""
    panels = drawing.panels
    if len(panels) == 1:
        legend = sum(0.06 + 0.21 * (curve.name.count("\n") + 1) for curve in panels[0].curves)
        figure, axes = new_figure(HALF_WIDTH, (4.9 if panels[0].square else 4.2) + legend)
        _draw_panel(axes, panels[0])
        axes.legend(loc="upper left", bbox_to_anchor=(-0.04, -0.13), handlelength=2.6)
        add_note(figure, panels[0].note)
        return figure
    figure, grid = new_figure(FULL_WIDTH, 3.7, ncols=len(panels))
    for axes, panel in zip(grid, panels, strict=True):
        _draw_panel(axes, panel)
    shared = len({tuple(curve.name for curve in panel.curves) for panel in panels}) == 1
    if shared:
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(panels[0].curves))
    else:
        for axes in grid:
            axes.legend(fontsize=9)
    return figure


def _draw_panel(axes: Axes, panel: LinePanel) -> None:
    if panel.square:
        square_axes(axes, diagonal=panel.level is None)
    else:
        places = sorted({x for curve in panel.curves for x in curve.x})
        few = (panel.dots and len(places) < 8) or len(places) == 1
        axes.xaxis.set_major_locator(FixedLocator(places) if few else MaxNLocator(integer=panel.whole, nbins=8))
    if panel.level is not None:
        axes.axhline(panel.level, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    if panel.points:
        x, y = zip(*panel.points, strict=True)
        axes.plot(x, y, color=MUTED, marker="o", markersize=4, linestyle="none", zorder=2)
    joined = [curve for curve in panel.curves if curve.joined]
    for place, curve in enumerate(joined):
        _draw_curve(axes, curve, place, dots=panel.dots or len(curve.x) == 1)
    for place, curve in enumerate(curve for curve in panel.curves if not curve.joined):
        axes.plot(
            curve.x, np.array(curve.y, dtype=float), color=cycled(SERIES, place), marker=cycled(MARKERS, place),
            markersize=6.5, markeredgecolor=PAPER, linestyle="none", label=curve.name, zorder=5,
        )  # fmt: skip
    axes.set(xlabel=panel.x, ylabel=panel.y, title=panel.title)
    if panel.bottom is not None or panel.top is not None:
        axes.set_ylim(panel.bottom, panel.top)


def _draw_curve(axes: Axes, curve: Curve, place: int, *, dots: bool) -> None:
    """A line over its band; the first curve on top and heavier."""
    colour, front = cycled(SERIES, place), place == 0
    y = np.array(curve.y, dtype=float)
    if curve.low is not None and curve.high is not None:
        low, high = np.array(curve.low, dtype=float), np.array(curve.high, dtype=float)
        axes.fill_between(curve.x, low, high, color=colour, alpha=0.15, linewidth=0, zorder=1.5)
    axes.plot(
        curve.x, y, color=colour, linestyle=cycled(DASHES, place), marker=cycled(MARKERS, place) if dots else None,
        markersize=4.5, linewidth=2.2 if front else 1.5, label=curve.name, zorder=4 if front else 3,
    )  # fmt: skip
    if curve.chosen is not None:
        at = y[curve.x.index(curve.chosen)]
        ring: dict[str, Any] = {
            "markersize": 12,
            "markerfacecolor": "none",
            "markeredgecolor": colour,
            "markeredgewidth": 1.6,
        }
        axes.plot([curve.chosen], [at], marker="o", linestyle="none", **ring)


def calibration(drawing: Calibration) -> Figure:
    """Observed against predicted risk with intervals, above the number of cases in each bin."""
    bins = drawing.bins
    figure, (axes, counts) = new_figure(
        HALF_WIDTH, 5.4, nrows=2, sharex=True, gridspec_kw={"height_ratios": [5, 1], "hspace": 0.05}
    )
    square_axes(axes)
    counts.set_box_aspect(1 / 5)  # as wide as the square above it, so that bins stand below their points
    axes.set(ylabel=say("Observed share malignant"))
    if drawing.curve is not None:
        _draw_curve(axes, drawing.curve, 0, dots=False)
    x, y = [item.predicted for item in bins], [item.observed for item in bins]
    spread = [[item.observed - item.low for item in bins], [item.high - item.observed for item in bins]]
    axes.errorbar(
        x, y, yerr=spread, color=SERIES[0], marker="o", markersize=6, markeredgecolor=PAPER,
        linewidth=1.2 if drawing.curve is None else 0, elinewidth=1.4, capsize=0, zorder=5,
    )  # fmt: skip
    if drawing.curve is None:
        axes.annotate(say("ideal"), (0.05, 0.05), xytext=(6, -3), textcoords="offset points", color=MUTED, fontsize=9)
    counts.vlines(x, 0, [item.n for item in bins], color=SERIES[0], linewidth=5)
    counts.set(xlabel=drawing.x_label, ylabel=drawing.counted, xlim=(-0.01, 1.01))
    counts.set_ylim(0, max([item.n for item in bins], default=1) * 1.25)
    counts.locator_params(axis="y", nbins=2, integer=True)
    counts.grid(visible=False, axis="x")
    add_note(figure, drawing.note)
    return figure
