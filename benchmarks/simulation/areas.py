"""Areas under the ROC curve, their differences, parts of the curve and operating points."""

import math

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

from simulation.experiment import POWER, TYPE_I, Experiment, Outcome, between, covers, rejects
from simulation.samples import (
    Generator,
    independent_scores,
    patient_effect,
    patients_with_nodules,
    shift_for,
    two_scores,
)
from thyrosight.statistics import (
    AucComparison,
    CurveComparison,
    PartialAucComparison,
    auc,
    auc_standard_error,
    bootstrap_performance,
    compare_auc,
    compare_partial_auc,
    compare_sensitivity_at_specificity,
    multiclass_auc,
    partial_auc,
    patients_for_auc,
    patients_for_auc_difference,
    roc_curve,
    sensitivity_at_specificity,
    specificity_at_sensitivity,
)

_SMALL = "a small sample"
_SYMMETRIC = "symmetric limits of a skewed estimate"
_NAIVE = "ignores that nodules share a patient"


def _one_area(positives: int, negatives: int, area: float, *, replicates: int = 4000) -> Experiment:
    def draw(generator: Generator) -> Outcome:
        truth, score = independent_scores(generator, positives, negatives, area)
        return {
            "DeLong, logit": covers(auc(truth, score), area),
            "DeLong, Wald": covers(auc(truth, score, interval="wald"), area),
        }

    few = min(positives, negatives) < 50
    excused = {"DeLong, Wald": _SYMMETRIC} if few or area > 0.9 else {}
    if few and area > 0.9:
        excused["DeLong, logit"] = _SMALL
    return Experiment(
        f"AUC {area}, {positives} + {negatives} independent nodules", draw, replicates=replicates, excused=excused
    )


def _bootstrap_area(generator: Generator) -> Outcome:
    truth, score = independent_scores(generator, 50, 50, 0.8)
    seed = int(generator.integers(2**31))
    return {
        "bootstrap, percentile": covers(auc(truth, score, method="bootstrap", replicates=1000, seed=seed), 0.8),
        "bootstrap, BCa": covers(
            auc(truth, score, method="bootstrap", interval="bca", replicates=1000, seed=seed), 0.8
        ),
    }


def _clustered(generator: Generator) -> Outcome:
    patient, truth = patients_with_nodules(generator, 100, 0.4)
    score = patient_effect(generator, patient, 0.6) + shift_for(0.8) * truth
    return {
        "Obuchowski, logit": covers(auc(truth, score, cluster=patient), 0.8),
        "Obuchowski, Wald": covers(auc(truth, score, cluster=patient, interval="wald"), 0.8),
        "patients drawn, bootstrap": covers(
            auc(truth, score, cluster=patient, method="bootstrap", replicates=500, seed=int(generator.integers(2**31))),
            0.8,
        ),
        "DeLong without patients": covers(auc(truth, score), 0.8),
    }


def _clustered_performance(generator: Generator) -> Outcome:
    patient, truth = patients_with_nodules(generator, 100, 0.4)
    score = patient_effect(generator, patient, 0.6) + shift_for(0.8) * truth
    threshold = shift_for(0.8) / 2
    found = bootstrap_performance(
        truth, score, threshold=threshold, cluster=patient, replicates=500, seed=int(generator.integers(2**31))
    )
    rate = float(norm.cdf(threshold))
    return {
        "sensitivity, patients drawn": covers(found.sensitivity, rate),
        "specificity, patients drawn": covers(found.specificity, rate),
    }


def _difference(generator: Generator) -> Outcome:
    truth, a, b = two_scores(generator, 60, 60, (0.85, 0.78), 0.5)
    return {"paired DeLong": between(*_limits(compare_auc(truth, a, b)), 0.07)}


def _no_difference(generator: Generator) -> Outcome:
    truth, a, b = two_scores(generator, 60, 60, (0.8, 0.8), 0.5)
    return {"paired DeLong": rejects(compare_auc(truth, a, b).p)}


def _clustered_pair(generator: Generator, areas: tuple[float, float]) -> tuple[AucComparison, AucComparison]:
    patient, truth = patients_with_nodules(generator, 100, 0.4)
    common = patient_effect(generator, patient, 0.6) * math.sqrt(0.3)
    a, b = (
        common + patient_effect(generator, patient, 0.6) * math.sqrt(0.7) + shift_for(area) * truth for area in areas
    )
    return compare_auc(truth, a, b, cluster=patient), compare_auc(truth, a, b)


def _clustered_difference(generator: Generator) -> Outcome:
    clustered, naive = _clustered_pair(generator, (0.85, 0.78))
    return {
        "Obuchowski": between(*_limits(clustered), 0.07),
        "paired DeLong without patients": between(*_limits(naive), 0.07),
    }


def _no_clustered_difference(generator: Generator) -> Outcome:
    clustered, naive = _clustered_pair(generator, (0.8, 0.8))
    return {
        "Obuchowski": rejects(clustered.p),
        "paired DeLong without patients": rejects(naive.p),
    }


def _unpaired(generator: Generator) -> tuple[Outcome, Outcome]:
    first, second = independent_scores(generator, 40, 60, 0.8), independent_scores(generator, 70, 50, 0.8)
    found = compare_auc(first[0], first[1], second[1], truth_b=second[0])
    return {"unpaired": between(*_limits(found), 0.0)}, {"unpaired": rejects(found.p)}


def _limits(comparison: AucComparison) -> tuple[float, float]:
    return comparison.low, comparison.high


def _true_part() -> float:
    """Area under the binormal curve of AUC 0.85 over specificity 0.8 to 1."""
    return float(quad(lambda x: norm.sf(norm.isf(x) - shift_for(0.85)), 0, 0.2)[0])


_PART = _true_part()


def _part(generator: Generator) -> Outcome:
    truth, score = independent_scores(generator, 80, 80, 0.85)
    found = partial_auc(truth, score, specificity=(0.8, 1), replicates=400, seed=int(generator.integers(2**31)))
    standardised = 0.5 * (1 + (_PART - 0.02) / (0.2 - 0.02))
    return {
        "raw, bootstrap": covers(found.raw, _PART),
        "standardised, bootstrap": covers(found.standardised, standardised),
    }


def _two_parts(generator: Generator, areas: tuple[float, float]) -> PartialAucComparison:
    truth, a, b = two_scores(generator, 80, 80, areas, 0.5)
    seed = int(generator.integers(2**31))
    return compare_partial_auc(truth, a, b, specificity=(0.8, 1), replicates=400, seed=seed)


def _part_of(area: float) -> float:
    """Area under the binormal curve over specificity 0.8 to 1."""
    return float(quad(lambda x: norm.sf(norm.isf(x) - shift_for(area)), 0, 0.2)[0])


_PART_DIFFERENCE = _part_of(0.85) - _part_of(0.78)


def _part_difference(generator: Generator) -> Outcome:
    found = _two_parts(generator, (0.85, 0.78))
    return {"bootstrap, normal": between(found.raw.low, found.raw.high, _PART_DIFFERENCE)}


def _no_part_difference(generator: Generator) -> Outcome:
    return {"bootstrap": rejects(_two_parts(generator, (0.8, 0.8)).raw.p)}


def _height(area: float, specificity: float) -> float:
    """Height of the binormal curve; its mirror image is itself, so that it serves for both rates."""
    return float(norm.sf(norm.ppf(specificity) - shift_for(area)))


def _fixed(generator: Generator, n: int) -> Outcome:
    truth, score = independent_scores(generator, n, n, 0.85)
    seed = int(generator.integers(2**31))
    return {
        "sensitivity at specificity 0.9": covers(
            sensitivity_at_specificity(truth, score, replicates=500, seed=seed), _height(0.85, 0.9)
        ),
        "specificity at sensitivity 0.9": covers(
            specificity_at_sensitivity(truth, score, replicates=500, seed=seed), _height(0.85, 0.9)
        ),
    }


def _clustered_fixed(generator: Generator) -> Outcome:
    patient, truth = patients_with_nodules(generator, 100, 0.4)
    score = patient_effect(generator, patient, 0.6) + shift_for(0.85) * truth
    options = {"specificity": 0.9, "replicates": 500, "seed": int(generator.integers(2**31))}
    expected = _height(0.85, 0.9)
    return {
        "patients drawn": covers(sensitivity_at_specificity(truth, score, cluster=patient, **options), expected),
        "without patients": covers(sensitivity_at_specificity(truth, score, **options), expected),
    }


def _fixed_pair(generator: Generator, areas: tuple[float, float]) -> CurveComparison:
    truth, a, b = two_scores(generator, 100, 100, areas, 0.5)
    seed = int(generator.integers(2**31))
    return compare_sensitivity_at_specificity(truth, a, b, specificity=0.9, replicates=400, seed=seed)


def _fixed_difference(generator: Generator) -> Outcome:
    found = _fixed_pair(generator, (0.85, 0.78))
    return {"bootstrap, normal": between(found.low, found.high, _height(0.85, 0.9) - _height(0.78, 0.9))}


def _no_fixed_difference(generator: Generator) -> Outcome:
    return {"bootstrap": rejects(_fixed_pair(generator, (0.8, 0.8)).p)}


def _three_classes(generator: Generator) -> Outcome:
    """Each class has its own score, higher by one shift: all pairs, and each class against the rest, have one area."""
    truth = np.repeat([0, 1, 2], [60, 40, 30])
    scores = generator.normal(size=(truth.size, 3)) + shift_for(0.8) * np.eye(3)[truth]
    found = multiclass_auc(truth, scores, replicates=400, seed=int(generator.integers(2**31)))
    return {
        "Hand and Till's M": covers(found.hand_till, 0.8),
        "one class against the rest, macro": covers(found.macro, 0.8),
        "a pair of classes": covers(found.pairs[2].area, 0.8),
    }


def _band(generator: Generator) -> Outcome:
    truth, score = independent_scores(generator, 100, 100, 0.85)
    curve = roc_curve(truth, score, replicates=300, seed=int(generator.integers(2**31)))
    place = int(np.argmin(np.abs(curve.specificity - 0.8)))
    height = float(norm.sf(norm.isf(0.2) - shift_for(0.85)))
    return {"pointwise band at specificity 0.8": between(float(curve.low[place]), float(curve.high[place]), height)}


_ONE = patients_for_auc(0.75, null=0.6, prevalence=0.4, method="binormal")
# Areas whose scores correlate by 0.5 correlate by about 0.45 (Hanley and McNeil 1983, table I).
_TWO = patients_for_auc_difference(0.88, 0.8, correlation=0.45, method="binormal")


def _planned(generator: Generator) -> Outcome:
    truth, score = independent_scores(generator, _ONE.positives, _ONE.negatives, 0.75)
    found = auc(truth, score, interval="wald")
    spread = auc_standard_error(0.6, positives=_ONE.positives, negatives=_ONE.negatives, method="binormal")
    return {
        f"{_ONE.total} patients, error under the hypothesis": abs(found.value - 0.6) / spread > norm.isf(0.025),
        f"{_ONE.total} patients, Wald interval leaves out 0.6": found.low > 0.6,
    }


def _planned_difference(generator: Generator) -> Outcome:
    truth, a, b = two_scores(generator, _TWO.positives, _TWO.negatives, (0.88, 0.8), 0.5)
    return {f"{_TWO.total} patients": rejects(compare_auc(truth, a, b).p)}


INTERVALS = [
    _one_area(15, 15, 0.8),
    _one_area(30, 30, 0.8),
    _one_area(50, 50, 0.8),
    _one_area(100, 200, 0.8),
    _one_area(15, 85, 0.95),
    _one_area(100, 200, 0.95),
    Experiment("AUC 0.8, 50 + 50 independent nodules, 1,000 bootstrap samples", _bootstrap_area, replicates=2000),
    Experiment(
        "AUC 0.8, 100 patients with 1 to 4 nodules",
        _clustered,
        replicates=2000,
        excused={"DeLong without patients": _NAIVE, "Obuchowski, Wald": _SYMMETRIC},
    ),
    Experiment(
        "sensitivity and specificity of a score, 100 patients with 1 to 4 nodules",
        _clustered_performance,
        replicates=2000,
    ),
    Experiment("difference of paired AUCs 0.85 and 0.78, 60 + 60", _difference),
    Experiment(
        "difference of paired AUCs 0.85 and 0.78, 100 patients with 1 to 4 nodules",
        _clustered_difference,
        excused={"paired DeLong without patients": _NAIVE},
    ),
    Experiment("difference of AUCs of two samples, 40 + 60 and 70 + 50", lambda g: _unpaired(g)[0]),
    Experiment("partial AUC, specificity 0.8 to 1, 80 + 80", _part, replicates=2000),
    Experiment("ROC curve, 100 + 100", _band, replicates=2000),
    Experiment("difference of paired partial AUCs, specificity 0.8 to 1, 80 + 80", _part_difference, replicates=1000),
    Experiment("rates at a fixed rate, AUC 0.85, 30 + 30", lambda g: _fixed(g, 30), replicates=1000),
    Experiment("rates at a fixed rate, AUC 0.85, 100 + 100", lambda g: _fixed(g, 100), replicates=1000),
    Experiment(
        "sensitivity at specificity 0.9, 100 patients with 1 to 4 nodules",
        _clustered_fixed,
        replicates=1000,
        excused={"without patients": _NAIVE},
    ),
    Experiment("three classes told apart, all areas 0.8, 60 + 40 + 30", _three_classes, replicates=1000),
    Experiment("difference of sensitivities at specificity 0.9, 100 + 100", _fixed_difference, replicates=1000),
]
TESTS = [
    Experiment("equal paired AUCs 0.8, 60 + 60", _no_difference, kind=TYPE_I),
    Experiment(
        "equal paired AUCs 0.8, 100 patients with 1 to 4 nodules",
        _no_clustered_difference,
        kind=TYPE_I,
        excused={"paired DeLong without patients": _NAIVE},
    ),
    Experiment("equal AUCs of two samples, 40 + 60 and 70 + 50", lambda g: _unpaired(g)[1], kind=TYPE_I),
    Experiment(
        "equal paired partial AUCs, specificity 0.8 to 1, 80 + 80", _no_part_difference, kind=TYPE_I, replicates=1000
    ),
    Experiment("equal sensitivities at specificity 0.9, 100 + 100", _no_fixed_difference, kind=TYPE_I, replicates=1000),
]
PLANS = [
    Experiment(
        "patients for AUC 0.75 against 0.6, prevalence 0.4",
        _planned,
        kind=POWER,
        nominal=_ONE.power,
        excused={f"{_ONE.total} patients, Wald interval leaves out 0.6": "planned for the error under the hypothesis"},
    ),
    Experiment("patients for paired AUCs 0.88 and 0.80", _planned_difference, kind=POWER, nominal=_TWO.power),
]
