"""A small bundle that tests may use, or copy and break."""

import shutil
from pathlib import Path

import pytest

from thyrosight.imaging import Margin, Preparation
from thyrosight.inference import HeatScale, OperatingPoint, save_bundle
from thyrosight.networks import create

PARTS = {
    "calibration": {"method": "platt", "slope": 2.0, "intercept": 0.5},
    "operating_point": OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part of division-01"),
    "cohort": {"name": "phantoms", "digest": "0" * 64, "label_source": "simulated", "split_kind": "patient-level"},
    "heat_scale": HeatScale(value=0.01, rule="99th percentile of the maxima of 10 maps"),
    "metrics": {"auc": {"value": 0.75, "low": 0.6, "high": 0.9, "n": 40}},
    "software": {"thyrosight": "0.1.0"},
}


def save(folder: Path, **changes: object) -> Path:
    network, spec = create("tiny", input_size=32, seed=1)
    preparation = Preparation(size=32, crop="nodule", margin=Margin(value=0.25, unit="fraction"))
    given = {"network": network, "spec": spec, "preparation": preparation, **PARTS, **changes}
    return save_bundle(folder, **given).folder


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that must not be changed."""
    return save(tmp_path_factory.mktemp("bundle") / "model")


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A copy that may be broken."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


@pytest.fixture
def save_model():
    """Save the small bundle with some parts changed."""
    return save
