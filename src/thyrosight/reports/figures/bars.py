"""Bars and counts: measures of networks, divisions, calls at the operating point, risks by class, parts of a cohort."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thyrosight.documents.drawings import Confusion, Counts, DivisionDots, MeasureBars, Scores, Stacked
from thyrosight.languages import say
from thyrosight.reports.figures.style import (
    BENIGN,
    FULL_WIDTH,
    HALF_WIDTH,
    INK,
    MALIGNANT,
    MARKERS,
    MUTED,
    PAPER,
    SERIES,
    cycled,
    name_places,
    new_figure,
)

_PER_ROW = 5
_STACKED = tuple(SERIES[place] for place in (4, 0, 2, 1, 3, 6, 5))
"""Colours that stay apart on top of one another."""


def measures(drawing: MeasureBars) -> Figure:
    """Bars of each measure for each network, with intervals; `chance` is a dashed level."""
    figure, axes = new_figure(FULL_WIDTH, 4.2)
    networks, places = drawing.networks, np.arange(len(drawing.measures))
    width = 0.8 / max(len(networks), 1)
    for place, (name, bars) in enumerate(networks.items()):
        x = places + (place - (len(networks) - 1) / 2) * width
        values, low, high = (
            np.array([np.nan if bar is None else getattr(bar, part) for bar in bars], dtype=float)
            for part in ("value", "low", "high")
        )
        colour = cycled(SERIES, place)
        axes.bar(x, np.nan_to_num(values), width * 0.9, color=colour, alpha=0.85, label=name, linewidth=0)
        spread = np.abs(np.vstack([values - low, high - values]))
        axes.errorbar(x, values, yerr=spread, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.2, capthick=1.2)
    axes.axhline(drawing.chance, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    name_places(axes, drawing.measures)
    axes.set(ylim=(0, 1.02), ylabel=say("Mean over divisions"), yticks=np.linspace(0, 1, 6))
    figure.legend(loc="outside upper left", ncols=min(len(networks), 5), handlelength=1.2)
    return figure


def divisions(drawing: DivisionDots) -> Figure:
    """One dot per division and network, a bar at the mean; thin lines join the same division."""
    figure, axes = new_figure(HALF_WIDTH, 5.6) if drawing.narrow else new_figure(FULL_WIDTH, 3.6)
    values = np.array([[np.nan if v is None else v for v in found] for found in drawing.networks.values()], dtype=float)
    for division in values.T:
        axes.plot(np.arange(len(values)), division, color=MUTED, linewidth=0.6, alpha=0.5, zorder=1)
    for place, found in enumerate(values):
        axes.plot(
            np.full(found.size, place), found, linestyle="none", marker=cycled(MARKERS, place), markersize=7,
            markeredgecolor=PAPER, color=cycled(SERIES, place), zorder=3,
        )  # fmt: skip
        if np.isfinite(found).any():
            axes.hlines(np.nanmean(found), place - 0.22, place + 0.22, color=INK, linewidth=2, zorder=2)
    name_places(axes, list(drawing.networks))
    axes.set(ylabel=drawing.measure, xlim=(-0.6, len(values) - 0.4))
    axes.margins(y=0.12)
    return figure


def confusion(drawing: Confusion) -> Figure:
    """Counts of truth (rows) against prediction (columns), each with its share of the true class; one panel each."""
    networks = drawing.networks
    columns = min(len(networks), _PER_ROW)
    rows = -(-len(networks) // columns)
    width = FULL_WIDTH if columns > 2 else HALF_WIDTH
    height = (width / max(columns, 2) * 0.95 + 0.8) * rows
    figure, grid = new_figure(width, height, nrows=rows, ncols=columns, squeeze=False)
    for axes in grid.flat[len(networks) :]:
        axes.set_visible(False)
    for place, (axes, (name, counts)) in enumerate(zip(grid.flat, networks.items(), strict=False)):
        _draw_counts(axes, counts, small=columns > 2)
        axes.set_title(name)
        called = [say("called malignant"), say("called benign")]
        axes.set_xticks([0.5, 1.5], [words.replace(" ", "\n", 1) for words in called])
        labels = [say("malignant"), say("benign")] if place % columns == 0 else ["", ""]
        axes.set_yticks([1.5, 0.5], labels, rotation=90, va="center")
    return figure


def _draw_counts(axes: Axes, counts: Counts, *, small: bool) -> None:
    """Four cells, the fuller the stronger."""
    rows = ((counts.true_positive, counts.false_negative), (counts.false_positive, counts.true_negative))
    for row, (cells, colour) in enumerate(zip(rows, (MALIGNANT, BENIGN), strict=True)):
        total = sum(cells)
        for column, count in enumerate(cells):
            share = count / total if total else 0.0
            corner, alpha = (column, 1 - row), 0.08 + 0.5 * share
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=alpha, linewidth=0))
            axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor=PAPER, linewidth=3))
            x, y = column + 0.5, 1.5 - row
            middle: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
            axes.text(x, y + 0.08, f"{count}", fontsize=15 if small else 18, fontweight="bold", **middle)
            part = say("{n0} % of {n1}", f"{100 * share:.0f}", total) if total else say("no case")
            axes.text(x, y - 0.22, part, fontsize=8.5 if small else 9.5, **middle)
    axes.set(xlim=(0, 2), ylim=(0, 2), aspect="equal")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def scores(drawing: Scores) -> Figure:
    """Histograms of the risk, malignant above and benign below; operating points as vertical marks."""
    figure, panels = new_figure(HALF_WIDTH, 5.4, nrows=2, sharex=True)
    classes = (("malignant", drawing.malignant, MALIGNANT), ("benign", drawing.benign, BENIGN))
    for axes, (label, values, colour) in zip(panels, classes, strict=True):
        axes.hist(values, bins=np.linspace(0, 1, 21), color=colour, alpha=0.85, edgecolor=PAPER, linewidth=0.6)
        axes.set_ylabel(say("Images"))
        axes.set_title(f"{say(label)} (n = {len(values)})", color=colour)
        axes.locator_params(axis="y", nbins=4, integer=True)
        axes.grid(visible=False, axis="x")
        for threshold in drawing.thresholds:
            axes.axvline(threshold, color=MUTED, linewidth=1, linestyle=(0, (3, 2)))
    many = say("dashed: operating points of the divisions"), say("dashed: operating point")
    note = f"\n{many[len(drawing.thresholds) == 1]}" if drawing.thresholds else ""
    panels[1].set(xlabel=f"{say('Risk of malignancy')}{note}", xlim=(-0.01, 1.01))
    return figure


def stacked(drawing: Stacked) -> Figure:
    """One panel per part; each bar is a group whose shares add up to 100 %, its number of images above it."""
    panels, categories = drawing.panels, drawing.categories
    figure, grid = new_figure(FULL_WIDTH, 4.3, ncols=len(panels), sharey=True, squeeze=False)
    for axes, panel in zip(grid[0], panels, strict=True):
        places = np.arange(len(panel.groups))
        counts = np.array(panel.counts, dtype=float).reshape(len(places), len(categories))
        totals = counts.sum(axis=1)
        shares = 100 * counts / np.maximum(totals, 1)[:, None]
        below = np.cumsum(shares, axis=1) - shares
        for place, category in enumerate(categories):
            own = SERIES[drawing.series[place]] if drawing.series else cycled(_STACKED, place)
            colour = MUTED if category == say("not recorded") else own
            axes.bar(
                places, shares[:, place], width=min(0.62, 0.2 * len(places) + 0.2), bottom=below[:, place],
                color=colour, edgecolor=PAPER, linewidth=1, label=category,
            )  # fmt: skip
        for place, total in enumerate(totals):
            axes.text(place, 101.5, f"n = {total:.0f}", ha="center", va="bottom", fontsize=9, color=INK)
        name_places(axes, panel.groups, letters=20)
        axes.set_title(panel.title, pad=12)
        axes.set(ylim=(0, 109), xlim=(-0.6, len(places) - 0.4))
    grid[0][0].set_ylabel(drawing.counted)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], title=drawing.legend, loc="outside right center")
    return figure
