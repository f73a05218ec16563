"""Each table and figure of the paper is in the report of a small run."""

from pathlib import Path

import pytest

from tests.studies.items import Item, assert_in_report, items
from thyrosight.studies import Result


@pytest.mark.parametrize("item", items("Guan et al. 2019"), ids=str)
def test_the_item_is_in_the_report(item: Item, margin_study: tuple[Result, Path]) -> None:
    assert_in_report(item, margin_study[0])
