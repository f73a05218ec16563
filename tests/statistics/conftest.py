"""A simulated study, analysed in R: fixtures shared by the tests of the statistics."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def simulated() -> pd.DataFrame:
    """Images of patients with truth, two scores and predictors; `reference("simulated")` holds what R says of it."""
    return pd.read_csv(Path(__file__).parent / "reference" / "simulated.csv")


@pytest.fixture(scope="session")
def in_r(reference: Callable[[str], Any]) -> dict[str, Any]:
    """Results of pROC and geepack for the simulated study."""
    found: dict[str, Any] = reference("simulated")
    return found


@pytest.fixture(scope="session")
def in_r_calibration(reference: Callable[[str], Any]) -> dict[str, Any]:
    """Results of rms, Hmisc, geepack and loess for risks made from the simulated study."""
    found: dict[str, Any] = reference("calibration")
    return found
