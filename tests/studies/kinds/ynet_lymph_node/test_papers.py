"""Each table and figure of the paper is in the report of a small run."""

from pathlib import Path

import pytest

from tests.studies.items import Item, assert_in_report, items
from thyrosight.studies import Result


@pytest.mark.parametrize("item", items("Zhao et al. 2023"), ids=str)
def test_the_item_is_in_the_report(item: Item, ynet_study: tuple[Result, Path]) -> None:
    assert_in_report(item, ynet_study[0])
