"""Reader studies against published analyses, DeLong's test, and the designs that must be refused."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.comparison import compare_readers
from thyrosight.statistics.roc.comparison import compare_auc

NAMES = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}


def _read(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@pytest.fixture(scope="module")
def van_dyke(real_data: Path) -> dict[str, np.ndarray]:
    table = _read(real_data / "readers" / "vandyke.csv")
    table["test"] = table["treatment"]
    return table | {name: table[name].astype(float) for name in ("truth", "rating")}


def _study(seed: int, *, tests: int = 2, readers: int = 3, cases: int = 24) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    t, r, c = (grid.ravel() for grid in np.meshgrid(range(tests), range(readers), range(cases), indexing="ij"))
    truth = (c % 2).astype(int)
    rating = np.round(truth + rng.normal(size=cases)[c] + 0.3 * t + rng.normal(size=c.size))
    return {"test": np.array(list("ABCD"))[t], "reader": r, "case": c, "truth": truth, "rating": rating}


def test_van_dyke_equals_the_published_analysis(
    van_dyke: dict[str, np.ndarray], reference: Callable[[str], Any]
) -> None:
    expected = reference("vandyke_obuchowski_rockette")
    result = compare_readers(van_dyke, **NAMES)
    components = expected["variance_components"]
    assert [e.value for e in result.test_estimates] == pytest.approx(expected["treatment_auc"], abs=5e-8)
    assert [e.se for e in result.test_estimates] == pytest.approx(expected["treatment_se"], abs=5e-9)
    assert [(e.low, e.high) for e in result.test_estimates] == [
        pytest.approx(limits, abs=5e-8) for limits in expected["treatment_ci"]
    ]
    assert list(result.components.to_dict().values()) == pytest.approx(
        [components[name] for name in ("reader", "treatment:reader", "error", "cov1", "cov2", "cov3")], abs=5e-11
    )
    assert result.global_test is not None
    assert list(result.global_test.to_dict().values()) == pytest.approx(
        [expected[name] for name in ("F", "df1", "df2", "p")], rel=5e-7
    )
    (difference,) = result.differences
    assert difference.estimate.value == pytest.approx(expected["difference"], abs=5e-9)
    assert difference.estimate.se == pytest.approx(expected["difference_se"], abs=5e-8)
    assert (difference.estimate.low, difference.estimate.high) == pytest.approx(expected["difference_ci"], abs=5e-10)
    assert difference.p == pytest.approx(result.global_test.p, rel=1e-9)


@pytest.mark.parametrize(
    ("readers", "cases", "expected"),
    [
        ("random", "random", (4.456319, 15.25967, 0.05166569)),
        ("fixed", "random", (5.475953, math.inf, 0.01928)),
        ("random", "fixed", (8.704, 4, 0.04195875)),
    ],
)
def test_jackknife_analyses_equal_rjafroc(
    van_dyke: dict[str, np.ndarray], readers: str, cases: str, expected: tuple[float, float, float]
) -> None:
    # RJafroc prints these for its data set 02, the same readings.
    result = compare_readers(van_dyke, covariance="jackknife", readers=readers, cases=cases, **NAMES)
    assert result.global_test is not None
    assert (result.global_test.f, result.global_test.df2) == pytest.approx(expected[:2], rel=1e-6)
    assert result.global_test.p == pytest.approx(expected[2], rel=5e-4 if readers == "fixed" else 1e-6)


def test_clustered_observers_equal_the_published_analysis(real_data: Path, reference: Callable[[str], Any]) -> None:
    wide = _read(real_data / "readers" / "mitosis.csv")
    observers = [name for name in wide if name.startswith("observer")]
    repeat = len(observers)
    data = {name: np.tile(wide[name], repeat) for name in ("targetID", "wsiName", "modalityID")}
    data["truth"] = np.tile(wide["truth"].astype(int), repeat)
    data["reader"] = np.repeat(observers, wide["truth"].size)
    data["rating"] = np.concatenate([wide[name].astype(float) for name in observers])
    result = compare_readers(
        data, test="modalityID", reader="reader", case="targetID", truth="truth", rating="rating", cluster="wsiName"
    )
    expected = reference("mitosis_clustered")
    values = [[estimate.value for estimate in row] for row in result.reader_estimates]
    assert np.array(values) == pytest.approx(np.array(expected["theta"]), rel=1e-12)
    variances = [estimate.se**2 for row in result.reader_estimates for estimate in row]
    assert variances == pytest.approx(np.diag(expected["cov"]), rel=1e-9)
    assert result.global_test is not None
    assert (result.global_test.f, result.global_test.df2, result.global_test.p) == pytest.approx(
        (expected["F"], expected["df"], expected["p"]), rel=1e-9
    )
    assert result.differences[0].estimate.se == pytest.approx(expected["se_difference"], rel=1e-9)
    assert result.test_estimates[0].clusters == 4


def test_a_single_reader_is_delongs_test() -> None:
    data = _study(1, readers=1)
    a, b = (data["test"] == name for name in "AB")
    delong = compare_auc(data["truth"][a], data["rating"][a], data["rating"][b])
    result = compare_readers(data, readers="fixed", **NAMES).differences[0]
    assert (result.estimate.value, result.estimate.se, result.p) == pytest.approx(
        (delong.difference, delong.se, delong.p), rel=1e-9
    )


def test_fixed_readers_are_the_mean_of_their_readings_covariance() -> None:
    # Mean of readers' differences; its variance is the plain quadratic form of the DeLong covariance.
    data = _study(2)
    result = compare_readers(data, readers="fixed", **NAMES)
    assert result.differences[0].estimate.value == pytest.approx(
        np.mean([d.estimate.value for d in result.reader_differences])
    )
    assert result.global_test is not None
    assert result.global_test.f == pytest.approx(result.differences[0].statistic ** 2)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["auc", "accuracy"]),
    st.sampled_from([("random", "random"), ("fixed", "random"), ("random", "fixed")]),
)
def test_order_of_rows_and_units_of_ratings_change_nothing(seed: int, metric: str, mode: tuple[str, str]) -> None:
    data = _study(seed, tests=3)
    order = np.random.default_rng(seed).permutation(data["rating"].size)
    shuffled = {name: column[order] for name, column in data.items()}
    shuffled["rating"] = np.exp(shuffled["rating"])
    options: dict[str, Any] = {"metric": metric, "readers": mode[0], "cases": mode[1]}
    one = compare_readers(data, threshold=None if metric == "auc" else 1, **options, **NAMES)
    two = compare_readers(shuffled, threshold=None if metric == "auc" else math.e, **options, **NAMES)
    assert one.to_dict() == _approximately(two.to_dict())
    assert sum(e.value for e in one.test_estimates) / 3 == pytest.approx(
        np.mean([[e.value for e in row] for row in one.reader_estimates])
    )


def _approximately(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _approximately(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_approximately(item) for item in value]
    return pytest.approx(value, rel=1e-7, abs=1e-9) if isinstance(value, float) else value


def test_clusters_of_one_case_are_no_clusters() -> None:
    data = _study(3)
    data["slide"] = data["case"]
    plain, clustered = (compare_readers(data, cluster=name, **NAMES) for name in (None, "slide"))
    assert clustered.differences[0].estimate.se == pytest.approx(plain.differences[0].estimate.se, rel=1e-9)


def test_cases_nested_in_readers_share_no_covariance_between_readers() -> None:
    data = _study(4)
    apart = data | {"case": 1000 * data["reader"] + data["case"]}
    nested, factorial = compare_readers(apart, **NAMES), compare_readers(data, **NAMES)
    assert nested.design == "cases nested in readers"
    assert (nested.components.covariance_2, nested.components.covariance_3) == (0, 0)
    assert nested.components.covariance_1 == pytest.approx(factorial.components.covariance_1)
    # MS(T) / MS(T x R) is all that is left: the analysis of fixed cases.
    assert nested.global_test == compare_readers(data, cases="fixed", **NAMES).global_test


def test_cases_nested_in_tests_lose_the_pairing() -> None:
    data = _study(4)
    apart = data | {"case": np.char.add(data["test"], data["case"].astype(str))}
    nested, factorial = compare_readers(apart, **NAMES), compare_readers(data, **NAMES)
    assert nested.design == "cases nested in tests" and nested.cases == 48
    assert (nested.components.covariance_1, nested.components.covariance_3) == (0, 0)
    assert nested.components.covariance_2 == pytest.approx(factorial.components.covariance_2)
    assert nested.differences[0].estimate.se > factorial.differences[0].estimate.se
    for one, other in zip(nested.test_estimates, factorial.test_estimates, strict=True):
        assert (one.value, one.se) == pytest.approx((other.value, other.se))


def test_sensitivity_at_a_threshold_counts_cancers_alone() -> None:
    data = _study(5)
    result = compare_readers(data, metric="sensitivity", threshold=1, **NAMES)
    chosen = (data["test"] == "A") & (data["reader"] == 0) & (data["truth"] == 1)
    calls = data["rating"][chosen] >= 1
    first = result.reader_estimates[0][0]
    assert first.value == pytest.approx(calls.mean())
    assert first.se == pytest.approx(calls.std(ddof=1) / math.sqrt(calls.size))


def test_one_test_alone_has_estimates_but_nothing_to_compare() -> None:
    data = {name: column[: 3 * 24] for name, column in _study(6).items()}
    alone, both = compare_readers(data, **NAMES), compare_readers(_study(6), **NAMES)
    assert alone.global_test is None and alone.differences == ()
    assert alone.test_estimates[0].se == pytest.approx(both.test_estimates[0].se)


def test_tests_that_are_the_same_do_not_differ() -> None:
    data = _study(7)
    data["rating"] = np.tile(data["rating"][: 3 * 24], 2)
    for mode in ("random", "fixed"):
        result = compare_readers(data, readers=mode, **NAMES)
        assert (result.differences[0].estimate.value, result.differences[0].p) == pytest.approx((0, 1))


def test_a_printed_study_says_what_was_done() -> None:
    text = str(compare_readers(_study(8), covariance="unbiased", **NAMES))
    assert "auc of 3 readers with 2 tests on 24 cases, factorial" in text
    assert "random readers, random cases, unbiased covariance" in text
    assert "A - B:" in text and "all tests alike: F(1," in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"readers": "fixed", "cases": "fixed"}, "nothing varies"),
        ({"metric": "sensitivity"}, "Expected `threshold`"),
        ({"threshold": 3}, "Expected `threshold` for every metric but 'auc'"),
        ({"cluster": "case", "covariance": "jackknife"}, "use covariance='delong'"),
        ({"metric": "f1"}, "Expected `metric` to be one of"),
        ({"reader": "radiologist"}, "No column 'radiologist' among 'test', 'reader'"),
    ],
)
def test_unfit_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(StatisticsError, match=message):
        compare_readers(_study(9), **(NAMES | options))


def test_one_reader_does_not_stand_for_all() -> None:
    with pytest.raises(StatisticsError, match=r"One reader \(0\) cannot stand for readers at large"):
        compare_readers(_study(9, readers=1), **NAMES)


def test_complete_readings_are_analysed_as_before_whatever_is_asked_of_missing_ones(
    van_dyke: dict[str, np.ndarray], reference: Callable[[str], Any]
) -> None:
    result = compare_readers(van_dyke, missing="analyse", **NAMES)
    assert result == compare_readers(van_dyke, **NAMES)
    assert result.differences[0].p == pytest.approx(reference("vandyke_obuchowski_rockette")["p"], rel=1e-6)


def test_one_missing_reading_of_van_dyke_moves_the_published_result_a_little(
    van_dyke: dict[str, np.ndarray], reference: Callable[[str], Any]
) -> None:
    expected = reference("vandyke_obuchowski_rockette")
    result = compare_readers({name: column[1:] for name, column in van_dyke.items()}, missing="analyse", **NAMES)
    assert result.design == "unbalanced: readers read parts of the cases"
    assert result.differences[0].estimate.value == pytest.approx(expected["difference"], abs=1e-3)
    assert result.differences[0].estimate.se == pytest.approx(expected["difference_se"], rel=0.01)
    assert result.differences[0].df == pytest.approx(expected["df2"], rel=0.05)
    assert "1 of 1140 readings are missing" in result.notes[0]


def _in_blocks(data: dict[str, np.ndarray], blocks: int) -> dict[str, np.ndarray]:
    kept = (data["reader"] % blocks) == (data["case"] // 2 % blocks)
    return {name: column[kept] for name, column in data.items()}


def test_fixed_readers_in_blocks_are_the_mean_of_the_blocks() -> None:
    data = _in_blocks(_study(3, readers=4, cases=40), 2)
    result = compare_readers(data, readers="fixed", **NAMES)
    assert result.design == "split-plot: readers and cases in blocks"
    parts = []
    for block in (0, 1):
        own = data["reader"] % 2 == block
        parts.append(compare_readers({n: c[own] for n, c in data.items()}, readers="fixed", **NAMES).differences[0])
    whole = result.differences[0].estimate
    assert whole.value == pytest.approx(np.mean([part.estimate.value for part in parts]))
    assert whole.se == pytest.approx(math.sqrt(sum(part.estimate.se**2 for part in parts)) / 2)


def test_random_readers_in_blocks_say_their_degrees_of_freedom() -> None:
    data = _in_blocks(_study(4, readers=6, cases=48), 2)
    result = compare_readers(data, **NAMES)
    assert "2 blocks of 3 readers" in result.notes[0]
    assert "with 4 degrees of freedom" in result.notes[0]
    assert result.differences[0].df >= 4
    named = compare_readers(data | {"site": data["reader"] % 2}, block="site", **NAMES)
    assert named == result
    for covariance in ("jackknife", "unbiased"):
        other = compare_readers(data, covariance=covariance, **NAMES).differences[0]
        assert other.estimate.value == pytest.approx(result.differences[0].estimate.value)


def test_missing_readings_need_delongs_covariance() -> None:
    data = {name: column[1:] for name, column in _study(1).items()}
    with pytest.raises(StatisticsError, match="use covariance='delong'"):
        compare_readers(data, missing="analyse", covariance="jackknife", **NAMES)
    with pytest.raises(StatisticsError, match="missing='analyse'"):
        compare_readers(data, **NAMES)
