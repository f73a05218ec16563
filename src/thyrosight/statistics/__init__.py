"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.calibration import ReliabilityCurve, reliability_curve
from thyrosight.statistics.calibrators import Calibrator, calibrator_from_dict, fit_calibrator
from thyrosight.statistics.compare_proportions import ProportionComparison, compare_proportions
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.mcnemar import mcnemar
from thyrosight.statistics.proportions import gee_proportion, proportion_interval

__all__ = [
    "Calibrator",
    "Estimate",
    "ProportionComparison",
    "ReliabilityCurve",
    "calibrator_from_dict",
    "compare_proportions",
    "fit_calibrator",
    "gee_proportion",
    "mcnemar",
    "proportion_interval",
    "reliability_curve",
]
