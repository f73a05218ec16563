"""Logistic generalised estimating equations (GEE) for observations that come in clusters, such as nodules of a patient.

Liang & Zeger, "Longitudinal data analysis using generalized linear models", Biometrika 1986.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.separation import separated_columns
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
    from statsmodels.genmod import cov_struct, families
    from statsmodels.genmod.generalized_estimating_equations import GEE

    sizes = np.bincount(cluster)
    if sizes.size < 2:
        raise StatisticsError("Expected at least two clusters: the robust variance cannot be had from one.")
    exchangeable = correlation == "exchangeable" and bool((sizes > 1).any())
    structure = cov_struct.Exchangeable() if exchangeable else cov_struct.Independence()
    # statsmodels reports a failed fit by warnings alone, of several classes; none may pass for a result.
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        model = GEE(outcome, design, groups=cluster, family=families.Binomial(), cov_struct=structure)
        fit = model.fit(maxiter=200, ctol=1e-7, ddof_scale=0)
    if fit is None or not fit.converged or not np.isfinite(fit.params).all():
        reason = f" ({caught[-1].message})" if caught else ""
        raise StatisticsError(f"The GEE fit did not converge{reason}; try the working correlation 'independence'.")
    probabilities = np.asarray(fit.fittedvalues)
    if min(probabilities.min(), 1 - probabilities.max()) < 1e-6 and separated_columns(outcome, design):
        raise StatisticsError("The GEE fit has no finite solution: the predictors separate the outcomes perfectly.")
    alpha = float(structure.dep_params) if exchangeable else 0.0
    if 1 + (int(sizes.max()) - 1) * alpha <= 0:
        raise StatisticsError(
            f"The exchangeable correlation came out as {alpha:.3f}, which clusters of {sizes.max()} cannot have;"
            " use the working correlation 'independence'."
        )
    return ClusteredFit(np.asarray(fit.params), np.asarray(fit.cov_params()), alpha, clusters=sizes.size)
