"""Agreement on categories against published tables."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    Estimate,
    clustered_bootstrap,
    cohen_kappa,
    fleiss_kappa,
    gwet_coefficient,
    krippendorff_alpha,
    observed_agreement,
    weighted_fleiss_kappa,
)
from thyrosight.statistics.agreement.kappa import category_codes


def _ratings(table: list[list[int]]) -> tuple[list[int], list[int]]:
    """Two readers' categories from a table of counts (first reader in rows)."""
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in pairs], [j for _, j in pairs]


# Fleiss 1971, table 1: 30 patients, six psychiatrists, five diagnoses (counts per patient).
FLEISS_1971 = """
0 0 0 6 0; 0 3 0 0 3; 0 1 4 0 1; 0 0 0 0 6; 0 3 0 3 0; 2 0 4 0 0; 0 0 4 0 2; 2 0 3 1 0; 2 0 0 4 0; 0 0 0 0 6;
1 0 0 5 0; 1 1 0 4 0; 0 3 3 0 0; 1 0 0 5 0; 0 2 0 3 1; 0 0 5 0 1; 3 0 0 1 2; 5 1 0 0 0; 0 2 0 4 0; 1 0 2 0 3;
0 0 0 0 6; 0 1 0 5 0; 0 2 0 1 3; 2 0 0 4 0; 1 0 0 4 1; 0 5 0 1 0; 4 0 0 0 2; 0 2 0 4 0; 1 0 5 0 0; 0 0 0 0 6
"""

# Krippendorff's example as used throughout Gwet, Handbook of Inter-Rater Reliability (2014): 12 units, four raters.
GWET_2014 = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, None, 3, None],
]


def test_fleiss_1971() -> None:
    rows = [[int(count) for count in row.split()] for row in FLEISS_1971.replace("\n", " ").split(";")]
    ratings = [[category for category, count in enumerate(row) for _ in range(count)] for row in rows]
    assert fleiss_kappa(ratings).value == pytest.approx(0.430, abs=5e-4)


def test_gwet_handbook() -> None:
    one = gwet_coefficient(GWET_2014)
    assert one.value == pytest.approx(0.77544, abs=5e-6)
    assert one.se == pytest.approx(0.14295, abs=5e-6)
    assert (one.low, one.high) == (pytest.approx(0.46081, abs=5e-6), 1.0)
    fleiss = fleiss_kappa(GWET_2014)
    assert fleiss.value == pytest.approx(0.76117, abs=5e-6)
    assert fleiss.se == pytest.approx(0.15302, abs=5e-6)
    assert fleiss.low == pytest.approx(0.42438, abs=5e-6)


def test_cohen_unweighted_by_hand() -> None:
    # 2 x 2 table 20, 5, 10, 15: observed 35/50, chance (25 * 30 + 25 * 20) / 2500 = 0.5.
    result = cohen_kappa(*_ratings([[20, 5], [10, 15]]))
    assert result.value == pytest.approx((0.7 - 0.5) / 0.5)
    # Fleiss, Cohen and Everitt 1969, equation 13, written out for two categories.
    p = np.array([[20, 5], [10, 15]]) / 50
    row, column, kappa, chance = p.sum(axis=1), p.sum(axis=0), 0.4, 0.5
    agree = sum(p[i, i] * (1 - (row[i] + column[i]) * (1 - kappa)) ** 2 for i in range(2))
    differ = (1 - kappa) ** 2 * sum(p[i, j] * (column[i] + row[j]) ** 2 for i in range(2) for j in range(2) if i != j)
    variance = (agree + differ - (kappa - chance * (1 - kappa)) ** 2) / (50 * (1 - chance) ** 2)
    assert result.se == pytest.approx(math.sqrt(variance))


def test_cohen_weighted_by_definition() -> None:
    table = np.array([[11, 4, 1], [3, 9, 5], [0, 2, 15]])
    n = table.sum()
    distance = np.abs(np.subtract.outer(range(3), range(3)))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    for weights, power in (("linear", 1), ("quadratic", 2)):
        kappa = 1 - (table * distance**power).sum() / (expected * distance**power).sum()
        assert cohen_kappa(*_ratings(table.tolist()), weights=weights).value == pytest.approx(kappa)


def test_an_unused_category_widens_weighted_distances_only() -> None:
    a, b = ["3", "4", "5", "3"], ["3", "5", "5", "3"]
    plain = cohen_kappa(a, b, categories=["1", "2", "3", "4", "5"])
    assert plain.value == pytest.approx(cohen_kappa(a, b).value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=5, max_size=40), st.randoms())
def test_order_of_cases_and_of_readers_changes_nothing(pairs: list[tuple[int, int]], random: object) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    one, other = cohen_kappa(a, b), cohen_kappa(b[::-1], a[::-1])
    assert np.array_equal([one.value, one.se], [other.value, other.se], equal_nan=True) or one.value == pytest.approx(
        other.value
    )
    for function in (fleiss_kappa, gwet_coefficient):
        first, second = function(pairs), function([(y, x) for x, y in pairs][::-1])
        assert first.value == pytest.approx(second.value, nan_ok=True)
        assert first.value <= 1 + 1e-12 or math.isnan(first.value)


def test_perfect_agreement_is_one_and_one_category_is_undefined() -> None:
    varied = [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    assert fleiss_kappa(varied).value == pytest.approx(1)
    assert gwet_coefficient(varied, weights="quadratic").value == pytest.approx(1)
    assert cohen_kappa([1, 2, 3], [1, 2, 3]).value == pytest.approx(1)
    same = [[1, 1], [1, 1], [1, 1]]
    assert math.isnan(cohen_kappa([1, 1], [1, 1]).value)
    assert math.isnan(fleiss_kappa(same).value)
    assert gwet_coefficient(same, categories=[1, 2]).value == 1


def test_bad_input() -> None:
    with pytest.raises(StatisticsError, match="one length"):
        cohen_kappa([1, 2], [1])
    with pytest.raises(StatisticsError, match="position 1 is empty"):
        cohen_kappa([1.0, math.nan], [1.0, 1.0])
    with pytest.raises(StatisticsError, match="Expected only the categories"):
        cohen_kappa([1, 2], [1, 3], categories=[1, 2])
    with pytest.raises(StatisticsError, match="two or more readers"):
        fleiss_kappa([[1], [2]])
    with pytest.raises(StatisticsError, match="at least two cases"):
        gwet_coefficient([[1, None], [None, 2]])
    with pytest.raises(StatisticsError, match="text and numbers"):
        fleiss_kappa([["a", 1], ["a", 2]])
    with pytest.raises(StatisticsError, match="weights"):
        cohen_kappa([1, 2], [1, 2], weights="cubic")


A = [1, 1, 2, 3, 3, 2, 1, 4, 4, 2, 3, 1, 2, 2, 3, 4, 1, 3, 2, 4]
B = [1, 2, 2, 3, 4, 2, 1, 4, 3, 2, 3, 1, 1, 2, 2, 4, 2, 3, 3, 4]
PATIENT = [1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 6, 7, 7, 8, 9, 9, 9, 10, 10]


def test_clustered_kappa_equals_the_survey_package() -> None:
    # R package survey 4.1.1, svykappa(~a + b, svydesign(ids = ~patient, weights = ~1)).
    found = cohen_kappa(A, B, cluster=PATIENT)
    assert (found.value, found.se) == pytest.approx((0.52861952862, 0.0902276324428), rel=1e-10)
    assert (found.n, found.clusters) == (20, 10)


@pytest.mark.parametrize(
    ("weights", "value", "se"),
    [
        # R package vcd 1.4.11, Kappa(table, weights = "Equal-Spacing" and "Fleiss-Cohen"): value and ASE.
        ("none", 0.52861952862, 0.14483383701),
        ("linear", 0.69957081545, 0.09930122492),
        ("quadratic", 0.84018264840, 0.05924737579),
    ],
)
def test_clusters_of_one_case_give_the_large_sample_error(weights: str, value: float, se: float) -> None:
    found = cohen_kappa(A, B, weights=weights, cluster=range(20))
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.se == pytest.approx(se * math.sqrt(20 / 19), rel=1e-7)
    assert cohen_kappa(A, B, weights=weights).se == pytest.approx(se, rel=1e-7)


def test_copies_within_patients_add_no_information() -> None:
    table = np.column_stack([A, B, A[::-1]])
    copied, patient = np.repeat(table, 3, axis=0), np.repeat(np.arange(20), 3)
    for coefficient in (fleiss_kappa, gwet_coefficient):
        one, three = coefficient(table), coefficient(copied, cluster=patient)
        assert (one.value, one.low, one.high) == pytest.approx((three.value, three.low, three.high))
        assert coefficient(copied).se < 0.7 * three.se
        assert three.clusters == 20


def test_the_clustered_error_is_near_that_of_the_bootstrap_over_patients() -> None:
    rng = np.random.default_rng(9)
    patient = np.repeat(np.arange(80), 3)
    latent = rng.normal(size=80)[patient][:, None] + 0.7 * rng.normal(size=(240, 3))
    table = np.digitize(latent, [-0.4, 0.8])

    def bootstrap(coefficient: Callable[..., Estimate]) -> float:
        return clustered_bootstrap(lambda *rows: coefficient(np.column_stack(rows)).value, *table.T, cluster=patient,
                                   replicates=200).se  # fmt: skip

    assert fleiss_kappa(table, cluster=patient).se == pytest.approx(bootstrap(fleiss_kappa), rel=0.15)
    assert gwet_coefficient(table, cluster=patient).se == pytest.approx(bootstrap(gwet_coefficient), rel=0.15)


def test_a_single_patient_is_refused_and_unrated_cases_take_their_patient_along() -> None:
    with pytest.raises(StatisticsError, match="two clusters"):
        cohen_kappa(A, B, cluster=[1] * 20)
    table = [["a", "a"], [None, None], ["b", "a"], ["b", "b"]]
    assert fleiss_kappa(table, cluster=["p", "q", "r", "s"]).clusters == 3


@pytest.mark.parametrize("cluster", [None, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]])
def test_perfect_agreement_has_no_interval_of_zero_width(cluster: list[int] | None) -> None:
    """It was 1.000 (1.000 to 1.000) whatever the number of cases."""
    table = [[0, 0, 0]] * 6 + [[1, 1, 1]] * 6
    found = [
        fleiss_kappa(table, cluster=cluster),
        gwet_coefficient(table, cluster=cluster),
        krippendorff_alpha(table, level="ordinal", cluster=cluster),
        cohen_kappa([0, 1] * 6, [0, 1] * 6, categories=[0, 1], cluster=cluster),
    ]
    for one in found:
        assert one.value == pytest.approx(1)
        assert math.isnan(one.low) and math.isnan(one.high)
        assert one.method.endswith("no interval, all cases alike")


def test_arrays_of_numbers_give_what_the_same_numbers_as_objects_give() -> None:
    drawn = np.random.default_rng(3)
    numbers = drawn.integers(-2, 3, (40, 4)).astype(float)
    numbers[drawn.random(numbers.shape) < 0.2] = np.nan
    for compute in (fleiss_kappa, gwet_coefficient, krippendorff_alpha, observed_agreement):
        assert compute(numbers) == compute(numbers.astype(object)) == compute(numbers.tolist())
    codes, listed = category_codes(numbers, None)
    assert listed == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert (codes[np.isnan(numbers)] == -1).all()
    assert [listed[code] for code in codes[codes >= 0]] == numbers[~np.isnan(numbers)].tolist()


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("clusters", [None, 9])
def test_kappa_of_many_samples_at_once_is_that_of_each(clusters: int | None, method: str) -> None:
    """Missing ratings, cases of one and of no rating, and samples without a defined kappa included."""
    drawn = np.random.default_rng(5)
    table = (drawn.random((24, 3)) < 0.05).astype(float)
    table[drawn.random(table.shape) < 0.5] = np.nan
    assert {0, 1, 2} <= set((~np.isnan(table)).sum(axis=1))
    options = {"cluster": None if clusters is None else np.arange(24) % clusters, "replicates": 400, "method": method}
    one = clustered_bootstrap(lambda rows: fleiss_kappa(rows).value, table, **options)
    every = clustered_bootstrap(
        lambda rows: fleiss_kappa(rows).value,
        table,
        weighted=lambda counts: weighted_fleiss_kappa(table, counts),
        **options,
    )
    assert "undefined" in one.method and one.method == every.method
    assert (one.low, one.high, one.se) == pytest.approx((every.low, every.high, every.se), rel=1e-12)
    with pytest.raises(StatisticsError, match="ratings with 24 and weights with 23"):
        weighted_fleiss_kappa(table, np.ones((2, 23)))
