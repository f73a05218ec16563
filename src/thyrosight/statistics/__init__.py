"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.calibration import ReliabilityCurve, reliability_curve
from thyrosight.statistics.calibrators import Calibrator, calibrator_from_dict, fit_calibrator
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.proportions import gee_proportion, proportion_interval

__all__ = [
    "Calibrator",
    "Estimate",
    "ReliabilityCurve",
    "calibrator_from_dict",
    "fit_calibrator",
    "gee_proportion",
    "proportion_interval",
    "reliability_curve",
]
