"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.agreement import cohen_kappa, fleiss_kappa, gwet_coefficient
from thyrosight.statistics.association import (
    AssociationTest,
    MeanComparison,
    adjust_p_values,
    chi_square_test,
    compare_means,
    compare_means_from_summary,
    contingency_table,
    fisher_exact_test,
    mann_whitney_test,
)
from thyrosight.statistics.auc import auc
from thyrosight.statistics.best_of import BestOf, best_of
from thyrosight.statistics.bootstrap import bootstrap_weights, clustered_bootstrap, weighted_auc
from thyrosight.statistics.calibration import Brier, ReliabilityCurve, brier, calibration_error, reliability_curve
from thyrosight.statistics.calibration_slope import CalibrationSlope, calibration_slope
from thyrosight.statistics.calibrators import Calibrator, calibrator_from_dict, fit_calibrator
from thyrosight.statistics.categorisation import Categorisation, categorisation
from thyrosight.statistics.clustered import AucCovariance, auc_covariance
from thyrosight.statistics.clustered_association import clustered_association_test
from thyrosight.statistics.compare import AucComparison, compare_auc
from thyrosight.statistics.compare_categorisations import CategorisationComparison, compare_categorisations
from thyrosight.statistics.compare_proportions import ProportionComparison, compare_proportions
from thyrosight.statistics.decision import BiopsiesAvoided, DecisionCurve, biopsies_avoided, decision_curve
from thyrosight.statistics.diagnostic import DiagnosticTable, diagnostic_table
from thyrosight.statistics.divisions import (
    DifferenceOverDivisions,
    DivisionOutcome,
    MeanOverDivisions,
    difference_over_divisions,
    mean_over_divisions,
)
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.mcnemar import mcnemar
from thyrosight.statistics.means import mean_interval
from thyrosight.statistics.measurement_agreement import BlandAltman, bland_altman, intraclass_correlation
from thyrosight.statistics.operating_point import OperatingPointResult, operating_point
from thyrosight.statistics.overlap import Overlap, overlap
from thyrosight.statistics.paired_means import PairedMeanDifference, paired_mean_difference
from thyrosight.statistics.partial import PartialAuc, partial_auc
from thyrosight.statistics.performance import Performance, bootstrap_performance
from thyrosight.statistics.power import (
    SampleSize,
    auc_difference_power,
    auc_power,
    auc_standard_error,
    patients_for_auc,
    patients_for_auc_difference,
    patients_for_sensitivity,
)
from thyrosight.statistics.proportions import gee_proportion, proportion_interval
from thyrosight.statistics.reader_power import ReaderStudySize, cases_for_reader_study, reader_study_power
from thyrosight.statistics.readers import ReaderComparison, VarianceComponents, compare_readers
from thyrosight.statistics.readers_standalone import StandaloneComparison, compare_readers_with_system
from thyrosight.statistics.regression import (
    LogisticRegression,
    OddsRatio,
    logistic_regression,
    univariate_logistic_regressions,
)
from thyrosight.statistics.roc import RocCurve, roc_curve

__all__ = [
    "AssociationTest",
    "AucComparison",
    "AucCovariance",
    "BestOf",
    "BiopsiesAvoided",
    "BlandAltman",
    "Brier",
    "CalibrationSlope",
    "Calibrator",
    "Categorisation",
    "CategorisationComparison",
    "DecisionCurve",
    "DiagnosticTable",
    "DifferenceOverDivisions",
    "DivisionOutcome",
    "Estimate",
    "LogisticRegression",
    "MeanComparison",
    "MeanOverDivisions",
    "OddsRatio",
    "OperatingPointResult",
    "Overlap",
    "PairedMeanDifference",
    "PartialAuc",
    "Performance",
    "ProportionComparison",
    "ReaderComparison",
    "ReaderStudySize",
    "ReliabilityCurve",
    "RocCurve",
    "SampleSize",
    "StandaloneComparison",
    "VarianceComponents",
    "adjust_p_values",
    "auc",
    "auc_covariance",
    "auc_difference_power",
    "auc_power",
    "auc_standard_error",
    "best_of",
    "biopsies_avoided",
    "bland_altman",
    "bootstrap_performance",
    "bootstrap_weights",
    "brier",
    "calibration_error",
    "calibration_slope",
    "calibrator_from_dict",
    "cases_for_reader_study",
    "categorisation",
    "chi_square_test",
    "clustered_association_test",
    "clustered_bootstrap",
    "cohen_kappa",
    "compare_auc",
    "compare_categorisations",
    "compare_means",
    "compare_means_from_summary",
    "compare_proportions",
    "compare_readers",
    "compare_readers_with_system",
    "contingency_table",
    "decision_curve",
    "diagnostic_table",
    "difference_over_divisions",
    "fisher_exact_test",
    "fit_calibrator",
    "fleiss_kappa",
    "gee_proportion",
    "gwet_coefficient",
    "intraclass_correlation",
    "logistic_regression",
    "mann_whitney_test",
    "mcnemar",
    "mean_interval",
    "mean_over_divisions",
    "operating_point",
    "overlap",
    "paired_mean_difference",
    "partial_auc",
    "patients_for_auc",
    "patients_for_auc_difference",
    "patients_for_sensitivity",
    "proportion_interval",
    "reader_study_power",
    "reliability_curve",
    "roc_curve",
    "univariate_logistic_regressions",
    "weighted_auc",
]
