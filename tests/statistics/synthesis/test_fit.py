"""Parameters of the spread between sites."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.statistics.synthesis.fit import SpreadFit, between_matrix


@given(st.floats(-3, 2), st.floats(-3, 2), st.floats(-2, 2))
def test_matrix_has_the_deviations_and_the_correlation_it_was_made_of(a: float, b: float, z: float) -> None:
    fit = SpreadFit(np.zeros(2), np.eye(2), between_matrix(np.array([a, b, z]), correlated=True), 0.0)
    assert np.log(fit.spread).tolist() == pytest.approx([a, b], abs=1e-9)
    assert fit.correlation == pytest.approx(np.tanh(z), abs=1e-9)
    assert not fit.on_the_edge


def test_no_spread_and_perfect_correlation_lie_on_the_edge() -> None:
    for between in ([[0.0, 0.0], [0.0, 0.5]], [[1.0, 0.9999], [0.9999, 1.0]]):
        assert SpreadFit(np.zeros(2), np.eye(2), np.array(between), 0.0).on_the_edge
