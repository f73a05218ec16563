"""Predictions at the operating point: confusion matrix and distribution of risks by class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thyrosight.documents import Counts
from thyrosight.reports.figures.style import (
    BENIGN,
    FULL_WIDTH,
    HALF_WIDTH,
    INK,
    MALIGNANT,
    MUTED,
    PAPER,
    new_figure,
    styled,
)

_PER_ROW = 5


@styled
def figure_confusion(networks: Mapping[str, Counts]) -> Figure:
    """Counts of truth (rows) against prediction (columns), each with its share of the true class; one panel each."""
    columns = min(len(networks), _PER_ROW)
    rows = -(-len(networks) // columns)
    width = FULL_WIDTH if columns > 2 else HALF_WIDTH
    figure, grid = new_figure(
        width, (width / max(columns, 2) * 0.95 + 0.8) * rows, nrows=rows, ncols=columns, squeeze=False
    )
    for axes in grid.flat[len(networks) :]:
        axes.set_visible(False)
    for place, (axes, (name, counts)) in enumerate(zip(grid.flat, networks.items(), strict=False)):
        _draw_counts(axes, counts, small=columns > 2)
        axes.set_title(name)
        axes.set_xticks([0.5, 1.5], ["called\nmalignant", "called\nbenign"])
        labels = ["malignant", "benign"] if place % columns == 0 else ["", ""]
        axes.set_yticks([1.5, 0.5], labels, rotation=90, va="center")
    return figure


def _draw_counts(axes: Axes, counts: Counts, *, small: bool) -> None:
    """Four cells, the fuller the stronger."""
    rows = ((counts.true_positive, counts.false_negative), (counts.false_positive, counts.true_negative))
    for row, (cells, colour) in enumerate(zip(rows, (MALIGNANT, BENIGN), strict=True)):
        total = sum(cells)
        for column, count in enumerate(cells):
            share = count / total if total else 0.0
            corner = (column, 1 - row)
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=0.08 + 0.5 * share, linewidth=0))
            axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor=PAPER, linewidth=3))
            x, y = column + 0.5, 1.5 - row
            size = 15 if small else 18
            axes.text(x, y + 0.08, f"{count}", ha="center", va="center", fontsize=size, fontweight="bold", color=INK)
            part = f"{100 * share:.0f} % of {total}" if total else "no case"
            axes.text(x, y - 0.22, part, ha="center", va="center", fontsize=8.5 if small else 9.5, color=INK)
    axes.set(xlim=(0, 2), ylim=(0, 2), aspect="equal")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)


@styled
def figure_scores(
    benign: Sequence[float], malignant: Sequence[float], *, thresholds: Sequence[float] = (), bins: int = 20
) -> Figure:
    """Histograms of the calibrated risk, malignant above and benign below; operating points as vertical marks."""
    figure, panels = new_figure(HALF_WIDTH, 5.4, nrows=2, sharex=True)
    edges = np.linspace(0, 1, bins + 1)
    for axes, values, colour, label in (
        (panels[0], malignant, MALIGNANT, "malignant"),
        (panels[1], benign, BENIGN, "benign"),
    ):
        axes.hist(values, bins=edges, color=colour, alpha=0.85, edgecolor=PAPER, linewidth=0.6)
        axes.set_ylabel("Images")
        axes.set_title(f"{label} (n = {len(values)})", color=colour)
        axes.locator_params(axis="y", nbins=4, integer=True)
        axes.grid(visible=False, axis="x")
        for threshold in thresholds:
            axes.axvline(threshold, color=MUTED, linewidth=1, linestyle=(0, (3, 2)))
    many = "operating points of the divisions" if len(thresholds) > 1 else "operating point"
    note = f"\ndashed: {many}" if thresholds else ""
    panels[1].set(xlabel=f"Calibrated risk of malignancy{note}", xlim=(-0.01, 1.01))
    return figure
