"""Two systems on the same nodules: the five comparisons together, and what the data do not define."""

import numpy as np
import pytest

from tests.statistics.proportions.test_readings import paired1
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_calls, compare_proportions, mcnemar


def test_independent_nodules_have_exact_and_score_tests() -> None:
    truth, a, b = paired1()
    found = compare_calls(truth, a, b)
    assert found.malignant == (319, 78, 22, 32) and found.benign == (155, 22, 53, 31)
    assert found.sensitivity is not None and found.ppv is not None
    # DTComPair: sensitivity 0.8802661 and 0.7560976, specificity 0.6781609 and 0.7969349.
    assert [(c.a.value, c.b.value) for c in (found.sensitivity, found.specificity) if c] == [
        pytest.approx((0.8802661, 0.7560976), abs=5e-8), pytest.approx((0.6781609, 0.7969349), abs=5e-8),
    ]  # fmt: skip
    assert found.sensitivity.p == mcnemar(78, 22)[1]
    assert found.ppv.p == pytest.approx(0.01939120, rel=1e-6)  # pv.wgs
    assert list(found.comparisons()) == ["sensitivity", "specificity", "accuracy", "ppv", "npv"]
    assert str(found).count("\n") == 4


def test_patients_are_kept_together_by_gee() -> None:
    truth, a, b = paired1()
    patient = np.arange(truth.size) // 2
    found = compare_calls(truth, a, b, cluster=patient)
    for name, one in found.comparisons().items():
        assert one == compare_proportions(truth, a, b, quantity=name, cluster=patient)
    # Every nodule twice in its patient says no more than once.
    twice = compare_calls(*(np.repeat(values, 2) for values in (truth, a, b)), cluster=np.repeat(np.arange(712), 2))
    once = compare_calls(truth, a, b, method="gee")
    assert [c.p for c in twice.comparisons().values()] == pytest.approx([c.p for c in once.comparisons().values()])


def test_what_the_data_do_not_define_is_left_out() -> None:
    found = compare_calls([1, 1, 1], [1, 1, 0], [1, 0, 0])
    assert found.specificity is None and found.to_dict()["specificity"] is None
    assert list(found.comparisons()) == ["sensitivity", "accuracy", "ppv", "npv"]
    assert compare_calls([1, 0, 1], [0, 0, 0], [1, 0, 0]).ppv is None


def test_unfit_requests_are_refused() -> None:
    with pytest.raises(StatisticsError, match="Expected `method` to be one of 'gee', 'score'"):
        compare_calls([1, 0], [1, 0], [0, 0], method="wald")
    with pytest.raises(StatisticsError, match="The score test takes nodules as independent"):
        compare_calls([1, 0], [1, 0], [0, 0], method="score", cluster=[1, 2])
