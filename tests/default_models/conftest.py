"""Simulated collections and their packs, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.default_models.simulated import make_collections
from thyrosight.default_models.collections import COLLECTIONS, items_of
from thyrosight.default_models.pack import write


@pytest.fixture(scope="session", autouse=True)
def small_packs() -> Iterator[None]:
    """Packs of 128 instead of 384 pixels, so that they are made in seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("thyrosight.default_models.pack.SIDE", 128)
        yield


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny `tn5000`, `ddti` and `busi`."""
    folder = tmp_path_factory.mktemp("collections")
    make_collections(folder)
    return folder


@pytest.fixture(scope="session")
def packs(collections: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of their packs."""
    folder = tmp_path_factory.mktemp("packs")
    for name in COLLECTIONS:
        write(items_of(collections, name), folder / f"{name}.npz")
    return folder
