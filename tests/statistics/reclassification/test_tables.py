"""Reclassification tables by hand."""

import numpy as np
import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import reclassification_table


def test_cells_by_hand() -> None:
    truth = [1, 1, 1, 0, 0, 0, 0]
    old = [0.10, 0.20, 0.60, 0.10, 0.30, 0.50, 0.19]
    new = [0.20, 0.19, 0.60, 0.10, 0.10, 0.60, 0.55]
    found = reclassification_table(truth, new, old, [0.2, 0.5])
    assert found.categories == ("below 0.2", "0.2 to below 0.5", "0.5 or above")
    assert found.events == ((0, 1, 0), (1, 0, 0), (0, 0, 1))
    assert found.nonevents == ((1, 0, 1), (1, 0, 0), (0, 0, 1))
    assert "non-events: 1 0 1; 1 0 0; 0 0 1" in str(found)


def test_old_and_new_are_not_exchangeable() -> None:
    rng = np.random.default_rng(1)
    truth, a, b = rng.integers(0, 2, 60), rng.random(60), rng.random(60)
    one, other = (reclassification_table(truth, *pair, [0.3, 0.6]) for pair in ((a, b), (b, a)))
    assert np.array(one.events).T.tolist() == np.array(other.events).tolist()
    assert one.events != other.events
    assert np.sum(one.events) + np.sum(one.nonevents) == 60


def test_bad_input() -> None:
    for wrong in ([0.5, 0.2], [0.2, 0.2], [0.0], [1.0]):
        with pytest.raises(StatisticsError, match="rise strictly between 0 and 1"):
            reclassification_table([0, 1], [0.1, 0.2], [0.2, 0.3], wrong)
    with pytest.raises(StatisticsError, match="`old`"):
        reclassification_table([0, 1], [0.1, 0.2], [0.2, 3], [0.5])
    with pytest.raises(StatisticsError, match="one length"):
        reclassification_table([0, 1], [0.1, 0.2], [0.2], [0.5])
