"""Mixed model of measurements by readers on cases, both random, with cells missing: restricted maximum likelihood."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from thyrosight.statistics.validation import Floats

_LARGEST = 1e4  # of the standard deviation of an effect, in units of that of the residual


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components of single measurements.

    Attributes:
        case: variance between cases.
        reader: variance between readers; 0 where the model has none.
        residual: the rest.
    """

    case: float
    reader: float
    residual: float


@dataclass(frozen=True, eq=False, slots=True)
class _Sums:
    """Sums of the measurements that the likelihood needs, and which measurements are there."""

    read: Floats
    by_case: Floats
    by_reader: Floats
    squares: float


def fit_crossed(table: Floats, *, readers: bool = True, near: Components | None = None) -> Components:
    """Fit case, reader (unless `readers` is off) and residual variance by restricted maximum likelihood.

    The model of `lme4::lmer(value ~ 1 + (1 | case) + (1 | reader))`. The likelihood is profiled over mean and residual
    variance; the inverse covariance is built up effect by effect (Woodbury), so that an evaluation costs no more than
    the table and the cube of the number of readers. Without missing cells the analysis of variance gives the same at
    once.

    Args:
        table: measurements (cases, readers), NaN where missing, with more readings than cases and readers together.
        readers: whether readers have an effect of their own; without, they count as residual.
        near: components from which to start, of a table much like this one.
    """
    read = ~np.isnan(table)
    balanced = _balanced(table, readers=readers) if read.all() else None
    return balanced or _most_likely(table, read, readers=readers, near=near)


def _balanced(table: Floats, *, readers: bool) -> Components | None:
    """The same of a table without missing cells, from its analysis of variance; None where nothing is left over.

    The restricted likelihood is then a sum of one term for each mean square, whose expectation is at least that of the
    residual. A mean square below it, whose variance would be negative, is pooled with it, the smallest first: the
    solution under such an order (Thompson 1962, Ann Math Stat 33: 273-289).
    """
    cases, columns = table.shape
    mean, of_case, of_reader = table.mean(), table.mean(axis=1), table.mean(axis=0)
    between = columns * float(((of_case - mean) ** 2).sum()) / (cases - 1)
    across = cases * float(((of_reader - mean) ** 2).sum()) / (columns - 1) if readers else 0.0
    rest = table - of_case[:, None] - (of_reader - mean if readers else 0.0)
    freedom = (cases - 1) * (columns - 1) if readers else cases * (columns - 1)
    residual = float((rest**2).sum()) / freedom
    for square, own in sorted([(between, cases - 1), (across, columns - 1)] if readers else [(between, cases - 1)]):
        if square < residual:
            residual = (freedom * residual + own * square) / (freedom + own)
            freedom += own
    if residual <= 1e-12 * max(between, across):
        return None
    return Components(max(0.0, between - residual) / columns, max(0.0, across - residual) / cases, residual)


def _most_likely(
    table: Floats, read: npt.NDArray[np.bool_], *, readers: bool, near: Components | None
) -> Components:  # fmt: skip
    kept = np.where(read, table - np.nanmean(table), 0.0)
    scale = float(np.sqrt((kept**2).sum() / read.sum()))
    if scale == 0:
        return Components(0.0, 0.0, 0.0)
    kept = kept / scale
    sums = _Sums(read.astype(np.float64), kept.sum(axis=1), kept.sum(axis=0), float((kept**2).sum()))
    effects = 2 if readers else 1
    starts = [np.full(effects, start) for start in (1.0, 0.2)]
    if near is not None and near.residual > 0:
        # Not from 0 itself, where the likelihood is flat in the standard deviation.
        starts = [np.sqrt(np.maximum([near.case, near.reader][:effects], 0.01 * near.residual) / near.residual)]
    found = min(
        (
            optimize.minimize(
                lambda ratios: _deviance(sums, ratios)[0],
                start,
                method="L-BFGS-B",
                bounds=[(0.0, _LARGEST)] * effects,
                options={"ftol": 1e-13, "gtol": 1e-8},
            )
            for start in starts
        ),
        key=lambda one: float(one.fun),
    )
    residual = _deviance(sums, found.x)[1] * scale**2
    variances = [float(ratio**2 * residual) for ratio in found.x]
    return Components(variances[0], variances[1] if readers else 0.0, residual)


def _deviance(sums: _Sums, ratios: Floats) -> tuple[float, float]:
    """Return twice the negative restricted log-likelihood (without constants) and the residual variance.

    Args:
        sums: the measurements.
        ratios: standard deviations of the effects in units of the residual one.
    """
    n = float(sums.read.sum())
    of_case = sums.read.sum(axis=1)
    ratio = ratios[0] ** 2
    shrink = ratio / (1 + ratio * of_case)
    log_determinant = float(np.log1p(ratio * of_case).sum())

    # Products with the inverse covariance of cases and residual: of 1 with 1, 1 with y, y with y, readers with both.
    ones = n - float(shrink @ of_case**2)
    cross = float(sums.by_case.sum() - shrink @ (of_case * sums.by_case))
    square = sums.squares - float(shrink @ sums.by_case**2)
    if ratios.size > 1 and ratios[1] > 0:
        weighted = sums.read * shrink[:, None]
        inner = np.diag(sums.read.sum(axis=0)) - sums.read.T @ weighted
        with_ones = sums.read.sum(axis=0) - weighted.T @ of_case
        with_values = sums.by_reader - weighted.T @ sums.by_case
        inner = np.eye(len(inner)) + ratios[1] ** 2 * inner
        solved = np.linalg.solve(inner, np.column_stack([with_ones, with_values])) * ratios[1] ** 2
        log_determinant += float(np.linalg.slogdet(inner)[1])
        ones -= float(with_ones @ solved[:, 0])
        cross -= float(with_ones @ solved[:, 1])
        square -= float(with_values @ solved[:, 1])
    rest = max(square - cross**2 / ones, 1e-300)
    return (n - 1) * math.log(rest) + log_determinant + math.log(ones), rest / (n - 1)
