"""Sample size and power of studies of one AUC or of two."""

import math

from scipy import stats
from scipy.special import owens_t

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.search import SampleSize, fewest, normal_power, require_between
from thyrosight.statistics.validation import require_choice

VARIANCES = ("obuchowski", "hanley-mcneil", "binormal")


def auc_standard_error(auc: float, *, positives: float, negatives: float, method: str = "obuchowski") -> float:
    """Return the expected standard error of an AUC, before any data are seen.

    Args:
        auc: the true area, above 0 and below 1.
        positives: patients with the disease; a fraction where they are what clusters are worth.
        negatives: patients without.
        method: "obuchowski" (Obuchowski 1994, for an area fitted under the binormal model; overstates the error of the
            empirical area, increasingly so for large areas), "hanley-mcneil" (exponential scores; Hanley and McNeil
            1982, equation 1) or "binormal" (exact for the empirical area of normal scores with equal variance).

    Raises:
        StatisticsError: an area outside 0 to 1, fewer than one patient of a kind, or an unknown method.

    >>> round(auc_standard_error(0.893, positives=51, negatives=58, method="hanley-mcneil"), 3)
    0.033
    """
    require_choice(method, VARIANCES, name="method")
    require_between(auc, name="auc")
    if positives < 1 or negatives < 1:
        raise StatisticsError(f"Expected at least one patient of each kind, got {positives} and {negatives}.")
    distance = math.sqrt(2) * float(stats.norm.ppf(auc))
    if method != "obuchowski":
        two_positives, two_negatives = auc / (2 - auc), 2 * auc**2 / (1 + auc)
        if method == "binormal":
            # Two differences that share a patient are normal with correlation 1/2: Owen's T gives both below 0.
            two_positives = two_negatives = auc - 2 * float(owens_t(distance / math.sqrt(2), math.sqrt(1 / 3)))
        variance = auc * (1 - auc)
        variance += (positives - 1) * (two_positives - auc**2) + (negatives - 1) * (two_negatives - auc**2)
        return math.sqrt(variance / (positives * negatives))
    ratio = negatives / positives
    variance = 0.0099 * math.exp(-(distance**2) / 2) * (5 * distance**2 + 8 + (distance**2 + 8) / ratio)
    return math.sqrt(variance / positives)


def auc_power(
    auc: float,
    *,
    positives: int,
    negatives: int,
    null: float = 0.5,
    significance: float = 0.05,
    method: str = "obuchowski",
) -> float:
    """Return the power of the two-sided test of AUC = `null` if the true area is `auc`.

    Raises:
        StatisticsError: as `auc_standard_error`; equal areas, or a significance outside 0 to 1.

    >>> round(auc_power(0.75, positives=30, negatives=30, null=0.6), 3)
    0.552
    """
    require_between(significance, name="significance")
    if auc == null:
        raise StatisticsError(f"Expected `auc` to differ from `null`, got {auc} for both.")
    spread_null, spread = (
        auc_standard_error(area, positives=positives, negatives=negatives, method=method) for area in (null, auc)
    )
    return normal_power(abs(auc - null), spread_null, spread, significance)


def patients_for_auc(
    auc: float,
    *,
    null: float = 0.5,
    power: float = 0.8,
    significance: float = 0.05,
    prevalence: float = 0.5,
    method: str = "obuchowski",
) -> SampleSize:
    """Return the number of patients needed to show that an AUC differs from `null`.

    Args:
        auc: expected area.
        null: area under the null hypothesis.
        power: wanted power.
        significance: of the two-sided test.
        prevalence: share of patients with the disease in the study.
        method: variance, as in `auc_standard_error`.

    Raises:
        StatisticsError: as `auc_power`; or no number below ten million suffices.

    >>> print(patients_for_auc(0.75, null=0.6, prevalence=0.5))
    53 with and 53 without the disease (test of AUC 0.75 against 0.6, obuchowski variance, power 0.807)
    """
    require_between(power, name="power")

    def achieved(positives: int, negatives: int) -> float:
        return auc_power(
            auc, positives=positives, negatives=negatives, null=null, significance=significance, method=method
        )

    return fewest(achieved, power, prevalence, f"test of AUC {auc:g} against {null:g}, {method} variance")


def auc_difference_power(
    auc_a: float,
    auc_b: float,
    *,
    positives: float,
    negatives: float,
    correlation: float,
    significance: float = 0.05,
    method: str = "obuchowski",
) -> float:
    """Return the power of the two-sided paired test that two AUCs on the same patients are equal.

    The variance of the difference is that of two areas with the given correlation (Hanley and McNeil 1983); under the
    hypothesis both areas are the mean of the two.

    Args:
        auc_a: first area.
        auc_b: second area.
        positives: patients with the disease.
        negatives: patients without.
        correlation: of the two estimated areas over samples, -1 to below 1; about the correlation of the scores.
        significance: of the two-sided test.
        method: variance, as in `auc_standard_error`.

    Raises:
        StatisticsError: as `auc_standard_error`; equal areas, or a correlation outside the range.

    >>> round(auc_difference_power(0.8, 0.9, positives=60, negatives=60, correlation=0.5), 3)
    0.698
    """
    require_between(significance, name="significance")
    if auc_a == auc_b:
        raise StatisticsError(f"Expected two different areas, got {auc_a} for both.")
    mean = (auc_a + auc_b) / 2
    spread_null, spread = (
        difference_error(*areas, positives=positives, negatives=negatives, correlation=correlation, method=method)
        for areas in ((mean, mean), (auc_a, auc_b))
    )
    return normal_power(abs(auc_a - auc_b), spread_null, spread, significance)


def difference_error(
    auc_a: float, auc_b: float, *, positives: float, negatives: float, correlation: float, method: str
) -> float:
    """Return the expected standard error of the difference of two AUCs on the same patients; raises as they do."""
    if not -1 <= correlation < 1:
        raise StatisticsError(f"Expected `correlation` from -1 to below 1, got {correlation}.")
    a, b = (
        auc_standard_error(area, positives=positives, negatives=negatives, method=method) for area in (auc_a, auc_b)
    )
    return math.sqrt(a**2 + b**2 - 2 * correlation * a * b)


def patients_for_auc_difference(
    auc_a: float,
    auc_b: float,
    *,
    correlation: float,
    power: float = 0.8,
    significance: float = 0.05,
    prevalence: float = 0.5,
    method: str = "obuchowski",
) -> SampleSize:
    """Return the number of patients, each with both tests, needed to show that two AUCs differ.

    Arguments as `auc_difference_power` and `patients_for_auc`.

    Raises:
        StatisticsError: as these; or no number below ten million suffices.

    >>> patients_for_auc_difference(0.8, 0.9, correlation=0.5).total
    154
    """
    require_between(power, name="power")

    def achieved(positives: int, negatives: int) -> float:
        return auc_difference_power(
            auc_a,
            auc_b,
            positives=positives,
            negatives=negatives,
            correlation=correlation,
            significance=significance,
            method=method,
        )

    words = f"paired test of AUC {auc_a:g} and {auc_b:g}, correlation {correlation:g}, {method} variance"
    return fewest(achieved, power, prevalence, words)
