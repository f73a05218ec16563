"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine draws examples says nothing about the code: timings belong in the benchmarks.
settings.register_profile("thyrosight", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thyrosight")

_SHARED = Path(os.environ.get("THYROSIGHT_SHARED", Path(__file__).parents[2] / "shared"))


def _folder(*parts: str) -> Path:
    path = _SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not found at {path}; set THYROSIGHT_SHARED to the folder that holds data and reference")
    return path


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets (ddti, busi, readers and so on); the test skips where it is absent."""
    return _folder("data")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference results as JSON; the test skips where it is absent."""
    return _folder("reference")
