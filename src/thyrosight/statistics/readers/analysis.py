"""The analysis of figures of merit, whatever they are, by the method of Obuchowski and Rockette."""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.readers.groups import effects_of_groups
from thyrosight.statistics.readers.model import Effects, Spread, effects
from thyrosight.statistics.readers.notes import distribution_name, notes_on_negative
from thyrosight.statistics.readers.results import GlobalTest, ReaderComparison, TestDifference, VarianceComponents
from thyrosight.statistics.validation import Floats, Integers, require_choice, require_confidence


@dataclass(frozen=True, eq=False, slots=True)
class Merits:
    """Figures of merit of a reader study, with their covariance.

    Attributes:
        values: shape (tests, readers); NaN where each reader has read with one test only, and not with this one.
        covariance: over samples of cases, shape (tests * readers, tests * readers).
        metric: name of the figure of merit.
        of_cases: how the covariance was obtained, in words.
        design: in words.
        tests: names.
        readers: names.
        cases: number of cases.
        clusters: number of patients, or None where cases were taken as independent.
        units: independent cases (or pairs of cases) that every reader has judged at least.
        notes: sentences that the result passes on.
        block: block of each reader in a split-plot design, or None.
        read: how many cases each reader read, shape (tests, readers); None where it is all of them.
        read_clusters: of how many patients these are; None where cases were taken as independent, or all were read.
    """

    values: Floats
    covariance: Floats
    metric: str
    of_cases: str
    design: str
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    cases: int
    clusters: int | None
    units: int
    notes: tuple[str, ...] = ()
    block: Integers | None = None
    read: Integers | None = None
    read_clusters: Integers | None = None

    def size(self, tests: list[int], reader: int) -> tuple[int, int | None]:
        """Cases that a reader read with these tests, and their patients: the fewest where they differ."""
        read, patients = (
            None if own is None else int(own[tests, reader].min()) for own in (self.read, self.read_clusters)
        )
        return self.cases if read is None else read, self.clusters if patients is None else patients

    def spread(self, *terms: tuple[int, int, float], cases: str) -> Spread:
        """Return the spread over case samples of a sum of values, each given as test, reader and factor."""
        if cases == "fixed":
            return Spread(math.nan, math.inf)
        contrast = np.zeros(len(self.covariance))
        for test, reader, factor in terms:
            contrast[test * len(self.readers) + reader] = factor
        return Spread(math.sqrt(max(0.0, float(contrast @ self.covariance @ contrast))), math.inf)


def compare_merits(merits: Merits, *, readers: str, cases: str, confidence: float = 0.95) -> ReaderComparison:
    """Compare tests by the figures of merit of several readers.

    Obuchowski & Rockette 1995 with the degrees of freedom of Hillis 2007. `compare_readers` finds the figures of merit
    of ratings, `compare_localisation_readers` those of marks.

    Args:
        merits: figures of merit and their covariance.
        readers: "random" or "fixed".
        cases: "random" or "fixed"; not both may be fixed.
        confidence: nominal coverage.

    Raises:
        StatisticsError: nothing varies, or one reader stands for all.
    """
    for value, name in ((readers, "readers"), (cases, "cases")):
        require_choice(value, ("random", "fixed"), name=name)
    require_confidence(confidence)
    require_inference(merits.readers, readers=readers, cases=cases)
    if np.isnan(merits.values).any():
        model = effects_of_groups(merits.values, merits.covariance, readers=readers, cases=cases)
    else:
        model = effects(merits.values, merits.covariance, readers=readers, cases=cases, block=merits.block)
    methods = (
        f"Obuchowski-Rockette, {readers} readers, {cases} cases, {merits.of_cases},"
        f" {distribution_name(readers, cases)}",
        "fixed cases: one reader's value has no spread"
        if cases == "fixed"
        else f"{merits.of_cases}, normal distribution",
    )

    def estimate(
        value: float, spread: Spread, method: str, size: tuple[int, int | None] = (merits.cases, merits.clusters)
    ) -> Estimate:
        low, high = spread.limits(value, confidence, units=merits.units)
        return Estimate(value, low, high, spread.se, method, *size, confidence)

    def of_reader(t: int, r: int) -> Estimate:
        value = float(merits.values[t, r])
        if math.isnan(value):
            return Estimate(value, math.nan, math.nan, math.nan, "not read", 0, None, confidence)
        return estimate(value, merits.spread((t, r, 1.0), cases=cases), methods[1], merits.size([t], r))

    numbers, pairs = range(len(merits.tests)), list(combinations(range(len(merits.tests)), 2))
    of_one = range(len(merits.readers))
    return ReaderComparison(
        metric=merits.metric,
        method=methods[0],
        design=merits.design,
        tests=merits.tests,
        readers=merits.readers,
        cases=merits.cases,
        test_estimates=tuple(estimate(float(model.test_means[t]), model.tests[t], methods[0]) for t in numbers),
        reader_estimates=tuple(tuple(of_reader(t, r) for r in of_one) for t in numbers),
        global_test=GlobalTest(*model.global_test) if model.global_test else None,
        differences=tuple(_of_all(merits, model, pair, methods[0], confidence) for pair in pairs),
        reader_differences=tuple(
            _of_one(merits, r, pair, methods[1], confidence, cases=cases)
            for r in of_one
            for pair in pairs
            if not np.isnan(merits.values[list(pair), r]).any()
        ),
        components=VarianceComponents(*model.components),
        notes=merits.notes,
        component_notes=notes_on_negative(model, merits.tests, readers=readers, cases=cases),
    )


def require_inference(names: tuple[Any, ...], *, readers: str, cases: str) -> None:
    """Refuse an analysis in which nothing varies, or in which one reader stands for readers at large.

    Raises:
        StatisticsError: with the way out.
    """
    if readers == cases == "fixed":
        raise StatisticsError("With readers and cases both fixed nothing varies: let one of them be 'random'.")
    if readers == "random" and len(names) < 2:
        raise StatisticsError(f"One reader ({names[0]}) cannot stand for readers at large; use readers='fixed'.")


def _of_all(merits: Merits, model: Effects, pair: tuple[int, int], method: str, confidence: float) -> TestDifference:
    value = float(model.test_means[pair[0]] - model.test_means[pair[1]])
    size = merits.cases, merits.clusters
    return _difference(merits, value, model.between(*pair), pair, None, method=method, confidence=confidence, size=size)


def _of_one(
    merits: Merits, reader: int, pair: tuple[int, int], method: str, confidence: float, *, cases: str
) -> TestDifference:
    a, b = pair
    value = float(merits.values[a, reader] - merits.values[b, reader])
    spread = merits.spread((a, reader, 1.0), (b, reader, -1.0), cases=cases)
    name = merits.readers[reader]
    size = merits.size([a, b], reader)
    return _difference(merits, value, spread, pair, name, method=method, confidence=confidence, size=size)


def _difference(
    merits: Merits,
    value: float,
    spread: Spread,
    pair: tuple[int, int],
    reader: Any,
    *,
    method: str,
    confidence: float,
    size: tuple[int, int | None],
) -> TestDifference:
    low, high = spread.limits_of_difference(value, confidence)
    whole = Estimate(value, low, high, spread.se, method, *size, confidence)
    statistic, p = spread.test(value)
    return TestDifference(merits.tests[pair[0]], merits.tests[pair[1]], reader, whole, statistic, spread.df, p)
