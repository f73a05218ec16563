"""Marks and lesions drawn at random, and a small study that can be worked out by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from thyrosight.statistics import MarkedCases, marked_cases

Tables = tuple[dict[str, Any], dict[str, Any]]


def _draw(seed: int, *, cases: int = 24, patients: int | None = None, ratings: int = 5, shift: float = 1.0) -> Tables:
    """Marks and lesions of `cases` images, about half of them with one to three lesions; ratings have ties."""
    rng = np.random.default_rng(seed)
    marks: dict[str, list[Any]] = {"case": [], "lesion": [], "confidence": []}
    lesions: dict[str, list[Any]] = {"case": [], "lesion": [], "weight": [], "patient": []}
    owner = np.arange(cases) if patients is None else rng.permutation(np.arange(cases) % patients)

    def mark(case: str, lesion: str | None, mean: float) -> None:
        marks["case"].append(case)
        marks["lesion"].append(lesion)
        marks["confidence"].append(float(np.round(rng.normal(mean) * ratings / 4)))

    for number in range(cases):
        case = f"c{number:03}"
        # The first two cases of each kind are fixed, so that every draw defines every figure.
        count = number % 2 if number < 4 else int(rng.integers(1, 4)) * int(rng.random() < 0.5)
        for lesion in [str(name) for name in range(count)] or [None]:
            for column, value in zip(lesions, (case, lesion, rng.random() + 0.1, f"p{owner[number]}"), strict=True):
                lesions[column].append(value)
            for _ in range(int(rng.integers(0, 3)) if lesion else 0):
                mark(case, lesion, shift)
        for _ in range(int(rng.poisson(0.8))):
            mark(case, None, 0.0)
    return marks, lesions


@pytest.fixture
def tables() -> Callable[..., Tables]:
    """Tables of marks and lesions by seed."""
    return _draw


@pytest.fixture
def drawn() -> Callable[..., MarkedCases]:
    """Marked cases by seed, with weights, and with patients if their number is given."""

    def make(seed: int, **options: Any) -> MarkedCases:
        marks, lesions = _draw(seed, **options)
        return marked_cases(marks, lesions, weight="weight", cluster="patient" if "patients" in options else None)

    return make


@pytest.fixture
def by_hand() -> MarkedCases:
    """Two cases with lesions (one of them with two, weighing 3 to 1) and three without.

    Case a: lesion 1 marked at 80 (and again at 30), lesion 2 unmarked, a false mark at 70. Case b: lesion 1 marked at
    50. Case f: false marks at 60 and 20. Case g: a false mark at 50. Case h: nothing.
    """
    return marked_cases(
        {
            "case": ["a", "a", "a", "b", "f", "f", "g"],
            "lesion": ["1", "1", None, "1", None, None, None],
            "confidence": [30, 80, 70, 50, 20, 60, 50],
        },
        {
            "case": ["a", "a", "b", "f", "g", "h"],
            "lesion": ["1", "2", "1", "", "", ""],
            "weight": [3, 1, 1, 9, 9, 9],
        },
        weight="weight",
    )
