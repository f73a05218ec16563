"""Agreement between readers, measurements and outlines."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.agreement.concordance import Concordance, concordance_correlation
    from thyrosight.statistics.agreement.kappa import cohen_kappa, fleiss_kappa, gwet_coefficient, weighted_fleiss_kappa
    from thyrosight.statistics.agreement.krippendorff import krippendorff_alpha
    from thyrosight.statistics.agreement.masks import Overlap, overlap
    from thyrosight.statistics.agreement.measurements import BlandAltman, bland_altman, intraclass_correlation
    from thyrosight.statistics.agreement.observed import PrevalenceAndBias, observed_agreement, prevalence_and_bias
    from thyrosight.statistics.agreement.regression_limits import RegressionBlandAltman, bland_altman_regression
    from thyrosight.statistics.agreement.repeated_limits import RepeatedBlandAltman, bland_altman_repeated
    from thyrosight.statistics.agreement.unbalanced import MixedIntraclassCorrelation, intraclass_correlation_mixed
    from thyrosight.statistics.agreement.within_subject import Repeatability, repeatability
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "BlandAltman",
    "Concordance",
    "MixedIntraclassCorrelation",
    "Overlap",
    "PrevalenceAndBias",
    "RegressionBlandAltman",
    "Repeatability",
    "RepeatedBlandAltman",
    "bland_altman",
    "bland_altman_regression",
    "bland_altman_repeated",
    "cohen_kappa",
    "concordance_correlation",
    "fleiss_kappa",
    "gwet_coefficient",
    "intraclass_correlation",
    "intraclass_correlation_mixed",
    "krippendorff_alpha",
    "observed_agreement",
    "overlap",
    "prevalence_and_bias",
    "repeatability",
    "weighted_fleiss_kappa",
]
