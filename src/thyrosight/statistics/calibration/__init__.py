"""Calibration of predicted probabilities, and decisions that rest on them."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.calibration.calibrators import (
        Calibrator,
        calibration_name,
        calibrator_from_dict,
        fit_calibrator,
    )
    from thyrosight.statistics.calibration.goodness_of_fit import HosmerLemeshow, hosmer_lemeshow
    from thyrosight.statistics.calibration.net_benefit import (
        BiopsiesAvoided,
        DecisionCurve,
        biopsies_avoided,
        decision_curve,
    )
    from thyrosight.statistics.calibration.net_benefit_pair import NetBenefitDifference, compare_net_benefit
    from thyrosight.statistics.calibration.observed_expected import observed_expected_ratio, spiegelhalter_test
    from thyrosight.statistics.calibration.reliability import (
        Brier,
        ReliabilityCurve,
        brier,
        calibration_error,
        reliability_curve,
    )
    from thyrosight.statistics.calibration.slope import CalibrationSlope, calibration_slope
    from thyrosight.statistics.calibration.smooth import SmoothCalibration, smooth_calibration
    from thyrosight.statistics.calibration.threshold import OperatingPointResult, operating_point
    from thyrosight.statistics.calibration.threshold_rules import rule_in_words
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "BiopsiesAvoided",
    "Brier",
    "CalibrationSlope",
    "Calibrator",
    "DecisionCurve",
    "HosmerLemeshow",
    "NetBenefitDifference",
    "OperatingPointResult",
    "ReliabilityCurve",
    "SmoothCalibration",
    "biopsies_avoided",
    "brier",
    "calibration_error",
    "calibration_name",
    "calibration_slope",
    "calibrator_from_dict",
    "compare_net_benefit",
    "decision_curve",
    "fit_calibrator",
    "hosmer_lemeshow",
    "observed_expected_ratio",
    "operating_point",
    "reliability_curve",
    "rule_in_words",
    "smooth_calibration",
    "spiegelhalter_test",
]
