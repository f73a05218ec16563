"""The shape of highlighted regions, compared between benign and malignant nodules."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from thyrosight.documents import RegionFeature, p_text
from thyrosight.reports.figures.style import BENIGN, FULL_WIDTH, INK, MALIGNANT, new_figure, styled

_PER_ROW = 4


@styled
def figure_regions(features: Sequence[RegionFeature]) -> Figure:
    """One panel per feature: every value as a dot, the quartiles as a box, the corrected P value above."""
    columns = min(len(features), _PER_ROW)
    rows = -(-len(features) // columns)
    figure, grid = new_figure(FULL_WIDTH, 2.9 * rows, nrows=rows, ncols=columns, squeeze=False)
    for axes in grid.flat[len(features) :]:
        axes.set_visible(False)
    for axes, feature in zip(grid.flat, features, strict=False):
        for place, (values, colour) in enumerate(((feature.benign, BENIGN), (feature.malignant, MALIGNANT))):
            if not len(values):
                continue
            spread = np.random.default_rng(0).uniform(-0.16, 0.16, len(values))  # only keeps dots apart
            axes.plot(
                place + spread, values, linestyle="none", marker="o", markersize=3.5, alpha=0.45, color=colour, mew=0
            )
            axes.boxplot(
                [list(values)],
                positions=[place],
                widths=0.5,
                showfliers=False,
                boxprops={"color": INK, "linewidth": 1},
                whiskerprops={"color": INK, "linewidth": 1},
                capprops={"color": INK, "linewidth": 1},
                medianprops={"color": INK, "linewidth": 2.2},
            )
        name, _, unit = feature.title.partition(" (")
        axes.set_title(name if len(name) <= 26 else name.replace(" to ", "\nto ").replace(" inside ", "\ninside "))
        axes.set_ylabel(unit.rstrip(")"), fontsize=9)
        axes.set_xticks([0, 1], [f"benign\nn = {len(feature.benign)}", f"malignant\nn = {len(feature.malignant)}"])
        axes.set_xlim(-0.6, 1.6)
        axes.grid(visible=False, axis="x")
        axes.tick_params(axis="x", length=0)
        axes.text(0.98, 0.97, _p_label(feature.p_corrected), transform=axes.transAxes, ha="right", va="top", fontsize=9)
        axes.margins(y=0.18)
    return figure


def _p_label(p: float | None) -> str:
    text = p_text(p)
    return text if p is None else f"P {text}" if text.startswith("<") else f"P = {text}"
