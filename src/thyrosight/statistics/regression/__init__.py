"""Logistic regression: maximum likelihood, Firth's penalty and GEE."""

from thyrosight.statistics.regression.odds_ratios import (
    LogisticRegression,
    OddsRatio,
    logistic_regression,
    univariate_logistic_regressions,
)

__all__ = [
    "LogisticRegression",
    "OddsRatio",
    "logistic_regression",
    "univariate_logistic_regressions",
]
