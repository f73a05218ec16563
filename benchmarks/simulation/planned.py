"""Plans of studies: whether studies of the planned size show, or measure, what they were planned for."""

import math
from functools import cache

import numpy as np
from scipy.special import expit, logit

from simulation.experiment import POWER, Experiment, Outcome, rejects
from simulation.samples import Floats, Generator, Integers, two_scores
from thyrosight.statistics import (
    auc_covariance,
    calibration_slope,
    compare_calls,
    discordant_shares,
    logistic_regression,
    margin_test,
    observed_expected_ratio,
    paired_margin_test,
    patients_for_auc_margin,
    patients_for_development,
    patients_for_external_validation,
    patients_for_paired_calls,
    patients_for_paired_margin,
)


def _planned_calls(generator: Generator) -> Outcome:
    pairs = patients_for_paired_calls(0.8, 0.9, correlation=0.3).positives
    only_a, only_b = discordant_shares(0.8, 0.9, correlation=0.3)
    kind = generator.choice(3, size=pairs, p=[only_a, only_b, 1 - only_a - only_b])
    a, b = (kind != 1).astype(np.int64), (kind != 0).astype(np.int64)
    truth = np.ones(pairs, dtype=np.int64)
    found = compare_calls(
        np.append(truth, [0, 0]), np.append(a, [0, 1]), np.append(b, [1, 0]), method="mcnemar-chi-square"
    )
    return {"McNemar, chi-square": rejects(found.sensitivity.p)}


def _planned_margin(generator: Generator) -> Outcome:
    pairs = patients_for_paired_margin(0.9, 0.9, margin=0.1, correlation=0.3).positives
    only_new, only_reference = discordant_shares(0.9, 0.9, correlation=0.3)
    counts = generator.multinomial(pairs, [only_new, only_reference, 1 - only_new - only_reference])
    # Scores with a correlation of 0.5 have areas of 0.85 with a correlation of 0.44.
    size = patients_for_auc_margin(0.85, 0.85, margin=0.06, correlation=0.44, method="binormal")
    truth, a, b = two_scores(generator, size.positives, size.negatives, (0.85, 0.85), 0.5)
    both = auc_covariance(truth, [a, b])
    spread = both.covariance
    se = math.sqrt(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])
    test = margin_test(float(both.auc[0] - both.auc[1]), se, margin=0.06)
    return {
        "paired calls, Tango": paired_margin_test(int(counts[0]), int(counts[1]), pairs, margin=0.1).shown,
        "AUC, DeLong, correlation of areas 0.44": test.shown,
    }


@cache
def _validation_size() -> tuple[int, int]:
    found = patients_for_external_validation(prevalence=0.3, c_statistic=0.8, slope_width=0.4, ratio_width=0.4)
    return found.criteria[0].patients, found.criteria[1].patients


def _planned_validation(generator: Generator) -> Outcome:
    """Risks that are normal in each class with C = 0.8, as the plan assumes."""
    outcome: Outcome = {}
    variance = 2 * 0.8416212335729143**2
    for name, n in zip(("observed / expected", "calibration slope"), _validation_size(), strict=True):
        truth = (generator.random(n) < 0.3).astype(np.int64)
        spread = math.sqrt(variance) * generator.normal(size=n)
        risk = expit(logit(0.3) - variance / 2 + variance * truth + spread)
        if name == "calibration slope":
            found = calibration_slope(truth, risk).slope
        else:
            found = observed_expected_ratio(truth, risk)
        outcome[f"{name}, interval no wider than 0.4"] = found.high - found.low <= 0.4
    return outcome


def _planned_development(generator: Generator) -> Outcome:
    """Ten normal predictors with C = 0.8: the slope on new patients is to be 0.9 on average."""
    n = max(item.patients for item in patients_for_development(10, prevalence=0.3, c_statistic=0.8).criteria[:1])
    variance = 2 * 0.8416212335729143**2

    def drawn(count: int) -> tuple[Integers, Floats]:
        truth = (generator.random(count) < 0.3).astype(np.int64)
        shift = math.sqrt(variance / 10) * truth
        return truth, generator.normal(size=(count, 10)) + shift[:, None]

    truth, predictors = drawn(n)
    fit = logistic_regression(truth, {str(place): column for place, column in enumerate(predictors.T)})
    new, columns = drawn(5000)
    risk = expit(fit.intercept + columns @ np.array([one.coefficient for one in fit.odds_ratios]))
    return {"slope on new patients at least 0.9": calibration_slope(new, risk).slope.value >= 0.9}


PLANS = [
    Experiment(
        "patients_for_paired_calls, power 0.8",
        _planned_calls,
        kind=POWER,
        replicates=2000,
        nominal=0.8,
        excused={"McNemar, chi-square": "Connor's normal approximation is cautious"},
    ),
    Experiment("patients_for_..._margin, power 0.8", _planned_margin, kind=POWER, replicates=1500, nominal=0.8),
    Experiment(
        "patients_for_external_validation, half of studies expected",
        _planned_validation,
        kind=POWER,
        replicates=1000,
        nominal=0.5,
        excused={
            "observed / expected, interval no wider than 0.4": "the plan's variance leaves out what the risks explain",
        },
    ),
    Experiment(
        "patients_for_development, shrinkage 0.9, half of studies expected",
        _planned_development,
        kind=POWER,
        replicates=400,
        nominal=0.5,
        excused={
            "slope on new patients at least 0.9": "with C = 0.8 the criterion asks for too few (Pavlou et al. 2024):"
            " the mean slope is 0.86",
        },
    ),
]
