"""Agreement of raters and of measurements: several nodules per patient, missing readings, repeated measurements."""

import math

import numpy as np

from simulation.experiment import Experiment, Outcome, covers
from simulation.readers import AGREEMENT, POPULATION
from simulation.samples import Floats, Generator, Integers
from thyrosight.statistics import (
    bland_altman,
    bland_altman_repeated,
    cohen_kappa,
    concordance_correlation,
    fleiss_kappa,
    gwet_coefficient,
    intraclass_correlation_mixed,
    krippendorff_alpha,
    repeatability,
)

_AS_INDEPENDENT = "takes nodules of one patient as independent"


def _nodules(generator: Generator, patients: int) -> Integers:
    """The patient of each nodule, one to four per patient."""
    return np.repeat(np.arange(patients), generator.integers(1, 5, size=patients))


def _rated(generator: Generator, patient: Integers, raters: int) -> Integers:
    """Three ordered categories by a latent value, half of whose shared part belongs to the patient.

    The shares of the categories, and the agreement of two raters, are those of `simulation.readers`.
    """
    shared = math.sqrt(0.35) * (generator.normal(size=patient.max() + 1)[patient] + generator.normal(size=patient.size))
    own = math.sqrt(0.15) * (
        generator.normal(size=(patient.max() + 1, raters))[patient] + generator.normal(size=(patient.size, raters))
    )
    return np.digitize(shared[:, None] + own, [-0.3, 0.9])


def _ordinal_alpha() -> float:
    """Krippendorff's alpha of ranks in the population."""
    share = np.bincount(POPULATION.ravel(), minlength=3) / POPULATION.size
    middle = np.cumsum(share) - share / 2
    apart = np.subtract.outer(middle, middle) ** 2
    return 1 - float(apart[POPULATION[:, 0], POPULATION[:, 1]].mean() / (share @ apart @ share))


_ALPHA = _ordinal_alpha()


def _clustered_kappa(generator: Generator) -> Outcome:
    patient = _nodules(generator, 40)
    ratings = _rated(generator, patient, 4)
    a, b = ratings[:, 0], ratings[:, 1]
    shared = {"categories": [0, 1, 2], "cluster": patient}
    return {
        "Cohen's kappa, clustered": covers(cohen_kappa(a, b, **shared), AGREEMENT["kappa"]),
        "quadratic weights, clustered": covers(
            cohen_kappa(a, b, weights="quadratic", **shared), AGREEMENT["quadratic"]
        ),
        "Fleiss' kappa, four raters, clustered": covers(fleiss_kappa(ratings, cluster=patient), AGREEMENT["kappa"]),
        "Gwet's AC1, four raters, clustered": covers(gwet_coefficient(ratings, **shared), AGREEMENT["ac1"]),
        "Krippendorff's alpha, four raters, clustered": covers(
            krippendorff_alpha(ratings, level="ordinal", cluster=patient), _ALPHA
        ),
        "Fleiss' kappa, four raters, nodules as independent": covers(fleiss_kappa(ratings), AGREEMENT["kappa"]),
    }


def _alpha_with_gaps(generator: Generator) -> Outcome:
    ratings = _rated(generator, np.arange(40), 4).astype(object)
    ratings[generator.random(ratings.shape) < 0.25] = None
    bootstrap = krippendorff_alpha(ratings, level="ordinal", interval="bootstrap", replicates=500)
    return {
        "nominal": covers(krippendorff_alpha(ratings), AGREEMENT["kappa"]),
        "ordinal": covers(krippendorff_alpha(ratings, level="ordinal"), _ALPHA),
        "ordinal, percentile bootstrap": covers(bootstrap, _ALPHA),
    }


def _pairs(generator: Generator, patient: Integers) -> tuple[Floats, Floats]:
    """Two measurements: variance between nodules 1, of the errors 0.16; patients share half of both; bias 0.2."""

    def half_shared(scale: float) -> Floats:
        parts = generator.normal(size=patient.max() + 1)[patient] + generator.normal(size=patient.size)
        return scale * math.sqrt(0.5) * parts

    size = half_shared(1)
    return size + half_shared(0.4), size + 0.2 + half_shared(0.4)


_CONCORDANCE = 2 / (2 * 1.16 + 0.2**2)


def _concordance(generator: Generator) -> Outcome:
    a, b = _pairs(generator, np.arange(40))
    return {"Fisher z, Lin's variance": covers(concordance_correlation(a, b).coefficient, _CONCORDANCE)}


def _measured_nodules(generator: Generator) -> Outcome:
    patient = _nodules(generator, 40)
    a, b = _pairs(generator, patient)
    limit = -0.2 + 1.96 * math.sqrt(2 * 0.16)
    return {
        "concordance, clustered": covers(concordance_correlation(a, b, cluster=patient).coefficient, _CONCORDANCE),
        "concordance, nodules as independent": covers(concordance_correlation(a, b).coefficient, _CONCORDANCE),
        "mean difference, repeated measurements": covers(bland_altman_repeated(a, b, patient).bias, -0.2),
        "mean difference, nodules as independent": covers(bland_altman(a, b).bias, -0.2),
        "limit of agreement, repeated measurements": covers(bland_altman_repeated(a, b, patient).upper_limit, limit),
    }


def _repeats(generator: Generator) -> Outcome:
    subject = np.repeat(np.arange(20), 2)
    values = 5 * generator.normal(size=20)[subject] + generator.normal(size=40)
    return {
        "within-subject SD": covers(repeatability(values, subject).within_sd, 1),
        "within-subject SD, clustered": covers(repeatability(values, subject, cluster=subject).within_sd, 1),
    }


def _with_gaps(generator: Generator) -> Outcome:
    """Variances: cases 4, readers 0.5, rest 1; 40 cases, 4 readers, 30 % of cells missing."""
    cases, rest = 2 * generator.normal(size=(40, 1)), generator.normal(size=(40, 4))
    same_readers = cases + math.sqrt(0.5) * generator.normal(size=(1, 4)) + rest
    other_readers = cases + math.sqrt(0.5) * generator.normal(size=(40, 4)) + rest
    gaps = generator.random((40, 4)) < 0.3
    same_readers[gaps] = other_readers[gaps] = np.nan

    def found(table: Floats, form: str, truth: float) -> bool | None:
        return covers(intraclass_correlation_mixed(table, form=form).coefficient, truth)

    return {
        "ICC(1,1)": found(other_readers, "1,1", 4 / 5.5),
        "ICC(2,1)": found(same_readers, "2,1", 4 / 5.5),
        "ICC(3,1)": found(same_readers, "3,1", 4 / 5),
        "ICC(2,k)": found(same_readers, "2,k", 4 / (4 + 1.5 / 4)),
    }


INTERVALS = [
    Experiment(
        "agreement on three categories, 40 patients with 1 to 4 nodules",
        _clustered_kappa,
        replicates=2000,
        excused={"Fleiss' kappa, four raters, nodules as independent": _AS_INDEPENDENT},
    ),
    Experiment(
        "Krippendorff's alpha, 40 cases, 4 raters, 25 % of ratings missing",
        _alpha_with_gaps,
        replicates=1000,
        excused={"ordinal, percentile bootstrap": "percentiles of a skewed estimate in a small sample"},
    ),
    Experiment("concordance correlation, 40 pairs", _concordance),
    Experiment(
        "two measurements, 40 patients with 1 to 4 nodules",
        _measured_nodules,
        replicates=2000,
        excused={
            "concordance, nodules as independent": _AS_INDEPENDENT,
            "mean difference, nodules as independent": _AS_INDEPENDENT,
        },
    ),
    Experiment(
        "repeatability, 20 subjects measured twice",
        _repeats,
        excused={"within-subject SD, clustered": "twenty patients say little of how much their spreads differ"},
    ),
    Experiment("intraclass correlation, 40 cases, 4 readers, 30 % of readings missing", _with_gaps, replicates=1000),
]
