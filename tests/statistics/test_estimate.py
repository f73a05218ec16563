"""Results as text and as plain dictionaries."""

import json
import math
from dataclasses import dataclass

import numpy as np

from thyrosight.statistics import Estimate
from thyrosight.statistics.estimate import Result


@dataclass(frozen=True)
class _Nested(Result):
    parts: tuple[Estimate, ...]
    counts: np.ndarray
    by_name: dict[int, float]


def test_nested_results_become_json_without_nan() -> None:
    estimate = Estimate(math.nan, 0.1, math.inf, 0.2, "Wald", 4, 2)
    found = _Nested((estimate,), np.array([[1, 2], [3, 4]]), {7: math.nan}).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == {
        "parts": [
            {"value": None, "low": 0.1, "high": None, "se": 0.2, "method": "Wald", "n": 4, "clusters": 2,
             "confidence": 0.95}
        ],
        "counts": [[1, 2], [3, 4]],
        "by_name": {"7": None},
    }  # fmt: skip


def test_an_undefined_estimate_prints_its_reason() -> None:
    text = str(Estimate(math.nan, math.nan, math.nan, math.nan, "no negative in truth", 0, 3))
    assert text == "undefined (no negative in truth; n = 0 in 3 clusters)"
