"""Marks of readers who search images: sensitivity at a rate of false marks, wAFROC, and comparisons of them."""

import math

import numpy as np
from scipy.stats import norm

from simulation.experiment import TYPE_I, Experiment, Outcome, covers, rejects
from simulation.samples import Floats, Generator, Integers, patient_effect
from thyrosight.statistics import (
    compare_localisation,
    compare_localisation_readers,
    localisation_merit,
    marked_cases,
)

# The search model of Chakraborty (Phys Med Biol 2006;51:3449): a reader notices Poisson(FALSE) places per image that
# are no lesion and each lesion with chance SEEN, and marks what is rated above LOWEST.
FALSE, SEEN, SHIFT, LOWEST = 2.0, 0.85, 1.5, -0.5
SHARE = 0.3  # of the variance of a rating that is common to a patient's images

Lesions = dict[str, list[str | None]]


def images(generator: Generator, patients: int, most: int) -> tuple[Integers, Integers]:
    """Patient and number of lesions of each image; half of the patients have one to three lesions in every image."""
    patient = np.repeat(np.arange(patients), generator.integers(1, most + 1, size=patients))
    return patient, generator.integers(1, 4, size=patient.size) * (patient % 2)


def table_of_lesions(patient: Integers, count: Integers) -> Lesions:
    """Rows of lesions, and one of each image without."""
    rows = [(i, lesion) for i, own in enumerate(count) for lesion in [str(n) for n in range(own)] or [None]]
    return {
        "case": [str(i) for i, _ in rows],
        "lesion": [lesion for _, lesion in rows],
        "patient": [f"p{patient[i]}" for i, _ in rows],
    }


def _read(generator: Generator, patient: Integers, count: Integers, *, shift: float = SHIFT) -> dict[str, list]:
    """The marks of one reader: case, lesion (None for a false one) and confidence."""
    false_case = np.repeat(np.arange(patient.size), generator.poisson(FALSE, size=patient.size))
    lesion_case = np.repeat(np.arange(patient.size), count)
    place = np.concatenate([np.arange(own) for own in count]) if count.any() else np.empty(0, dtype=int)
    seen = generator.random(lesion_case.size) < SEEN
    case = np.concatenate([lesion_case[seen], false_case])
    lesion = [str(number) for number in place[seen]] + [None] * false_case.size
    rating = patient_effect(generator, np.append(patient[case], patient.max()), SHARE)[:-1]
    rating += shift * (np.arange(case.size) < seen.sum())
    kept = rating > LOWEST
    return {
        "case": [str(i) for i in case[kept]],
        "lesion": [name for name, keep in zip(lesion, kept, strict=True) if keep],
        "confidence": rating[kept].tolist(),
    }


def _reader(generator: Generator, patients: int, most: int) -> tuple[dict[str, list], Lesions]:
    patient, count = images(generator, patients, most)
    return _read(generator, patient, count), table_of_lesions(patient, count)


def highest_false_below(x: Floats) -> Floats:
    """Chance that the highest false mark of an image is below x (or that there is none), over patients."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    above = norm.sf((np.maximum(x, LOWEST)[:, None] - math.sqrt(SHARE) * points) / math.sqrt(1 - SHARE))
    result: Floats = np.exp(-FALSE * above) @ (weights / weights.sum())
    return result


def true_wafroc(shift: float = SHIFT) -> float:
    """The expected area of a reader for whom lesions stand off from other places by `shift`."""
    x = np.linspace(LOWEST, LOWEST + 9, 20_001)
    marked = SEEN * np.trapezoid(norm.pdf(x - shift) * highest_false_below(x), x)
    unmarked = 1 - SEEN * norm.sf(LOWEST - shift)
    return float(marked + unmarked * highest_false_below(np.array([LOWEST]))[0] / 2)


_WAFROC = true_wafroc()
_SENSITIVITY = SEEN * float(norm.cdf(SHIFT - norm.isf(1 / FALSE)))  # at one false mark per image


def _patients(generator: Generator, patients: int) -> Outcome:
    marks, lesions = _reader(generator, patients, 3)
    marked, alone = marked_cases(marks, lesions, cluster="patient"), marked_cases(marks, lesions)
    drawn = {"metric": "sensitivity", "replicates": 500}
    return {
        "wAFROC, jackknife over patients": covers(localisation_merit(marked), _WAFROC),
        "wAFROC, bootstrap over patients": covers(
            localisation_merit(marked, method="bootstrap", replicates=500), _WAFROC
        ),
        "wAFROC without patients": covers(localisation_merit(alone), _WAFROC),
        "sensitivity at 1 false mark per image": covers(localisation_merit(marked, **drawn), _SENSITIVITY),
        "sensitivity at 1 false mark per image, without patients": covers(
            localisation_merit(alone, **drawn), _SENSITIVITY
        ),
    }


def _few(generator: Generator) -> Outcome:
    return {name: found for name, found in _patients(generator, 30).items() if "without" not in name}


def _many(generator: Generator) -> Outcome:
    return _patients(generator, 100)


def _equal_models(generator: Generator) -> Outcome:
    patient, count = images(generator, 80, 2)
    lesions = table_of_lesions(patient, count)
    a, b = (marked_cases(_read(generator, patient, count), lesions, cluster="patient") for _ in range(2))
    return {
        "wAFROC, jackknife": rejects(compare_localisation(a, b).p),
        "wAFROC, bootstrap": rejects(compare_localisation(a, b, method="bootstrap", replicates=400).p),
        "sensitivity at 1 false mark per image, bootstrap": rejects(
            compare_localisation(a, b, metric="sensitivity", replicates=400).p
        ),
    }


def _equal_tests(generator: Generator) -> Outcome:
    """Readers vary in how well they tell lesions from other places, and in their response to a test."""
    patient, count = images(generator, 60, 2)
    marks: dict[str, list] = {"case": [], "lesion": [], "confidence": [], "test": [], "reader": []}
    for reader in range(5):
        own = SHIFT + 0.2 * generator.normal()
        for test in "AB":
            found = _read(generator, patient, count, shift=own + 0.2 * generator.normal())
            found |= {"test": [test] * len(found["case"]), "reader": [reader] * len(found["case"])}
            for name, column in found.items():
                marks[name] += column
    lesions = table_of_lesions(patient, count)
    columns = {"test": "test", "reader": "reader", "cluster": "patient"}
    found, fixed = (
        compare_localisation_readers(marks, lesions, readers=kind, **columns) for kind in ("random", "fixed")
    )
    return {
        "random readers": rejects(found.differences[0].p),
        "readers taken as fixed": rejects(fixed.differences[0].p),
    }


_IGNORES = "ignores that images share a patient"
INTERVALS = [
    Experiment("marks in images of 30 patients, one to three each", _few, replicates=2000),
    Experiment(
        "marks in images of 100 patients, one to three each",
        _many,
        replicates=2000,
        excused={
            "wAFROC without patients": _IGNORES,
            "sensitivity at 1 false mark per image, without patients": _IGNORES,
        },
    ),
]
TESTS = [
    Experiment("two equal models that mark images of 80 patients", _equal_models, kind=TYPE_I, replicates=2000),
    Experiment(
        "equal tests, 5 random readers who mark images of 60 patients",
        _equal_tests,
        kind=TYPE_I,
        replicates=1000,
        excused={"readers taken as fixed": "ignores that readers vary"},
    ),
]
