"""The answer on calibration: its tables, its figure and its sentences."""

import math
from dataclasses import dataclass
from typing import Any

from thyrosight.documents import Column, Figure, Table
from thyrosight.documents.drawings import Calibration, CalibrationBin, Curve
from thyrosight.reports.statistics_methods import level_sentence, patients_sentence, size, with_limits
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import (
    Brier,
    CalibrationSlope,
    Estimate,
    HosmerLemeshow,
    ReliabilityCurve,
    SmoothCalibration,
)

_BINNINGS = {"equal-mass": "equal numbers", "equal-width": "equal width"}


@dataclass(frozen=True, slots=True)
class CalibrationFindings:
    """Calibration of one set of risks.

    Attributes:
        name: column of the risks.
        slope: slope and intercepts.
        ratio: observed / expected.
        smooth: curve, ICI, E50, E90 and Emax.
        brier: score and decomposition.
        error: expected calibration error.
        bins: reliability curve.
        spiegelhalter: z and P.
        hosmer_lemeshow: the test and its groups.
    """

    name: str
    slope: CalibrationSlope
    ratio: Estimate
    smooth: SmoothCalibration
    brier: Brier
    error: Estimate
    bins: ReliabilityCurve
    spiegelhalter: tuple[float, float]
    hosmer_lemeshow: HosmerLemeshow

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        z, p = (None if math.isnan(value) else value for value in self.spiegelhalter)
        return {
            **self.slope.to_dict(),
            "observed_expected": self.ratio.to_dict(),
            "smooth": self.smooth.to_dict(),
            "brier": self.brier.to_dict(),
            "expected_calibration_error": self.error.to_dict(),
            "reliability": self.bins.to_dict(),
            "spiegelhalter": {"z": z, "p": p},
            "hosmer_lemeshow": self.hosmer_lemeshow.to_dict(),
        }


def calibration_tables(found: CalibrationFindings) -> tuple[Table, ...]:
    """Measures with intervals, tests, and observed against predicted risk in bins."""
    smooth = found.smooth
    measures = {
        "calibration slope": found.slope.slope,
        "intercept, with this slope": found.slope.intercept,
        "calibration in the large": found.slope.intercept_in_the_large,
        "observed / expected": found.ratio,
        "ICI": smooth.ici,
        "E50": smooth.e50,
        "E90": smooth.e90,
        "Emax": smooth.emax,
        "ICI of a perfect model": smooth.ici_if_perfect,
        "Brier score": found.brier.score,
        f"expected calibration error, bins of {_BINNINGS[found.bins.binning]}": found.error,
    }
    hl = found.hosmer_lemeshow
    z, p = found.spiegelhalter
    tests = [
        row("Spiegelhalter's z", statistic=z, p=p),
        row(f"Hosmer-Lemeshow, {len(hl.groups)} groups", statistic=hl.statistic, df=float(hl.df), p=hl.p),
    ]
    rated = "" if found.ratio.clusters is None else " The Hosmer-Lemeshow test takes rows as independent."
    said = (*hl.notes[1:], f"{hl.notes[0]}{rated}")
    return (
        estimates_section(f"Calibration of {found.name}", measures, notes=[*_few(found.bins), *smooth.notes]),
        statistics_table("Tests of calibration", tests, notes=said),
        _bins_table(found.bins),
        _groups_table(hl),
    )


def _few(curve: ReliabilityCurve) -> list[str]:
    """A sentence where the rarer outcome is too rare for a curve (Van Calster et al. 2016)."""
    events = round(sum(one.observed.n * one.observed.value for one in curve.bins))
    rarer = min(events, curve.n - events)
    return [f"{rarer} cases of the rarer outcome: a calibration curve wants 200 to be precise."] if rarer < 200 else []


def _bins_table(curve: ReliabilityCurve) -> Table:
    shares = {
        f"risk {one.low:.3f} to {one.high:.3f}, mean {one.mean_probability:.3f}": one.observed for one in curve.bins
    }
    words = "about as many cases in each" if curve.binning == "equal-mass" else "of equal width"
    notes = ["Rows were taken as independent in these intervals."]
    return estimates_section(f"Observed share by predicted risk, {len(curve.bins)} bins, {words}", shares, notes=notes)


def _groups_table(test: HosmerLemeshow) -> Table:
    columns = (
        Column(key="group", title="risk"),
        Column(key="n", title="n", kind="count"),
        Column(key="observed", title="observed", kind="count"),
        Column(key="expected", title="expected", kind="number", digits=1),
    )
    rows = tuple(
        {
            "group": f"{one.low:.3f} to {one.high:.3f}",
            "n": one.n,
            "observed": one.observed,
            "expected": one.expected,
        }
        for one in test.groups
    )
    return Table(name="groups", caption="Groups of the Hosmer-Lemeshow test", columns=columns, rows=rows, source="")


def smooth_curve(smooth: SmoothCalibration, name: str) -> Curve | None:
    """The smooth calibration curve with its band; None where it is undefined."""
    if not smooth.points:
        return None
    points = ((point.predicted, point.observed, point.low, point.high) for point in smooth.points)
    return Curve.banded(name, points)


def calibration_figure(found: CalibrationFindings) -> Figure:
    """Observed against predicted risk: the smooth curve with its band, and bins with their intervals."""
    level = f"{100 * found.ratio.confidence:g} %"
    note = f"{size(found.ratio)}; curve: {found.smooth.method.split(' of the predicted')[0]}, {level} bootstrap band"
    bins = tuple(
        CalibrationBin(
            predicted=one.mean_probability,
            observed=one.observed.value,
            low=one.observed.low,
            high=one.observed.high,
            n=one.observed.n,
        )
        for one in found.bins.bins
    )
    drawing = Calibration(
        bins=bins,
        x_label=f"Predicted risk ({found.name})",
        curve=smooth_curve(found.smooth, found.name),
        counted="Cases",
        note=f"{size(found.ratio)}; shaded: pointwise {level} band; dashed: ideal",
    )
    return Figure(
        name="calibration", caption=f"Observed against predicted risk of {found.name}; {note}.", drawing=drawing
    )


def calibration_summary(found: CalibrationFindings) -> str:
    """Slope, O/E and ICI in a sentence."""
    perfect = found.smooth.ici_if_perfect
    usual = "" if math.isnan(perfect.high) else f", of a perfect model of this size up to {perfect.high:.3f}"
    return (
        f"Calibration of {found.name}, {size(found.ratio)}: slope {with_limits(found.slope.slope)}, observed / expected"
        f" {with_limits(found.ratio)}, integrated calibration index {with_limits(found.smooth.ici)}{usual}."
    )


def calibration_methods(found: CalibrationFindings) -> str:
    """How calibration was assessed."""
    loess = "loess" in found.smooth.method
    smoother = "loess" if loess else "logistic regression on a restricted cubic spline of its log odds [harrell2015]"
    bins = _BINNINGS[found.bins.binning]
    return (
        "Calibration was assessed by the slope and intercept of a logistic regression of the outcome on the log odds of"
        " the predicted risk [cox1958, vancalster2016], the ratio of observed to expected events, and a smooth"
        f" calibration curve by {smoother}, with its mean, median and 90th percentile of absolute distance from the"
        " predicted risk (ICI, E50, E90) [austin2019] and percentile bootstrap intervals [efron1993]; overall accuracy"
        f" by the Brier score [brier1950]; the expected calibration error [naeini2015] by {len(found.bins.bins)} bins"
        f" of {bins}; tests were those of Spiegelhalter [spiegelhalter1986] and of Hosmer and Lemeshow with"
        f" {len(found.hosmer_lemeshow.groups)} groups [hosmer2013]."
        f" {patients_sentence(found.ratio.clusters, how='robust variance; patients drawn anew')}"
        f" {level_sentence(found.ratio.confidence)}"
    )
