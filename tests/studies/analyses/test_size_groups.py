"""Size groups: where bounds belong, and when a group is too small to choose for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.cohort.records.sizes import size_groups
from thyrosight.studies.analyses.candidates import Candidate, choose
from thyrosight.studies.analyses.size_groups import SizeGroup, size_group, size_groups_table
from thyrosight.studies.base import Evaluation
from thyrosight.studies.predictions import judge

OPTIONS = Evaluation(bootstrap=200, seed=1)


def test_bounds_belong_to_the_middle_groups_and_units_are_obeyed() -> None:
    table = pd.DataFrame({"size_mm": [0.3, 0.5, 0.7, 1.0, 1.2, None]})
    found = size_groups(table, bounds_mm=(5, 10), names=("small", "middle", "large"), unit="cm")
    assert found.tolist() == ["small", "middle", "middle", "middle", "large", "size unknown"]
    single = size_groups(table * 10, bounds_mm=(5,), names=("small", "large"))
    assert single.tolist() == ["small", "small", "large", "large", "large", "size unknown"]
    assert set(size_groups(table[[]], bounds_mm=(5,), names=("small", "large"))) == {"size unknown"}


@dataclass
class _Tested:
    raw: pd.DataFrame


@dataclass
class _Network:
    """The part of `Network` that candidates read."""

    tested: tuple[_Tested, ...]


def _candidate(name: str, skill: float, *, seed: int) -> Candidate:
    """Predictions of 40 validation and 40 test images, half of each malignant; `skill` parts the classes."""
    random, n = np.random.default_rng(seed), 80
    truth = np.arange(n) % 2
    raw = pd.DataFrame(
        {
            "view": "plain", "part": np.where(np.arange(n) < 40, "validation", "test"),
            "key": [f"k{place}" for place in range(n)], "group": [f"g{place}" for place in range(n)],
            "label": np.where(truth, "malignant", "benign"), "truth": truth,
            "probability": 1 / (1 + np.exp(-(skill * (2 * truth - 1) + random.normal(size=n)))),
        }
    )  # fmt: skip
    network: Any = _Network((_Tested(raw),))
    return Candidate(network, "plain", OPTIONS, (judge(raw, options=OPTIONS),), {"words": name})


MAIN, GOOD, POOR = _candidate("main", 1.0, seed=1), _candidate("good", 3.0, seed=2), _candidate("poor", 0.1, seed=3)
KEYS = [f"k{place}" for place in (*range(20), *range(40, 60))]


def test_the_best_of_the_validation_part_is_chosen_and_judged_on_the_images_of_the_group() -> None:
    choice = choose([POOR, MAIN, GOOD], what="margins")
    assert choice is not None and choice.best is GOOD
    assert choice.words.startswith("Of all margins the validation part speaks for good, AUC ")
    alike = choose([MAIN, _candidate("twin", 1.0, seed=4)], what="margins")
    assert alike is not None and "cannot tell the margins apart" in alike.words
    found = size_group("small", KEYS, [POOR, MAIN, GOOD], MAIN, least=5)
    assert isinstance(found, SizeGroup)
    assert found.chosen.facts["words"] == "good" and found.tried == 3
    assert found.counts == dict.fromkeys(
        ("benign_validation", "malignant_validation", "benign_test", "malignant_test"), 10
    )
    assert set(found.main.pooled["key"]) == set(KEYS[20:])
    table = size_groups_table([found], caption="Groups")
    assert table.row(group="small", which="chosen")["configuration"] == "good"
    assert table.row(group="small", which="main")["configuration"] == "main choice"
    right = (found.chosen.pooled["truth"] == found.chosen.pooled["predicted"]).mean()
    assert table.at(group="small", which="chosen", column="accuracy").value == pytest.approx(right)


def test_too_few_images_or_one_class_are_said() -> None:
    few = size_group("tiny", KEYS[:4] + KEYS[20:], [MAIN], MAIN, least=5)
    assert few == (
        "Size group tiny was left out: 2 benign validation images, 2 malignant validation images; 5 of each are needed "
        "to choose and to judge."
    )
