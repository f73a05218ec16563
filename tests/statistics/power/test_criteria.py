"""The largest of several criteria decides."""

import math

from thyrosight.statistics.power.criteria import study_size


def test_the_largest_criterion_decides() -> None:
    found = study_size({"one": 99.2, "two": 250.0, "three": 7.9}, prevalence=0.1, parameters=5, method="words")
    assert [item.patients for item in found.criteria] == [100, 250, 8]
    assert [item.events for item in found.criteria] == [10, 25, 1]
    assert (found.patients, found.events, found.events_per_parameter) == (250, 25, 5.0)
    assert "250 patients, 25 with the outcome, 5.0 events per parameter (words)" in str(found)


def test_a_validation_has_no_events_per_parameter() -> None:
    found = study_size({"one": 10.0}, prevalence=0.5, method="words")
    assert math.isnan(found.events_per_parameter) and "parameter" not in str(found)
