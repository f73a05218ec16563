"""Figures of merit against their definitions, written out as sums over cases and lesions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import MarkedCases, auc, marked_cases
from thyrosight.statistics.localisation.figures_of_merit import AREAS, METRICS, measure

Drawn = Callable[..., MarkedCases]
Tables = tuple[dict[str, Any], dict[str, Any]]
BY_SEED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _value(marked: MarkedCases, metric: str, **options: Any) -> float:
    return float(measure(marked, metric, **options)(np.ones((1, len(marked.cases))))[0])


def _wins(low: float, high: float) -> float:
    """The psi of Chakraborty & Zhai 2016, equation 3: 1, one half or 0."""
    return 1.0 if low < high else 0.5 if low == high else 0.0


def _brute_force(marked: MarkedCases, metric: str) -> float:
    """AFROC, wAFROC and their variants as double sums (Chakraborty & Berbaum 2004; Chakraborty & Zhai 2016)."""
    others = [k for k, ill in enumerate(marked.with_lesion) if metric.endswith("1") or not ill]
    weights = marked.lesion_weight if metric.startswith("w") else np.ones(marked.lesion_case.size)
    total = sum(
        weight * _wins(marked.highest_false[case], rating)
        for case in others
        for weight, rating in zip(weights, marked.lesion_rating, strict=True)
    )
    return float(total / (len(others) * weights.sum()))


def test_hand_computed_figures(by_hand: MarkedCases) -> None:
    # Highest false marks of f, g, h: 60, 50, none. Lesion 1 of a (80) beats all three; lesion 2 (unmarked) ties with h;
    # lesion 1 of b (50) loses to f, ties with g, beats h.
    assert _value(by_hand, "afroc") == pytest.approx((3 + 0.5 + 1.5) / 9)
    assert _value(by_hand, "wafroc") == pytest.approx((0.75 * 3 + 0.25 * 0.5 + 1.5) / 6)
    # The false marks of a (70) and b (none) join: 80 beats both, no mark ties with b, 50 beats b.
    assert _value(by_hand, "afroc1") == pytest.approx((5 + 1 + 2.5) / 15)
    assert _value(by_hand, "wafroc1") == pytest.approx((0.75 * 5 + 0.25 * 1 + 2.5) / 10)
    # Highest marks: a 80, b 50 against 60, 50, none.
    assert _value(by_hand, "inferred-roc") == pytest.approx((3 + 1.5) / 6)
    assert _value(by_hand, "lroc") == pytest.approx((3 + 1.5) / 6)
    assert _value(by_hand, "pcl") == 1
    # Four false marks in five cases; at most 0.2 (one) of them with 80 and 70, at most 0.5 (two) with 60.
    assert [_value(by_hand, "sensitivity", rate=rate) for rate in (0.1, 0.5, 0.6, 5)] == pytest.approx(
        [1 / 3, 1 / 3, 2 / 3, 2 / 3]
    )


@BY_SEED
@given(seed=st.integers(0, 10_000))
def test_areas_equal_their_definition(drawn: Drawn, seed: int) -> None:
    marked = drawn(seed)
    for metric in ("wafroc", "afroc", "wafroc1", "afroc1"):
        assert _value(marked, metric) == pytest.approx(_brute_force(marked, metric), abs=1e-12)


@BY_SEED
@given(seed=st.integers(0, 10_000))
def test_inferred_roc_is_the_auc_of_the_highest_marks(drawn: Drawn, seed: int) -> None:
    marked = drawn(seed)
    highest = marked.highest_false
    np.maximum.at(highest, marked.lesion_case, marked.lesion_rating)
    assert _value(marked, "inferred-roc") == pytest.approx(auc(marked.with_lesion, highest).value)


@BY_SEED
@given(seed=st.integers(0, 10_000))
def test_lroc_counts_right_answers_alone(drawn: Drawn, seed: int) -> None:
    marked = drawn(seed)
    free = marked.highest_false[~marked.with_lesion]
    total = right = 0.0
    for case in np.flatnonzero(marked.with_lesion):
        hits = marked.lesion_rating[marked.lesion_case == case]
        false = marked.false_rating[marked.false_case == case]
        top = max([*hits, *false])
        if top > -np.inf:
            share = (hits == top).sum() / ((hits == top).sum() + (false == top).sum())
            right += share
            total += share * sum(_wins(other, top) for other in free)
    ill = marked.with_lesion.sum()
    assert _value(marked, "pcl") == pytest.approx(right / ill)
    assert _value(marked, "lroc") == pytest.approx(total / (ill * free.size), abs=1e-12)
    assert _value(marked, "lroc") <= _value(marked, "inferred-roc") + 1e-12


@BY_SEED
@given(seed=st.integers(0, 10_000), factor=st.floats(0.1, 5))
def test_a_rising_scale_of_confidence_changes_nothing(tables: Callable[..., Tables], seed: int, factor: float) -> None:
    marks, lesions = tables(seed)
    risen = marks | {"confidence": np.exp(factor * np.array(marks["confidence"]))}
    one, two = (marked_cases(table, lesions, weight="weight") for table in (marks, risen))
    for metric in METRICS:
        assert _value(two, metric) == pytest.approx(_value(one, metric), abs=1e-12)


@BY_SEED
@given(seed=st.integers(0, 10_000))
def test_weights_of_cases_are_copies_of_cases(tables: Callable[..., Tables], seed: int) -> None:
    marks, lesions = tables(seed, cases=12)
    twice = [{name: [*column, *column] for name, column in table.items()} for table in (marks, lesions)]
    for table, source in zip(twice, (marks, lesions), strict=True):
        table["case"] = [*source["case"], *(f"again {case}" for case in source["case"])]
    one, two = (marked_cases(*pair, weight="weight") for pair in ((marks, lesions), twice))
    chosen = np.arange(12) % 3 == 0  # cases counted twice
    copies = np.array([[1.0] * 12 + [float(flag) for flag in chosen]])
    names = list(two.cases)
    order = [names.index(case) for case in (*one.cases, *(f"again {case}" for case in one.cases))]
    weights = np.empty_like(copies)
    weights[:, order] = copies
    for metric in METRICS:
        assert measure(two, metric)(weights) == pytest.approx(measure(one, metric)(1.0 + chosen[None]), abs=1e-12)


@BY_SEED
@given(seed=st.integers(0, 10_000))
def test_one_lesion_per_case_needs_no_weights(drawn: Drawn, seed: int) -> None:
    marked = drawn(seed)
    single = np.bincount(marked.lesion_case).max() == 1
    assert (_value(marked, "wafroc") == pytest.approx(_value(marked, "afroc"))) or not single
    cases = np.bincount(marked.lesion_case, weights=marked.lesion_weight)
    assert cases[cases > 0] == pytest.approx(1)


def test_perfect_and_useless_readers(tables: Callable[..., Tables]) -> None:
    _, lesions = tables(1)
    real = [(case, name) for case, name in zip(lesions["case"], lesions["lesion"], strict=True) if name]
    perfect = {"case": [c for c, _ in real], "lesion": [n for _, n in real], "confidence": [1] * len(real)}
    nothing: dict[str, list[object]] = {"case": [], "lesion": [], "confidence": []}
    for marks, value in ((perfect, 1.0), (nothing, 0.5)):
        marked = marked_cases(marks, lesions)
        assert [_value(marked, metric) for metric in ("wafroc", "afroc1", "inferred-roc")] == [value] * 3
    assert _value(marked, "lroc") == _value(marked, "pcl") == _value(marked, "cpm") == 0


def test_swapped_columns_give_another_figure(by_hand: MarkedCases) -> None:
    values = {metric: _value(by_hand, metric) for metric in AREAS}
    assert len({round(value, 6) for name, value in values.items() if "roc1" in name or name.endswith("afroc")}) == 4


def test_figures_that_the_cases_do_not_define_are_refused() -> None:
    marks = {"case": ["a"], "lesion": ["1"], "confidence": [1]}
    all_ill = marked_cases(marks, {"case": ["a", "b"], "lesion": ["1", "1"]})
    with pytest.raises(StatisticsError, match="at least one case without a lesion for the area under the wAFROC"):
        measure(all_ill, "wafroc")
    assert _value(all_ill, "wafroc1") == pytest.approx(0.75)
    with pytest.raises(StatisticsError, match="a case without a lesion to count false marks on"):
        measure(all_ill, "sensitivity", false_marks="lesion-free")
    healthy = marked_cases({"case": [], "lesion": [], "confidence": []}, {"case": ["a"], "lesion": [None]})
    for metric in ("wafroc1", "pcl", "cpm"):
        with pytest.raises(StatisticsError, match="at least one lesion"):
            measure(healthy, metric)
    with pytest.raises(StatisticsError, match="Expected `metric` to be one of"):
        measure(all_ill, "jafroc")
