"""Outlines of made-up networks: numbers of tests, failures, and images without a lesion."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.documents import Figure
from thyrosight.documents.drawings import Dice
from thyrosight.studies.analyses.outlines import Outlined, dice_difference, dice_figures, outlined, outlines_table
from thyrosight.studies.base import Evaluation

OPTIONS = Evaluation(bootstrap=200, seed=1)


@dataclass
class _Drawn:
    """The part of `Network` that outlines are read from."""

    key: str
    rows: pd.DataFrame
    tested: tuple[Any, ...] = ()

    def outlines(self) -> pd.DataFrame:
        return self.rows


def _outlined(dice: list[float], *, true: list[int], found: list[int], mm: float = float("nan")) -> Outlined:
    n = len(dice)
    rows = pd.DataFrame(
        {
            "key": [f"k{place % 4}" for place in range(n)], "group": [f"g{place % 4 // 2}" for place in range(n)],
            "division": [f"fold-0{place // 4 + 1}" for place in range(n)], "dice": dice, "iou": np.array(dice) / 2,
            "hd95_pixels": np.where(np.array(found) > 0, 7.0, np.nan), "hd95_mm": mm, "true_pixels": true,
            "found_pixels": found, "frame": "20 x 10",
        }
    )  # fmt: skip
    network: Any = _Drawn("ynet", rows)
    return outlined(network, title="Y-Net", failed_below=0.1, options=OPTIONS)


ONE = _outlined([0.9, 0.05, 1.0, 0.0] * 2, true=[50, 40, 0, 0] * 2, found=[60, 0, 0, 5] * 2, mm=2.5)


def test_images_without_a_lesion_are_told_apart_from_failures() -> None:
    table = outlines_table([ONE])
    row = table.row(network="ynet")
    assert {name: row[name] for name in ("tests", "images", "groups")} == {"tests": 8, "images": 4, "groups": 2}
    assert (row["found_nothing"], row["without_lesion"], row["marked_nothing_there"]) == (2, 4, 2)
    assert row["failed"].value == 0.5  # type: ignore[union-attr]
    assert "4 tests have no lesion, in 2 of which Y-Net marked one." in table.notes
    assert "In mm for the 8 whose pixel spacing is known" in table.notes[1]
    assert not table.column("hd95_mm").hidden
    none = _outlined([0.9, 0.8, 1.0, 0.2] * 2, true=[50] * 8, found=[60] * 8)
    table = outlines_table([none])
    assert table.column("hd95_mm").hidden and "In mm" not in table.notes[1] and len(table.notes) == 2


def test_figures_draw_every_test_and_the_share_of_the_frame_it_covers() -> None:
    values = ONE.values()
    assert values.dice == (0.9, 0.05, 1.0, 0.0) * 2
    assert values.share == (0.25, 0.2, 0.0, 0.0) * 2
    box, pair = dice_figures([ONE])
    assert isinstance(box, Figure) and isinstance(box.drawing, Dice)
    assert box.drawing.failed_below == 0.1 and "(the paper's Figure 3)" in box.caption
    assert [item.name for item in pair.items] == ["dice-by-size", "dice-history"]  # type: ignore[union-attr]


def test_a_difference_pairs_the_same_images_of_the_same_divisions() -> None:
    better = _outlined([0.95, 0.15, 1.0, 0.1] * 2, true=[50, 40, 0, 0] * 2, found=[60, 9, 0, 5] * 2)
    found = dice_difference(better, ONE, options=OPTIONS)
    assert found.difference == pytest.approx(np.mean([0.05, 0.1, 0.0, 0.1]))
    assert found.low < found.difference < found.high and np.isnan(found.p), "two patients show nothing"
    assert found.method.endswith("of 8 tests of 4 images")


def test_outlines_that_all_fail_alike_have_an_interval_that_counts_patients() -> None:
    """A mean Dice of 0.000 (0.000 to 0.000), and networks "that help by +0.000", were printed before."""
    rows = {"true": [50] * 8, "found": [60] * 8}
    none, perfect = _outlined([0.0] * 8, **rows), _outlined([1.0] * 8, **rows)
    limit = 0.025 ** (1 / 2)
    assert (none.dice_mean.low, none.dice_mean.high) == pytest.approx((0, 1 - limit))
    assert (perfect.dice_mean.low, perfect.dice_mean.high) == pytest.approx((limit, 1))
    assert none.dice_median.low is None and "too few" in none.dice_median.method
    same = dice_difference(none, none, options=OPTIONS)
    assert (same.difference, same.low, same.high) == pytest.approx((0, limit - 1, 1 - limit))
