"""What the operating point did: confusion matrix and distribution of risks by class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from thyrosight.reports.figures.style import BENIGN, HALF_WIDTH, INK, MALIGNANT, MUTED, PAPER, new_figure, styled


@styled
def figure_confusion(
    *, true_positive: int, false_negative: int, false_positive: int, true_negative: int, name: str
) -> Figure:
    """Counts of truth against prediction, each with its share of the true class."""
    figure, axes = new_figure(HALF_WIDTH, 3.7)
    rows = ((true_positive, false_negative), (false_positive, true_negative))
    for row, (cells, colour) in enumerate(zip(rows, (MALIGNANT, BENIGN), strict=True)):
        total = sum(cells)
        for column, count in enumerate(cells):
            share = count / total if total else 0.0
            corner = (column, 1 - row)
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=0.08 + 0.5 * share, linewidth=0))
            axes.add_patch(Rectangle(corner, 1, 1, facecolor="none", edgecolor=PAPER, linewidth=3))
            x, y = column + 0.5, 1.5 - row
            axes.text(x, y + 0.06, f"{count}", ha="center", va="center", fontsize=18, fontweight="bold", color=INK)
            part = f"{100 * share:.0f} % of {total}" if total else "no case"
            axes.text(x, y - 0.22, part, ha="center", va="center", fontsize=9.5, color=INK)
    axes.set(xlim=(0, 2), ylim=(0, 2), ylabel="Truth (label)", title=name)
    axes.set_xticks([0.5, 1.5], ["called\nmalignant", "called\nbenign"])
    axes.set_yticks([1.5, 0.5], ["malignant", "benign"], rotation=90, va="center")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure


@styled
def figure_scores(
    benign: Sequence[float], malignant: Sequence[float], *, thresholds: Sequence[float] = (), bins: int = 20
) -> Figure:
    """Histograms of the calibrated risk, malignant above and benign below; operating points as vertical marks."""
    figure, panels = new_figure(HALF_WIDTH, 3.7, nrows=2, sharex=True)
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
