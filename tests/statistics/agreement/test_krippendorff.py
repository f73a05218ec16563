"""Krippendorff's alpha against his own example and the package `krippendorff`."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import fleiss_kappa, krippendorff_alpha
from thyrosight.statistics.agreement.krippendorff import LEVELS

N = None
# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), example C: 12 units (columns), 4 observers.
BOOK = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ],
    dtype=object,
).T


@pytest.mark.parametrize(
    ("level", "printed", "package"),
    [
        # Printed in the example; PyPI package krippendorff 0.9.0, krippendorff.alpha(reliability_data=...).
        ("nominal", 0.743, 0.743421052631579),
        ("ordinal", 0.815, 0.8153875037548814),
        ("interval", 0.849, 0.8491071428571428),
        ("ratio", 0.797, 0.7974027747116121),
    ],
)
def test_published_example(level: str, printed: float, package: float) -> None:
    found = krippendorff_alpha(BOOK, level=level)
    assert found.value == pytest.approx(printed, abs=5e-4)
    assert found.value == pytest.approx(package, rel=1e-12)
    assert found.n == 11  # the last unit was observed once
    assert found.low < found.value < found.high


def test_error_is_near_the_linearised_one_of_gwet() -> None:
    # PyPI package irrCAC 0.4.4, CAC(...).krippendorff(): 0.47253, standard error 0.21052.
    table = [["a", "a", "a"], ["a", "b", "b"], ["b", "b", "b"], ["c", "c", "a"], ["a", None, "a"], ["b", "b", "c"]]
    found = krippendorff_alpha(table)
    assert found.value == pytest.approx(0.47253, abs=5e-6)
    assert found.se == pytest.approx(0.21052, rel=0.15)


def test_nominal_alpha_of_two_readings_each_is_fleiss_with_a_small_sample_correction() -> None:
    table = [["a", "a"], ["a", "b"], ["b", "b"], ["c", "c"], ["c", "a"]]
    kappa = fleiss_kappa(table).value
    assert krippendorff_alpha(table).value == pytest.approx(kappa + (1 - kappa) / 10)


def test_intervals_and_clusters() -> None:
    rng = np.random.default_rng(4)
    latent = rng.normal(size=(60, 1)) + 0.6 * rng.normal(size=(60, 3))
    table = np.digitize(latent, [-0.5, 0.5])
    patient = np.repeat(np.arange(20), 3)
    jackknife = krippendorff_alpha(table, level="ordinal", cluster=patient)
    bootstrap = krippendorff_alpha(table, level="ordinal", cluster=patient, interval="bootstrap", replicates=400)
    assert jackknife.clusters == bootstrap.clusters == 20
    assert jackknife.se == pytest.approx(bootstrap.se, rel=0.2)
    copied = krippendorff_alpha(np.repeat(table, 2, axis=0), cluster=np.repeat(np.arange(60), 2))
    # Copies within a patient change alpha by its small-sample correction only.
    assert copied.se == pytest.approx(krippendorff_alpha(table).se, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(LEVELS))
def test_order_of_cases_and_readers_changes_nothing(seed: int, level: str) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 5, size=(8, 3)).astype(object)
    table[rng.random((8, 3)) < 0.15] = None
    table[:2, :2] = 1  # two cases always read twice
    shuffled = table[rng.permutation(8)][:, rng.permutation(3)]
    one, other = krippendorff_alpha(table, level=level), krippendorff_alpha(shuffled, level=level)
    assert one.value == pytest.approx(other.value, nan_ok=True)
    assert one.se == pytest.approx(other.se, nan_ok=True)
    assert math.isnan(one.value) or one.value <= 1
    doubled = np.where(np.equal(table, None), None, np.where(np.equal(table, None), 0, table) * 2)
    assert krippendorff_alpha(doubled, level=level).value == pytest.approx(one.value, nan_ok=True)


def test_edges() -> None:
    assert krippendorff_alpha([[1, 1], [2, 2], [3, 3]]).value == 1
    assert math.isnan(krippendorff_alpha([[1, 1], [1, 1]]).value)
    for bad, words in (
        ([[1, 1]], "two cases"),
        ([[1], [2]], "two or more readers"),
        ([[1, None], [None, 2]], "two cases"),
    ):
        with pytest.raises(StatisticsError, match=words):
            krippendorff_alpha(bad)
    with pytest.raises(StatisticsError, match="numbers for level"):
        krippendorff_alpha([["a", "b"], ["b", "b"]], level="interval")
    with pytest.raises(StatisticsError, match="0 or more"):
        krippendorff_alpha([[-1, 1], [2, 2]], level="ratio")
    with pytest.raises(StatisticsError, match="patients with a case"):
        krippendorff_alpha([[1, 1], [2, 2]], cluster=["a", "a"])
