"""Marks of several readers in images of which each reader searched all or some, with their truth.

The search model of `simulation.marks`, in which readers share what makes a lesion plain and a patient suspect.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from simulation.experiment import Outcome, covers, rejects
from simulation.marks import FALSE, LOWEST, SEEN, SHARE, SHIFT, Lesions, images, table_of_lesions, true_wafroc
from simulation.samples import Floats, Generator
from thyrosight.statistics import compare_localisation_readers

COMMON = 0.5
"""Share that readers have in common of what decides whether a lesion is seen, and of its rating beside the patient."""
OF_READERS, OF_TESTS = 0.2, 0.2
"""Standard deviations, over readers and over the tests of a reader, of how far lesions stand off from other places."""
TRIPLES = ("012", "013", "024", "035", "045", "125", "134", "145", "234", "235")
"""Balanced incomplete blocks of six readers: each reader is in five of ten, each two readers in two."""
DESIGNS = {
    "complete: 6 readers search all": 6,
    "balanced incomplete blocks: 3 of 6 readers search each image": 6,
    "split-plot: 2 blocks of 3 readers, half of the patients each": 6,
    "20 % of searches missing by chance, 6 readers": 6,
    "5 readers nested in each test, all patients": 10,
}
"""Number of readers of each design."""
Searched = npt.NDArray[np.bool_]


def searched_by(generator: Generator, design: str, patients: int) -> Searched:
    """Whose images were searched, shape (tests, readers, patients); one patient in two has lesions."""
    readers, pair = DESIGNS[design], np.arange(patients) // 2
    found = np.ones((2, readers, patients), dtype=bool)
    kind = design.partition(":")[0]
    if kind == "balanced incomplete blocks":
        found &= np.array([[str(reader) in TRIPLES[n % len(TRIPLES)] for n in pair] for reader in range(readers)])
    elif kind == "split-plot":
        found &= np.arange(readers)[:, None] % 2 == pair % 2
    elif kind.startswith("20 %"):
        found &= generator.random(found.shape) > 0.2
    elif kind.startswith("5 readers"):
        found &= (np.arange(readers) // 5 == np.arange(2)[:, None])[:, :, None]
    return found


class Images:
    """Images of patients, half of whom have one to three lesions in each, and what readers share in them."""

    def __init__(self, generator: Generator, patients: int) -> None:
        self.generator = generator
        self.patient, self.count = images(generator, patients, 2)
        self.lesions: Lesions = table_of_lesions(self.patient, self.count)
        self.suspect = generator.normal(size=patients)
        self.lesion_case = np.repeat(np.arange(self.patient.size), self.count)
        self.name = np.concatenate([np.arange(own) for own in self.count])
        self.hidden, self.plain = generator.normal(size=(2, self.name.size))

    def _latent(self, common: Floats, share: float) -> Floats:
        own = self.generator.normal(size=common.size)
        return math.sqrt(share) * common + math.sqrt(1 - share) * own

    def read(self, shift: float, searched: npt.NDArray[np.bool_]) -> dict[str, list]:
        """The marks of one reader with one test on the images of the patients that were searched."""
        seen = self._latent(self.hidden, COMMON) < norm.ppf(SEEN)
        false_case = np.repeat(np.arange(self.patient.size), self.generator.poisson(FALSE, size=self.patient.size))
        case = np.concatenate([self.lesion_case, false_case])
        own = np.concatenate([self._latent(self.plain, COMMON), self.generator.normal(size=false_case.size)])
        rating = math.sqrt(SHARE) * self.suspect[self.patient[case]] + math.sqrt(1 - SHARE) * own
        rating[: seen.size] += shift
        kept = (rating > LOWEST) & searched[self.patient[case]] & np.append(seen, np.ones(false_case.size, dtype=bool))
        names = [str(one) for one in self.name] + [None] * false_case.size
        return {
            "case": [str(one) for one in case[kept]],
            "lesion": [name for name, keep in zip(names, kept, strict=True) if keep],
            "confidence": rating[kept].tolist(),
        }


@cache
def _area_by_shift() -> tuple[Floats, Floats]:
    shifts = np.linspace(SHIFT - 2, SHIFT + 2, 81)
    return shifts, np.array([true_wafroc(one) for one in shifts])


def area(shift: Floats) -> Floats:
    """The expected area of readers for whom lesions stand off by `shift`."""
    return np.asarray(np.interp(shift, *_area_by_shift()))


@cache
def area_of_population(of_tests: float) -> float:
    """The mean area over readers of the population."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    return float(area(SHIFT + math.hypot(OF_READERS, of_tests) * points) @ weights / weights.sum())


def outcome(generator: Generator, design: str, *, patients: int, of_tests: float = OF_TESTS) -> Outcome:
    """One study of two tests that are equal in the population: whether its intervals hold what was put in.

    Args:
        generator: draws.
        design: of `DESIGNS`.
        patients: of whom half have lesions.
        of_tests: standard deviation, over the tests of a reader, of how far lesions stand off; 0 makes the tests equal
            for each reader, as the hypothesis about these readers alone has it.
    """
    searched, drawn = searched_by(generator, design, patients), Images(generator, patients)
    shift = SHIFT + OF_READERS * generator.normal(size=searched.shape[1])
    shifts = shift + of_tests * generator.normal(size=searched.shape[:2])
    marks: dict[str, list] = {"case": [], "lesion": [], "confidence": [], "test": [], "reader": []}
    searches: dict[str, list] = {"case": [], "test": [], "reader": []}
    for test, reader in np.argwhere(searched.any(axis=2)).tolist():
        own = searched[test, reader]
        found = drawn.read(float(shifts[test, reader]), own)
        there = [str(case) for case in np.flatnonzero(own[drawn.patient])]
        for table, rows in ((marks, found), (searches, {"case": there})):
            size = len(rows["case"])
            for name, column in (rows | {"test": ["AB"[test]] * size, "reader": [reader] * size}).items():
                table[name] += column
    used = searched.any(axis=2)
    areas = np.where(used, area(shifts), np.nan)
    own_means = np.nanmean(areas, axis=1)
    population = area_of_population(of_tests)
    truth = {"random": (population, population), "fixed": tuple(own_means.tolist())}
    result: Outcome = {}
    for kind, words in (("random", "readers like these"), ("fixed", "these readers alone")):
        study = compare_localisation_readers(
            marks, drawn.lesions, test="test", reader="reader", cluster="patient", searched=searches, readers=kind
        )
        first, second = truth[kind]
        result[f"{words}, mean of a test"] = covers(study.test_estimates[0], first)
        result[f"{words}, difference"] = covers(study.differences[0].estimate, first - second)
        alike = not of_tests and used.all()  # tests with readers of their own differ by these
        if kind == "random" or alike:
            result[f"{words}, rejected"] = rejects(study.differences[0].p)
    return result
