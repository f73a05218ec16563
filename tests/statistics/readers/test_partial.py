"""Readers who read parts of the cases: against complete studies, and against sums written out."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.covariance import merits
from thyrosight.statistics.readers.design import read_study
from thyrosight.statistics.readers.partial import partial_merits

NAMES = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}


def _study(seed: int, *, readers: int = 3, cases: int = 24) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    t, r, c = (grid.ravel() for grid in np.meshgrid(range(2), range(readers), range(cases), indexing="ij"))
    truth = (c % 2).astype(int)
    rating = np.round(truth + rng.normal(size=cases)[c] + 0.3 * t + rng.normal(size=c.size), 1)
    return {"test": t, "reader": r, "case": c, "patient": c // 3, "truth": truth, "rating": rating}


@pytest.mark.parametrize("cluster", [None, "patient"])
@pytest.mark.parametrize("nested", ["", "reader", "test"])
@pytest.mark.parametrize("metric", ["auc", "sensitivity", "specificity", "accuracy"])
def test_complete_and_nested_studies_have_the_covariance_of_delong_and_obuchowski(
    cluster: str | None, nested: str, metric: str
) -> None:
    table = _study(1)
    if nested:
        for name in ("case", "patient"):
            table[name] = np.array([f"{a}-{b}" for a, b in zip(table[nested], table[name], strict=True)])
    study = read_study(table, cluster=cluster, **NAMES)
    expected = merits(study, metric=metric, threshold=0.5, covariance="delong")
    found = partial_merits(study, metric=metric, threshold=0.5)
    assert found[0] == pytest.approx(expected[0])
    assert found[1] == pytest.approx(expected[1], abs=1e-15)


def test_missing_readings_follow_the_sums_written_out() -> None:
    table = _study(2)
    kept = np.random.default_rng(3).random(table["case"].size) < 0.7
    study = read_study({name: column[kept] for name, column in table.items()}, missing="analyse", **NAMES)
    values, matrix = partial_merits(study, metric="auc", threshold=math.nan)
    units = study.ratings.reshape(6, -1)
    influence = np.zeros((2, 6, study.truth.size))
    for u, row in enumerate(units):
        groups = [np.flatnonzero((study.truth == label) & ~np.isnan(row)) for label in (0, 1)]
        wins = [[(row[i] > row[j]) + (row[i] == row[j]) / 2 for j in groups[0]] for i in groups[1]]
        assert values.ravel()[u] == pytest.approx(np.mean(wins))
        for label, own in enumerate(groups):
            of_case = np.mean(wins, axis=label) if label == 0 else np.mean(wins, axis=1)
            influence[label, u, own] = (of_case - np.mean(wins)) / math.sqrt(own.size * (own.size - 1))
    expected = sum(part @ part.T for part in influence)
    assert matrix == pytest.approx(expected, abs=1e-14)
    assert np.linalg.eigvalsh(matrix).min() > -1e-15


def test_readers_without_common_cases_have_covariance_0() -> None:
    table = _study(4, readers=2)
    kept = (table["case"] < 12) == (table["reader"] == 0)
    study = read_study({name: column[kept] for name, column in table.items()}, missing="analyse", **NAMES)
    _, matrix = partial_merits(study, metric="auc", threshold=math.nan)
    assert matrix.reshape(2, 2, 2, 2)[:, 0, :, 1] == pytest.approx(0)
    assert matrix.reshape(2, 2, 2, 2)[0, 0, 1, 0] != 0


def test_a_reader_who_read_too_little_is_named() -> None:
    table = _study(5)
    kept = ~((table["reader"] == 1) & (table["test"] == 1) & (table["truth"] == 1) & (table["case"] > 1))
    study = read_study({name: column[kept] for name, column in table.items()}, missing="analyse", **NAMES)
    with pytest.raises(StatisticsError, match=r"Reader 1 read too little with test 1: .* two cases of each class"):
        partial_merits(study, metric="auc", threshold=math.nan)
    with pytest.raises(StatisticsError, match="at least two cases;"):
        partial_merits(study, metric="sensitivity", threshold=0.5)


def test_a_patient_with_cases_of_two_readers_links_these() -> None:
    table = _study(6)
    table["case"] = np.array([f"{r}-{c}" for r, c in zip(table["reader"], table["case"], strict=True)])
    study = read_study(table, cluster="patient", **NAMES)
    assert study.design == "cases nested in readers"
    _, matrix = merits(study, metric="auc", threshold=math.nan, covariance="delong")
    assert matrix.reshape(2, 3, 2, 3)[0, 0, 0, 1] != 0
