"""Tests of categories, tables, means, ranks and regressions where nothing is to be found."""

import numpy as np

from simulation.experiment import TYPE_I, Experiment, Outcome, between, rejects
from simulation.samples import Generator, patient_effect
from thyrosight.statistics import (
    categorisation,
    chi_square_test,
    compare_categorisations,
    compare_means,
    contingency_table,
    fisher_exact_test,
    logistic_regression,
    mann_whitney_test,
)


def _no_trend(generator: Generator) -> Outcome:
    truth = generator.integers(0, 2, size=200)
    found = categorisation(truth, generator.choice([2, 3, 4, 5], size=200, p=[0.15, 0.25, 0.35, 0.25]))
    return {
        "likelihood ratio of the category number": rejects(found.likelihood_ratio.p),
        "Wald test of linear trend": rejects(found.linear_trend.p),
        "Cochran-Armitage": rejects(found.cochran_armitage.p),
        "likelihood ratio of the categories as classes": rejects(found.class_likelihood_ratio.p),
    }


def _equal_systems(generator: Generator) -> Outcome:
    """Two systems that see the same hidden risk with errors of one size."""
    truth = generator.integers(0, 2, size=200)
    hidden = generator.normal(size=200) + 1.5 * truth
    a, b = (np.digitize(hidden + generator.normal(size=200), [-1, 0.5, 2]) for _ in range(2))
    seed = int(generator.integers(2**31))
    return {
        "bootstrap": rejects(compare_categorisations(truth, a, b, replicates=500, seed=seed).p),
        "Vuong": rejects(compare_categorisations(truth, a, b, method="vuong").p),
    }


def _no_association(generator: Generator) -> Outcome:
    row, column = generator.integers(0, 2, size=60), generator.integers(0, 3, size=60)
    table = contingency_table(row, column)
    a, b = generator.normal(size=20), generator.normal(size=30)
    return {
        "chi-square, 2 x 3 table": rejects(chi_square_test(table).p),
        "Fisher exact, 2 x 3 table": rejects(fisher_exact_test(table).p),
        "Student": rejects(compare_means(a, b, method="student").test.p),
        "Welch, spreads 1 and 3": rejects(compare_means(a, 3 * b).test.p),
        "Mann-Whitney": rejects(mann_whitney_test(a, b).p),
    }


def _odds_ratio(generator: Generator) -> tuple[Outcome, Outcome]:
    """Independent: odds ratio 2 for x, none for z. Clustered: a predictor of the patient that does nothing."""
    x, z = generator.normal(size=200), generator.normal(size=200)
    outcome = (generator.random(200) < 1 / (1 + np.exp(0.3 - np.log(2) * x))).astype(np.int64)
    plain = logistic_regression(outcome, {"x": x, "z": z}).odds_ratios
    firth = logistic_regression(outcome, {"x": x, "z": z}, penalty="firth").odds_ratios
    patient = np.repeat(np.arange(100), generator.integers(1, 5, size=100))
    exposure = generator.normal(size=100)[patient]
    result = (patient_effect(generator, patient, 0.6) < -0.2).astype(np.int64)
    gee = logistic_regression(result, {"x": exposure}, cluster=patient).odds_ratios[0]
    naive = logistic_regression(result, {"x": exposure}).odds_ratios[0]
    coverage: Outcome = {
        "odds ratio 2, maximum likelihood": between(plain[0].estimate.low, plain[0].estimate.high, 2),
        "odds ratio 2, Firth": between(firth[0].estimate.low, firth[0].estimate.high, 2),
        "odds ratio 1 of a patient's exposure, GEE": between(gee.estimate.low, gee.estimate.high, 1),
    }
    tests: Outcome = {
        "maximum likelihood": rejects(plain[1].p),
        "Firth": rejects(firth[1].p),
        "GEE, 100 patients": rejects(gee.p),
        "without patients": rejects(naive.p),
    }
    return coverage, tests


INTERVALS = [
    Experiment("logistic regression, 200 nodules or 100 patients", lambda g: _odds_ratio(g)[0], replicates=2000)
]
TESTS = [
    Experiment("categories without any trend, 200 nodules", _no_trend, kind=TYPE_I, replicates=2000),
    Experiment("two systems of categories that sort alike, 200 nodules", _equal_systems, kind=TYPE_I, replicates=1000),
    Experiment(
        "no association, 60 nodules in a table; 20 and 30 measurements",
        _no_association,
        kind=TYPE_I,
        replicates=2000,
        excused={"Fisher exact, 2 x 3 table": "never above 5 % by construction"},
    ),
    Experiment(
        "logistic regression, a predictor that does nothing",
        lambda g: _odds_ratio(g)[1],
        kind=TYPE_I,
        replicates=2000,
        excused={"without patients": "ignores that nodules share a patient"},
    ),
]
