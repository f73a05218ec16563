"""Readers against one system: the same figures by two other routes, and edges."""

import math

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.comparison import compare_readers
from thyrosight.statistics.readers.standalone import compare_readers_with_system
from thyrosight.statistics.roc.area import auc
from thyrosight.statistics.roc.comparison import compare_auc

NAMES = {"reader": "reader", "case": "case", "truth": "truth", "rating": "rating", "system": "network"}


def _study(seed: int, *, readers: int = 4, cases: int = 30) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    r, c = (grid.ravel() for grid in np.meshgrid(range(readers), range(cases), indexing="ij"))
    truth = c % 3 == 0
    difficulty, network = rng.normal(size=cases), rng.normal(size=cases) + (np.arange(cases) % 3 == 0)
    rating = np.round(2 * (truth + difficulty[c] + rng.normal(size=c.size)))
    return {"reader": r, "case": c, "truth": truth.astype(int), "rating": rating, "network": network[c]}


@pytest.mark.parametrize("readers", ["random", "fixed"])
@pytest.mark.parametrize("seed", range(4))
def test_equals_two_tests_with_the_system_copied_to_every_reader(seed: int, readers: str) -> None:
    data = _study(seed)
    doubled = {name: np.tile(data[name], 2) for name in ("reader", "case", "truth")}
    doubled["test"] = np.repeat(["1 readers", "2 network"], data["rating"].size)
    doubled["rating"] = np.concatenate([data["rating"], data["network"]])
    two = compare_readers(
        doubled, test="test", reader="reader", case="case", truth="truth", rating="rating", readers=readers
    ).differences[0]
    one = compare_readers_with_system(data, readers=readers, **NAMES)
    assert (one.difference.value, one.difference.se, one.df, one.p) == pytest.approx(
        (two.estimate.value, two.estimate.se, two.df, two.p), rel=1e-7
    )


def test_each_reader_against_the_system_is_delongs_test() -> None:
    data = _study(5)
    result = compare_readers_with_system(data, **NAMES)
    for reader, difference in enumerate(result.reader_differences):
        own = data["reader"] == reader
        delong = compare_auc(data["truth"][own], data["rating"][own], data["network"][own])
        assert (difference.value, difference.se) == pytest.approx((delong.difference, delong.se), rel=1e-9)
        assert result.reader_estimates[reader].value == pytest.approx(delong.a.value)
    assert (result.system.value, result.system.se) == pytest.approx((delong.b.value, delong.b.se), rel=1e-9)
    assert result.difference.value == pytest.approx(result.mean_reader.value - result.system.value)


def test_thresholds_of_readers_and_system_are_their_own() -> None:
    data = _study(6)
    result = compare_readers_with_system(data, metric="specificity", threshold=2, system_threshold=0.3, **NAMES)
    benign = data["truth"] == 0
    assert result.mean_reader.value == pytest.approx((data["rating"][benign] < 2).mean())
    assert result.system.value == pytest.approx((data["network"][benign] < 0.3).mean())


def test_a_perfect_reader_has_an_interval_from_the_number_of_cancers() -> None:
    data = _study(7)
    data["rating"] = np.where((data["reader"] == 0) & (data["truth"] == 1), 9, data["rating"])
    result = compare_readers_with_system(data, metric="sensitivity", threshold=4, system_threshold=0.3, **NAMES)
    assert (result.reader_estimates[0].low, result.reader_estimates[0].high) == pytest.approx((0.025 ** (1 / 10), 1))


def test_a_single_reader_must_be_fixed() -> None:
    data = _study(8, readers=1)
    with pytest.raises(StatisticsError, match="cannot stand for readers at large"):
        compare_readers_with_system(data, **NAMES)
    result = compare_readers_with_system(data, readers="fixed", **NAMES)
    delong = compare_auc(data["truth"], data["rating"], data["network"])
    assert (result.p, math.isinf(result.df)) == (pytest.approx(delong.p, rel=1e-9), True)


def test_a_system_with_two_scores_for_a_case_is_refused() -> None:
    data = _study(9)
    data["network"] = data["network"] + (np.arange(120) == 75)
    with pytest.raises(StatisticsError, match="Case 15 has more than one 'network'"):
        compare_readers_with_system(data, **NAMES)


def test_unfit_requests_are_refused() -> None:
    data = _study(9)
    with pytest.raises(StatisticsError, match="No column 'koios'"):
        compare_readers_with_system(data, **(NAMES | {"system": "koios"}))
    with pytest.raises(StatisticsError, match="`threshold` and `system_threshold`"):
        compare_readers_with_system(data, metric="accuracy", threshold=4, **NAMES)
    nested = data | {"case": data["case"] + 100 * data["reader"]}
    with pytest.raises(StatisticsError, match="every reader to have read every case"):
        compare_readers_with_system(nested, **NAMES)


def test_readers_of_parts_are_held_against_the_system_on_their_own_cases() -> None:
    data = _study(7, cases=45)
    kept = np.random.default_rng(7).random(data["case"].size) < 0.7
    data = {name: column[kept] for name, column in data.items()}
    one = compare_readers_with_system(data, missing="analyse", **NAMES)
    doubled = {name: np.tile(data[name], 2) for name in ("reader", "case", "truth")}
    doubled["test"] = np.repeat(["1 readers", "2 network"], data["rating"].size)
    doubled["rating"] = np.concatenate([data["rating"], data["network"]])
    two = compare_readers(
        doubled, test="test", reader="reader", case="case", truth="truth", rating="rating", missing="analyse"
    ).differences[0]
    assert (one.difference.value, one.difference.se, one.df) == pytest.approx(
        (two.estimate.value, two.estimate.se, two.df), rel=1e-7
    )
    own = data["reader"] == 0
    delong = compare_auc(data["truth"][own], data["rating"][own], data["network"][own])
    assert (one.reader_differences[0].value, one.reader_differences[0].se) == pytest.approx(
        (delong.difference, delong.se)
    )
    assert any("own cases" in note for note in one.notes)
    first = {
        case: (truth, score) for case, truth, score in zip(data["case"], data["truth"], data["network"], strict=True)
    }
    truth, score = zip(*first.values(), strict=True)
    assert one.system.value == pytest.approx(auc(truth, score).value)
    with pytest.raises(StatisticsError, match="is missing"):
        compare_readers_with_system(data, **NAMES)
