"""The AUC against R's pROC, by its definition, and where the data end."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import auc

TRUTH, SCORE = [0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6]
CLUSTERS = st.lists(st.integers(0, 9), min_size=40, max_size=40)


@st.composite
def studies(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Truth with both classes, and scores with many ties."""
    n = draw(st.integers(4, 40))
    truth = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    truth[:2], truth[2:4] = 0, 1
    return truth, np.array(draw(st.lists(st.integers(-6, 6), min_size=n, max_size=n)), dtype=float)


def numbers(estimate: object) -> tuple[float, ...]:
    return tuple(getattr(estimate, name) for name in ("value", "low", "high", "se"))


@pytest.mark.parametrize("name", ["s100b", "wfns"])
def test_area_interval_and_variance_equal_pROC(name: str, real_data: Path, reference: Callable[[str], Any]) -> None:  # noqa: N802
    table = pd.read_csv(real_data / "readers" / "asah.csv")
    expected = reference("asah_proc")[name]
    found = auc((table["outcome"] == "Poor").to_numpy(), table[name].to_numpy(), interval="wald")
    assert found.value == pytest.approx(expected["auc"], rel=1e-10)
    assert (found.low, found.high) == pytest.approx((expected["delong_low"], expected["delong_high"]), rel=1e-10)
    assert found.se**2 == pytest.approx(expected["var"], rel=1e-10)


@pytest.mark.parametrize("name", ["score_a", "score_b"])
def test_area_interval_and_variance_of_a_simulated_study_equal_pROC(  # noqa: N802
    name: str, simulated: pd.DataFrame, in_r: dict[str, Any]
) -> None:
    expected = in_r["area"][name]
    found = auc(simulated["truth"], simulated[name], interval="wald")
    assert (found.value, found.low, found.high, found.se**2) == pytest.approx(
        [expected[key] for key in ("auc", "low", "high", "variance")], rel=1e-10
    )


def test_logit_interval_by_hand() -> None:
    # Placements are 2/3, 1, 1 for the positives and 1, 1, 2/3 for the negatives: each variance is 1/27, so 2/81 in all.
    found = auc(TRUTH, SCORE)
    odds, margin = math.log(8), 1.959963984540054 * math.sqrt(2 / 81) / (8 / 81)
    assert found.value == pytest.approx(8 / 9)
    assert found.se == pytest.approx(math.sqrt(2 / 81))
    assert found.low == pytest.approx(1 / (1 + math.exp(margin - odds)))
    assert found.high == pytest.approx(1 / (1 + math.exp(-margin - odds)))


@given(studies())
def test_area_is_the_share_of_rightly_ordered_pairs(study: tuple[np.ndarray, np.ndarray]) -> None:
    truth, score = study
    gaps = score[truth == 1][:, None] - score[truth == 0][None, :]
    assert auc(truth, score).value == pytest.approx(((gaps > 0) + 0.5 * (gaps == 0)).mean(), abs=1e-14)


@given(studies(), st.randoms(use_true_random=False), st.sampled_from(["delong", "obuchowski", "bootstrap"]))
def test_order_of_rows_and_monotone_transforms_change_nothing(study: tuple, random: object, method: str) -> None:
    truth, score = study
    order = list(range(truth.size))
    random.shuffle(order)
    options = {"method": method, "replicates": 30}
    one, moved = auc(truth, score, **options), auc(truth[order], np.exp(score[order] / 3) - 7, **options)
    assert numbers(one) == pytest.approx(numbers(moved), abs=1e-12, nan_ok=True)


@given(studies(), CLUSTERS, st.sampled_from(["logit", "wald"]))
def test_swapped_classes_and_reversed_scores_mirror_the_interval(study: tuple, cluster: list, interval: str) -> None:
    truth, score = study
    for labels in (None, cluster[: truth.size]):
        one = auc(truth, score, cluster=labels, interval=interval)
        swapped = auc(1 - truth, score, cluster=labels, interval=interval)
        both = auc(1 - truth, -score, cluster=labels, interval=interval)
        assert swapped.value == pytest.approx(1 - one.value, abs=1e-12)
        assert (swapped.low, swapped.high) == pytest.approx((1 - one.high, 1 - one.low), abs=1e-9, nan_ok=True)
        assert numbers(both) == pytest.approx(numbers(one), abs=1e-9, nan_ok=True)


def test_two_clusters_whose_sums_cancel_leave_no_variance_and_no_interval() -> None:
    """Obuchowski's variance is then 0, which rounding turns into a number just above or below it."""
    truth = np.array([0, 0, 1, 1, *[0] * 28, *[1] * 8])
    score = np.array([*[0.0] * 21, 1, 1, 1, 1, 2, 2, -1, -1, 2, -1, 2, 1, 0, 1, 0, 0, 1, 1, 1])
    for size in range(2, 39):
        cluster = (np.arange(40) >= size).astype(int)
        for one in (auc(truth, score, cluster=cluster), auc(1 - truth, score, cluster=cluster)):
            assert math.isnan(one.low) or one.high - one.low > 1e-6
            assert not one.se < 0


@given(studies(), st.sampled_from([("obuchowski", "logit"), ("bootstrap", "percentile"), ("bootstrap", "bca")]))
def test_clusters_of_one_equal_no_clusters(study: tuple, how: tuple[str, str]) -> None:
    truth, score = study
    method, interval = how
    plain = auc(truth, score, method="delong" if method == "obuchowski" else method, interval=interval, replicates=30)
    names = [f"patient {i}" for i in range(truth.size)]
    single = auc(truth, score, cluster=names, method=method, interval=interval, replicates=30)
    assert numbers(single) == pytest.approx(numbers(plain), abs=1e-13, nan_ok=True)
    assert single.clusters == truth.size
    assert plain.clusters is None


def test_twins_widen_the_interval_as_if_half_as_many_had_been_seen() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    score = truth + rng.normal(size=400)
    twins = auc(np.tile(truth, 2), np.tile(score, 2), cluster=np.tile(np.arange(400), 2))
    assert twins.se == pytest.approx(auc(truth, score).se, rel=1e-12)
    assert twins.se > 1.4 * auc(np.tile(truth, 2), np.tile(score, 2)).se


def test_bootstrap_agrees_with_the_formula_where_both_hold() -> None:
    rng = np.random.default_rng(1)
    truth, cluster = np.tile([0, 1], 400), np.repeat(np.arange(200), 4)
    score = truth + rng.normal(size=800) + rng.normal(size=200)[cluster]
    formula, drawn = auc(truth, score, cluster=cluster), auc(truth, score, cluster=cluster, method="bootstrap")
    assert drawn.se == pytest.approx(formula.se, rel=0.06)
    assert (drawn.low, drawn.high) == pytest.approx((formula.low, formula.high), abs=0.006)


@pytest.mark.parametrize("method", ["delong", "obuchowski", "bootstrap"])
def test_separated_classes_get_the_exact_interval(method: str) -> None:
    found = auc([0] * 30 + [1] * 10, range(40), method=method)
    # Ten independent pairs all right: 0.025 ** (1 / 10) is the largest area that this would surprise.
    assert (found.value, found.low, found.high) == pytest.approx((1, 0.025**0.1, 1))
    assert "exact interval of 10 independent pairs" in found.method
    mirrored = auc([1] * 30 + [0] * 10, range(40), method=method)
    assert (mirrored.low, mirrored.high) == pytest.approx((0, 1 - 0.025**0.1))


def test_separated_classes_in_few_clusters_rest_on_the_clusters() -> None:
    truth, score = [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6]
    # Patients a, b and c each hold both classes: they form one pair that uses no patient twice.
    assert auc(truth, score, cluster=list("abcabc")).low == pytest.approx(0.025)
    assert auc(truth, score, cluster=list("aaabcd")).low == pytest.approx(0.025)
    assert math.isnan(auc(truth, score, cluster=list("aaaaaa")).low)


def test_constant_score_has_an_area_of_one_half_by_definition() -> None:
    found = auc([0, 0, 1, 1, 1], [3, 3, 3, 3, 3])
    assert (found.value, found.low, found.high, found.se) == (0.5, 0.5, 0.5, 0)
    assert "does not vary" in found.method


@pytest.mark.parametrize(
    ("truth", "score", "cluster"),
    [([0, 0, 1], [1, 3, 2], None), ([0, 1, 1], [2, 1, 3], None), ([0, 1, 0, 1], [1, 2, 3, 4], list("aaaa"))],
)
def test_too_little_data_for_a_variance_gives_a_value_without_interval(
    truth: list, score: list, cluster: list | None
) -> None:
    found = auc(truth, score, cluster=cluster)
    assert found.value in (0.5, 0.75)
    assert math.isnan(found.low) and math.isnan(found.high) and math.isnan(found.se)
    assert "no interval" in found.method


def test_identical_clusters_are_said_to_leave_no_variance() -> None:
    found = auc(TRUTH * 3, SCORE * 3, cluster=np.repeat([1, 2, 3], 6))
    assert math.isnan(found.low)
    assert "identical" in found.method


def test_clusters_may_hold_a_single_class() -> None:
    found = auc([0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 5, 4, 3, 6, 7, 8], cluster=list("aabbccdd"))
    assert 0 < found.low < found.value < found.high < 1


def test_infinite_scores_are_ranked() -> None:
    infinite = [-math.inf, 2, 4, 3, 5, math.inf]
    assert numbers(auc(TRUTH, infinite)) == numbers(auc(TRUTH, SCORE))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"truth": TRUTH, "score": [1, 2, math.nan, 4, 5, 6]}, "finite numbers, got nan at position 2"),
        ({"truth": [1, 1], "score": [1, 2]}, "both 0 and 1, got only 1"),
        ({"truth": [0, 1, 2], "score": [1, 2, 3]}, "only 0 and 1, got 2 at position 2"),
        ({"truth": ["benign", "malignant"], "score": [1, 2]}, "only 0 and 1"),
        ({"truth": TRUTH, "score": [1, 2]}, "truth with 6 and score with 2"),
        ({"truth": TRUTH, "score": SCORE, "cluster": [1, 2]}, "cluster with 2"),
        ({"truth": TRUTH, "score": SCORE, "cluster": ["a", None, "b", "b", "c", "c"]}, "position 1 is empty"),
        ({"truth": [], "score": []}, "at least one value"),
        ({"truth": TRUTH, "score": SCORE, "method": "hanley"}, "'delong', 'obuchowski', 'bootstrap'"),
        ({"truth": TRUTH, "score": SCORE, "interval": "bca"}, "'logit', 'wald'"),
        ({"truth": TRUTH, "score": SCORE, "confidence": 95}, "between 0 and 1"),
        ({"truth": TRUTH, "score": SCORE, "cluster": TRUTH, "method": "delong"}, "ignores clusters"),
    ],
)
def test_bad_input_gets_one_sentence(arguments: dict, message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        auc(**arguments)
