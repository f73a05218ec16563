"""Figures of diagnostic studies: ROC curves with their band, and forest plots of estimates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thyrosight.documents.drawings import Curve, LinePanel, Lines
from thyrosight.errors import OutputError
from thyrosight.files import write_atomically
from thyrosight.reports.figures.drawing import draw
from thyrosight.reports.figures.style import INK, MUTED, SERIES, new_figure, page_style
from thyrosight.statistics import Estimate
from thyrosight.statistics.roc.curve import RocCurve

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
    curves, banded = [], False
    for line in lines:
        band = len(lines) <= _BANDS_AT_MOST and bool(np.isfinite(line.curve.low).all())
        banded = banded or band
        area = line.area
        interval = "" if math.isnan(area.low) else f" ({area.low:.3f} to {area.high:.3f})"
        curves.append(
            Curve(
                name=f"{line.name}: AUC {area.value:.3f}{interval}",
                x=tuple((1 - line.curve.specificity).tolist()),
                y=tuple(line.curve.sensitivity.tolist()),
                low=tuple(line.curve.low.tolist()) if band else None,
                high=tuple(line.curve.high.tolist()) if band else None,
            )
        )
    x = "1 \N{MINUS SIGN} specificity"
    figure = draw(Lines(panels=(LinePanel(curves=tuple(curves), x=x, y="Sensitivity", title=title, square=True),)))
    # The note stands below the legend, in a strip that the layout keeps free.
    figure.set_figheight(figure.get_figheight() + 0.3)
    figure.set_layout_engine("constrained", rect=(0, 0.03, 1, 0.97))
    figure.text(0.995, 0.0, _note(lines, banded=banded), fontsize=6.5, color=MUTED, ha="right", va="bottom")
    return figure


def _note(lines: Sequence[RocLine], *, banded: bool) -> str:
    """The size, where it is one for all, and the level of band and intervals."""
    sizes = {(line.curve.n, line.curve.clusters) for line in lines}
    parts = [f"n = {n}" + ("" if clusters is None else f" in {clusters} clusters") for n, clusters in sizes]
    level = f"{100 * lines[0].area.confidence:g} %"
    return "; ".join(
        [
            *(parts if len(parts) == 1 else []),
            *([f"shaded: pointwise {level} band"] if banded else []),
            f"in brackets: {level} interval",
        ]
    )


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
    with page_style():
        height = 0.85 + 0.25 * len(lines) + (0.25 if title else 0)
        figure, (axes, numbers) = new_figure(6.8, height, ncols=2, sharey=True, width_ratios=(3, 1.35))
        places = np.arange(len(lines))[::-1]
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        for place, line in zip(places, lines, strict=True):
            _draw_forest_line(axes, numbers, float(place), line, digits)
        axes.set(ylim=(-0.7, len(lines) - 0.3), xlabel=label)
        axes.set_yticks(places, [line.name for line in lines])
        for text, line in zip(axes.get_yticklabels(), lines, strict=True):
            text.set_fontweight("bold" if line.bold or line.estimate is None else "normal")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
        numbers.axis("off")
        levels = {line.estimate.confidence for line in lines if line.estimate is not None}
        if len(levels) == 1:
            head = f"value ({100 * levels.pop():g} % interval)"
            numbers.text(0, len(lines) - 0.45, head, fontsize=8, color=MUTED, va="bottom")
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
    with page_style(), write_atomically(path) as temporary:
        figure.savefig(temporary, format=suffix[1:], metadata=metadata, dpi=200, facecolor="white")


def _draw_forest_line(axes: Axes, numbers: Axes, place: float, line: ForestLine, digits: int) -> None:
    estimate = line.estimate
    if estimate is None:
        return
    weight = "bold" if line.bold else "normal"
    if math.isnan(estimate.value):
        numbers.text(0, place, "undefined", va="center", fontsize=8, color=MUTED)
        return
    colour = INK if line.bold else SERIES[0]
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
