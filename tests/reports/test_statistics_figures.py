"""Figures show the numbers they were given, and the same figure gives the same bytes."""

import math
from pathlib import Path

import numpy as np
import pytest

from thyrosight.errors import OutputError
from thyrosight.reports.figures import draw
from thyrosight.reports.statistics_figures import RocLine, forest_figure, forest_line, roc_figure, save_figure
from thyrosight.statistics import Estimate, auc, roc_curve

TRUTH = [0, 0, 0, 1, 1, 1, 0, 1]
SCORE = [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 2.5, 2.2]


def _line(name: str, replicates: int = 50) -> RocLine:
    return RocLine(name, roc_curve(TRUTH, SCORE, replicates=replicates), auc(TRUTH, SCORE))


def test_roc_draws_curve_band_and_area() -> None:
    line = _line("network")
    axes = draw(roc_figure([line]).drawing).axes[0]
    drawn = axes.lines[-1].get_xydata()
    assert np.allclose(drawn, np.column_stack([1 - line.curve.specificity, line.curve.sensitivity]))
    assert len(axes.collections) == 1
    (label,) = [text.get_text() for text in axes.get_legend().get_texts()]
    assert label == f"network: AUC {line.area.value:.3f} ({line.area.low:.3f} to {line.area.high:.3f})"


def test_roc_without_a_band_or_with_many_curves_shades_nothing() -> None:
    bare = draw(roc_figure([_line("network", replicates=0)]).drawing)
    assert not bare.axes[0].collections
    assert "shaded" not in bare.texts[0].get_text() and "n = 8" in bare.texts[0].get_text()
    assert "shaded: pointwise 95 % band" in draw(roc_figure([_line("network")]).drawing).texts[0].get_text()
    many = draw(roc_figure([_line(f"reader {i}") for i in range(6)]).drawing)
    assert not many.axes[0].collections
    styles = [(line.get_color(), line.get_linestyle()) for line in many.axes[0].lines[1:]]
    assert len(set(styles)) == 6


def test_forest_places_estimates_from_top_to_bottom_and_prints_them() -> None:
    estimates = [Estimate(0.8, 0.7, 0.9, 0.05, "DeLong", 99), Estimate(-0.1, -0.2, 0.05, 0.05, "DeLong", 99)]
    lines = [forest_line("readers"), forest_line("one", estimates[0]), forest_line("two", estimates[1], bold=True)]
    figure = draw(forest_figure(lines, x="AUC", reference=0).drawing)
    axes, numbers = figure.axes
    markers = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert markers == [(0.8, 1.0), (-0.1, 0.0)]
    printed = [text.get_text() for text in numbers.texts]
    assert "0.800 (0.700 to 0.900)" in printed
    assert "\N{MINUS SIGN}0.100 (\N{MINUS SIGN}0.200 to 0.050)" in printed


def test_ratios_stand_on_a_logarithmic_axis_with_plain_numbers() -> None:
    line = forest_line("size", Estimate(1.6, 0.8, 3.2, 0.5, "Wald", 99))
    figure = draw(forest_figure([line], x="Odds ratio", reference=1, ratio=True).drawing)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert (
        {"1", "2"} <= {text.get_text() for text in axes.get_xticklabels()} <= {"0.1", "0.2", "0.5", "1", "2", "5", "10"}
    )


def test_forest_says_undefined_and_no_interval() -> None:
    nan = math.nan
    lines = [
        forest_line("none", Estimate(nan, nan, nan, nan, "Wilson", 0)),
        forest_line("bare", Estimate(0.5, nan, nan, nan, "one patient", 3)),
    ]
    printed = [text.get_text() for text in draw(forest_figure(lines, x="rate").drawing).axes[1].texts]
    assert "undefined" in printed and "0.500 (no interval)" in printed


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_same_figure_same_bytes(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        save_figure(roc_figure([_line("network")]), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_size > 2000


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.png, \.svg, \.pdf, not as 'a\.docx'"):
        save_figure(roc_figure([_line("network", replicates=0)]), tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())
