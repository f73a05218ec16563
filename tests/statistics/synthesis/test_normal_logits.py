"""The model with normal logits against R's metafor."""

import math

import numpy as np
import pytest

from thyrosight.statistics import SiteCounts
from thyrosight.statistics.synthesis.normal_logits import fit_normal_logits, observed_logits

# metafor 3.8.1: rma.mv(yi, vi, mods = ~ outcome - 1, random = ~ outcome | study, struct = "UN"), 0.5 added to the four
# cells of studies with an empty one: mean, its covariance, tau2, rho
METAFOR = {
    "symptomatic": (
        (2.11004229437, 3.00898201353),
        (0.0490262916005, -0.0126945470007, 0.1228428813360),
        (0.488157702782, 1.253836239612),
        -0.256637551618,
    ),
    "asymptomatic": (
        (-0.0512946867466, 3.1534143883219),
        (0.0436330005808, -0.0179542814099, 0.0795070015841),
        (0.452356304003, 0.644375918466),
        -0.460221080572,
    ),
}


@pytest.mark.parametrize("patients", METAFOR)
def test_fit_equals_metafor(patients: str, kearon: dict[str, SiteCounts]) -> None:
    mean, (first, both, second), between, correlation = METAFOR[patients]
    found = fit_normal_logits(kearon[patients])
    assert found.mean.tolist() == pytest.approx(mean, abs=1e-6)
    assert found.covariance.ravel().tolist() == pytest.approx([first, both, both, second], rel=1e-5)
    assert (found.spread**2).tolist() == pytest.approx(between, rel=1e-5)
    assert found.correlation == pytest.approx(correlation, rel=1e-5)


def test_only_sites_with_an_empty_cell_are_corrected() -> None:
    logits, variances = observed_logits(SiteCounts(("a", "b"), (4, 3), (0, 1), (2, 1), (8, 2)))
    assert logits.ravel().tolist() == pytest.approx(
        [math.log(4.5 / 0.5), math.log(8.5 / 2.5), math.log(3), math.log(2)]
    )
    assert variances[1].tolist() == pytest.approx([1 / 3 + 1, 1 / 2 + 1])


def test_sites_alike_have_no_spread() -> None:
    found = fit_normal_logits(SiteCounts(tuple("abcdef"), (30,) * 6, (5,) * 6, (10,) * 6, (40,) * 6))
    assert found.on_the_edge
    assert found.mean.tolist() == pytest.approx([math.log(6), math.log(4)])
    assert np.diag(found.covariance).tolist() == pytest.approx([(1 / 30 + 1 / 5) / 6, (1 / 10 + 1 / 40) / 6], rel=1e-3)
