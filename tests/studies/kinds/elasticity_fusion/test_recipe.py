"""The recipe of fusion: what cannot be meant is refused with the field that is wrong."""

import pytest

from thyrosight.errors import ThyroSightError
from thyrosight.studies import load_recipe


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["any_size.size=80"], "any_size: the shape own needs a size that is a multiple of 32, at least 64"),
        (["freeze.depths=[-1]"], "freeze.depths: expected numbers of layers"),
        (["split.unit=image"], "split.unit: this study divides by patient"),
    ],
)
def test_the_field_that_is_wrong_is_named(settings: list[str], message: str) -> None:
    with pytest.raises(ThyroSightError, match=message):
        load_recipe("elasticity-fusion", settings=settings)
