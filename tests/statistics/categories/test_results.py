"""Printed descriptions of categories."""

import math

from thyrosight.statistics import categorisation
from thyrosight.statistics.categories.results import chi_square, shown


def test_patients_are_named_where_there_are_any() -> None:
    data = ([0, 1, 0, 1, 1, 0], [3, 3, 4, 4, 5, 5])
    assert str(categorisation(*data)).startswith("6 nodules in 3 categories\n  3: 1 of 2 malignant")
    assert str(categorisation(*data, cluster=list("aabbcd"))).startswith("6 nodules of 4 patients in 3 categories")


def test_small_words() -> None:
    assert (shown(4.0), shown("4a")) == ("4", "4a")
    assert chi_square("x", -1e-17, 1, 5).p == 1
    assert math.isnan(chi_square("x", math.nan, 1, 5).p)
