"""The answer on calibration: every measure in its row, and a figure with the curve that was found."""

import numpy as np

from thyrosight.reports import statistics_calibration as say
from thyrosight.reports.figures import draw
from thyrosight.statistics import (
    brier,
    calibration_error,
    calibration_slope,
    hosmer_lemeshow,
    observed_expected_ratio,
    reliability_curve,
    smooth_calibration,
    spiegelhalter_test,
)

RNG = np.random.default_rng(1)
RISK = RNG.uniform(0.05, 0.95, 150)
TRUTH = (RNG.random(150) < RISK).astype(int)


def _findings(risk: np.ndarray = RISK, truth: np.ndarray = TRUTH) -> say.CalibrationFindings:
    return say.CalibrationFindings(
        name="network",
        slope=calibration_slope(truth, risk),
        ratio=observed_expected_ratio(truth, risk),
        smooth=smooth_calibration(truth, risk, replicates=50),
        brier=brier(truth, risk),
        error=calibration_error(truth, risk, replicates=50),
        bins=reliability_curve(truth, risk, bins=5),
        spiegelhalter=spiegelhalter_test(truth, risk),
        hosmer_lemeshow=hosmer_lemeshow(truth, risk, groups=5),
    )


def test_every_measure_stands_in_its_row() -> None:
    found = _findings()
    measures, tests, bins, groups = say.calibration_tables(found)
    rows = {row["quantity"]: row for row in measures.rows}
    assert "wants 200 to be precise" in measures.notes[0]
    assert rows["calibration slope"]["value"] == found.slope.slope.value
    assert rows["calibration in the large"]["value"] == found.slope.intercept_in_the_large.value
    assert rows["ICI"]["low"] == found.smooth.ici.low and rows["E90"]["value"] == found.smooth.e90.value
    assert rows["ICI of a perfect model"]["value"] == found.smooth.ici_if_perfect.value
    assert [row["statistic"] for row in tests.rows] == [found.spiegelhalter[0], found.hosmer_lemeshow.statistic]
    assert [row["n"] for row in bins.rows] == [one.observed.n for one in found.bins.bins]
    assert [row["observed"] for row in groups.rows] == [one.observed for one in found.hosmer_lemeshow.groups]


def test_figure_holds_curve_and_bins() -> None:
    found = _findings()
    drawing = say.calibration_figure(found).drawing
    axes, counts = draw(drawing).axes
    curve = next(line for line in axes.lines if len(line.get_xdata()) == 101)
    assert np.allclose(curve.get_ydata(), [point.observed for point in found.smooth.points])
    assert counts.get_ylabel() == "Cases"
    assert "5 bins of equal numbers" in say.calibration_methods(found)


def test_an_undefined_curve_is_left_out() -> None:
    risk = np.linspace(0.05, 0.95, 20)
    found = _findings(risk, (risk > 0.5).astype(int))
    assert say.smooth_curve(found.smooth, "network") is None
    assert "perfect model" not in say.calibration_summary(found) and "undefined" in say.calibration_summary(found)
    assert len(draw(say.calibration_figure(found).drawing).axes) == 2
