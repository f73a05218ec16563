"""Power and size of multi-reader multi-case studies."""

import math
from dataclasses import dataclass

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.readers.results import VarianceComponents
from thyrosight.statistics.validation import require_choice

_MOST_CASES = 1_000_000


@dataclass(frozen=True, slots=True)
class ReaderStudySize(Result):
    """Power of a reader study with two tests.

    Attributes:
        readers: number of readers.
        cases: number of cases, in the mix of the pilot study.
        power: of the two-sided test that both tests are equal.
        noncentrality: of its F distribution.
        df: denominator degrees of freedom; infinite with fixed readers.
    """

    readers: int
    cases: int
    power: float
    noncentrality: float
    df: float

    def __str__(self) -> str:
        return f"{self.readers} readers and {self.cases} cases: power {self.power:.3f}"


def reader_study_power(
    components: VarianceComponents,
    *,
    difference: float,
    readers: int,
    cases: int,
    pilot_cases: int,
    reader_effect: str = "random",
    significance: float = 0.05,
) -> ReaderStudySize:
    """Return the power of a planned study with two tests, from the variance components of a pilot study.

    Hillis, Obuchowski and Berbaum 2011, "Power estimation for multireader ROC methods: an updated and unified approach"
    (Academic Radiology 18:129), by the Obuchowski-Rockette model: error variance and covariances shrink with the number
    of cases, the test-by-reader variance does not. Negative estimates of variance and of covariance 2 less covariance 3
    count as 0.

    Args:
        components: `compare_readers(...).components` of a factorial pilot study with two tests.
        difference: true difference of the tests to be detected.
        readers: readers in the planned study.
        cases: cases in the planned study, positives and negatives in the mix of the pilot.
        pilot_cases: cases of the pilot study.
        reader_effect: "random" (other readers too) or "fixed" (these alone).
        significance: of the two-sided test.

    Raises:
        StatisticsError: fewer than two random readers, no case, no difference, or components of one test only.

    >>> pilot = VarianceComponents(0.0015, 0.0002, 0.0008, 0.00034, 0.00034, 0.00024)
    >>> print(reader_study_power(pilot, difference=0.05, readers=8, cases=200, pilot_cases=114))
    8 readers and 200 cases: power 0.910
    """
    require_choice(reader_effect, ("random", "fixed"), name="reader_effect")
    _require_components(components, readers, reader_effect)
    _require_plan(difference, readers=readers, cases=cases, pilot_cases=pilot_cases, effect=reader_effect)
    if not 0 < significance < 1:
        raise StatisticsError(f"Expected `significance` strictly between 0 and 1, got {significance}.")
    shrink = pilot_cases / cases
    within = max(0.0, components.error - components.covariance_1) * shrink
    between = max(0.0, components.covariance_2 - components.covariance_3) * shrink if readers > 1 else 0.0
    # Expected mean square of test by reader, of which covariance 2 - covariance 3 is taken off.
    mean_square = (max(0.0, components.test_by_reader) if reader_effect == "random" else 0.0) + within - between
    denominator = mean_square + readers * between
    if denominator <= 0 or mean_square < 0:
        raise StatisticsError("The variance components leave no error to test against; they cannot be right.")
    noncentrality = readers * difference**2 / (2 * denominator)
    fixed = reader_effect == "fixed" or mean_square == 0
    df = math.inf if fixed else (readers - 1) * denominator**2 / mean_square**2
    return ReaderStudySize(readers, cases, _power(noncentrality, df, significance), noncentrality, df)


def nested_readers_power(
    components: VarianceComponents,
    *,
    difference: float,
    readers: tuple[int, int],
    cases: int,
    pilot_cases: int,
    more_freedom: int = 0,
    reader_effect: str = "random",
    significance: float = 0.05,
) -> ReaderStudySize:
    """Return the power of a planned study in which each reader uses one of the tests, on every case.

    Hillis 2014 (Stat Med 33:330) by the Obuchowski-Rockette model. Unlike in `reader_study_power` all differences
    between readers count: the variance of the difference is (reader + test by reader + error - covariance 2) *
    (1 / readers of one test + 1 / readers of the other) + 2 * (covariance 2 - covariance 3), with error variance and
    covariances shrunk to the number of cases. Negative estimates of a variance and of covariance 2 less covariance 3
    count as 0.

    Args:
        components: `compare_readers(...).components` of a factorial pilot study with two tests.
        difference: true difference of the tests to be detected.
        readers: of the one test and of the other.
        cases: cases in the planned study, positives and negatives in the mix of the pilot.
        pilot_cases: cases of the pilot study.
        more_freedom: of further tests, their readers less their number: they help to tell how much readers differ.
        reader_effect: "random" (other readers too) or "fixed" (these alone).
        significance: of the two-sided test.

    Raises:
        StatisticsError: fewer than two random readers of a test, no case, no difference, or components that are not
            known.

    >>> pilot = VarianceComponents(0.0015, 0.0002, 0.0008, 0.00034, 0.00034, 0.00024)
    >>> print(nested_readers_power(pilot, difference=0.05, readers=(4, 4), cases=200, pilot_cases=114))
    8 readers and 200 cases: power 0.262
    """
    require_choice(reader_effect, ("random", "fixed"), name="reader_effect")
    needed = [components.error, components.covariance_2, components.covariance_3]
    if reader_effect == "random":
        needed += [components.reader, components.test_by_reader]
    if not all(math.isfinite(value) for value in needed):
        raise StatisticsError(
            "Expected the variance components of a study with two tests and several readers, with that between readers."
        )
    _require_plan(difference, readers=min(readers), cases=cases, pilot_cases=pilot_cases, effect=reader_effect)
    if not 0 < significance < 1:
        raise StatisticsError(f"Expected `significance` strictly between 0 and 1, got {significance}.")
    shrink = pilot_cases / cases
    apart = max(0.0, components.error - components.covariance_2) * shrink
    if reader_effect == "random":
        apart += max(0.0, components.reader) + max(0.0, components.test_by_reader)
    of_readers = apart * (1 / readers[0] + 1 / readers[1])
    variance = of_readers + 2 * max(0.0, components.covariance_2 - components.covariance_3) * shrink
    if variance <= 0:
        raise StatisticsError("The variance components leave no error to test against; they cannot be right.")
    noncentrality = difference**2 / variance
    freedom = sum(readers) - 2 + more_freedom
    df = math.inf if reader_effect == "fixed" else freedom * variance**2 / of_readers**2
    return ReaderStudySize(sum(readers), cases, _power(noncentrality, df, significance), noncentrality, df)


def _power(noncentrality: float, df: float, significance: float) -> float:
    """The power of an F test with one degree of freedom in the numerator; of chi-square where `df` is infinite."""
    if math.isinf(df):
        return float(stats.ncx2.sf(stats.chi2.isf(significance, 1), 1, noncentrality))
    return float(stats.ncf.sf(stats.f.isf(significance, 1, df), 1, df, noncentrality))


def cases_for_reader_study(
    components: VarianceComponents,
    *,
    difference: float,
    readers: int,
    pilot_cases: int,
    power: float = 0.8,
    reader_effect: str = "random",
    significance: float = 0.05,
) -> ReaderStudySize:
    """Return the fewest cases with which this number of readers reaches the power.

    Arguments as `reader_study_power`.

    Raises:
        StatisticsError: as `reader_study_power`; or no number of cases suffices because readers differ too much (plan
            more readers).

    >>> pilot = VarianceComponents(0.0015, 0.0002, 0.0008, 0.00034, 0.00034, 0.00024)
    >>> print(cases_for_reader_study(pilot, difference=0.05, readers=8, pilot_cases=114))
    8 readers and 131 cases: power 0.801
    """
    if not 0 < power < 1:
        raise StatisticsError(f"Expected `power` strictly between 0 and 1, got {power}.")

    def plan(cases: int) -> ReaderStudySize:
        return reader_study_power(
            components,
            difference=difference,
            readers=readers,
            cases=cases,
            pilot_cases=pilot_cases,
            reader_effect=reader_effect,
            significance=significance,
        )

    high = 2
    while plan(high).power < power:
        high *= 2
        if high > _MOST_CASES:
            raise StatisticsError(
                f"No number of cases gives {readers} readers a power of {power:g}; plan more readers."
            )
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if plan(middle).power >= power else (middle, high)
    return plan(high)


def _require_plan(difference: float, *, readers: int, cases: int, pilot_cases: int, effect: str) -> None:
    if readers < (2 if effect == "random" else 1):
        raise StatisticsError(f"Expected at least two random readers (or one fixed reader), got {readers}.")
    if cases < 1 or pilot_cases < 1:
        raise StatisticsError(f"Expected at least one case, got {cases} planned and {pilot_cases} in the pilot study.")
    if not (math.isfinite(difference) and difference != 0):
        raise StatisticsError(f"Expected a `difference` other than 0, got {difference}.")


def _require_components(components: VarianceComponents, readers: int, effect: str) -> None:
    needed = [components.error, components.covariance_1]
    if readers > 1:
        needed += [components.covariance_2, components.covariance_3]
    if effect == "random":
        needed.append(components.test_by_reader)
    if not all(math.isfinite(value) for value in needed):
        raise StatisticsError("Expected the variance components of a study with two tests and several readers.")
