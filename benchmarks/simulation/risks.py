"""Calibration, decisions by risk and reclassification, where the truth is known."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from simulation.experiment import TYPE_I, Experiment, Outcome, covers, rejects
from simulation.samples import Floats, Generator, Integers, patient_effect
from thyrosight.statistics import (
    SmoothCalibration,
    calibration_slope,
    compare_net_benefit,
    compare_risks,
    hosmer_lemeshow,
    logistic_regression,
    observed_expected_ratio,
    smooth_calibration,
    spiegelhalter_test,
)

_DISTANCE = "a distance, which chance makes positive"
_ROWS = "ignores that nodules share a patient"
_SLOPE, _SHIFT = 0.6, 0.5


def _risks(generator: Generator, n: int, *, slope: float = 1.0, shift: float = 0.0) -> tuple[Integers, Floats]:
    """Truth and predicted risks whose log odds would have to be multiplied by the slope and shifted to be true."""
    predicted = generator.normal(-0.5, 1.2, n)
    return (generator.random(n) < expit(shift + slope * predicted)).astype(np.int64), expit(predicted)


@cache
def _true_distances() -> dict[str, float]:
    """ICI, E50, E90 and expected ratio of the distorted risks in the whole population."""
    predicted = np.random.default_rng(0).normal(-0.5, 1.2, 1_000_000)
    true = expit(_SHIFT + _SLOPE * predicted)
    distance = np.abs(true - expit(predicted))
    middle, upper = np.quantile(distance, [0.5, 0.9])
    ratio = true.mean() / expit(predicted).mean()
    return {"ici": float(distance.mean()), "e50": float(middle), "e90": float(upper), "ratio": float(ratio)}


def _distorted(n: int) -> Callable[[Generator], Outcome]:
    def draw(generator: Generator) -> Outcome:
        truth, risk = _risks(generator, n, slope=_SLOPE, shift=_SHIFT)
        known, seed = _true_distances(), int(generator.integers(2**31))
        found = smooth_calibration(truth, risk, replicates=400, seed=seed)
        local = smooth_calibration(truth, risk, smoother="loess", replicates=100, seed=seed) if n <= 250 else None
        slope = calibration_slope(truth, risk)
        outcome: Outcome = {
            "ICI, spline": covers(found.ici, known["ici"]),
            "E50, spline": covers(found.e50, known["e50"]),
            "E90, spline": covers(found.e90, known["e90"]),
            "band of the curve at the risk of 0.5": _band_covers(found, 0.5),
            "observed / expected": covers(observed_expected_ratio(truth, risk), known["ratio"]),
            "calibration slope": covers(slope.slope, _SLOPE),
            "calibration intercept": covers(slope.intercept, _SHIFT),
        }
        if local is not None:
            outcome["ICI, loess"] = covers(local.ici, known["ici"])
        return outcome

    return draw


def _band_covers(found: SmoothCalibration, risk: float) -> bool | None:
    point = min(found.points, key=lambda one: abs(one.predicted - risk), default=None)
    if point is None or math.isnan(point.low):
        return None
    return bool(point.low <= expit(_SHIFT + _SLOPE * logit(point.predicted)) <= point.high)


def _perfect(generator: Generator) -> Outcome:
    truth, risk = _risks(generator, 500)
    found = smooth_calibration(truth, risk, replicates=300, seed=int(generator.integers(2**31)))
    slope, inside = calibration_slope(truth, risk), found.ici_if_perfect
    return {
        "observed / expected": covers(observed_expected_ratio(truth, risk), 1),
        "calibration slope": covers(slope.slope, 1),
        "calibration in the large": covers(slope.intercept_in_the_large, 0),
        "range of a perfect model's ICI, holds the ICI found": bool(inside.low <= found.ici.value <= inside.high),
        "ICI, spline, interval holds 0": covers(found.ici, 0),
    }


def _patients(generator: Generator) -> tuple[Integers, Integers, Floats]:
    """Patient, truth and true risks of nodules that are alike within a patient beyond what the risks say."""
    patient = np.repeat(np.arange(200), generator.integers(1, 5, size=200))
    risk = expit(generator.normal(-0.5, 1.0, 200)[patient] + generator.normal(0, 0.7, patient.size))
    hidden = patient_effect(generator, patient, 0.6)
    return patient, (hidden < norm.ppf(risk)).astype(np.int64), risk


def _perfect_patients(generator: Generator) -> Outcome:
    patient, truth, risk = _patients(generator)
    by_patient, by_row = calibration_slope(truth, risk, cluster=patient), calibration_slope(truth, risk)
    return {
        "observed / expected, patients": covers(observed_expected_ratio(truth, risk, cluster=patient), 1),
        "observed / expected, rows": covers(observed_expected_ratio(truth, risk), 1),
        "calibration slope, patients": covers(by_patient.slope, 1),
        "calibration slope, rows": covers(by_row.slope, 1),
        "calibration in the large, patients": covers(by_patient.intercept_in_the_large, 0),
        "calibration in the large, rows": covers(by_row.intercept_in_the_large, 0),
    }


def _tests(generator: Generator) -> Outcome:
    truth, risk = _risks(generator, 500)
    patient, of_patients, risks = _patients(generator)
    return {
        "Hosmer-Lemeshow, 10 groups, 10 df": rejects(hosmer_lemeshow(truth, risk).p),
        "Hosmer-Lemeshow, 10 groups, 8 df": rejects(hosmer_lemeshow(truth, risk, fitted=True).p),
        "Spiegelhalter": rejects(spiegelhalter_test(truth, risk)[1]),
        "Spiegelhalter, patients": rejects(spiegelhalter_test(of_patients, risks, cluster=patient)[1]),
        "Spiegelhalter, rows": rejects(spiegelhalter_test(of_patients, risks)[1]),
    }


def _two_models(generator: Generator, n: int) -> tuple[Integers, Floats, Floats]:
    """Truth, and the risks of a model with two markers and of one that lacks the second; both are calibrated."""
    first, second = generator.normal(0, 1.0, n), generator.normal(0, 0.8, n)
    full = -0.6 + first + second
    # Leaving out a normal marker of variance 0.64 shrinks log odds by about sqrt(1 + 0.64 * 0.346).
    reduced = (-0.6 + first) / math.sqrt(1 + 0.346 * 0.64)
    return (generator.random(n) < expit(full)).astype(np.int64), expit(full), expit(reduced)


@cache
def _true_improvement() -> dict[str, float]:
    generator = np.random.default_rng(1)
    truth, new, old = _two_models(generator, 2_000_000)
    event = truth == 1
    rise = new - old
    category = (new >= 0.3).astype(int) - (old >= 0.3)
    up, other = np.sign(rise[event]).mean(), np.sign(rise[~event]).mean()
    gain = (truth - (1 - truth) * 0.3 / 0.7) * category
    return {
        "nri_events": float(up),
        "nri_nonevents": float(-other),
        "categorical": float(category[event].mean() - category[~event].mean()),
        "idi": float(rise[event].mean() - rise[~event].mean()),
        "benefit": float(gain.mean()),
    }


def _improvement(generator: Generator) -> Outcome:
    truth, new, old = _two_models(generator, 300)
    known = _true_improvement()
    found = compare_risks(truth, new, old, thresholds=[0.3], replicates=400, seed=int(generator.integers(2**31)))
    assert found.categorical is not None
    return {
        "continuous NRI, events": covers(found.continuous.events, known["nri_events"]),
        "continuous NRI, non-events": covers(found.continuous.nonevents, known["nri_nonevents"]),
        "continuous NRI": covers(found.continuous.total, known["nri_events"] + known["nri_nonevents"]),
        "categorical NRI": covers(found.categorical.total, known["categorical"]),
        "IDI": covers(found.idi, known["idi"]),
        "difference in net benefit": covers(found.net_benefit[0].difference, known["benefit"]),
    }


def _useless_marker(generator: Generator) -> Outcome:
    """A marker of pure noise beside a real one, both models fitted to 100 cases and compared on 400 others."""
    n, fitted = 500, 100
    real, noise = generator.normal(0, 1.0, n), generator.normal(0, 1.0, n)
    truth = (generator.random(n) < expit(-0.5 + real)).astype(np.int64)
    risks = []
    for columns in ({"real": real, "noise": noise}, {"real": real}):
        fit = logistic_regression(truth[:fitted], {name: column[:fitted] for name, column in columns.items()})
        slopes = [one.coefficient for one in fit.odds_ratios]
        risks.append(
            expit(fit.intercept + sum(b * column[fitted:] for b, column in zip(slopes, columns.values(), strict=True)))
        )
    new, old = risks
    rest = truth[fitted:]
    found = compare_risks(rest, new, old, replicates=200, seed=int(generator.integers(2**31)))
    benefit = compare_net_benefit(rest, new, old, [0.3])[0].difference
    return {
        "continuous NRI said to be positive": found.continuous.total.low > 0,
        "IDI said to be positive": found.idi.low > 0,
        "net benefit said to be greater": benefit.low > 0,
    }


INTERVALS = [
    Experiment(
        f"risks too extreme and too low (slope {_SLOPE}), {n} nodules",
        _distorted(n),
        replicates=replicates,
        excused={"ICI, spline": _DISTANCE, "E90, spline": _DISTANCE, "E50, spline": _DISTANCE, "ICI, loess": _DISTANCE},
    )
    for n, replicates in ((200, 600), (1000, 500))
] + [
    Experiment(
        "perfectly calibrated risks, 500 nodules",
        _perfect,
        replicates=600,
        excused={"ICI, spline, interval holds 0": "an interval of positive distances cannot hold 0"},
    ),
    Experiment(
        "perfectly calibrated risks, 200 patients",
        _perfect_patients,
        replicates=2000,
        excused={
            f"{name}, rows": _ROWS for name in ("observed / expected", "calibration slope", "calibration in the large")
        },
    ),
    Experiment("a new marker that helps, 300 nodules", _improvement, replicates=1000),
]
TESTS = [
    Experiment(
        "perfectly calibrated risks, 500 nodules; 200 patients",
        _tests,
        kind=TYPE_I,
        replicates=2000,
        excused={
            "Hosmer-Lemeshow, 10 groups, 8 df": "these degrees of freedom are for the data of the fit",
            "Spiegelhalter, rows": _ROWS,
        },
    ),
    Experiment(
        "a marker of noise, models fitted to 100 nodules and compared on 400 others",
        _useless_marker,
        kind=TYPE_I,
        replicates=1000,
        excused={
            "continuous NRI said to be positive": "NRI can be positive for a useless marker",
            "IDI said to be positive": "IDI can be positive for a useless marker",
            "net benefit said to be greater": "one-sided, 2.5 %, and a noisier model has less",
        },
    ),
]
