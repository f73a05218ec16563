"""Estimates with their intervals one below the other, and points with level lines."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, Locator, LogLocator, MaxNLocator, NullLocator

from thyrosight.documents.drawings import Forest, ForestLine, Scatter
from thyrosight.languages import say
from thyrosight.reports.figures.style import FULL_WIDTH, INK, MUTED, SERIES, add_note, new_figure

_NAME, _NUMBER = 0.075, 1.75
"""Inches that a letter of a name takes, and that the printed numbers take."""
_CLOSE = 4
"""Ratios whose largest is below this many times the smallest lie close together."""


def forest(drawing: Forest) -> Figure:
    """One line for each estimate, and the numbers beside it."""
    lines = drawing.lines
    names = max(len(line.name) for line in lines)
    width = min(max(6.8, names * _NAME + 3.2 + _NUMBER), FULL_WIDTH)
    figure, (axes, numbers) = new_figure(
        width, 0.85 + 0.25 * len(lines), ncols=2, sharey=True, width_ratios=(width - _NUMBER - names * _NAME, _NUMBER)
    )
    places = np.arange(len(lines))[::-1]
    if drawing.reference is not None:
        axes.axvline(drawing.reference, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    if drawing.ratio:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(_ratio_ticks(drawing))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    for place, line in zip(places, lines, strict=True):
        _draw_line(axes, numbers, float(place), line, drawing.digits)
    axes.set(ylim=(-0.7, len(lines) - 0.3), xlabel=drawing.x)
    axes.set_yticks(places, [line.name for line in lines])
    for text, line in zip(axes.get_yticklabels(), lines, strict=True):
        text.set_fontweight("bold" if line.bold or line.estimate is None else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    numbers.axis("off")
    levels = {line.estimate.confidence for line in lines if line.estimate is not None}
    if len(levels) == 1:
        head = say("value ({n0} % interval)", f"{100 * levels.pop():g}")
        numbers.text(0, len(lines) - 0.45, head, fontsize=8, color=MUTED, va="bottom")
    return figure


def _ratio_ticks(drawing: Forest) -> Locator:
    """Ticks of ratios: 1, 2, 5, 10 and so on, or finer ones where all lie close together."""
    ends = [end for line in drawing.lines if line.estimate for end in (line.estimate.low, line.estimate.high) if end]
    ends += [line.estimate.value for line in drawing.lines if line.estimate and line.estimate.value]
    ends += [drawing.reference] if drawing.reference else []
    close = bool(ends) and max(ends) < _CLOSE * min(ends)
    return MaxNLocator(nbins=5, steps=(1, 2, 5, 10)) if close else LogLocator(subs=(1, 2, 5))


def _draw_line(axes: Axes, numbers: Axes, place: float, line: ForestLine, digits: int) -> None:
    estimate = line.estimate
    if estimate is None:
        return
    weight = "bold" if line.bold else "normal"
    if estimate.value is None:
        numbers.text(0, place, say("undefined"), va="center", fontsize=8, color=MUTED)
        return
    colour = INK if line.bold else SERIES[0]
    if estimate.low is not None and estimate.high is not None:
        axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.3, zorder=2)
        limits = f"{estimate.low:.{digits}f}", f"{estimate.high:.{digits}f}"
        interval = f" ({say('{n0} to {n1}', *limits)})"
    else:
        interval = f" ({say('no interval')})"
    axes.plot(estimate.value, place, marker="D" if line.bold else "s", markersize=5, color=colour, zorder=3)
    text = f"{estimate.value:.{digits}f}{interval}".replace("-", "\N{MINUS SIGN}")
    numbers.text(0, place, text, va="center", fontsize=8, fontweight=weight)


def scatter(drawing: Scatter) -> Figure:
    """Points, and lines over the whole width with their bands, each named at its right end."""
    panel = drawing.panel
    figure, axes = new_figure(6.8, 4.2)
    axes.plot(panel.x, panel.y, linestyle="none", marker="o", markersize=4.5, color=SERIES[0], alpha=0.7, zorder=3)
    for name, level in panel.levels:
        if level.value is None:
            continue
        axes.axhline(level.value, color=INK, linewidth=1, zorder=2)
        if level.low is not None and level.high is not None:
            axes.axhspan(level.low, level.high, color=MUTED, alpha=0.15, linewidth=0, zorder=1)
        axes.annotate(
            f"{name} {level.value:.3g}".replace("-", "\N{MINUS SIGN}"), (1.01, level.value),
            xycoords=("axes fraction", "data"), va="center", fontsize=8, annotation_clip=False,
        )  # fmt: skip
    axes.set(xlabel=panel.x_label, ylabel=panel.y_label)
    axes.margins(y=0.1)
    add_note(figure, panel.note)
    return figure
