"""Non-inferiority and equivalence: published intervals turned into P values, an independent fit, and the edges."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics import margin_test, paired_margin_test


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((16, 8, 86), (-0.020, 0.207)),  # Agresti & Min 2005
        ((1, 7, 21), (-0.517, -0.026)),  # Fagerland, Lydersen & Laake 2014
    ],
)
def test_published_score_intervals(counts: tuple[int, int, int], limits: tuple[float, float]) -> None:
    found = paired_margin_test(*counts, margin=0.1)
    assert (found.low, found.high) == pytest.approx(limits, abs=5e-4)
    # A margin at the lower limit is just missed: the one-sided P value there is half of the error.
    assert paired_margin_test(*counts, margin=-found.low).p == pytest.approx(0.025, rel=1e-6)


def test_the_score_is_that_of_the_most_likely_table_under_the_margin() -> None:
    b, c, n, margin = 45, 40, 1500, 0.01

    # Likelihood of (only new, only reference, the rest) with a difference of -margin, maximised numerically.
    def loss(p_reference: float) -> float:
        cells = np.array([p_reference - margin, p_reference, 1 - 2 * p_reference + margin])
        return -float(np.array([b, c, n - b - c]) @ np.log(cells))

    q = optimize.minimize_scalar(loss, bounds=(margin + 1e-9, 0.5), method="bounded", options={"xatol": 1e-12}).x
    z = (b - c + n * margin) / math.sqrt(n * (2 * q - margin - margin**2))
    found = paired_margin_test(b, c, n, margin=margin)
    assert (found.statistic, found.p) == pytest.approx((z, stats.norm.sf(z)), rel=1e-5)


def test_reader_studies_agree_with_the_published_interval(reference: Callable[[str], Any]) -> None:
    # Van Dyke: the published interval of 95 % has the limits -0.0878671960 and 0.0002665519.
    published = reference("vandyke_obuchowski_rockette")
    given = {"df": published["df2"], "confidence": 0.95}
    low, high = published["difference_ci"]
    found = margin_test(published["difference"], published["difference_se"], margin=0.1, **given)
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-6)
    assert margin_test(published["difference"], published["difference_se"], margin=-low, **given).p == pytest.approx(
        0.025, rel=1e-4
    )
    assert (
        found.shown and not margin_test(published["difference"], published["difference_se"], margin=0.05, **given).shown
    )


def test_paired_areas_agree_with_the_interval_of_proc(in_r: dict[str, Any]) -> None:
    paired, areas = in_r["paired"], in_r["area"]
    difference = areas["score_b"]["auc"] - areas["score_a"]["auc"]
    se = abs(difference / paired["statistic"])
    found = margin_test(difference, se, margin=paired["high"])
    assert (found.low, found.high) == pytest.approx((-paired["high"], -paired["low"]), rel=1e-9)
    assert found.p == pytest.approx(0.025, rel=1e-9)


def test_equivalence_needs_both_sides() -> None:
    one_side = margin_test(0.04, 0.01, margin=0.05)
    both = margin_test(0.04, 0.01, margin=0.05, aim="equivalence")
    assert one_side.shown and not both.shown
    assert both.p == pytest.approx(stats.norm.sf(1)) and both.statistic == pytest.approx(1)
    assert margin_test(0.0, 0.01, margin=0.05, aim="equivalence").verdict() == "equivalence with margin 0.05 shown"
    paired = paired_margin_test(5, 4, 200, margin=0.05, aim="equivalence", confidence=0.9)
    assert paired.shown == (paired.p < 0.05) and paired.p > paired_margin_test(5, 4, 200, margin=0.05).p


def test_it_errs_as_often_as_it_says() -> None:
    """The new test is worse by the margin: 4 % of pairs for it, 9 % for the reference; 4,000 studies of 300 pairs."""
    rng = np.random.default_rng(2)
    tables = rng.multinomial(300, [0.04, 0.09, 0.87], size=4000)
    wrong = np.mean([paired_margin_test(int(b), int(c), 300, margin=0.05).shown for b, c, _ in tables])
    assert 0.018 < wrong < 0.032  # 0.025 with 2.8 standard errors of 0.0025


def test_without_variance_and_without_sense() -> None:
    assert math.isnan(margin_test(0.0, 0.0, margin=0.1).p)
    for margin in (0, -0.1, math.nan):
        with pytest.raises(StatisticsError, match="Expected a `margin` above 0"):
            margin_test(0.0, 0.1, margin=margin)
    with pytest.raises(StatisticsError, match="Expected `aim` to be one of 'non-inferiority', 'equivalence'"):
        margin_test(0.0, 0.1, margin=0.1, aim="superiority")
    with pytest.raises(StatisticsError, match="`n` of at least 24"):
        paired_margin_test(16, 8, 20, margin=0.1)
