"""Malignancy rates of ordered categories, with tests of their rise."""

import math
from dataclasses import dataclass

from scipy import stats

from thyrosight.statistics.association.hypothesis_tests import AssociationTest
from thyrosight.statistics.estimate import Estimate, Result


@dataclass(frozen=True, slots=True)
class Categorisation(Result):
    """Malignancy rates in ordered categories, with tests of their rise.

    Attributes:
        categories: the categories from lowest to highest risk.
        malignant: malignant nodules per category.
        total: nodules per category.
        malignancy_rate: rate per category with standard error sqrt(p (1 - p) / n) and interval; NaN where n is 0.
        likelihood_ratio: logistic regression on the category number against no category; larger = better sorted.
        linear_trend: Wald chi-square of the category number; larger = steadier rise of risk.
        aic: Akaike information criterion of that regression; smaller = more informative.
        cochran_armitage: score test of trend, the usual alternative to `linear_trend`.
        class_likelihood_ratio: likelihood-ratio chi-square of categories as classes (no order assumed).
        class_aic: Akaike information criterion of categories as classes.
        n: nodules.
        note: why a figure is undefined, or what must be known of one; or "".
        clusters: patients, or None where nodules were taken as independent. With patients the rates are those of GEE,
            and every test has a variance between patients; `class_likelihood_ratio` is then the score test of
            `clustered_association_test`.
    """

    categories: tuple[str | float, ...]
    malignant: tuple[int, ...]
    total: tuple[int, ...]
    malignancy_rate: tuple[Estimate, ...]
    likelihood_ratio: AssociationTest
    linear_trend: AssociationTest
    aic: float
    cochran_armitage: AssociationTest
    class_likelihood_ratio: AssociationTest
    class_aic: float
    n: int
    note: str = ""
    clusters: int | None = None

    def __str__(self) -> str:
        rates = "\n".join(
            f"  {shown(category)}: {malignant} of {total} malignant, {100 * rate.value:.1f} % (SE {100 * rate.se:.1f})"
            for category, malignant, total, rate in zip(
                self.categories, self.malignant, self.total, self.malignancy_rate, strict=True
            )
        )
        patients = "" if self.clusters is None else f" of {self.clusters} patients"
        return (
            f"{self.n} nodules{patients} in {len(self.categories)} categories\n{rates}\n"
            f"  likelihood ratio {self.likelihood_ratio.statistic:.1f}, linear trend {self.linear_trend.statistic:.1f},"
            f" AIC {self.aic:.1f}{'; ' if self.note else ''}{self.note}"
        )


def shown(category: str | float) -> str:
    """Return a category as text; 4 and 4.0 are one."""
    return f"{category:g}" if isinstance(category, (int, float)) else category


def chi_square(name: str, statistic: float, df: int, n: int) -> AssociationTest:
    """Return a chi-square statistic with its P value; one that rounding left below 0 is 0."""
    statistic = max(statistic, 0.0) if not math.isnan(statistic) else statistic
    return AssociationTest(name, statistic, float(df), float(stats.chi2.sf(statistic, df)), n)
