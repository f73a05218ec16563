"""Words on how a reader study was computed: the distribution of its tests, and estimates that came out below 0."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from thyrosight.statistics.readers.design import READERS_IN_TESTS, UNBALANCED, ReaderStudy
from thyrosight.statistics.readers.model import Effects
from thyrosight.statistics.validation import Integers

_SMALLEST = 1e-12  # what rounding leaves of a component that is 0


def distribution_name(readers: str, cases: str) -> str:
    """Name the distribution of the tests of a study.

    >>> distribution_name("random", "random")
    'Hillis degrees of freedom'
    """
    if readers == "fixed":
        return "normal distribution"
    return "Hillis degrees of freedom" if cases == "random" else "degrees of freedom of the mean square of readers"


def notes_on_dropped(dropped: Sequence[int], kept: int) -> tuple[str, ...]:
    """Return a sentence on the cases that were left out because a reading is missing; `dropped` holds their truth.

    >>> notes_on_dropped([1, 0, 0], 96)[0]
    '3 of 99 cases, 1 of them positive, were left out for all readers because a reading of them is missing.'
    """
    if not dropped:
        return ()
    return (
        f"{len(dropped)} of {kept + len(dropped)} cases, {sum(dropped)} of them positive, were left out for all readers"
        " because a reading of them is missing.",
    )


def notes_on_design(study: ReaderStudy) -> tuple[str, ...]:
    """Return sentences on what was estimated, and with which degrees of freedom, where readers read different cases."""
    said = []
    there = ~np.isnan(study.ratings).all(axis=2)
    missing = int(np.isnan(study.ratings[there]).sum())
    if study.design == UNBALANCED or (study.design == READERS_IN_TESTS and missing):
        read = (~np.isnan(study.ratings[there])).sum(axis=1)
        said.append(
            f"{missing} of {study.ratings[there].size} readings are missing: a reader has read"
            f" {_range(read)} of {study.truth.size} cases with a test. Each value is that of the reader's"
            " own cases, and every reader counts alike; readings must be missing by design or by chance, not for what"
            " they would have shown."
        )
    if study.design == READERS_IN_TESTS:
        sizes = there.sum(axis=1)
        said.append(
            f"Each reader used one test ({_range(sizes)} readers for a test): the difference of two"
            f" tests holds that of their readers, with {int((sizes - 1).sum())} degrees of freedom before"
            " Hillis' correction."
        )
    if study.reader_block is not None:
        sizes = np.bincount(study.reader_block)
        freedom = max(1, len(study.tests) - 1) * int((sizes - 1).sum())
        said.append(
            f"{sizes.size} blocks of {_range(sizes)} readers with cases of their own: readers are"
            f" compared within blocks, with {freedom} degrees of freedom before Hillis' correction."
        )
    return tuple(said)


def notes_on_negative(model: Effects, tests: Sequence[Any], *, readers: str, cases: str) -> tuple[str, ...]:
    """Return a sentence for each variance component, and each covariance of a test, that was estimated below 0.

    Args:
        model: the analysis.
        tests: names of the tests.
        readers: "random" or "fixed".
        cases: "random" or "fixed".
    """
    reader, test_by_reader, _, covariance_1, covariance_2, covariance_3 = model.components
    said = []
    if reader < -_SMALLEST:
        said.append(
            f"The variance between readers is estimated as {reader:.3g}: readers differ less than the sample of cases"
            " alone lets expect. Read it as 0; no test uses it."
        )
    if test_by_reader < -_SMALLEST:
        said.append(
            f"The variance of tests by readers is estimated as {test_by_reader:.3g}: read it as 0, as"
            " reader_study_power does. Tests use the mean square, which is never negative."
        )
    for number, value in ((1, covariance_1), (2, covariance_2), (3, covariance_3)):
        if value < -_SMALLEST and len(tests) > 1:
            said.append(
                f"Covariance {number} is estimated as {value:.3g}: readings of the same cases usually have one of 0 or"
                " above, so cases are few or their names do not match."
            )
    if cases == "random":
        said += _notes_on_truncation(model, tests, readers)
    return tuple(said)


def _notes_on_truncation(model: Effects, tests: Sequence[Any], readers: str) -> list[str]:
    """Say where a covariance between readers below 0 counts as 0, and where it does not."""
    said = [
        f"Covariance 2 of {name} alone is {value:.3g}; in its interval it counts as 0 (as in MRMCaov)."
        for name, value in zip(tests, model.own_covariance_2, strict=True)
        if value < -_SMALLEST
    ]
    _, _, _, _, covariance_2, covariance_3 = model.components
    between = covariance_2 - covariance_3
    if math.isnan(between) or between >= -_SMALLEST:
        return said
    counts = (
        "it counts as 0 in differences between tests (Hillis 2007)"
        if readers == "random"
        else "with fixed readers it counts as it is in differences between tests (Hillis 2007, as in MRMCaov), while"
        " reader_study_power counts it as 0 and so gives less power"
    )
    return [*said, f"Covariance 2 less covariance 3 is {between:.3g}; {counts}."]


def _range(numbers: Integers) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(low) if low == high else f"{low} to {high}"
