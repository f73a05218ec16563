"""Samples whose truth is known: binormal scores, nodules of one patient, readers."""

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Generator = np.random.Generator


def shift_for(area: float) -> float:
    """Distance of two standard normal distributions whose AUC is `area`."""
    return math.sqrt(2) * float(norm.ppf(area))


def independent_scores(generator: Generator, positives: int, negatives: int, area: float) -> tuple[Integers, Floats]:
    """Truth and one score of independent nodules."""
    truth = np.repeat([1, 0], [positives, negatives])
    return truth, generator.normal(size=truth.size) + shift_for(area) * truth


def two_scores(
    generator: Generator, positives: int, negatives: int, areas: tuple[float, float], correlation: float
) -> tuple[Integers, Floats, Floats]:
    """Truth and two correlated scores of the same nodules."""
    truth = np.repeat([1, 0], [positives, negatives])
    common = generator.normal(size=truth.size) * math.sqrt(correlation)
    a, b = (
        common + generator.normal(size=truth.size) * math.sqrt(1 - correlation) + shift_for(area) * truth
        for area in areas
    )
    return truth, a, b


def patients_with_nodules(generator: Generator, patients: int, mean_truth: float) -> tuple[Integers, Integers]:
    """Patient and truth of nodules, one to four per patient, of which most are alike within a patient."""
    patient = np.repeat(np.arange(patients), generator.integers(1, 5, size=patients))
    own = (generator.random(patients) < mean_truth).astype(np.int64)[patient]
    redrawn = (generator.random(patient.size) < mean_truth).astype(np.int64)
    truth = np.where(generator.random(patient.size) < 0.8, own, redrawn)
    return patient, truth


def patient_effect(generator: Generator, patient: Integers, share: float) -> Floats:
    """Standard normal values of which a `share` of the variance is common to a patient's nodules."""
    common = generator.normal(size=int(patient.max()) + 1)[patient]
    return math.sqrt(share) * common + math.sqrt(1 - share) * generator.normal(size=patient.size)


def clustered_calls(generator: Generator, patients: int, rate: float, share: float) -> tuple[Integers, Integers]:
    """Patient and a call that is 1 with probability `rate`, alike within patients by a latent normal variable."""
    patient = np.repeat(np.arange(patients), generator.integers(1, 5, size=patients))
    return patient, (patient_effect(generator, patient, share) < norm.ppf(rate)).astype(np.int64)


def reader_study(
    generator: Generator, readers: int, cases: int, areas: tuple[float, ...], *, reader_variance: float
) -> tuple[dict[str, npt.NDArray[np.generic]], Integers]:
    """A long table of readings after Roe and Metz (1997), half of the cases positive, with their truth.

    Variance of the case 0.3, test by case 0.3, reader by case 0.2 and rest 0.2 (sum 1); readers and tests by readers
    shift each state of truth by `reader_variance`. The mean area over readers of test t is then areas[t].
    """
    tests = len(areas)
    truth = np.arange(cases) % 2
    spread = math.sqrt(2 * (1 + 2 * reader_variance))
    rating = np.zeros((tests, readers, cases))
    rating += math.sqrt(0.3) * generator.normal(size=cases)
    rating += math.sqrt(0.3) * generator.normal(size=(tests, 1, cases))
    rating += math.sqrt(0.2) * generator.normal(size=(1, readers, cases))
    rating += math.sqrt(0.2) * generator.normal(size=rating.shape)
    rating += math.sqrt(reader_variance) * generator.normal(size=(1, readers, 2))[:, :, truth]
    rating += math.sqrt(reader_variance) * generator.normal(size=(tests, readers, 2))[:, :, truth]
    rating += (spread * norm.ppf(areas))[:, None, None] * truth
    test, reader, case = np.indices(rating.shape)
    table = {
        "test": test.ravel(),
        "reader": reader.ravel(),
        "case": case.ravel(),
        "truth": truth[case.ravel()],
        "rating": rating.ravel(),
    }
    return table, truth
