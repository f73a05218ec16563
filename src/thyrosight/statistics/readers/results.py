"""Results of multi-reader multi-case studies."""

from dataclasses import dataclass
from typing import Any

from thyrosight.intervals import limits_in_words, p_in_words
from thyrosight.statistics.estimate import Estimate, Result


@dataclass(frozen=True, slots=True)
class TestDifference(Result):
    """Difference between two tests, averaged over readers or (if `reader` is given) of one reader.

    Attributes:
        test_a: first test.
        test_b: second test.
        reader: the reader, or None for the mean of all.
        estimate: value of `test_a` minus value of `test_b`, with interval.
        statistic: difference divided by its standard error.
        df: degrees of freedom of the t distribution; infinite for the normal one.
        p: two-sided P value.
    """

    __test__ = False  # the name begins like a test class of pytest

    test_a: Any
    test_b: Any
    reader: Any
    estimate: Estimate
    statistic: float
    df: float
    p: float


@dataclass(frozen=True, slots=True)
class VarianceComponents(Result):
    """Variance components of the Obuchowski-Rockette model; NaN where a design has no such component.

    Attributes:
        reader: between readers.
        test_by_reader: between readers in their response to a test.
        error: variance of one reader's value with one test over case samples.
        covariance_1: of the values of one reader with two tests.
        covariance_2: of the values of two readers with one test.
        covariance_3: of the values of two readers with two tests.
    """

    reader: float
    test_by_reader: float
    error: float
    covariance_1: float
    covariance_2: float
    covariance_3: float


@dataclass(frozen=True, slots=True)
class GlobalTest(Result):
    """F test of equal means of all tests; `df2` is infinite where readers are fixed."""

    f: float
    df1: int
    df2: float
    p: float


@dataclass(frozen=True, slots=True)
class ReaderComparison(Result):
    """Result of a reader study.

    Attributes:
        metric: "auc", "sensitivity", "specificity" or "accuracy".
        method: model, covariance and random factors, in words.
        design: "factorial", "cases nested in readers" or "cases nested in tests".
        tests: names of the tests.
        readers: names of the readers.
        cases: number of cases.
        test_estimates: mean over readers, per test.
        reader_estimates: per test, one estimate per reader.
        global_test: test that all tests are equal; None with a single test.
        differences: one per pair of tests.
        reader_differences: one per pair of tests and reader; empty in designs without common cases.
        components: variance components.
        notes: a sentence on cases that were left out, if any were.
        component_notes: one sentence for each variance component that was estimated below 0.
    """

    metric: str
    method: str
    design: str
    tests: tuple[Any, ...]
    readers: tuple[Any, ...]
    cases: int
    test_estimates: tuple[Estimate, ...]
    reader_estimates: tuple[tuple[Estimate, ...], ...]
    global_test: GlobalTest | None
    differences: tuple[TestDifference, ...]
    reader_differences: tuple[TestDifference, ...]
    components: VarianceComponents
    notes: tuple[str, ...] = ()
    component_notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{self.metric} of {_count(self.readers, 'reader')} with {_count(self.tests, 'test')} on"
            f" {self.cases} cases, {self.design}",
            f"({self.method})",
        ]
        lines += [
            f"  {name}: {estimate.value:.3f} ({_interval(estimate)})"
            for name, estimate in zip(self.tests, self.test_estimates, strict=True)
        ]
        lines += [
            f"  {d.test_a} - {d.test_b}: {d.estimate.value:.3f} ({_interval(d.estimate)}), {p_in_words(d.p)}"
            for d in self.differences
        ]
        if self.global_test is not None:
            test = self.global_test
            lines.append(f"  all tests alike: F({test.df1}, {test.df2:.4g}) = {test.f:.3f}, {p_in_words(test.p)}")
        return "\n".join([*lines, *(f"  note: {note}" for note in (*self.notes, *self.component_notes))])


def _interval(estimate: Estimate) -> str:
    return limits_in_words(estimate.low, estimate.high, confidence=estimate.confidence)


def _count(names: tuple[Any, ...], noun: str) -> str:
    return f"{len(names)} {noun}{'' if len(names) == 1 else 's'}"
