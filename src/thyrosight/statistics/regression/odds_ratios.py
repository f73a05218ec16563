"""Logistic regression, reported as odds ratios with intervals and P values."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.regression.climbing import standardised
from thyrosight.statistics.regression.firth import fit_profiles
from thyrosight.statistics.regression.gee import CORRELATIONS, fit_clustered_logistic
from thyrosight.statistics.regression.likelihood import fit_logistic
from thyrosight.statistics.regression.predictors import Column, design_matrix
from thyrosight.statistics.regression.separation import determined_rows, separated_columns
from thyrosight.statistics.validation import (
    Floats,
    Integers,
    as_labels,
    as_truth,
    require_choice,
    require_confidence,
    require_same_length,
)


@dataclass(frozen=True, slots=True)
class OddsRatio(Result):
    """Odds ratio of a predictor.

    Attributes:
        predictor: its name.
        level: level of a categorical predictor, None for a number.
        reference: level it is compared with, None for a number.
        estimate: odds ratio with interval, per unit of a number. If separated: 0, infinite or (if the data allow
            either) NaN, without interval.
        coefficient: its logarithm.
        coefficient_se: standard error of the coefficient.
        p: two-sided P value; NaN where separated.
    """

    predictor: str
    level: str | None
    reference: str | None
    estimate: Estimate
    coefficient: float
    coefficient_se: float
    p: float

    def __str__(self) -> str:
        name = str(Column(self.predictor, self.level, self.reference))
        e = self.estimate
        if math.isnan(e.low):
            value = "undefined" if math.isnan(e.value) else f"{e.value:g}"
            return f"{name}: odds ratio {value}, without interval (separated)"
        interval = limits_in_words(e.low, e.high, confidence=e.confidence)
        return f"{name}: odds ratio {e.value:.3f} ({interval}), {p_in_words(self.p)}"


@dataclass(frozen=True, slots=True)
class LogisticRegression(Result):
    """A fitted logistic regression.

    Attributes:
        odds_ratios: one per column of the predictors.
        intercept: log odds where every predictor is 0 or at its reference; infinite where separated.
        log_likelihood: of the fit; NaN for GEE and Firth.
        aic: Akaike information criterion; NaN for GEE and Firth.
        method: in words.
        n: observations.
        events: observations with outcome 1.
        clusters: clusters of a GEE, or None.
        separated: columns whose odds ratio is 0 or infinite in these data.
        note: advice on them, or "".
    """

    odds_ratios: tuple[OddsRatio, ...]
    intercept: float
    log_likelihood: float
    aic: float
    method: str
    n: int
    events: int
    clusters: int | None
    separated: tuple[str, ...]
    note: str = ""

    def __str__(self) -> str:
        lines = [f"{self.method}, {self.events} events in {self.n} observations"]
        lines += [f"  {ratio}" for ratio in self.odds_ratios]
        return "\n".join(lines + ([self.note] if self.note else []))


def logistic_regression(
    outcome: npt.ArrayLike,
    predictors: Mapping[str, npt.ArrayLike],
    *,
    reference: Mapping[str, Any] | None = None,
    categorical: Collection[str] = (),
    cluster: npt.ArrayLike | None = None,
    correlation: str = "independence",
    penalty: str | None = None,
    confidence: float = 0.95,
) -> LogisticRegression:
    """Regress a binary outcome on predictors by maximum likelihood, by GEE, or with Firth's penalty.

    Perfect separation is looked for where the fit diverges, and found exactly. Odds ratios that are 0 or infinite are
    given as such, without interval and P value; the others come from the observations that separation does not
    determine, which is their limit as the likelihood grows. With `penalty="firth"` every odds ratio is finite, with
    profile likelihood interval and penalised likelihood-ratio test. A GEE on separated data is refused.

    Args:
        outcome: 0 or 1 per observation.
        predictors: values by name; text is categorical, numbers are linear unless listed in `categorical`.
        reference: reference level by name of predictor; by default the first level in order.
        categorical: numeric predictors to treat as categories.
        cluster: patient of each observation; fits a GEE with robust variance.
        correlation: working correlation of the GEE, "independence" or "exchangeable".
        penalty: None or "firth".
        confidence: nominal coverage.

    Raises:
        StatisticsError: unfit predictors, one outcome only, GEE with separation or with a penalty.

    >>> shape = ["wider"] * 302 + ["taller"] * 97
    >>> missed = [1] * 35 + [0] * 267 + [1] * 3 + [0] * 94
    >>> print(logistic_regression(missed, {"shape": shape}, reference={"shape": "wider"}))
    logistic regression, 38 events in 399 observations
      shape: taller against wider: odds ratio 0.243 (95 % interval 0.073 to 0.810), P = 0.0213
    """
    require_choice(correlation, CORRELATIONS, name="correlation")
    require_confidence(confidence)
    if penalty is not None:
        require_choice(penalty, ("firth",), name="penalty")
    if penalty is not None and cluster is not None:
        raise StatisticsError("Firth's penalty is for independent observations; leave out `cluster` or `penalty`.")
    truth = as_truth(outcome, name="outcome")
    design, columns = design_matrix(predictors, truth.size, reference=reference or {}, categorical=categorical)
    if penalty == "firth":
        fit = _fit_firth(truth, design, confidence)
    elif cluster is not None:
        codes = as_labels(cluster, name="cluster")[0]
        require_same_length(outcome=truth, cluster=codes)
        fit = _fit_gee(truth, design, columns, codes, correlation=correlation, confidence=confidence)
    else:
        fit = _fit_plain(truth, design, confidence)
    return _report(fit, truth, columns, confidence)


def univariate_logistic_regressions(
    outcome: npt.ArrayLike, predictors: Mapping[str, npt.ArrayLike], **options: Any
) -> tuple[LogisticRegression, ...]:
    """Regress the outcome on each predictor alone; `options` as in `logistic_regression`.

    `reference` and `categorical` may name any of the predictors.
    """
    reference, categorical = options.pop("reference", None) or {}, options.pop("categorical", ())
    for name in [*reference, *categorical]:
        if name not in predictors:
            raise StatisticsError(f"No predictor {name!r} among {', '.join(map(repr, predictors))}.")
    return tuple(
        logistic_regression(
            outcome,
            {name: predictors[name]},
            reference={name: reference[name]} if name in reference else None,
            categorical=[name] if name in categorical else (),
            **options,
        )
        for name in predictors
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    """Coefficients (intercept first) with standard errors, limits and P values; infinite ones are separated."""

    coefficients: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    method: str
    log_likelihood: float = math.nan
    clusters: int | None = None


def _wald(coefficients: Floats, se: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    margin = float(stats.norm.isf((1 - confidence) / 2)) * se
    return coefficients - margin, coefficients + margin, 2 * stats.norm.sf(np.abs(coefficients / se))


def _fit_plain(outcome: Integers, design: Floats, confidence: float) -> _Fit:
    name = "logistic regression"
    fit = fit_logistic(outcome, design)
    if fit is not None:
        se = np.sqrt(np.diag(fit.covariance))
        return _Fit(fit.coefficients, se, *_wald(fit.coefficients, se, confidence), name, fit.log_likelihood)
    infinite = separated_columns(outcome, design)
    coefficients, se = np.full(design.shape[1], np.nan), np.full(design.shape[1], np.nan)
    log_likelihood = 0.0
    rows = ~determined_rows(outcome, design)
    if rows.any():
        kept = _independent_columns(design[rows], last=infinite)
        fit = fit_logistic(outcome[rows], design[rows][:, kept])
        if fit is None:
            raise StatisticsError("The logistic regression did not converge; look for predictors of very unlike size.")
        coefficients[kept], se[kept] = fit.coefficients, np.sqrt(np.diag(fit.covariance))
        log_likelihood = fit.log_likelihood
    coefficients[list(infinite)] = [sign * math.inf for sign in infinite.values()]
    se[list(infinite)] = np.nan
    return _Fit(coefficients, se, *_wald(coefficients, se, confidence), name, log_likelihood)


def _fit_firth(outcome: Integers, design: Floats, confidence: float) -> _Fit:
    # Standardised predictors keep far-off profile fits well conditioned; the profiles of the others do not change.
    scaled, back = standardised(design)
    fit, profiles = fit_profiles(outcome, scaled, confidence=confidence)
    units = np.diag(back)
    low, high, p = (np.array([math.nan, *column]) for column in zip(*profiles, strict=True))
    covariance = back @ fit.covariance @ back.T
    name = "logistic regression with Firth's penalty, profile likelihood"
    return _Fit(back @ fit.coefficients, np.sqrt(np.diag(covariance)), low * units, high * units, p, name)


def _fit_gee(
    outcome: Integers, design: Floats, columns: list[Column], cluster: Integers, *, correlation: str, confidence: float
) -> _Fit:
    if fit_logistic(outcome, design) is None:
        infinite = separated_columns(outcome, design)
        names = ", ".join(str(columns[k - 1]) for k in infinite if k) or "the predictors together"
        raise StatisticsError(
            f"The outcome is perfectly separated by {names}: a GEE has no finite odds ratio there. Merge levels, or use"
            " penalty='firth' without `cluster`."
        )
    fit = fit_clustered_logistic(outcome, design, cluster, correlation=correlation)
    se = np.sqrt(np.diag(fit.covariance))
    wald = _wald(fit.coefficients, se, confidence)
    name = f"logistic GEE, {correlation}, robust variance"
    return _Fit(fit.coefficients, se, *wald, name, clusters=fit.clusters)


def _independent_columns(design: Floats, *, last: Collection[int]) -> list[int]:
    """Return columns that span the design, taking those in `last` only if the others do not suffice."""
    order = [k for k in range(design.shape[1]) if k not in last] + sorted(last)
    kept: list[int] = []
    for k in order:
        candidate = [*kept, k]
        if np.linalg.matrix_rank(design[:, candidate]) == len(candidate):
            kept = candidate
    return sorted(kept)


def _report(fit: _Fit, outcome: Integers, columns: list[Column], confidence: float) -> LogisticRegression:
    ratios, separated = [], []
    for k, column in enumerate(columns, start=1):
        b, se = float(fit.coefficients[k]), float(fit.se[k])
        value, low, high = (_exp(float(x)) for x in (b, fit.low[k], fit.high[k]))
        if not math.isfinite(b):
            separated.append(str(column))
            low = high = math.nan
        estimate = Estimate(value, low, high, value * se, fit.method, outcome.size, fit.clusters, confidence)
        ratios.append(OddsRatio(column.predictor, column.level, column.reference, estimate, b, se, float(fit.p[k])))
    note = ""
    if separated:
        note = (
            f"Perfect separation: in these data no finite odds ratio fits {'; '.join(separated)}."
            " Use penalty='firth' for a finite one with an interval."
        )
    return LogisticRegression(
        odds_ratios=tuple(ratios),
        intercept=float(fit.coefficients[0]),
        log_likelihood=fit.log_likelihood,
        aic=2 * (len(columns) + 1) - 2 * fit.log_likelihood,
        method=fit.method,
        n=outcome.size,
        events=int(outcome.sum()),
        clusters=fit.clusters,
        separated=tuple(separated),
        note=note,
    )


def _exp(value: float) -> float:
    return math.inf if value > 709 else math.exp(value)
