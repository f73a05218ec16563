"""Every value as a dot, and a box over its quartiles: Dice of outlines, and the shape of highlighted regions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from thyrosight.documents import p_text
from thyrosight.documents.drawings import Dice, DiceBySize, Regions
from thyrosight.languages import say, wrapped
from thyrosight.reports.figures.style import (
    BENIGN,
    FULL_WIDTH,
    HALF_WIDTH,
    INK,
    MALIGNANT,
    MUTED,
    SERIES,
    cycled,
    new_figure,
)

_PER_ROW = 4
_LINES = {"color": INK, "linewidth": 1}


def _box(axes: Axes, values: Sequence[float], place: float, *, colour: str, across: bool, **options: Any) -> None:
    """A box over the quartiles at `place`, with every value as a dot; `across` the values run along x."""
    aside = place + np.random.default_rng(0).uniform(-0.22, 0.22, len(values))  # only keeps dots apart
    size, alpha = (3.2, 0.5) if len(values) <= 300 else (2.4, 0.25)
    x, y = (values, aside) if across else (aside, values)
    axes.plot(x, y, linestyle="none", marker="o", markersize=size, alpha=alpha, color=colour, mew=0)
    axes.boxplot(
        [list(values)], positions=[place], orientation="horizontal" if across else "vertical", widths=0.55,
        showfliers=False, boxprops=_LINES, whiskerprops=_LINES, capprops=_LINES,
        medianprops={"color": INK, "linewidth": 2.4}, **options,
    )  # fmt: skip


def dice(drawing: Dice) -> Figure:
    """Each network's Dice, one row each from the top; a dashed line where complete failures end."""
    networks = drawing.networks
    figure, axes = new_figure(FULL_WIDTH, 1.0 + 0.62 * len(networks))
    places = range(len(networks), 0, -1)
    for place, network in enumerate(networks):
        _box(axes, network.dice, places[place], colour=cycled(SERIES, place), across=True, whis=(0, 100))
    axes.axvline(drawing.failed_below, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    medians = [say("median {n0}", f"{np.median(network.dice):.3f}") for network in networks]
    axes.set_yticks(places, [f"{network.name}\n{median}" for network, median in zip(networks, medians, strict=True)])
    axes.set(xlim=(-0.02, 1.02), ylim=(0.4, len(networks) + 0.6), xlabel="Dice", xticks=np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    return figure


def dice_by_size(drawing: DiceBySize) -> Figure:
    """Dice against the share of the frame that the lesion covers, with the median of each quarter of the tests."""
    share, values = (np.asarray(part, dtype=float) for part in (drawing.network.share, drawing.network.dice))
    known = share > 0
    share, values = 100 * share[known], values[known]
    figure, axes = new_figure(HALF_WIDTH, 4.2)
    alpha = 0.5 if values.size <= 300 else 0.25
    axes.plot(share, values, linestyle="none", marker="o", markersize=3.6, alpha=alpha, color=SERIES[0], mew=0)
    ranks = np.argsort(np.argsort(share, kind="stable"), kind="stable")
    quarter = np.minimum(4 * ranks // max(share.size, 1), 3)
    for own in (quarter == number for number in np.unique(quarter)):
        axes.hlines(np.median(values[own]), share[own].min(), share[own].max(), color=INK, linewidth=2.4)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel=say("Lesion, % of the frame"), ylabel="Dice", ylim=(-0.02, 1.02))
    return figure


def regions(drawing: Regions) -> Figure:
    """One panel per feature, benign beside malignant, the corrected P value above."""
    features = drawing.features
    columns = min(len(features), _PER_ROW)
    rows = -(-len(features) // columns)
    figure, grid = new_figure(FULL_WIDTH, 2.9 * rows, nrows=rows, ncols=columns, squeeze=False)
    for axes in grid.flat[len(features) :]:
        axes.set_visible(False)
    for axes, feature in zip(grid.flat, features, strict=False):
        for place, (values, colour) in enumerate(((feature.benign, BENIGN), (feature.malignant, MALIGNANT))):
            if values:
                _box(axes, values, place, colour=colour, across=False)
        name, _, unit = feature.title.replace("（", " (").replace("）", ")").partition(" (")
        axes.set_title("\n".join(wrapped(name, 22)))
        axes.set_ylabel(unit.rstrip(")"), fontsize=9)
        classes = (("benign", feature.benign), ("malignant", feature.malignant))
        axes.set_xticks([0, 1], [f"{say(label)}\nn = {len(values)}" for label, values in classes])
        axes.set_xlim(-0.6, 1.6)
        axes.grid(visible=False, axis="x")
        axes.tick_params(axis="x", length=0)
        p = p_text(feature.p_corrected)
        words = p if feature.p_corrected is None else f"P {p}" if p.startswith("<") else f"P = {p}"
        axes.text(0.98, 0.97, words, transform=axes.transAxes, ha="right", va="top", fontsize=9)
        axes.margins(y=0.18)
    return figure
