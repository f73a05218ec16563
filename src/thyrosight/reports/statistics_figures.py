"""Figures of diagnostic studies: ROC curves with their band, and forest plots of estimates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MultipleLocator

from thyrosight.errors import OutputError
from thyrosight.files import write_atomically
from thyrosight.statistics import Estimate
from thyrosight.statistics.roc.curve import RocCurve

# Okabe and Ito's colours, told apart by every kind of colour vision; line styles tell them apart in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES = ("solid", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "thyrosight",
    "pdf.fonttype": 42,
}
_SUFFIXES = (".png", ".svg", ".pdf")
_BANDS_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class RocLine:
    """One curve of a ROC figure: its name, points and area."""

    name: str
    curve: RocCurve
    area: Estimate


@dataclass(frozen=True, slots=True)
class ForestLine:
    """One line of a forest plot; without an estimate it is a heading, and `bold` marks a summary."""

    name: str
    estimate: Estimate | None = None
    bold: bool = False


def figure_roc(lines: Sequence[RocLine], *, title: str = "") -> Figure:
    """Draw ROC curves on one square, each with its pointwise band where it has one.

    Bands are shaded for one or two curves; of more, they would hide each other.
    """
    with rc_context(_STYLE):
        # The note stands below the axis label, in a strip that the layout keeps free.
        figure = Figure(figsize=(4.6, 4.8), dpi=200, layout=ConstrainedLayoutEngine(rect=(0, 0.03, 1, 0.97)))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.annotate("chance", (0.9, 0.9), (0, -4), textcoords="offset points", rotation=45, va="top", ha="center")
        axes.texts[-1].set(color="0.45", fontsize=8)
        for index, line in enumerate(lines):
            _draw_roc(axes, line, index, band=len(lines) <= _BANDS_AT_MOST)
        axes.set(
            xlim=(-0.01, 1.01),
            ylim=(-0.01, 1.01),
            xlabel="1 \N{MINUS SIGN} specificity",
            ylabel="Sensitivity",
            aspect="equal",
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MultipleLocator(0.2))
        axes.grid(color="0.92", linewidth=0.6)
        axes.set_axisbelow(True)
        if title:
            axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
        axes.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize=8, handlelength=2.4)
        figure.text(0.995, 0.0, _band_note(lines), fontsize=6.5, color="0.4", ha="right", va="bottom")
    return figure


def figure_forest(
    lines: Sequence[ForestLine], *, label: str, reference: float | None = None, title: str = "", digits: int = 3
) -> Figure:
    """Draw estimates with their intervals, one line each, and print the numbers beside them.

    Args:
        lines: from top to bottom; headings have no estimate.
        label: what the axis shows.
        reference: value at which a thin line stands, for example 0 for differences.
        digits: decimals of the printed numbers.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 0.85 + 0.25 * len(lines) + (0.25 if title else 0)), dpi=200, layout="constrained")
        axes, numbers = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1.35))
        places = np.arange(len(lines))[::-1]
        if reference is not None:
            axes.axvline(reference, color="0.6", linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        for place, line in zip(places, lines, strict=True):
            _draw_forest_line(axes, numbers, float(place), line, digits)
        axes.set(ylim=(-0.7, len(lines) - 0.3), yticks=places, xlabel=label)
        axes.set_yticklabels([line.name for line in lines])
        for text, line in zip(axes.get_yticklabels(), lines, strict=True):
            text.set_fontweight("bold" if line.bold or line.estimate is None else "normal")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color="0.92", linewidth=0.6)
        axes.set_axisbelow(True)
        numbers.axis("off")
        levels = {line.estimate.confidence for line in lines if line.estimate is not None}
        if len(levels) == 1:
            head = f"value ({100 * levels.pop():g} % interval)"
            numbers.text(0, len(lines) - 0.45, head, fontsize=8, color="0.35", va="bottom")
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
    return figure


def require_figure_suffix(path: Path | str) -> str:
    """Return the suffix of a figure file in small letters.

    Raises:
        OutputError: it is not .png, .svg or .pdf.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise OutputError(f"A figure can be written as {', '.join(_SUFFIXES)}, not as {Path(path).name!r}.")
    return suffix


def save_figure(figure: Figure, path: Path | str) -> None:
    """Write a figure as PNG, SVG or PDF, by the file's suffix; the same figure gives the same bytes.

    Raises:
        OutputError: another suffix, or a place that cannot be written.
    """
    suffix = require_figure_suffix(path)
    metadata = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    with rc_context(_STYLE), write_atomically(path) as temporary:
        figure.savefig(temporary, format=suffix[1:], metadata=metadata)


def _draw_roc(axes: Axes, line: RocLine, index: int, *, band: bool) -> None:
    colour, dashes = COLOURS[index % len(COLOURS)], _DASHES[index % len(_DASHES)]
    alarms = 1 - line.curve.specificity
    area = line.area
    interval = "" if math.isnan(area.low) else f" ({area.low:.3f} to {area.high:.3f})"
    if band and np.isfinite(line.curve.low).all():
        axes.fill_between(alarms, line.curve.low, line.curve.high, color=colour, alpha=0.15, linewidth=0, zorder=2)
    label = f"{line.name}: AUC {area.value:.3f}{interval}"
    axes.plot(
        alarms, line.curve.sensitivity, color=colour, linestyle=dashes, linewidth=1.6, label=label, zorder=3,
        solid_joinstyle="miter",
    )  # fmt: skip


def _band_note(lines: Sequence[RocLine]) -> str:
    counts = {_count(line) for line in lines}
    parts = [counts.pop()] if len(counts) == 1 else []
    level = f"{100 * lines[0].area.confidence:g} %" if lines else ""
    if any(np.isfinite(line.curve.low).all() for line in lines) and len(lines) <= _BANDS_AT_MOST:
        parts.append(f"shaded: pointwise {level} band")
    if lines:
        parts.append(f"in brackets: {level} interval")
    return "; ".join(parts)


def _count(line: RocLine) -> str:
    patients = "" if line.curve.clusters is None else f" in {line.curve.clusters} clusters"
    return f"n = {line.curve.n}{patients}"


def _draw_forest_line(axes: Axes, numbers: Axes, place: float, line: ForestLine, digits: int) -> None:
    estimate = line.estimate
    if estimate is None:
        return
    weight = "bold" if line.bold else "normal"
    if math.isnan(estimate.value):
        numbers.text(0, place, "undefined", va="center", fontsize=8, color="0.4")
        return
    colour = "black" if line.bold else COLOURS[0]
    if math.isfinite(estimate.low) and math.isfinite(estimate.high):
        axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.3, zorder=2)
        interval = f" ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    else:
        interval = " (no interval)"
    axes.plot(estimate.value, place, marker="D" if line.bold else "s", markersize=5, color=colour, zorder=3)
    numbers.text(
        0,
        place,
        f"{estimate.value:.{digits}f}{interval}".replace("-", "\N{MINUS SIGN}"),
        va="center",
        fontsize=8,
        fontweight=weight,
    )
