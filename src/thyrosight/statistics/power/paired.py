"""Power of McNemar's test: two tests that call the same patients."""

import math

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.search import SampleSize, fewest, require_between


def discordant_shares(sensitivity_a: float, sensitivity_b: float, *, correlation: float) -> tuple[float, float]:
    """Return the share of cases that only the first test calls right, and that only the second does.

    Args:
        sensitivity_a: of the first test.
        sensitivity_b: of the second.
        correlation: of the two calls over cases (phi); 0 if they err independently.

    Raises:
        StatisticsError: values outside 0 to 1, or a correlation that they cannot have.

    >>> [round(share, 3) for share in discordant_shares(0.8, 0.9, correlation=0.25)]
    [0.05, 0.15]
    """
    require_between(sensitivity_a, name="sensitivity_a")
    require_between(sensitivity_b, name="sensitivity_b")
    spread = math.sqrt(sensitivity_a * (1 - sensitivity_a) * sensitivity_b * (1 - sensitivity_b))
    both = sensitivity_a * sensitivity_b + correlation * spread
    only_a, only_b = sensitivity_a - both, sensitivity_b - both
    if min(only_a, only_b) < -1e-12 or both < 0 or both + only_a + only_b > 1 + 1e-12:
        raise StatisticsError(
            f"Sensitivities of {sensitivity_a:g} and {sensitivity_b:g} cannot have a correlation of {correlation:g}."
        )
    return max(0.0, only_a), max(0.0, only_b)


def paired_calls_power(
    sensitivity_a: float, sensitivity_b: float, *, pairs: int, correlation: float, significance: float = 0.05
) -> float:
    """Return the power of McNemar's test of two sensitivities (or specificities) on the same cases.

    Normal approximation of Connor (Biometrics 1987;43:207); the exact test has somewhat less.

    Args:
        sensitivity_a: of the first test.
        sensitivity_b: of the second.
        pairs: cases with the disease, each called by both tests.
        correlation: of the two calls over cases.
        significance: of the two-sided test.

    Raises:
        StatisticsError: as `discordant_shares`; equal sensitivities, no case, or a significance outside 0 to 1.

    >>> round(paired_calls_power(0.8, 0.9, pairs=150, correlation=0.25), 3)
    0.788
    """
    require_between(significance, name="significance")
    only_a, only_b = discordant_shares(sensitivity_a, sensitivity_b, correlation=correlation)
    if sensitivity_a == sensitivity_b:
        raise StatisticsError(f"Expected two different sensitivities, got {sensitivity_a} for both.")
    require_pairs(pairs)
    difference, discordant = abs(only_a - only_b), only_a + only_b
    limit = float(stats.norm.isf(significance / 2)) * math.sqrt(discordant)
    spread = math.sqrt(discordant - difference**2)
    shift = math.sqrt(pairs) * difference
    return float(stats.norm.sf((limit - shift) / spread) + stats.norm.cdf((-limit - shift) / spread))


def patients_for_paired_calls(
    sensitivity_a: float,
    sensitivity_b: float,
    *,
    correlation: float,
    power: float = 0.8,
    significance: float = 0.05,
    prevalence: float = 0.5,
) -> SampleSize:
    """Return the number of patients, each with both tests, needed to show that two sensitivities differ.

    For specificities give 1 - prevalence, and read positives as negatives. Arguments as `paired_calls_power`.

    Raises:
        StatisticsError: as `paired_calls_power`; or no number below ten million suffices.

    >>> print(patients_for_paired_calls(0.8, 0.9, correlation=0.25, prevalence=0.3))
    155 with and 362 without the disease (McNemar test of sensitivities 0.8 and 0.9, correlation 0.25, power 0.801)
    """
    require_between(power, name="power")

    def achieved(positives: int, _: int) -> float:
        return paired_calls_power(
            sensitivity_a, sensitivity_b, pairs=positives, correlation=correlation, significance=significance
        )

    words = f"McNemar test of sensitivities {sensitivity_a:g} and {sensitivity_b:g}, correlation {correlation:g}"
    return fewest(achieved, power, prevalence, words)


def require_pairs(pairs: int) -> None:
    """Refuse a study without cases."""
    if pairs < 1:
        raise StatisticsError(f"Expected at least one case, got {pairs}.")
