"""Curves of how well scores tell malignant from benign: ROC, precision-recall, calibration."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thyrosight.documents import CalibrationBin, NamedCurve
from thyrosight.reports.figures.style import DASHES, HALF_WIDTH, MUTED, PAPER, SERIES, new_figure, square_axes, styled


@styled
def figure_roc(curves: Sequence[NamedCurve]) -> Figure:
    """ROC curves, x being 1 - specificity and y sensitivity; the first curve's band is drawn."""
    lines = sum(curve.name.count("\n") + 1 for curve in curves)
    figure, axes = new_figure(HALF_WIDTH, 4.9 + 0.2 * lines)
    square_axes(axes, x="1 - specificity (false positive rate)", y="Sensitivity")
    _draw(axes, curves)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.04, -0.13), handlelength=2.6)
    return figure


@styled
def figure_precision_recall(curves: Sequence[NamedCurve], *, prevalence: float) -> Figure:
    """Precision against recall; the dashed level is the precision of calling every image malignant."""
    figure, axes = new_figure(HALF_WIDTH, 4.9 + 0.2 * len(curves))
    square_axes(axes, x="Recall (sensitivity)", y="Precision (positive predictive value)")
    axes.lines[0].set_data([0, 1], [prevalence, prevalence])
    _draw(axes, curves)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.04, -0.13), handlelength=2.6)
    return figure


def _draw(axes: Axes, curves: Sequence[NamedCurve]) -> None:
    """Draw the curves, the first one on top."""
    for place, curve in enumerate(curves):
        colour = SERIES[place % len(SERIES)]
        if place == 0 and curve.low is not None and curve.high is not None:
            axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.16, linewidth=0, zorder=1.5)
        axes.plot(
            curve.x,
            curve.y,
            color=colour,
            linestyle=DASHES[place % len(DASHES)],
            linewidth=2.2 if place == 0 else 1.5,
            label=curve.name,
            zorder=4 if place == 0 else 3,
        )


@styled
def figure_calibration(
    bins: Sequence[CalibrationBin], *, name: str, x_label: str = "Calibrated risk of malignancy (mean of bin)"
) -> Figure:
    """Observed against predicted risk with intervals, above the number of cases in each bin."""
    figure, (axes, counts) = new_figure(
        HALF_WIDTH, 5.4, nrows=2, sharex=True, gridspec_kw={"height_ratios": [5, 1], "hspace": 0.05}
    )
    square_axes(axes, x="", y="Observed share malignant")
    x, y = [item.predicted for item in bins], [item.observed for item in bins]
    spread = [[item.observed - item.low for item in bins], [item.high - item.observed for item in bins]]
    axes.errorbar(
        x,
        y,
        yerr=spread,
        color=SERIES[0],
        marker="o",
        markersize=6,
        markeredgecolor=PAPER,
        linewidth=1.2,
        elinewidth=1.4,
        capsize=0,
        label=name,
    )
    axes.annotate("ideal", (0.05, 0.05), xytext=(6, -3), textcoords="offset points", color=MUTED, fontsize=9)
    counts.vlines(x, 0, [item.n for item in bins], color=SERIES[0], linewidth=5)
    counts.set(xlabel=x_label, ylabel="Images", xlim=(-0.01, 1.01))
    counts.set_ylim(0, max([item.n for item in bins], default=1) * 1.25)
    counts.locator_params(axis="y", nbins=2, integer=True)
    counts.grid(visible=False, axis="x")
    return figure
