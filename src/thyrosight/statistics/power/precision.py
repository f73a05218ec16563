"""Numbers of patients that make the interval of a proportion or of a kappa as narrow as wanted."""

import math

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.search import SampleSize, first_that, negatives_beside, require_between
from thyrosight.statistics.proportions.intervals import proportion_interval
from thyrosight.statistics.validation import require_confidence


def patients_for_sensitivity(
    sensitivity: float,
    *,
    width: float,
    prevalence: float = 0.5,
    interval: str = "wilson",
    confidence: float = 0.95,
) -> SampleSize:
    """Return the number of patients for which the interval of a sensitivity is no wider than `width` (Buderer 1996).

    The width is taken at the expected number of true positives, rounded. It also holds for every larger number of
    patients. For a specificity give 1 - prevalence, and read positives as negatives.

    Args:
        sensitivity: expected value.
        width: full width of the interval, upper less lower limit.
        prevalence: share of patients with the disease in the study.
        interval: "wald", "wilson" or "clopper-pearson".
        confidence: its coverage.

    Raises:
        StatisticsError: numbers outside 0 to 1, or no number below ten million suffices.

    >>> print(patients_for_sensitivity(0.9, width=0.1, prevalence=0.3))
    141 with and 329 without the disease (Wilson interval of sensitivity 0.9 no wider than 0.1)
    """
    for value, name in ((sensitivity, "sensitivity"), (width, "width"), (prevalence, "prevalence")):
        require_between(value, name=name)

    def wide(n: int) -> bool:
        found = proportion_interval(round(sensitivity * n), n, method=interval, confidence=confidence)
        # The Wald interval of a proportion that comes out as 0 or 1 has no width, which is no precision.
        return found.value in (0.0, 1.0) if interval == "wald" and found.se == 0 else found.high - found.low > width

    def kept_from(n: int) -> bool:
        # Rounding the expected count makes the width saw-toothed: it must hold over a whole period of the teeth.
        period = math.ceil(1 / min(sensitivity, 1 - sensitivity)) + 1
        return not any(wide(m) for m in range(n, n + min(period, 200)))

    positives = first_that(kept_from)
    name = proportion_interval(1, 2, method=interval).method
    words = f"{name} interval of sensitivity {sensitivity:g} no wider than {width:g}"
    return SampleSize(positives, negatives_beside(positives, prevalence), math.nan, words)


def patients_for_sensitivity_and_specificity(
    sensitivity: float,
    specificity: float,
    *,
    width: float,
    prevalence: float,
    interval: str = "wilson",
    confidence: float = 0.95,
) -> SampleSize:
    """Return the number of consecutive patients for which both intervals are no wider than `width` (Buderer 1996).

    The measure that needs more patients decides; the other interval comes out narrower.

    Args:
        sensitivity: expected value.
        specificity: expected value.
        width: full width of each interval.
        prevalence: share of patients with the disease among those examined.
        interval: as in `patients_for_sensitivity`.
        confidence: its coverage.

    Raises:
        StatisticsError: as `patients_for_sensitivity`.

    >>> print(patients_for_sensitivity_and_specificity(0.9, 0.85, width=0.1, prevalence=0.2))
    141 with and 564 without the disease (sensitivity decides: Wilson interval of sensitivity 0.9 no wider than 0.1)
    """
    of_positives, of_negatives = (
        patients_for_sensitivity(value, width=width, prevalence=share, interval=interval, confidence=confidence)
        for value, share in ((sensitivity, prevalence), (specificity, 1 - prevalence))
    )
    if of_positives.total >= of_negatives.total:
        return SampleSize(
            of_positives.positives, of_positives.negatives, math.nan, f"sensitivity decides: {of_positives.method}"
        )
    words = of_negatives.method.replace("sensitivity", "specificity")
    return SampleSize(of_negatives.negatives, of_negatives.positives, math.nan, f"specificity decides: {words}")


def kappa_standard_error(kappa: float, *, prevalence: float, cases: int) -> float:
    """Return the expected standard error of Cohen's kappa of two readers and two categories.

    Both readers call the same share of cases positive. The variance is that of Fleiss, Cohen and Everitt (Psychol Bull
    1969) in the form of Bloch and Kraemer (Biometrics 1989;45:269).

    Args:
        kappa: true kappa, below 1 and no less than the prevalence allows.
        prevalence: share of cases that a reader calls positive.
        cases: cases that both read.

    Raises:
        StatisticsError: a kappa or prevalence outside its range, or no case.

    >>> round(kappa_standard_error(0.6, prevalence=0.3, cases=100), 4)
    0.0876
    """
    require_between(prevalence, name="prevalence")
    least = -min(prevalence / (1 - prevalence), (1 - prevalence) / prevalence)
    if not least <= kappa < 1:
        raise StatisticsError(f"Expected `kappa` from {least:.2f} to below 1 at this prevalence, got {kappa}.")
    if cases < 1:
        raise StatisticsError(f"Expected at least one case, got {cases}.")
    spread = (1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / (2 * prevalence * (1 - prevalence))
    return math.sqrt((1 - kappa) * spread / cases)


def cases_for_kappa(kappa: float, *, width: float, prevalence: float, confidence: float = 0.95) -> int:
    """Return the number of cases for which the interval of Cohen's kappa is no wider than `width`.

    Two readers, two categories; arguments as `kappa_standard_error`.

    Args:
        kappa: expected kappa.
        width: full width of the interval.
        prevalence: share of cases that a reader calls positive.
        confidence: coverage of the interval.

    Raises:
        StatisticsError: as `kappa_standard_error`, or a width outside 0 to 1.

    >>> cases_for_kappa(0.6, width=0.2, prevalence=0.3)
    296
    """
    require_between(width, name="width")
    require_confidence(confidence)
    reach = float(stats.norm.isf((1 - confidence) / 2))

    def narrow(cases: int) -> bool:
        return 2 * reach * kappa_standard_error(kappa, prevalence=prevalence, cases=cases) <= width

    return first_that(narrow)
