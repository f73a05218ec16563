"""Stacked bars: how one property is spread within the groups of another, part by part."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from thyrosight.documents import StackedPanel
from thyrosight.reports.figures.style import FULL_WIDTH, INK, MUTED, PAPER, SERIES, new_figure, styled

NOT_RECORDED = "not recorded"
"""The category of what nobody wrote down."""


@styled
def figure_stacked(panels: Sequence[StackedPanel], categories: Sequence[str], *, legend: str) -> Figure:
    """One panel per part; each bar is a group whose shares add up to 100 %, its number of images above it.

    Args:
        panels: with the same categories.
        categories: from bottom to top.
        legend: what the categories are.
    """
    figure, grid = new_figure(FULL_WIDTH, 4.3, ncols=len(panels), sharey=True, squeeze=False)
    colours = _colours(categories)
    for axes, panel in zip(grid[0], panels, strict=True):
        counts = np.array(panel.counts, dtype=float).reshape(len(panel.groups), len(categories))
        totals = counts.sum(axis=1)
        shares = 100 * np.divide(counts, totals[:, None], out=np.zeros_like(counts), where=totals[:, None] > 0)
        bottom = np.zeros(len(panel.groups))
        for place, category in enumerate(categories):
            axes.bar(
                np.arange(len(panel.groups)),
                shares[:, place],
                width=min(0.62, 0.2 * len(panel.groups) + 0.2),
                bottom=bottom,
                color=colours[place],
                edgecolor=PAPER,
                linewidth=1,
                label=category,
            )
            bottom += shares[:, place]
        for place, total in enumerate(totals):
            axes.text(place, 101.5, f"n = {total:.0f}", ha="center", va="bottom", fontsize=9, color=INK)
        axes.set_xticks(np.arange(len(panel.groups)), panel.groups)
        axes.set_title(panel.title, pad=12)
        axes.set(ylim=(0, 109), xlim=(-0.6, len(panel.groups) - 0.4))
        axes.tick_params(axis="x", length=0)
        axes.grid(visible=False, axis="x")
    grid[0][0].set_ylabel("Share of images, %")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], title=legend, loc="outside right center")
    return figure


def _colours(categories: Sequence[str]) -> list[str]:
    """Colours that stay apart; what is not recorded is grey."""
    chosen = iter((SERIES[4], SERIES[0], SERIES[2], SERIES[1], SERIES[3], SERIES[6], SERIES[5]) * len(categories))
    return [MUTED if category == NOT_RECORDED else next(chosen) for category in categories]
