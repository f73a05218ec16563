"""Logistic generalised estimating equations (GEE) for observations that come in clusters, such as nodules of a patient.

Liang & Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 1986.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.climbing import standardised
from thyrosight.statistics.regression.likelihood import clustered_covariance, fit_logistic
from thyrosight.statistics.validation import Floats, Integers

CORRELATIONS = ("independence", "exchangeable")


@dataclass(frozen=True, slots=True)
class ClusteredFit:
    """A logistic model fitted by GEE.

    Attributes:
        coefficients: log odds, one per column of the design.
        covariance: their robust (sandwich) covariance, without small-sample correction, as in geepack.
        correlation: working correlation of two observations of one cluster; 0 under independence.
        clusters: number of clusters.
    """

    coefficients: Floats
    covariance: Floats
    correlation: float
    clusters: int


def fit_clustered_logistic(
    outcome: Integers, design: Floats, cluster: Integers, *, correlation: str = "independence"
) -> ClusteredFit:
    """Fit a logistic model by GEE with robust variance.

    The moment estimate of the exchangeable correlation divides by the number of pairs and of observations, without
    subtracting the number of coefficients: the definition of geepack. (SAS, and statsmodels by default, subtract.)
    The two differ slightly in unbalanced data.

    Args:
        outcome: 0 or 1 per observation.
        design: one row per observation, one column per coefficient, the intercept included.
        cluster: code 0..k-1 of the cluster of each observation.
        correlation: "independence" or "exchangeable".

    Raises:
        StatisticsError: fewer than two clusters, or estimating equations without a finite solution.
    """
    sizes = np.bincount(cluster)
    if sizes.size < 2:
        raise StatisticsError("Expected at least two clusters: the robust variance cannot be had from one.")
    scaled, back = standardised(design)
    # The independence estimating equations are those of maximum likelihood.
    start = fit_logistic(outcome, scaled)
    if start is None:
        raise StatisticsError("The GEE fit has no finite solution: the predictors separate the outcomes perfectly.")
    if correlation == "exchangeable" and (sizes > 1).any():
        fit = _fit_exchangeable(outcome, scaled, cluster, start.coefficients)
    else:
        covariance = clustered_covariance(start, outcome, scaled, cluster)
        fit = ClusteredFit(start.coefficients, covariance, 0.0, clusters=sizes.size)
    if 1 + (int(sizes.max()) - 1) * fit.correlation <= 0:
        raise StatisticsError(
            f"The exchangeable correlation came out as {fit.correlation:.3f}, which clusters of {sizes.max()} cannot"
            " have; use the working correlation 'independence'."
        )
    return ClusteredFit(back @ fit.coefficients, back @ fit.covariance @ back.T, fit.correlation, fit.clusters)


def _fit_exchangeable(outcome: Integers, design: Floats, cluster: Integers, start: Floats) -> ClusteredFit:
    """Solve the estimating equations by scoring, with the moment estimate of the correlation after every step."""
    sizes, beta, correlation = np.bincount(cluster), start, np.nan
    for _ in range(200):
        fitted = expit(design @ beta)
        spread = np.sqrt(fitted * (1 - fitted))
        residual = (outcome - fitted) / spread
        previous, correlation = correlation, _exchangeable_correlation(residual, cluster, sizes)
        # The inverse of an exchangeable correlation matrix is (identity - shrink * ones) / (1 - correlation).
        shrink = correlation / (1 + (sizes - 1) * correlation)
        weighted = design * spread[:, None]
        sums = np.column_stack([np.bincount(cluster, column) for column in weighted.T])
        of_cluster = np.column_stack([np.bincount(cluster, column * residual) for column in weighted.T])
        of_cluster -= sums * (shrink * np.bincount(cluster, residual))[:, None]
        information = weighted.T @ weighted - sums.T @ (sums * shrink[:, None])
        step = np.linalg.solve(information, of_cluster.sum(axis=0))
        if not np.isfinite(step).all():
            break
        if np.abs(design @ step).max() < 1e-9 and abs(correlation - previous) < 1e-9:
            bread = np.linalg.inv(information)
            return ClusteredFit(beta, bread @ (of_cluster.T @ of_cluster) @ bread, correlation, clusters=sizes.size)
        beta = beta + step
    raise StatisticsError("The GEE fit did not converge; try the working correlation 'independence'.")


def _exchangeable_correlation(residual: Floats, cluster: Integers, sizes: Integers) -> float:
    """Return the mean product of two Pearson residuals of one cluster, relative to their mean square."""
    squares = float(residual @ residual)
    products = (float((np.bincount(cluster, residual) ** 2).sum()) - squares) / 2
    return products / (squares / residual.size) / float((sizes * (sizes - 1) / 2).sum())
