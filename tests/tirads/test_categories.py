"""Recorded categories."""

import pytest

from thyrosight.tirads import TiradsError, category_rank, read_category, systems


@pytest.mark.parametrize(
    ("system", "text", "category"),
    [
        ("acr", "TR4", "TR4"), ("acr", "4", "TR4"), ("acr", "4.0", "TR4"), ("acr", "ACR TI-RADS 5", "TR5"),
        ("kwak", "4A", "4a"), ("kwak", "TIRADS 4b", "4b"), ("k-tirads-2016", "K-TIRADS 5", "5"),
        ("eu", "EU-TIRADS 2", "2"), ("c-tirads", "4c", "4C"), ("c-tirads", "C-TIRADS 4A", "4A"),
        ("ata", "Very low suspicion", "very low suspicion"), ("acr", "", None), ("kwak", "unknown", None),
        ("acr", "nan", None),
    ],
)  # fmt: skip
def test_spellings(system: str, text: str, category: str | None) -> None:
    assert read_category(system, text) == category


@pytest.mark.parametrize(("system", "text"), [("acr", "4a"), ("kwak", "4"), ("eu", "6"), ("k-tirads-2021", "1")])
def test_a_category_of_another_system_is_refused(system: str, text: str) -> None:
    with pytest.raises(TiradsError, match=r"x.csv, row 2: '.*' is no category of .*; its categories are"):
        read_category(system, text, where="x.csv, row 2")


def test_every_category_is_read_back_and_ranked_in_order() -> None:
    for key, system in systems().items():
        for rank, category in enumerate(system.categories, start=1):
            assert read_category(key, category.name) == category.name
            assert category_rank(key, category.name) == rank
    with pytest.raises(TiradsError, match="empty category"):
        category_rank("acr", "")
