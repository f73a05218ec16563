"""Proportions, two-by-two tables, two readers on the same nodules, net benefit and calibration."""

import math

import numpy as np
from scipy.special import expit
from scipy.stats import binom, norm

from simulation.experiment import TYPE_I, Experiment, Outcome, Row, between, covers, exact, rejects
from simulation.samples import Generator, clustered_calls, patient_effect
from thyrosight.statistics import (
    brier,
    calibration_slope,
    compare_proportions,
    correct_verification,
    decision_curve,
    diagnostic_table,
    gee_proportion,
    proportion_difference,
    proportion_interval,
)
from thyrosight.statistics.proportions.intervals import PROPORTION_INTERVALS

_FEW = "few errors among the verified negative calls"
_BIASED = "biased by partial verification"
_NAIVE = "ignores that nodules share a patient"
_SENSITIVITY, _SPECIFICITY, _PREVALENCE = 0.85, 0.75, 0.4


def proportions() -> list[Row]:
    """Coverage of one proportion's intervals, averaged over true proportions from 0.7 to 0.99; computed exactly."""
    rows = []
    for n in (30, 100, 300):
        grid = np.linspace(0.7, 0.99, 117)
        weights = binom.pmf(np.arange(n + 1)[:, None], n, grid[None, :])
        rates = {}
        for method, name in PROPORTION_INTERVALS.items():
            limits = [proportion_interval(k, n, method=method) for k in range(n + 1)]
            inside = np.array([[e.low <= p <= e.high for p in grid] for e in limits])
            rates[name] = float((weights * inside).sum(axis=0).mean())
        excused = {"Wald": "known to be short", "Clopper-Pearson": "never below 95 % by construction"}
        rows += exact(f"one proportion of 0.7 to 0.99, n = {n}", rates, excused=excused)
    return rows


def _clustered_proportion(generator: Generator) -> Outcome:
    patient, call = clustered_calls(generator, 80, 0.85, 0.7)
    naive = proportion_interval(int(call.sum()), call.size, method="wilson")
    return {
        "GEE, independence": covers(gee_proportion(call, patient), 0.85),
        "GEE, exchangeable": covers(gee_proportion(call, patient, correlation="exchangeable"), 0.85),
        "Wilson without patients": covers(naive, 0.85),
    }


def _true_measures() -> dict[str, float]:
    se, sp, pi = _SENSITIVITY, _SPECIFICITY, _PREVALENCE
    tp, fn, fp, tn = pi * se, pi * (1 - se), (1 - pi) * (1 - sp), (1 - pi) * sp
    return {
        "sensitivity": se,
        "specificity": sp,
        "accuracy": tp + tn,
        "ppv": tp / (tp + fp),
        "npv": tn / (tn + fn),
        "positive_likelihood_ratio": se / (1 - sp),
        "negative_likelihood_ratio": (1 - se) / sp,
        "diagnostic_odds_ratio": tp * tn / (fp * fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "mcc": (tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
        "balanced_accuracy": (se + sp) / 2,
        "adjusted_ppv": 0.1 * se / (0.1 * se + 0.9 * (1 - sp)),
        "adjusted_npv": 0.9 * sp / (0.9 * sp + 0.1 * (1 - se)),
    }


_TRUE = _true_measures()


def _two_by_two(generator: Generator) -> Outcome:
    truth = (generator.random(200) < _PREVALENCE).astype(np.int64)
    rate = np.where(truth == 1, _SENSITIVITY, 1 - _SPECIFICITY)
    found = diagnostic_table(truth, (generator.random(200) < rate).astype(np.int64), prevalence=0.1)
    return {name.replace("_", " "): covers(e, _TRUE[name]) for name, e in found.estimates().items()}


def _clustered_two_by_two(generator: Generator) -> Outcome:
    patient = np.repeat(np.arange(120), generator.integers(1, 5, size=120))
    truth = (generator.random(patient.size) < _PREVALENCE).astype(np.int64)
    rate = np.where(truth == 1, _SENSITIVITY, 1 - _SPECIFICITY)
    call = (patient_effect(generator, patient, 0.6) < norm.ppf(rate)).astype(np.int64)
    found = diagnostic_table(truth, call, cluster=patient, prevalence=0.1)
    return {name.replace("_", " "): covers(e, _TRUE[name]) for name, e in found.estimates().items()}


def _two_calls(generator: Generator, n: int, rates: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    common = generator.normal(size=n) * math.sqrt(0.6)
    a, b = (common + generator.normal(size=n) * math.sqrt(0.4) < norm.ppf(rate) for rate in rates)
    return a.astype(np.int64), b.astype(np.int64)


_MCNEMAR = {
    "McNemar exact": "mcnemar-exact",
    "McNemar mid-P": "mcnemar-mid-p",
    "McNemar chi-square": "mcnemar-chi-square",
    "McNemar chi-square, corrected": "mcnemar-chi-square-corrected",
    "GEE": "gee",
}


def _equal_sensitivities(generator: Generator) -> Outcome:
    a, b = _two_calls(generator, 100, (0.8, 0.8))
    return {
        name: rejects(compare_proportions(np.ones(100), a, b, quantity="sensitivity", method=method).p)
        for name, method in _MCNEMAR.items()
    }


def _sensitivity_difference(generator: Generator) -> Outcome:
    a, b = _two_calls(generator, 100, (0.85, 0.75))
    found = {
        name: compare_proportions(np.ones(100), a, b, quantity="sensitivity", method=method)
        for name, method in (("Tango", "mcnemar-exact"), ("GEE", "gee"))
    }
    found["Newcombe"] = compare_proportions(
        np.ones(100), a, b, quantity="sensitivity", method="mcnemar-exact", interval="newcombe"
    )
    return {name: between(item.low, item.high, 0.1) for name, item in found.items()}


def _partly_verified(generator: Generator) -> Outcome:
    """Of positive calls 80 % are verified, of negative ones 20 %, whatever the truth."""
    truth = (generator.random(400) < 0.3).astype(np.float64)
    call = (generator.random(400) < np.where(truth == 1, 0.8, 0.25)).astype(np.int64)
    known = np.where(generator.random(400) < np.where(call == 1, 0.8, 0.2), truth, np.nan)
    found = correct_verification(known, call)
    drawn = correct_verification(known, call, interval="bootstrap", replicates=500, seed=int(generator.integers(2**31)))
    return {
        "sensitivity, Begg-Greenes, logit": covers(found.sensitivity, 0.8),
        "specificity, Begg-Greenes, logit": covers(found.specificity, 0.75),
        "sensitivity, Begg-Greenes, bootstrap": covers(drawn.sensitivity, 0.8),
        "specificity, Begg-Greenes, bootstrap": covers(drawn.specificity, 0.75),
        "sensitivity of the verified alone": covers(found.verified_sensitivity, 0.8),
        "specificity of the verified alone": covers(found.verified_specificity, 0.75),
    }


def _clustered_partly_verified(generator: Generator) -> Outcome:
    patient = np.repeat(np.arange(250), generator.integers(1, 5, size=250))
    truth = (patient_effect(generator, patient, 0.5) < norm.ppf(0.3)).astype(np.float64)
    call = (patient_effect(generator, patient, 0.5) < norm.ppf(np.where(truth == 1, 0.8, 0.25))).astype(np.int64)
    known = np.where(generator.random(patient.size) < np.where(call == 1, 0.8, 0.3), truth, np.nan)
    found = correct_verification(known, call, cluster=patient)
    return {
        "sensitivity, Begg-Greenes, patients": covers(found.sensitivity, 0.8),
        "specificity, Begg-Greenes, patients": covers(found.specificity, 0.75),
        "specificity, Begg-Greenes without patients": covers(correct_verification(known, call).specificity, 0.75),
    }


def _unpaired_difference(generator: Generator) -> Outcome:
    a, b = int(generator.binomial(40, 0.9)), int(generator.binomial(70, 0.75))
    return {"Newcombe": covers(proportion_difference(a, 40, b, 70), 0.15)}


def _clustered_readers(generator: Generator, rates: tuple[float, float]) -> tuple[np.ndarray, ...]:
    patient = np.repeat(np.arange(100), generator.integers(1, 5, size=100))
    common = patient_effect(generator, patient, 0.6) * math.sqrt(0.5)
    a, b = (common + patient_effect(generator, patient, 0.6) * math.sqrt(0.5) < norm.ppf(rate) for rate in rates)
    return patient, a.astype(np.int64), b.astype(np.int64)


def _equal_clustered(generator: Generator) -> Outcome:
    patient, a, b = _clustered_readers(generator, (0.8, 0.8))
    truth = np.ones(patient.size)
    return {
        "GEE, independence": rejects(compare_proportions(truth, a, b, quantity="sensitivity", cluster=patient).p),
        "GEE, exchangeable": rejects(
            compare_proportions(truth, a, b, quantity="sensitivity", cluster=patient, correlation="exchangeable").p
        ),
        "McNemar mid-P without patients": rejects(
            compare_proportions(truth, a, b, quantity="sensitivity", method="mcnemar-mid-p").p
        ),
    }


def _clustered_difference(generator: Generator) -> Outcome:
    patient, a, b = _clustered_readers(generator, (0.85, 0.75))
    found = compare_proportions(np.ones(patient.size), a, b, quantity="sensitivity", cluster=patient)
    return {"GEE, independence": between(found.low, found.high, 0.1)}


def _equal_ppv(generator: Generator) -> Outcome:
    truth = (generator.random(200) < 0.4).astype(np.int64)
    common = generator.normal(size=200) * math.sqrt(0.5)
    a, b = (
        (common + generator.normal(size=200) * math.sqrt(0.5) + 1.2 * truth > 0.6).astype(np.int64) for _ in range(2)
    )
    return {"GEE": rejects(compare_proportions(truth, a, b, quantity="ppv").p)}


def _calibrated(generator: Generator, patients: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodules whose risk is known; nodules of a patient have alike risks and alike outcomes given the risk."""
    patient = np.repeat(np.arange(patients), generator.integers(1, 5, size=patients))
    risk = expit(1.3 * patient_effect(generator, patient, 0.7) - 0.5)
    truth = (patient_effect(generator, patient, 0.5) < norm.ppf(risk)).astype(np.int64)
    return patient, truth, risk


def _calibration(generator: Generator) -> Outcome:
    patient, truth, risk = _calibrated(generator, 250)
    single = np.unique(patient, return_index=True)[1]
    alone = calibration_slope(truth[single], risk[single])
    clustered, naive = calibration_slope(truth, risk, cluster=patient), calibration_slope(truth, risk)
    return {
        "slope, independent": covers(alone.slope, 1),
        "intercept in the large, independent": covers(alone.intercept_in_the_large, 0),
        "slope, clustered": covers(clustered.slope, 1),
        "intercept in the large, clustered": covers(clustered.intercept_in_the_large, 0),
        "intercept in the large without patients": covers(naive.intercept_in_the_large, 0),
    }


def _population_of_risk() -> tuple[float, float]:
    """Net benefit at 0.3 and Brier score of perfectly calibrated risks, by integration over their distribution."""
    eta = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    risk = expit(1.3 * eta - 0.5)
    acted = risk >= 0.3
    return float((acted * (risk - (1 - risk) * 0.3 / 0.7)).mean()), float((risk * (1 - risk)).mean())


_BENEFIT, _BRIER = _population_of_risk()


def _benefit(generator: Generator) -> Outcome:
    patient, truth, risk = _calibrated(generator, 150)
    return {
        "net benefit at 0.3, patients": covers(
            decision_curve(truth, risk, [0.3], cluster=patient).points[0].model, _BENEFIT
        ),
        "net benefit at 0.3 without patients": covers(decision_curve(truth, risk, [0.3]).points[0].model, _BENEFIT),
        "Brier score, patients": covers(brier(truth, risk, cluster=patient).score, _BRIER),
    }


INTERVALS = [
    Experiment(
        "a proportion of 0.85, 80 patients with 1 to 4 nodules",
        _clustered_proportion,
        replicates=2000,
        excused={"Wilson without patients": _NAIVE},
    ),
    Experiment(
        "two-by-two table of 200 nodules (Wilson and what follows)",
        _two_by_two,
    ),
    Experiment("two-by-two table, 120 patients with 1 to 4 nodules (GEE)", _clustered_two_by_two, replicates=2000),
    Experiment("difference of paired sensitivities 0.85 and 0.75, n = 100", _sensitivity_difference, replicates=2000),
    Experiment(
        "sensitivity and specificity, 400 nodules verified by their call",
        _partly_verified,
        replicates=2000,
        excused={f"{rate} of the verified alone": _BIASED for rate in ("sensitivity", "specificity")}
        | {f"{rate}, Begg-Greenes, bootstrap": "percentiles of skewed rates" for rate in ("sensitivity", "specificity")}
        | {"sensitivity, Begg-Greenes, logit": _FEW},
    ),
    Experiment(
        "sensitivity and specificity, 250 patients verified by their call",
        _clustered_partly_verified,
        replicates=2000,
        excused={"specificity, Begg-Greenes without patients": _NAIVE},
    ),
    Experiment("difference of the sensitivities of two samples, 0.9 of 40 and 0.75 of 70", _unpaired_difference),
    Experiment(
        "difference of paired sensitivities, 100 patients with 1 to 4 nodules", _clustered_difference, replicates=2000
    ),
    Experiment(
        "calibration of true risks, 250 patients",
        _calibration,
        replicates=2000,
        excused={"intercept in the large without patients": _NAIVE},
    ),
    Experiment(
        "net benefit and Brier score of true risks, 150 patients",
        _benefit,
        excused={"net benefit at 0.3 without patients": _NAIVE},
    ),
]
TESTS = [
    Experiment(
        "equal paired sensitivities 0.8, n = 100",
        _equal_sensitivities,
        kind=TYPE_I,
        replicates=2000,
        excused={
            "McNemar exact": "never above 5 % by construction",
            "McNemar chi-square, corrected": "approximates the exact test",
            "McNemar mid-P": "discrete",
        },
    ),
    Experiment(
        "equal paired sensitivities 0.8, 100 patients with 1 to 4 nodules",
        _equal_clustered,
        kind=TYPE_I,
        replicates=2000,
        excused={"McNemar mid-P without patients": _NAIVE},
    ),
    Experiment("equal predictive values, 200 nodules", _equal_ppv, kind=TYPE_I, replicates=2000),
]
