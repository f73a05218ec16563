"""Reader studies, agreement of readers, and agreement of measurements."""

import math

import numpy as np
from scipy.stats import norm

from simulation.experiment import POWER, TYPE_I, Experiment, Outcome, covers, rejects
from simulation.samples import Generator, reader_study
from thyrosight.statistics import (
    ReaderComparison,
    VarianceComponents,
    bland_altman,
    cases_for_reader_study,
    cohen_kappa,
    compare_readers,
    compare_readers_with_system,
    fleiss_kappa,
    gwet_coefficient,
    intraclass_correlation,
)

_COLUMNS = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}
_VARIANCE = 0.02
PLANNED_VARIANCE = 0.0055  # Roe and Metz's smaller one


def _analysed(generator: Generator, areas: tuple[float, float], *, variance: float, effect: str) -> ReaderComparison:
    table, _ = reader_study(generator, 5, 100, areas, reader_variance=variance)
    return compare_readers(table, readers=effect, **_COLUMNS)  # type: ignore[arg-type]


def _random_readers(generator: Generator) -> Outcome:
    found = _analysed(generator, (0.85, 0.8), variance=_VARIANCE, effect="random")
    as_fixed = _analysed(generator, (0.85, 0.8), variance=_VARIANCE, effect="fixed")
    return {
        "difference, random readers": covers(found.differences[0].estimate, 0.05),
        "mean area of a test, random readers": covers(found.test_estimates[0], 0.85),
        "mean area of a test, readers taken as fixed": covers(as_fixed.test_estimates[0], 0.85),
    }


def _equal_random(generator: Generator) -> Outcome:
    found = _analysed(generator, (0.82, 0.82), variance=_VARIANCE, effect="random")
    as_fixed = _analysed(generator, (0.82, 0.82), variance=_VARIANCE, effect="fixed")
    return {
        "random readers": rejects(found.differences[0].p),
        "readers taken as fixed": rejects(as_fixed.differences[0].p),
    }


def _equal_fixed(generator: Generator) -> Outcome:
    found = _analysed(generator, (0.82, 0.82), variance=0.0, effect="fixed")
    return {"fixed readers": rejects(found.differences[0].p)}


def _equal_three(generator: Generator) -> Outcome:
    table, _ = reader_study(generator, 5, 100, (0.82, 0.82, 0.82), reader_variance=_VARIANCE)
    found = compare_readers(table, **_COLUMNS)  # type: ignore[arg-type]
    return {"F test of three tests": rejects(found.global_test.p if found.global_test else math.nan)}


def _equal_to_system(generator: Generator) -> Outcome:
    """Readers whose mean area is that of a system; its scores share the cases' difficulty."""
    readers, cases, area = 6, 100, 0.82
    truth = np.arange(cases) % 2
    case = math.sqrt(0.4) * generator.normal(size=cases)
    spread = math.sqrt(2 * (1 + _VARIANCE))
    rating = case + math.sqrt(0.6) * generator.normal(size=(readers, cases))
    rating += math.sqrt(_VARIANCE) * generator.normal(size=(readers, 2))[:, truth] + spread * norm.ppf(area) * truth
    system = case + math.sqrt(0.6) * generator.normal(size=cases) + math.sqrt(2) * norm.ppf(area) * truth
    reader, number = np.indices(rating.shape)
    table = {
        "reader": reader.ravel(),
        "case": number.ravel(),
        "truth": truth[number.ravel()],
        "rating": rating.ravel(),
        "system": system[number.ravel()],
    }
    columns = {name: name for name in table}
    return {"mean reader against one system": rejects(compare_readers_with_system(table, **columns).p)}  # type: ignore[arg-type]


def _pilot_components() -> VarianceComponents:
    """Average components of many studies of 5 readers and 100 cases with tests 0.85 and 0.80."""
    generator = np.random.default_rng(11)
    found = [
        _analysed(generator, (0.85, 0.8), variance=PLANNED_VARIANCE, effect="random").components.to_dict().values()
        for _ in range(300)
    ]
    return VarianceComponents(*np.array([list(row) for row in found], dtype=float).mean(axis=0).tolist())


PILOT = _pilot_components()
_PLAN = cases_for_reader_study(PILOT, difference=0.05, readers=8, pilot_cases=100)


def _planned(generator: Generator) -> Outcome:
    table, _ = reader_study(generator, 8, _PLAN.cases, (0.85, 0.8), reader_variance=PLANNED_VARIANCE)
    found = compare_readers(table, **_COLUMNS)  # type: ignore[arg-type]
    return {f"{_PLAN.readers} readers, {_PLAN.cases} cases": rejects(found.differences[0].p)}


def _rated(generator: Generator, cases: int, readers: int) -> np.ndarray:
    """Three ordered categories, by a latent value that readers share in part."""
    latent = math.sqrt(0.7) * generator.normal(size=(cases, 1)) + math.sqrt(0.3) * generator.normal(
        size=(cases, readers)
    )
    return np.digitize(latent, [-0.3, 0.9])


POPULATION = _rated(np.random.default_rng(5), 1_000_000, 2)


def _population_agreement() -> dict[str, float]:
    """Coefficients of two readers in a population of a million cases."""
    a, b = POPULATION[:, 0], POPULATION[:, 1]
    share = np.bincount(POPULATION.ravel(), minlength=3) / POPULATION.size
    same = float((a == b).mean())
    chance = float((share**2).sum())
    rare = float((share * (1 - share)).sum() / 2)
    apart = np.subtract.outer(np.arange(3), np.arange(3)) ** 2
    expected = float((apart * np.outer(share, share)).sum())
    return {
        "kappa": (same - chance) / (1 - chance),
        "quadratic": 1 - float(((a - b) ** 2).mean()) / expected,
        "ac1": (same - rare) / (1 - rare),
    }


AGREEMENT = _population_agreement()


def _agreement(generator: Generator) -> Outcome:
    ratings = _rated(generator, 100, 4)
    a, b = ratings[:, 0], ratings[:, 1]
    return {
        "Cohen's kappa": covers(cohen_kappa(a, b), AGREEMENT["kappa"]),
        "Cohen's kappa, quadratic weights": covers(cohen_kappa(a, b, weights="quadratic"), AGREEMENT["quadratic"]),
        "Fleiss' kappa, four readers": covers(fleiss_kappa(ratings), AGREEMENT["kappa"]),
        "Gwet's AC1, four readers": covers(gwet_coefficient(ratings), AGREEMENT["ac1"]),
    }


def _measured(generator: Generator) -> Outcome:
    """Variances: cases 4, readers 0.5, rest 1; 40 cases, 4 readers."""
    cases, rest = 2 * generator.normal(size=(40, 1)), generator.normal(size=(40, 4))
    same_readers = cases + math.sqrt(0.5) * generator.normal(size=(1, 4)) + rest
    other_readers = cases + math.sqrt(0.5) * generator.normal(size=(40, 4)) + rest
    return {
        "ICC(1,1)": covers(intraclass_correlation(other_readers, form="1,1"), 4 / 5.5),
        "ICC(2,1)": covers(intraclass_correlation(same_readers, form="2,1"), 4 / 5.5),
        "ICC(3,1)": covers(intraclass_correlation(same_readers, form="3,1"), 4 / 5),
        "ICC(3,k)": covers(intraclass_correlation(same_readers, form="3,k"), 4 / 4.25),
    }


def _limits(generator: Generator) -> Outcome:
    sample = generator.normal(0.3, 1, size=20)
    exact = bland_altman(sample, np.zeros(20))
    rough = bland_altman(sample, np.zeros(20), interval="approximate")
    return {
        "bias": covers(exact.bias, 0.3),
        "limit of agreement, exact": covers(exact.upper_limit, 0.3 + 1.96),
        "limit of agreement, approximate": covers(rough.upper_limit, 0.3 + 1.96),
    }


INTERVALS = [
    Experiment(
        "reader study, 5 readers, 100 cases, areas 0.85 and 0.80",
        _random_readers,
        replicates=2000,
        excused={"mean area of a test, readers taken as fixed": "ignores that readers vary"},
    ),
    Experiment("agreement on three categories, 100 cases", _agreement, replicates=2000),
    Experiment("intraclass correlation, 40 cases, 4 readers", _measured),
    Experiment(
        "limits of agreement, 20 pairs",
        _limits,
        excused={"limit of agreement, approximate": "symmetric limits of a skewed estimate"},
    ),
]
TESTS = [
    Experiment(
        "equal tests, 5 random readers, 100 cases",
        _equal_random,
        kind=TYPE_I,
        replicates=2000,
        excused={"readers taken as fixed": "ignores that readers vary"},
    ),
    Experiment("equal tests, 5 fixed readers, 100 cases", _equal_fixed, kind=TYPE_I, replicates=2000),
    Experiment("three equal tests, 5 random readers, 100 cases", _equal_three, kind=TYPE_I, replicates=2000),
    Experiment("6 readers whose mean equals a system, 100 cases", _equal_to_system, kind=TYPE_I, replicates=2000),
]
PLANS = [
    Experiment(
        "cases for 8 random readers, areas 0.85 and 0.80", _planned, kind=POWER, nominal=_PLAN.power, replicates=1000
    )
]
