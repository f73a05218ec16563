"""Fixtures shared by all tests."""

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine draws examples says nothing about the code: timings belong in the benchmarks.
settings.register_profile("thyrosight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thyrosight")


_MADE_ONCE = ("ynet_study", "micronodule_study", "fusion_study", "margin_study", "study", "viewer", "packs")
"""Studies, collections and a browser that are made once and that several files look at."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and with them the files that look at the same study, which is then made
    once; such long groups come first, so that no process is left alone with one at the end."""
    together = {
        item.path: next((folder for folder in item.path.parents if folder.name == "studies"), item.path.parent)
        if "kinds" not in item.path.parts
        else item.path.parent
        for item in items
        if set(_MADE_ONCE) & set(getattr(item, "fixturenames", ()))
    }
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(together.get(item.path, item.path))))
    items.sort(key=lambda item: item.path not in together)


def pytest_collection_finish() -> None:
    """Take what the imports left (millions of objects of torch) out of every later search for garbage."""
    gc.collect()
    gc.freeze()


_SHARED = Path(os.environ.get("THYROSIGHT_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets (ddti, busi, readers and so on); the test skips where it is absent."""
    path = _SHARED / "data"
    if not path.exists():
        pytest.skip(f"no real data sets at {path}: set THYROSIGHT_SHARED to the folder that holds them in data/")
    return path


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Any]:
    """Read results of independent implementations: `reference("proportions")`; their README names the sources."""
    folder = Path(__file__).parent / "statistics" / "reference"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def case() -> Callable[[str], Path]:
    """The folder of a situation from the field: `case("18-retired-us-class")`; skips where it is absent."""

    def folder(name: str) -> Path:
        path = _SHARED / "cases" / name
        if not path.exists():
            pytest.skip(
                f"no situations from the field at {path}: set THYROSIGHT_SHARED to the folder that holds cases/"
            )
        return path

    return folder
