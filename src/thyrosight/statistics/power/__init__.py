"""Planning: sample size and power of diagnostic studies and of prediction models."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.power.auc_studies import (
        auc_difference_power,
        auc_power,
        auc_standard_error,
        patients_for_auc,
        patients_for_auc_difference,
    )
    from thyrosight.statistics.power.clusters import (
        effective_cases,
        expected_auc_interval,
        expected_share_interval,
        patients_for_auc_width,
    )
    from thyrosight.statistics.power.criteria import Criterion, ModelStudySize
    from thyrosight.statistics.power.development import cox_snell_from_c_statistic, patients_for_development
    from thyrosight.statistics.power.external import patients_for_external_validation
    from thyrosight.statistics.power.margins import (
        auc_margin_power,
        paired_margin_power,
        patients_for_auc_margin,
        patients_for_paired_margin,
    )
    from thyrosight.statistics.power.paired import discordant_shares, paired_calls_power, patients_for_paired_calls
    from thyrosight.statistics.power.precision import (
        cases_for_kappa,
        kappa_standard_error,
        patients_for_sensitivity,
        patients_for_sensitivity_and_specificity,
    )
    from thyrosight.statistics.power.search import SampleSize
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Criterion",
    "ModelStudySize",
    "SampleSize",
    "auc_difference_power",
    "auc_margin_power",
    "auc_power",
    "auc_standard_error",
    "cases_for_kappa",
    "cox_snell_from_c_statistic",
    "discordant_shares",
    "effective_cases",
    "expected_auc_interval",
    "expected_share_interval",
    "kappa_standard_error",
    "paired_calls_power",
    "paired_margin_power",
    "patients_for_auc",
    "patients_for_auc_difference",
    "patients_for_auc_margin",
    "patients_for_auc_width",
    "patients_for_development",
    "patients_for_external_validation",
    "patients_for_paired_calls",
    "patients_for_paired_margin",
    "patients_for_sensitivity",
    "patients_for_sensitivity_and_specificity",
]
