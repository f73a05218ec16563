"""GEE against geepack on the respiratory trial, and how a fit that fails says so."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.gee import fit_clustered_logistic, logistic


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_equals_geepack_on_the_respiratory_trial(real_data: Path, reference: Path, correlation: str) -> None:
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
    expected = json.loads((reference / "respiratory_gee.json").read_text(encoding="utf-8"))[correlation]
    assert fit.coefficients == pytest.approx(list(expected["coef"].values()), rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(list(expected["robust_se"].values()), rel=1e-6)
    assert fit.clusters == 111
    if correlation == "exchangeable":
        assert fit.correlation == pytest.approx(expected["alpha"], rel=1e-6)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(StatisticsError, match="at least two clusters"):
        fit_clustered_logistic(np.array([0, 1]), np.ones((2, 1)), np.zeros(2, dtype=int))


def test_separated_data_do_not_pass_for_a_fit() -> None:
    x = np.repeat([0.0, 1.0], 20)
    with pytest.raises(StatisticsError, match="no finite solution"):
        fit_clustered_logistic(x.astype(int), np.column_stack([np.ones(40), x]), np.arange(40))


def test_logistic_neither_overflows_nor_loses_symmetry() -> None:
    assert logistic(-800) == 0 and logistic(800) == 1
    assert logistic(3.7) + logistic(-3.7) == pytest.approx(1, abs=1e-15)
