"""Fixtures shared by all tests."""

import gc
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.known_graphs import KnownGraphs

# Until all tests are collected: imports leave no garbage, and to search for it takes seconds.
gc.disable()

# How fast a machine draws examples says nothing about the code: timings belong in the benchmarks.
settings.register_profile("thyrosight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thyrosight")


_TOGETHER = re.compile("tests/studies/kinds/[^/]+/|tests/studies/(?!kinds/)|tests/default_models/")
"""Folders whose files look at the same studies and collections, which are made once where one process has them all."""
_FIRST = re.compile(f"{_TOGETHER.pattern}|tests/pacs/viewer/")
"""Folders that take long for the number of their tests, where no run has told yet."""
_SECONDS = "thyrosight/seconds"
"""Where pytest's cache keeps the seconds of each test."""


def group_of(nodeid: str) -> str:
    """Group of tests that stay in one process: such a folder, or a file."""
    folder = _TOGETHER.match(nodeid)
    return folder.group() if folder else nodeid.partition("::")[0]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what took longest when it was run last, so that no process is left alone with it at the end."""
    cache = _cache_of(config)
    known = {} if cache is None else cache.get(_SECONDS, {})
    seconds, first = Counter[str](), set[str]()
    for item in items:
        group = group_of(item.nodeid)
        seconds[group] += known.get(item.nodeid, 0.05)
        if not known and _FIRST.match(item.nodeid):
            first.add(group)
    items.sort(key=lambda item: (group_of(item.nodeid) not in first, -seconds[group_of(item.nodeid)]))


class Stopwatch:
    """Keeps the seconds of each test for the order of the next run."""

    def __init__(self, cache: pytest.Cache) -> None:
        self._cache, self._seconds = cache, Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        told = {test: round(seconds, 2) for test, seconds in self._seconds.items()}
        self._cache.set(_SECONDS, self._cache.get(_SECONDS, {}) | told)


def pytest_configure(config: pytest.Config) -> None:
    cache = _cache_of(config)
    if cache is not None and not hasattr(config, "workerinput"):  # who hands out the tests hears of them all
        config.pluginmanager.register(Stopwatch(cache))


def _cache_of(config: pytest.Config) -> pytest.Cache | None:
    """None where it was turned off."""
    return getattr(config, "cache", None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let the first of several processes import everything alone where Python has not compiled it yet.

    It keeps the bytecode, which the others read; at once, each of them would compile thousands of files for itself.
    """
    cache = _cache_of(session.config)
    if cache is None or not hasattr(session.config, "workerinput") or sys.dont_write_bytecode:
        return (yield)
    # Of this Python, and of these packages: files change their inodes when they are installed anew.
    installed = Path(pytest.__file__).stat().st_ctime_ns
    compiled = cache.mkdir("compiled") / f"{sys.implementation.cache_tag}-{installed}"
    if not compiled.exists():
        with FileLock(compiled.with_suffix(".lock")):
            if not compiled.exists():
                result = yield
                compiled.touch()
                return result
    return (yield)


class Together(LoadScopeScheduling):
    """Hands groups of tests to processes."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Several processes (-n 2) share the work by these groups, in the order above."""
    config.option.loadscopereorder = False
    return Together(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: tests wait for browsers, archives and programs that they start."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_collection_finish(session: pytest.Session) -> None:
    """Search for garbage less often, and not among what the imports left: millions of objects of torch."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
    cache, networks = _cache_of(session.config), sys.modules.get("thyrosight.networks.onnx_file")
    if cache is not None and networks is not None and networks.__file__ is not None:
        networks._KNOWN = KnownGraphs(cache.mkdir("onnx-graphs"), Path(networks.__file__).parent)


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
