"""Each figure of the paper that shows images is in the report of a small run; the others are tested on made-up ones."""

from pathlib import Path

import pytest

from tests.studies.items import Item, assert_in_report, items
from thyrosight.studies import Result

PICTURED = ("Figure 2", "Figure 3", "Figure 7")


@pytest.mark.parametrize("item", [item for item in items("Qin et al. 2020") if item.name in PICTURED], ids=str)
def test_the_item_is_in_the_report(item: Item, fusion_study: tuple[Result, Path]) -> None:
    assert_in_report(item, fusion_study[0])
