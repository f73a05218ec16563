"""The bivariate model with normal logits, by restricted maximum likelihood (Reitsma et al., J Clin Epidemiol 2005)."""

import numpy as np

from thyrosight.statistics.synthesis.counts import SiteCounts
from thyrosight.statistics.synthesis.fit import SpreadFit, between_matrix, minimised, spread_bounds
from thyrosight.statistics.validation import Floats


def fit_normal_logits(counts: SiteCounts, *, correlated: bool = True) -> SpreadFit:
    """Fit observed log odds of each site, each with its variance taken as known.

    If any cell of a site is empty, 0.5 is added to its four cells.

    Args:
        counts: tables of the sites.
        correlated: whether sensitivity and specificity may be correlated between sites.
    """
    logits, variances = observed_logits(counts)

    def loss(parameters: Floats) -> float:
        _, information, quadratic, log_determinants = _at(logits, variances, parameters, correlated=correlated)
        return 0.5 * (quadratic + log_determinants + float(np.linalg.slogdet(information)[1]))

    spread = np.sqrt(np.maximum(logits.var(axis=0, ddof=1) - variances.mean(axis=0), 0.05))
    starts = [
        np.append(np.log(spread), [z] if correlated else []) for z in ((0.0, -0.8, 0.8) if correlated else (0.0,))
    ]
    best = minimised(loss, starts, spread_bounds(correlated=correlated))
    mean, information, _, _ = _at(logits, variances, best, correlated=correlated)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return SpreadFit(mean, covariance, between_matrix(best, correlated=correlated), -loss(best))


def observed_logits(counts: SiteCounts) -> tuple[Floats, Floats]:
    """Log odds of sensitivity and specificity of each site and their variances: both of shape (sites, 2)."""
    right, wrong = counts.right, counts.totals - counts.right
    empty = ((right == 0) | (wrong == 0)).any(axis=1, keepdims=True)
    right, wrong = right + 0.5 * empty, wrong + 0.5 * empty
    return np.log(right / wrong), 1 / right + 1 / wrong


def _at(
    logits: Floats, variances: Floats, parameters: Floats, *, correlated: bool
) -> tuple[Floats, Floats, float, float]:
    """Mean, its information, the weighted squared residuals, and the log determinants of the sites' covariances."""
    whole = between_matrix(parameters, correlated=correlated) + variances[:, :, None] * np.eye(2)
    weights = np.linalg.inv(whole)
    information = weights.sum(axis=0)
    mean = np.linalg.solve(information, np.einsum("ijk,ik->j", weights, logits))
    residual = logits - mean
    quadratic = float(np.einsum("ij,ijk,ik->", residual, weights, residual))
    return mean, information, quadratic, float(np.linalg.slogdet(whole)[1].sum())
