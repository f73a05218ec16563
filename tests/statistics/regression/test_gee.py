"""GEE against geepack on the respiratory trial, and how a fit that fails says so."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.gee import fit_clustered_logistic


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_equals_geepack_on_the_respiratory_trial(
    real_data: Path, reference: Callable[[str], Any], correlation: str
) -> None:
    with (real_data / "readers" / "respiratory.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    design = np.array(
        [[1, row["treat"] == "P", row["sex"] == "M", float(row["age"]), float(row["baseline"])] for row in rows],
        dtype=float,
    )
    cluster = np.unique([f"{row['center']}/{row['id']}" for row in rows], return_inverse=True)[1]
    fit = fit_clustered_logistic(
        np.array([int(row["outcome"]) for row in rows]), design, cluster, correlation=correlation
    )
    expected = reference("respiratory_gee")[correlation]
    assert fit.coefficients == pytest.approx(list(expected["coef"].values()), rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(list(expected["robust_se"].values()), rel=1e-6)
    assert fit.clusters == 111
    if correlation == "exchangeable":
        assert fit.correlation == pytest.approx(expected["alpha"], rel=1e-6)


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_equals_geepack_on_a_simulated_study(correlation: str, simulated: pd.DataFrame, in_r: dict[str, Any]) -> None:
    design = np.column_stack(
        [np.ones(len(simulated)), simulated["sex"] == "M", simulated["age"], simulated["score_a"]]
    ).astype(float)
    cluster = np.unique(simulated["patient"], return_inverse=True)[1]
    fit = fit_clustered_logistic(simulated["truth"].to_numpy(), design, cluster, correlation=correlation)
    expected = in_r["model"][correlation]
    assert fit.coefficients == pytest.approx(list(expected["coefficient"].values()), rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(list(expected["robust_se"].values()), rel=1e-6)
    assert fit.correlation == pytest.approx(expected["correlation"] or 0.0, rel=1e-6)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(StatisticsError, match="at least two clusters"):
        fit_clustered_logistic(np.array([0, 1]), np.ones((2, 1)), np.zeros(2, dtype=int))


def test_separated_data_do_not_pass_for_a_fit() -> None:
    x = np.repeat([0.0, 1.0], 20)
    with pytest.raises(StatisticsError, match="no finite solution"):
        fit_clustered_logistic(x.astype(int), np.column_stack([np.ones(40), x]), np.arange(40))
