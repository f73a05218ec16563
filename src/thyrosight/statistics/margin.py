"""Non-inferiority and equivalence: whether a new test is worse than a reference by less than a margin."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.proportions.paired import tango_interval, tango_score
from thyrosight.statistics.validation import as_count, require_choice, require_confidence

AIMS = ("non-inferiority", "equivalence")
VERDICTS = ("better", "worse", "practically equal", "cannot be told")


@dataclass(frozen=True, slots=True)
class MarginTest(Result):
    """A test against a margin.

    Attributes:
        aim: "non-inferiority" or "equivalence".
        margin: by how much the new test may be worse (for equivalence: or better).
        difference: new minus reference.
        low: lower limit of its interval.
        high: upper limit.
        statistic: of the one-sided test; of the two tests of equivalence the one nearer to 0.
        p: one-sided P value; of the two tests of equivalence the larger. NaN without variance.
        shown: whether the whole interval lies on the wanted side of the margin; then P is below (1 - confidence) / 2.
        method: in words.
        confidence: nominal coverage of the interval.
    """

    aim: str
    margin: float
    difference: float
    low: float
    high: float
    statistic: float
    p: float
    shown: bool
    method: str
    confidence: float = 0.95

    def __str__(self) -> str:
        interval = limits_in_words(self.low, self.high, confidence=self.confidence)
        said = f"{self.verdict()}: difference {self.difference:.3f} ({interval})"
        return f"{said}, one-sided {p_in_words(self.p)} ({self.method})"

    def verdict(self) -> str:
        """Return the conclusion in words; what was not shown is not thereby refuted."""
        return f"{self.aim} with margin {self.margin:g} {'shown' if self.shown else 'not shown'}"


def margin_test(
    difference: float,
    se: float,
    *,
    margin: float,
    aim: str = "non-inferiority",
    df: float = math.inf,
    confidence: float = 0.95,
) -> MarginTest:
    """Test whether a new test is worse than a reference by less than a margin, from a difference with its error.

    For AUCs, and for reader studies with their degrees of freedom (Chen, Petrick & Sahiner, Acad Radiol 2012). The
    margin must be fixed before the data are seen. Equivalence takes two one-sided tests (Schuirmann 1987); for these an
    interval of 90 % corresponds to a P value of 0.05.

    Args:
        difference: new minus reference, higher being better.
        se: standard error of the difference.
        margin: above 0.
        aim: "non-inferiority" or "equivalence".
        df: degrees of freedom; infinite for the normal distribution.
        confidence: nominal coverage of the interval.

    Raises:
        StatisticsError: a margin, level or aim that makes no sense.

    >>> print(margin_test(-0.01, 0.02, margin=0.05))
    non-inferiority with margin 0.05 shown: difference -0.010 (95 % interval -0.049 to 0.029), one-sided P = 0.0228
    (Wald)
    """
    _require(margin, aim, confidence)
    reach = float(stats.t.isf((1 - confidence) / 2, df)) * se

    def score(delta: float) -> float:
        return (difference - delta) / se if se > 0 else math.nan

    return _test(
        score, difference, (difference - reach, difference + reach), margin=margin, aim=aim, df=df, method="Wald",
        confidence=confidence,
    )  # fmt: skip


def paired_margin_test(
    only_new: int,
    only_reference: int,
    n: int,
    *,
    margin: float,
    aim: str = "non-inferiority",
    confidence: float = 0.95,
) -> MarginTest:
    """Test sensitivity or specificity of two tests on the same independent cases against a margin, by Tango's score.

    Tango, Stat Med 1998 (the test is that of Nam, Biometrics 1997); interval and test agree.

    Args:
        only_new: cases that the new test alone called right.
        only_reference: cases that the reference alone called right.
        n: all cases, with those that both called right or wrong.
        margin: above 0, below 1.
        aim: "non-inferiority" or "equivalence".
        confidence: nominal coverage of the interval.

    Raises:
        StatisticsError: counts, a margin, a level or an aim that make no sense.

    >>> print(paired_margin_test(16, 8, 86, margin=0.05))  # Agresti & Min 2005 print -0.020 to 0.207
    non-inferiority with margin 0.05 shown: difference 0.093 (95 % interval -0.020 to 0.207), one-sided P = 0.0072
    (Tango score)
    """
    _require(margin, aim, confidence)
    new, reference = as_count(only_new, name="only_new"), as_count(only_reference, name="only_reference")
    total = as_count(n, name="n")
    if total < max(1, new + reference) or margin >= 1:
        raise StatisticsError(
            f"Expected `n` of at least {max(1, new + reference)} and a margin below 1, got {n} and {margin}."
        )

    def score(delta: float) -> float:
        return tango_score(new, reference, total, delta=delta)

    limits = tango_interval(new, reference, total, confidence=confidence)
    difference = (new - reference) / total
    return _test(
        score, difference, limits, margin=margin, aim=aim, df=math.inf, method="Tango score", confidence=confidence
    )


def verdict_of(low: float, high: float, *, margin: float, p: float | None = None, confidence: float = 0.95) -> str:
    """Return what a difference (new minus reference, higher being better) says against a margin, in one of `VERDICTS`.

    The whole interval must lie beyond the margin for "better" and "worse", and between the margins for "practically
    equal" (the two one-sided tests of `margin_test`); otherwise, and without an interval, it "cannot be told"
    (Kruschke, Adv Methods Pract Psychol Sci 2018, with an interval of confidence). Of several comparisons at once the
    corrected P value may be given, which must then be below 1 - `confidence` for "better" and "worse".

    Args:
        low, high: limits of the difference; NaN without an interval.
        margin: the smallest difference that matters, above 0, fixed before the data are seen.
        p: corrected two-sided P value of no difference.
        confidence: of the interval.

    Raises:
        StatisticsError: a margin that is not above 0, or a level that makes no sense.

    >>> [verdict_of(*limits, margin=0.02) for limits in ((0.03, 0.09), (-0.01, 0.01), (0.001, 0.09), (-0.2, -0.1))]
    ['better', 'practically equal', 'cannot be told', 'worse']
    """
    _require(margin, "equivalence", confidence)
    sure = p is None or p < 1 - confidence
    if low > margin and sure:
        return "better"
    if high < -margin and sure:
        return "worse"
    return "practically equal" if -margin < low and high < margin else "cannot be told"


def _test(
    score: Callable[[float], float],
    difference: float,
    limits: tuple[float, float],
    *,
    margin: float,
    aim: str,
    df: float,
    method: str,
    confidence: float,
) -> MarginTest:
    """Test from the score statistic of a supposed difference."""
    statistic = score(-margin)
    shown = limits[0] > -margin
    if aim == "equivalence":
        statistic = min(statistic, -score(margin))
        shown = shown and limits[1] < margin
    p = float(stats.t.sf(statistic, df))
    return MarginTest(aim, margin, difference, *limits, statistic, p, shown, method, confidence)


def _require(margin: float, aim: str, confidence: float) -> None:
    require_choice(aim, AIMS, name="aim")
    require_confidence(confidence)
    if not (math.isfinite(margin) and margin > 0):
        raise StatisticsError(f"Expected a `margin` above 0, got {margin}.")
