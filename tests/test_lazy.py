"""Names of rooms that are imported on first use."""

import importlib
from pathlib import Path

import pytest

ROOMS = ("networks", "training", "inference", "explain", "imaging", "cohort", "studies")


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_there_and_none_is_that_of_a_file(room: str) -> None:
    package = importlib.import_module(f"thyrosight.{room}")
    assert dir(package) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is getattr(package, name)
    assert package.__file__ is not None
    files = {path.stem for path in Path(package.__file__).parent.iterdir()}
    assert not files & set(package.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018
