"""Figures of diagnostic studies: ROC curves with their band, and forest plots of estimates; written as files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thyrosight.documents import Figure, Measure
from thyrosight.documents.drawings import Curve, Forest, ForestLine, LinePanel, Lines, Scatter, ScatterPanel
from thyrosight.errors import OutputError
from thyrosight.files import write_atomically
from thyrosight.reports.figures import draw
from thyrosight.reports.figures.style import page_style
from thyrosight.statistics import BlandAltman, Estimate
from thyrosight.statistics.roc.curve import RocCurve

_SUFFIXES = (".png", ".svg", ".pdf")
_BANDS_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class RocLine:
    """One curve of a ROC figure: its name, points and area."""

    name: str
    curve: RocCurve
    area: Estimate


def roc_figure(lines: Sequence[RocLine]) -> Figure:
    """ROC curves on one square, each with its pointwise band where it has one.

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
    note = _note(lines, banded=banded)
    x = "1 \N{MINUS SIGN} specificity"
    panel = LinePanel(curves=tuple(curves), x=x, y="Sensitivity", square=True, note=note)
    return Figure(name="roc", caption=f"ROC curves; {note}", drawing=Lines(panels=(panel,)))


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


def forest_line(name: str, estimate: Estimate | None = None, *, bold: bool = False) -> ForestLine:
    """A line of a forest plot for an estimate; a heading without one."""
    return ForestLine(name=name, estimate=None if estimate is None else Measure.of(estimate), bold=bold)


def forest_figure(
    lines: Sequence[ForestLine], *, x: str, name: str = "forest", reference: float | None = None, ratio: bool = False
) -> Figure:
    """Estimates with their intervals, one line each, and the numbers beside them.

    Args:
        lines: from top to bottom; those without an estimate are headings.
        x: what the axis shows.
        name: of the file, where several figures are written.
        reference: value at which a thin line stands, for example 0 for differences.
        ratio: whether the axis is logarithmic.
    """
    drawing = Forest(lines=tuple(lines), x=x, reference=reference, ratio=ratio)
    return Figure(name=name, caption=f"{x} with intervals", drawing=drawing, wide=True)


def bland_altman_figure(
    name: str,
    a: Sequence[float],
    b: Sequence[float],
    limits: BlandAltman,
    *,
    unit: str = "",
    clusters: str = "patients",
) -> Figure:
    """Differences of two measurements against their means, with bias and limits of agreement and their intervals.

    Args:
        name: of the difference, such as A - B.
        a: first measurements.
        b: second measurements.
        limits: bias and limits of agreement.
        unit: of the measurements.
        clusters: plural of the unit that has several measurements, such as patients.
    """
    words = f" ({unit})" if unit else ""
    of = "" if limits.bias.clusters is None else f" of {limits.bias.clusters} {clusters}"
    note = f"n = {limits.bias.n}{of}"
    panel = ScatterPanel(
        x=tuple((x + y) / 2 for x, y in zip(a, b, strict=True)),
        y=tuple(x - y for x, y in zip(a, b, strict=True)),
        x_label=f"Mean of both{words}",
        y_label=f"{name}{words}",
        levels=(
            ("upper limit", Measure.of(limits.upper_limit)),
            ("mean", Measure.of(limits.bias)),
            ("lower limit", Measure.of(limits.lower_limit)),
        ),
        note=f"{note}; shaded: {100 * limits.bias.confidence:g} % intervals",
    )
    file = "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")
    return Figure(name=file, caption=f"Bland-Altman plot of {name}; {panel.note}", drawing=Scatter(panel=panel))


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
    drawn = draw(figure.drawing)
    with page_style(), write_atomically(path) as temporary:
        drawn.savefig(temporary, format=suffix[1:], metadata=metadata, dpi=200, facecolor="white")
