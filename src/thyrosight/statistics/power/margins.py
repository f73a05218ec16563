"""Power to show non-inferiority or equivalence of two tests on the same patients."""

import math

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.margin import AIMS
from thyrosight.statistics.power.auc_studies import difference_error
from thyrosight.statistics.power.paired import discordant_shares, require_pairs
from thyrosight.statistics.power.search import SampleSize, fewest, require_between
from thyrosight.statistics.proportions.paired import variance_under
from thyrosight.statistics.validation import require_choice, require_confidence


def paired_margin_power(
    sensitivity_new: float,
    sensitivity_reference: float,
    *,
    margin: float,
    pairs: int,
    correlation: float,
    aim: str = "non-inferiority",
    confidence: float = 0.95,
) -> float:
    """Return the power to show that a new test is not worse by the margin, by Tango's score interval.

    The variance under the margin is that of the restricted maximum likelihood (Nam, Biometrics 1997;53:1422).

    Args:
        sensitivity_new: true value of the new test.
        sensitivity_reference: true value of the reference.
        margin: by how much the new test may be worse (for equivalence: or better), above 0, below 1.
        pairs: cases with the disease, each called by both tests.
        correlation: of the two calls over cases.
        aim: "non-inferiority" or "equivalence".
        confidence: of the two-sided interval that has to lie within the margin.

    Raises:
        StatisticsError: as `discordant_shares`; a margin, aim, level or number of pairs that makes no sense.

    >>> round(paired_margin_power(0.9, 0.9, margin=0.1, pairs=100, correlation=0.3), 3)
    0.715
    """
    _require_margin(margin, aim, confidence)
    only_new, only_reference = discordant_shares(sensitivity_new, sensitivity_reference, correlation=correlation)
    require_pairs(pairs)
    spread = math.sqrt(only_new + only_reference - (only_new - only_reference) ** 2)
    limit = float(stats.norm.isf((1 - confidence) / 2))

    def passed(gain: float, loss: float) -> float:
        """Power of the one-sided test that `gain - loss` is above -margin."""
        beyond = math.sqrt(pairs) * (gain - loss + margin)
        beyond -= limit * math.sqrt(variance_under(gain, loss, delta=-margin))
        return float(stats.norm.cdf(beyond / spread)) if spread else float(beyond > 0)

    power = passed(only_new, only_reference)
    if aim == "equivalence":
        return max(0.0, power + passed(only_reference, only_new) - 1)
    return power


def patients_for_paired_margin(
    sensitivity_new: float,
    sensitivity_reference: float,
    *,
    margin: float,
    correlation: float,
    aim: str = "non-inferiority",
    power: float = 0.8,
    confidence: float = 0.95,
    prevalence: float = 0.5,
) -> SampleSize:
    """Return the number of patients, each with both tests, needed to show non-inferiority (or equivalence).

    For specificities give 1 - prevalence, and read positives as negatives. Arguments as `paired_margin_power`.

    Raises:
        StatisticsError: as `paired_margin_power`; or no number below ten million suffices.

    >>> print(patients_for_paired_margin(0.9, 0.9, margin=0.1, correlation=0.3, prevalence=0.3))
    121 with and 283 without the disease (non-inferiority of sensitivity 0.9 against 0.9, margin 0.1, correlation 0.3,
    Tango score, power 0.803)
    """
    require_between(power, name="power")
    _require_true_difference(sensitivity_new - sensitivity_reference, margin, aim)

    def achieved(positives: int, _: int) -> float:
        return paired_margin_power(
            sensitivity_new,
            sensitivity_reference,
            margin=margin,
            pairs=positives,
            correlation=correlation,
            aim=aim,
            confidence=confidence,
        )

    words = f"{aim} of sensitivity {sensitivity_new:g} against {sensitivity_reference:g}, margin {margin:g}"
    return fewest(achieved, power, prevalence, f"{words}, correlation {correlation:g}, Tango score")


def auc_margin_power(
    auc_new: float,
    auc_reference: float,
    *,
    margin: float,
    positives: int,
    negatives: int,
    correlation: float,
    aim: str = "non-inferiority",
    confidence: float = 0.95,
    method: str = "obuchowski",
) -> float:
    """Return the power to show that a new test's AUC is not lower by the margin, both tests on the same patients.

    Args:
        auc_new: true area of the new test.
        auc_reference: true area of the reference.
        margin: by how much the new area may be lower (for equivalence: or higher).
        positives: patients with the disease.
        negatives: patients without.
        correlation: of the two estimated areas over samples, -1 to below 1.
        aim: "non-inferiority" or "equivalence".
        confidence: of the two-sided interval that has to lie within the margin.
        method: variance, as in `auc_standard_error`.

    Raises:
        StatisticsError: as `auc_standard_error`; a correlation, margin, aim or level outside its range.

    >>> round(auc_margin_power(0.85, 0.85, margin=0.05, positives=150, negatives=150, correlation=0.5), 3)
    0.5
    """
    _require_margin(margin, aim, confidence)
    spread = difference_error(
        auc_new, auc_reference, positives=positives, negatives=negatives, correlation=correlation, method=method
    )
    limit, difference = float(stats.norm.isf((1 - confidence) / 2)), auc_new - auc_reference
    power = float(stats.norm.cdf((difference + margin) / spread - limit))
    if aim == "equivalence":
        return max(0.0, power + float(stats.norm.cdf((margin - difference) / spread - limit)) - 1)
    return power


def patients_for_auc_margin(
    auc_new: float,
    auc_reference: float,
    *,
    margin: float,
    correlation: float,
    aim: str = "non-inferiority",
    power: float = 0.8,
    confidence: float = 0.95,
    prevalence: float = 0.5,
    method: str = "obuchowski",
) -> SampleSize:
    """Return the number of patients, each with both tests, needed to show that an AUC is not lower by the margin.

    Arguments as `auc_margin_power` and `patients_for_auc`.

    Raises:
        StatisticsError: as these; or no number below ten million suffices.

    >>> patients_for_auc_margin(0.85, 0.85, margin=0.05, correlation=0.5, prevalence=0.3).total
    820
    """
    require_between(power, name="power")
    _require_true_difference(auc_new - auc_reference, margin, aim)

    def achieved(positives: int, negatives: int) -> float:
        return auc_margin_power(
            auc_new,
            auc_reference,
            margin=margin,
            positives=positives,
            negatives=negatives,
            correlation=correlation,
            aim=aim,
            confidence=confidence,
            method=method,
        )

    words = f"{aim} of AUC {auc_new:g} against {auc_reference:g}, margin {margin:g}, correlation {correlation:g}"
    return fewest(achieved, power, prevalence, f"{words}, {method} variance")


def _require_margin(margin: float, aim: str, confidence: float) -> None:
    require_choice(aim, AIMS, name="aim")
    require_confidence(confidence)
    require_between(margin, name="margin")


def _require_true_difference(difference: float, margin: float, aim: str) -> None:
    """Refuse a truth that lies beyond the margin: no number of patients shows the contrary."""
    if difference <= -margin + 1e-12 or (aim == "equivalence" and difference >= margin - 1e-12):
        raise StatisticsError(f"A true difference of {difference:g} lies beyond the margin of {margin:g}.")
