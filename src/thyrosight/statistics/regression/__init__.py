"""Logistic regression: maximum likelihood, Firth's penalty and GEE."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.regression.finite_odds import finite_odds_ratios
    from thyrosight.statistics.regression.odds_ratios import (
        LogisticRegression,
        OddsRatio,
        logistic_regression,
        univariate_logistic_regressions,
    )
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "LogisticRegression",
    "OddsRatio",
    "finite_odds_ratios",
    "logistic_regression",
    "univariate_logistic_regressions",
]
