"""Outcomes of a division hold four columns of one length, checked where they are used."""

import pytest

from thyrosight.errors import StatisticsError
from thyrosight.statistics import DivisionOutcome, mean_over_divisions


def test_columns_of_different_length_are_refused_by_what_takes_them() -> None:
    part = DivisionOutcome(truth=[0, 1], score=[0.1, 0.2], predicted=[0, 1], cluster=["a"])
    with pytest.raises(StatisticsError, match="arrays of one length"):
        mean_over_divisions([part], replicates=200)
