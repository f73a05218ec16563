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
