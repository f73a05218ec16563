"""Odds ratios that are all finite: Firth's penalty for those that separation leaves without one, and for no other."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.odds_ratios import LogisticRegression, OddsRatio, logistic_regression
from thyrosight.statistics.regression.predictors import Column, design_matrix
from thyrosight.statistics.regression.separation import determined_rows
from thyrosight.statistics.validation import as_truth


def finite_odds_ratios(
    outcome: npt.ArrayLike,
    predictors: Mapping[str, npt.ArrayLike],
    *,
    reference: Mapping[str, Any] | None = None,
    categorical: Collection[str] = (),
    cluster: npt.ArrayLike | None = None,
    correlation: str = "independence",
    confidence: float = 0.95,
) -> LogisticRegression:
    """Regress a binary outcome as `logistic_regression` does, and give each separated column a finite odds ratio.

    One separated level leaves the others as they are. Their odds ratios come from the observations that separation
    does not determine, by maximum likelihood or, with `cluster`, by GEE. The separated ones come from a second fit of
    all columns and observations with Firth's penalty, which takes observations as independent. `separated` names them,
    and the method of each odds ratio says which fit it comes from.

    Where the other columns allow no GEE, they keep maximum likelihood and the note says so.

    Args:
        outcome: 0 or 1 per observation.
        predictors: as in `logistic_regression`.
        reference: reference level by name of predictor.
        categorical: numeric predictors to treat as categories.
        cluster: patient of each observation.
        correlation: working correlation of the GEE.
        confidence: nominal coverage.

    Raises:
        StatisticsError: as `logistic_regression`.

    >>> margin = ["smooth"] * 141 + ["irregular"] * 25 + ["lobulated"] * 15
    >>> missed = [1] * 17 + [0] * 124 + [0] * 25 + [1] * 2 + [0] * 13
    >>> for ratio in finite_odds_ratios(missed, {"margin": margin}, reference={"margin": "smooth"}).odds_ratios:
    ...     print(ratio, "by", ratio.estimate.method)
    margin: irregular against smooth: odds ratio 0.139 (95 % interval 0.001 to 1.088), P = 0.0636 by logistic regression
    with Firth's penalty, profile likelihood
    margin: lobulated against smooth: odds ratio 1.122 (95 % interval 0.233 to 5.408), P = 0.886 by logistic regression
    """
    options: dict[str, Any] = {"reference": reference, "categorical": categorical, "confidence": confidence}
    plain = logistic_regression(outcome, predictors, **options)
    if not plain.separated:
        if cluster is None:
            return plain
        return logistic_regression(outcome, predictors, cluster=cluster, correlation=correlation, **options)
    penalised = logistic_regression(outcome, predictors, penalty="firth", **options)
    others, note = {_key(ratio): ratio for ratio in plain.odds_ratios}, ""
    if cluster is not None and len(plain.separated) < len(plain.odds_ratios):
        try:
            others |= _by_gee(outcome, predictors, cluster=cluster, correlation=correlation, **options)
        except StatisticsError as error:
            note = f" The others allow no GEE and take observations as independent: {error}"
    ratios = tuple(firth if _name(firth) in plain.separated else others[_key(firth)] for firth in penalised.odds_ratios)
    said = "; ".join(plain.separated)
    return replace(plain, odds_ratios=ratios, note=f"Perfect separation, so by Firth's penalty: {said}.{note}")


def _by_gee(
    outcome: npt.ArrayLike,
    predictors: Mapping[str, npt.ArrayLike],
    *,
    cluster: npt.ArrayLike,
    correlation: str,
    reference: Mapping[str, Any] | None,
    categorical: Collection[str],
    confidence: float,
) -> dict[tuple[str, str | None], OddsRatio]:
    """Odds ratios of a GEE on the observations that separation leaves open, by predictor and level."""
    truth = as_truth(outcome, name="outcome")
    design, columns = design_matrix(predictors, truth.size, reference=reference or {}, categorical=categorical)
    rows = ~determined_rows(truth, design)
    left = {name: np.asarray(values)[rows] for name, values in predictors.items()}
    left = {name: values for name, values in left.items() if len(set(values.tolist())) > 1}
    # The reference levels of all observations, also where they follow from the order of levels.
    levels = {column.predictor: column.reference for column in columns if column.level is not None}
    fit = logistic_regression(
        truth[rows],
        left,
        reference={name: level for name, level in levels.items() if name in left},
        cluster=np.asarray(cluster)[rows],
        correlation=correlation,
        confidence=confidence,
    )
    return {_key(ratio): ratio for ratio in fit.odds_ratios}


def _key(ratio: OddsRatio) -> tuple[str, str | None]:
    return ratio.predictor, ratio.level


def _name(ratio: OddsRatio) -> str:
    return str(Column(ratio.predictor, ratio.level, ratio.reference))
