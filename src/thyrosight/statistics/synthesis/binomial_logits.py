"""The bivariate model with binomial counts within sites (Chu & Cole, J Clin Epidemiol 2006), by maximum likelihood.

The counts need no correction for empty cells. The integral over the sites' effects is taken by adaptive Gauss-Hermite
quadrature around each site's mode (Pinheiro & Bates 1995); one node is the Laplace approximation.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import expit, gammaln

from thyrosight.statistics.synthesis.counts import SiteCounts
from thyrosight.statistics.synthesis.fit import SpreadFit, between_matrix, minimised, spread_bounds
from thyrosight.statistics.synthesis.normal_logits import fit_normal_logits
from thyrosight.statistics.validation import Floats


def fit_binomial_logits(counts: SiteCounts, *, correlated: bool = True, nodes: int = 11) -> SpreadFit:
    """Fit the counts themselves, whose log odds are normal between sites.

    Args:
        counts: tables of the sites.
        correlated: whether sensitivity and specificity may be correlated between sites.
        nodes: points of the quadrature in each of its two dimensions.
    """
    right, totals = counts.right, counts.totals
    points = _grid(nodes)

    def loss(parameters: Floats) -> float:
        between = between_matrix(parameters[2:], correlated=correlated)
        return -_log_likelihood(right, totals, parameters[:2], between, points)

    first = fit_normal_logits(counts, correlated=correlated)
    spread = np.log(np.maximum(first.spread, 0.1))
    z = [np.arctanh(np.clip(first.correlation, -0.9, 0.9)), 0.0] if correlated else [0.0]
    starts = [np.concatenate([first.mean, spread, [value] if correlated else []]) for value in dict.fromkeys(z)]
    bounds = [(-15.0, 15.0)] * 2 + spread_bounds(correlated=correlated)

    def fitted(best: Floats) -> SpreadFit:
        between = between_matrix(best[2:], correlated=correlated)
        return SpreadFit(best[:2], np.full((2, 2), np.nan), between, -loss(best))

    best = minimised(loss, starts[:1], bounds)
    if fitted(best).on_the_edge:
        # Another start, lest the edge be a false maximum.
        best = minimised(loss, [best, *starts[1:]], bounds)
    fit = fitted(best)
    return replace(fit, covariance=_covariance(loss, best, conditional=fit.on_the_edge))


def _grid(nodes: int) -> tuple[Floats, Floats]:
    """Points of the plane, shape (nodes squared, 2), and the logs of their weights times exp of the squared length."""
    place, weight = np.polynomial.hermite.hermgauss(nodes)
    plane = np.stack(np.meshgrid(place, place, indexing="ij"), axis=-1).reshape(-1, 2)
    logs = np.log(np.outer(weight, weight)).ravel() + (plane**2).sum(axis=1)
    return plane, logs


def _log_likelihood(
    right: Floats, totals: Floats, mean: Floats, between: Floats, points: tuple[Floats, Floats]
) -> float:
    precision = np.asarray(np.linalg.inv(between), dtype=np.float64)
    modes, curvature = _modes(right, totals, mean, precision)
    scale = np.linalg.cholesky(np.linalg.inv(curvature))
    plane, log_weights = points
    effects = modes[:, None, :] + np.sqrt(2) * np.einsum("sij,pj->spi", scale, plane)
    logits = mean + effects
    inner = right[:, None, :] * logits - totals[:, None, :] * np.logaddexp(0, logits)
    height = inner.sum(axis=2) - 0.5 * np.einsum("spi,ij,spj->sp", effects, precision, effects) + log_weights
    top = height.max(axis=1)
    integral = top + np.log(np.exp(height - top[:, None]).sum(axis=1))
    # The scale of the nodes contributes 2 |L|, the normal density 1 / (2 pi |between|^(1/2)).
    integral += np.log(np.abs(np.linalg.det(scale))) - np.log(np.pi) - 0.5 * np.linalg.slogdet(between)[1]
    choices = gammaln(totals + 1) - gammaln(right + 1) - gammaln(totals - right + 1)
    return float(integral.sum() + choices.sum())


def _modes(right: Floats, totals: Floats, mean: Floats, precision: Floats) -> tuple[Floats, Floats]:
    """Most likely effects of each site, and the negative second derivatives there, by Newton's method."""
    effects = np.zeros_like(right)
    curvature = np.broadcast_to(precision, (len(right), 2, 2))
    for _ in range(100):
        share = expit(mean + effects)
        slope = right - totals * share - effects @ precision
        curvature = precision + (totals * share * (1 - share))[:, :, None] * np.eye(2)
        step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
        # Far from the mode a full step of a logistic curve overshoots.
        step *= np.minimum(1.0, 2.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        effects = effects + step
        if np.abs(step).max() < 1e-10:
            break
    share = expit(mean + effects)
    return effects, precision + (totals * share * (1 - share))[:, :, None] * np.eye(2)


def _covariance(loss: Callable[[Floats], float], best: Floats, *, conditional: bool) -> Floats:
    """Covariance of the mean, from the information of all parameters, or conditional on the spread."""
    size = 2 if conditional else best.size
    step, axes = 1e-3, np.eye(best.size)[:size]
    information = np.empty((size, size))
    for i, a in enumerate(axes):
        for j, b in enumerate(axes[: i + 1]):
            ends = [s * t * loss(best + step * (s * a + t * b)) for s in (1, -1) for t in (1, -1)]
            information[i, j] = information[j, i] = sum(ends) / (4 * step**2)
    if not conditional and np.linalg.eigvalsh(information).min() <= 0:
        return _covariance(loss, best, conditional=True)
    return np.asarray(np.linalg.inv(information))[:2, :2]
