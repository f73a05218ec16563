"""Marks of several readers with two tests."""

from collections.abc import Callable
from typing import Any

import numpy as np

Tables = tuple[dict[str, Any], dict[str, Any]]
NAMES = {"test": "test", "reader": "reader"}


def study(tables: Callable[..., Tables], *, tests: int = 2, readers: int = 3, **options: Any) -> Tables:
    """Readers who mark the same lesions of the same cases; each has the marks of the draw with other ratings."""
    first, lesions = tables(31, **options)
    rng = np.random.default_rng(5)
    marks: dict[str, list[Any]] = {"case": [], "lesion": [], "confidence": [], "test": [], "reader": []}
    for test in range(tests):
        for reader in range(readers):
            size = len(first["case"])
            kept = rng.random(size) < 0.85
            noise = (0.3 + 2 * test) * rng.normal(size=size)
            for name in ("case", "lesion"):
                marks[name] += [value for value, keep in zip(first[name], kept, strict=True) if keep]
            marks["confidence"] += (np.array(first["confidence"]) + noise)[kept].tolist()
            marks["test"] += [f"t{test}"] * int(kept.sum())
            marks["reader"] += [reader] * int(kept.sum())
    return marks, lesions


def part_of(marks: dict[str, list[Any]], test: str, reader: int) -> dict[str, list[Any]]:
    own = [t == test and r == reader for t, r in zip(marks["test"], marks["reader"], strict=True)]
    return {name: [v for v, keep in zip(column, own, strict=True) if keep] for name, column in marks.items()}
