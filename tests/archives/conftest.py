"""A tiny model, and a folder of small images with something wrong here and there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.imaging import Preparation
from thyrosight.inference import OperatingPoint, save_bundle
from thyrosight.networks import create

COUNT = 12
"""Images in the folder that can be read."""


def save_model(folder: Path, *, seed: int = 1, **changes: object) -> Path:
    network, spec = create("tiny", input_size=32, seed=seed)
    parts = {
        "preparation": Preparation(size=32, crop="scan area"),
        "calibration": {"method": "platt", "slope": 400.0, "intercept": 22.4},  # spreads what this network tells apart
        "operating_point": OperatingPoint(threshold=0.5, rule="youden", chosen_on="validation part of division-01"),
        "cohort": {"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
    }
    return save_bundle(folder, network=network, spec=spec, **(parts | changes)).folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With `model.onnx`, so that workers need no torch."""
    images = list(np.random.default_rng(0).integers(0, 200, (4, 32, 32), dtype=np.uint8))
    return save_model(tmp_path_factory.mktemp("bundle") / "model", images=images)


def write_image(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 60 + 15 * (seed % 12), (90, 120), dtype=np.uint8)).save(
        path
    )
    return path


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two folders of six images each, and one file that is no image."""
    folder = tmp_path / "scans"
    for number in range(COUNT):
        write_image(folder / f"{'ab'[number // 6]}" / f"scan{number:02}.png", number)
    (folder / "a" / "scan03-notes.png").write_text("no image", encoding="utf-8")
    return folder
