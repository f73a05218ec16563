"""Categories from probabilities: exact at their boundaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.tirads import CNN_TIRADS, RiskCategories, TiradsError


def test_boundaries_belong_to_the_higher_category() -> None:
    for cut, below, from_it in ((0.03, "2", "3"), (0.15, "3", "4"), (0.60, "4", "5")):
        assert CNN_TIRADS.categories([np.nextafter(cut, 0), cut, np.nextafter(cut, 1)]) == [below, from_it, from_it]
    assert CNN_TIRADS.categories([0, 1]) == ["2", "5"]


def test_examples_of_the_paper() -> None:
    # Rho et al., figures 2 and 3: 89.3 and 96.6 % were CNN TIRADS 5; 5.8 and 8.8 % lie between 3 and 15 %
    assert CNN_TIRADS.categories([0.893, 0.966, 0.058, 0.088]) == ["5", "5", "3", "3"]


@given(st.lists(st.floats(0, 1), max_size=20))
def test_ranks_rise_with_the_probability(values: list[float]) -> None:
    ranks = CNN_TIRADS.ranks(sorted(values))
    assert np.all(np.diff(ranks) >= 0) and set(ranks.tolist()) <= {1, 2, 3, 4}


def test_own_cut_offs() -> None:
    rule = RiskCategories((0.5,), ("low", "high"))
    assert rule.categories([0.49, 0.5]) == ["low", "high"] and rule.text() == "low below 50 %, high from 50 %"


@pytest.mark.parametrize(
    ("cut_offs", "names", "message"),
    [
        ((0.2, 0.1), ("a", "b", "c"), "should rise"),
        ((0.2, 0.2), ("a", "b", "c"), "should rise"),
        ((0.0, 0.5), ("a", "b", "c"), "between 0 and 1"),
        ((3.0, 15.0, 60.0), ("2", "3", "4", "5"), "between 0 and 1"),
        ((), ("a",), "between 0 and 1"),
        ((0.5,), ("a", "b", "c"), "part 2 categories, but 3 are named"),
        ((0.5,), ("a", "a"), "should differ"),
    ],
)
def test_wrong_rules(cut_offs: tuple[float, ...], names: tuple[str, ...], message: str) -> None:
    with pytest.raises(TiradsError, match=message):
        RiskCategories(cut_offs, names)


def test_wrong_probabilities() -> None:
    with pytest.raises(TiradsError, match=r"number 2 is 56.1 \(1 in all\). Percentages must be divided by 100"):
        CNN_TIRADS.ranks([0.5, 56.1])
    with pytest.raises(TiradsError, match="number 1 is nan"):
        CNN_TIRADS.ranks([np.nan])
