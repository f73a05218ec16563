"""Fixtures shared by all tests."""

import gc
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# How fast a machine draws examples says nothing about the code: timings belong in the benchmarks.
settings.register_profile("thyrosight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thyrosight")


_TOGETHER = re.compile("tests/studies/kinds/[^/]+/|tests/studies/(?!kinds/)|tests/default_models/")
"""Folders whose files look at the same studies and collections, which are made once where one process has them all."""


def group_of(nodeid: str) -> str:
    """What stays in one process: such a folder, or a file."""
    folder = _TOGETHER.match(nodeid)
    return folder.group() if folder else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what stays together, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: _TOGETHER.match(item.nodeid) is None)


class Together(LoadScopeScheduling):
    """Hands groups of tests to processes."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Several processes (-n 2) share the work by these groups."""
    return Together(config, log)


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
