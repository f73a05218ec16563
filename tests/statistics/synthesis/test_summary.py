"""Summaries of sites: limits, the summary curve, regions, and what is said with few sites."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from thyrosight.errors import StatisticsError
from thyrosight.statistics import SiteCounts, proportion_interval, summarise_sites

# metafor 3.8.1, rma.mv as in the test of normal logits: mean log odds, their covariance, tau2 and rho
MEAN, COVARIANCE = (
    (2.11004229437, 3.00898201353),
    ((0.0490262916005, -0.0126945470007), (-0.0126945470007, 0.122842881336)),
)
TAU2, RHO = (0.488157702782, 1.253836239612), -0.256637551618


def test_rates_and_ratios_follow_from_the_fit_of_metafor(kearon: dict[str, SiteCounts]) -> None:
    found = summarise_sites(kearon["symptomatic"], likelihood="normal")
    t = stats.t.isf(0.025, 14)
    for i, rate in enumerate((found.sensitivity, found.specificity)):
        margin = t * math.sqrt(COVARIANCE[i][i])
        expected = expit([MEAN[i], MEAN[i] - margin, MEAN[i] + margin])
        assert (rate.value, rate.low, rate.high) == pytest.approx(tuple(expected), rel=1e-5)
    spread = math.sqrt(COVARIANCE[0][0] + COVARIANCE[1][1] + 2 * COVARIANCE[0][1])
    odds = found.diagnostic_odds_ratio
    assert math.log(odds.value) == pytest.approx(sum(MEAN), rel=1e-6)
    assert math.log(odds.high / odds.value) == pytest.approx(t * spread, rel=1e-5)
    se, sp = found.sensitivity.value, found.specificity.value
    assert found.positive_likelihood_ratio.value == pytest.approx(se / (1 - sp))
    assert found.negative_likelihood_ratio.value == pytest.approx((1 - se) / sp)
    assert odds.value == pytest.approx(found.positive_likelihood_ratio.value / found.negative_likelihood_ratio.value)
    assert (found.sensitivity_spread**2, found.specificity_spread**2) == pytest.approx(TAU2, rel=1e-5)
    assert found.correlation == pytest.approx(RHO, rel=1e-5)


def test_errors_of_likelihood_ratios_are_those_of_draws_from_the_fit(kearon: dict[str, SiteCounts]) -> None:
    found = summarise_sites(kearon["symptomatic"], likelihood="normal")
    logits = np.random.default_rng(0).multivariate_normal(MEAN, 0.01 * np.array(COVARIANCE), size=100_000)
    se, sp = expit(logits).T
    for ratio, drawn in (
        (found.positive_likelihood_ratio, np.log(se / (1 - sp))),
        (found.negative_likelihood_ratio, np.log((1 - se) / sp)),
    ):
        assert ratio.se / ratio.value == pytest.approx(10 * drawn.std(), rel=0.01)


def test_summary_curve_passes_through_the_summary_point_with_the_slope_of_the_spreads(
    kearon: dict[str, SiteCounts],
) -> None:
    found = summarise_sites(kearon["symptomatic"])
    assert found.hsroc is not None and found.model == "bivariate"
    specificity = np.array([found.specificity.value, 0.5])
    heights = logit(found.hsroc.sensitivity(specificity))
    slope = (heights[1] - heights[0]) / (logit(0.5) - logit(specificity[0]))
    assert slope == pytest.approx(-found.sensitivity_spread / found.specificity_spread)
    mean = logit([found.sensitivity.value, found.specificity.value])
    a, b = found.sensitivity_spread, found.specificity_spread
    # Harbord et al. (2007): Lambda and Theta give back the means of both log odds.
    back = (found.hsroc.threshold + found.hsroc.accuracy / 2) * math.exp(-found.hsroc.shape / 2)
    assert back == pytest.approx(mean[0])
    assert found.hsroc.accuracy_variance == pytest.approx(2 * a * b * (1 + found.correlation))
    assert found.hsroc.threshold_variance == pytest.approx(a * b * (1 - found.correlation) / 2)


def test_regions_lie_around_the_point_and_a_further_site_varies_more(kearon: dict[str, SiteCounts]) -> None:
    found = summarise_sites(kearon["asymptomatic"])
    centre = (found.specificity.value, found.sensitivity.value)
    for region, wider in ((found.confidence_region, False), (found.prediction_region, True)):
        assert region.shape == (121, 2)
        for axis in (0, 1):
            assert region[:, axis].min() < centre[axis] < region[:, axis].max()
        # The edge of an ellipse reaches sqrt(2 F) standard errors along each axis.
        reach = (logit(region[:, 1]).max() - logit(centre[1])) / math.sqrt(2 * stats.f.isf(0.05, 2, 12))
        se = found.sensitivity.se / (centre[1] * (1 - centre[1]))
        assert reach == pytest.approx(math.hypot(se, found.sensitivity_spread if wider else 0), rel=0.01)
    assert found.next_sensitivity.low < found.sensitivity.low < found.sensitivity.high < found.next_sensitivity.high


def test_exchanging_the_classes_exchanges_the_rates(kearon: dict[str, SiteCounts]) -> None:
    counts = kearon["asymptomatic"]
    turned = SiteCounts(
        counts.sites, counts.true_negative, counts.false_positive, counts.false_negative, counts.true_positive
    )
    one, other = summarise_sites(counts), summarise_sites(turned)
    assert one.sensitivity.value == pytest.approx(other.specificity.value, abs=1e-4)
    assert one.specificity_spread == pytest.approx(other.sensitivity_spread, rel=1e-3)
    assert one.hsroc is not None and other.hsroc is not None
    assert one.hsroc.shape == pytest.approx(-other.hsroc.shape, abs=1e-3)


def test_few_sites_are_added_up_and_nothing_is_claimed_of_others() -> None:
    found = summarise_sites(SiteCounts(tuple("abcd"), (9, 8, 7, 6), (1, 2, 3, 4), (2, 2, 2, 2), (8, 8, 8, 18)))
    assert found.model == "common" and found.hsroc is None
    assert found.sensitivity.value == pytest.approx(30 / 40) and found.specificity.value == pytest.approx(42 / 50)
    assert math.isnan(found.next_sensitivity.low) and math.isnan(found.sensitivity_spread)
    assert found.prediction_region.shape == (0, 2)
    assert "with 4 sites nothing is claimed of sites at large" in str(found)
    assert found.site_sensitivity[1] == proportion_interval(8, 10, method="wilson")
    assert found.site_specificity[3] == proportion_interval(18, 20, method="wilson")


def test_a_correlation_that_cannot_be_told_is_not_told() -> None:
    counts = SiteCounts(tuple("abcdef"), (40, 35, 60, 22, 51, 30), (5, 9, 6, 8, 7, 3), (12, 8, 20, 4, 9, 15),
                        (60, 52, 70, 45, 66, 41))  # fmt: skip
    found = summarise_sites(counts)
    assert found.model == "univariate" and math.isnan(found.correlation)
    assert "correlation of sites could not be told" in str(found) and "With 6 sites" in str(found)
    asked = summarise_sites(counts, model="bivariate")
    assert abs(asked.correlation) > 0.99 and "lies on its edge" in str(asked)


def test_sites_without_an_error_need_no_correction_of_counts() -> None:
    counts = SiteCounts(tuple("abcdef"), (20,) * 6, (0,) * 6, (3, 2, 4, 1, 3, 2), (30, 28, 33, 40, 25, 31))
    found = summarise_sites(counts)
    assert found.sensitivity.value > 0.99 and math.isfinite(found.specificity.low)
    common = summarise_sites(counts, model="common")
    assert common.sensitivity.value == pytest.approx(120.5 / 121)


def test_bad_options_get_one_sentence(kearon: dict[str, SiteCounts]) -> None:
    with pytest.raises(StatisticsError, match="`likelihood` to be one of 'binomial', 'normal'"):
        summarise_sites(kearon["symptomatic"], likelihood="poisson")
    with pytest.raises(StatisticsError, match="at least 3 sites for random effects, got 2"):
        summarise_sites(SiteCounts(("a", "b"), (1, 1), (1, 1), (1, 1), (1, 1)), model="bivariate")


def test_result_becomes_plain_values(kearon: dict[str, SiteCounts]) -> None:
    plain = summarise_sites(kearon["symptomatic"]).to_dict()
    assert plain["model"] == "bivariate" and len(plain["confidence_region"]) == 121
