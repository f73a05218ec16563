"""Small pictures and cohorts for the tests of this room."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from thyrosight.cohort import Cohort

Speckle = Callable[..., NDArray[np.uint8]]


@cache
def draw_speckle(seed: int, *, rows: int = 240, columns: int = 320) -> NDArray[np.uint8]:
    """A made-up frame: tissue layers with speckle, unlike for each seed."""
    random = np.random.default_rng(seed)
    layers = ndimage.gaussian_filter(random.normal(size=(rows, columns)), (6, 40)) * 60
    lesions = ndimage.gaussian_filter(random.normal(size=(rows, columns)), 18) * 60
    brightness = np.exp(0.5 * (layers + lesions))
    real, imaginary = (ndimage.gaussian_filter(random.normal(size=(rows, columns)), (1.2, 2.0)) for _ in range(2))
    echo = 20 * np.log10(brightness * np.hypot(real, imaginary) + 1e-3)
    low, high = np.quantile(echo, [0.02, 0.995])
    frame = np.asarray(np.clip((echo - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    frame.flags.writeable = False  # tests share it
    return frame


@pytest.fixture(scope="session")
def speckle() -> Speckle:
    """Draws a made-up frame by seed."""
    return draw_speckle


def write_grey(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Save grey pixels, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small plain picture and gives its path."""

    def write(name: str, *, rows: int = 40, columns: int = 60, value: int = 90) -> Path:
        return write_grey(tmp_path / name, np.full((rows, columns), value, dtype=np.uint8))

    return write


@pytest.fixture
def mask(tmp_path: Path) -> Callable[..., Path]:
    """Writes a mask with one rectangle (left, top, right, bottom) and gives its path."""

    def write(
        name: str, box: tuple[int, int, int, int] | None = (10, 5, 30, 25), *, rows: int = 40, columns: int = 60
    ) -> Path:
        pixels = np.zeros((rows, columns), dtype=np.uint8)
        if box is not None:
            pixels[box[1] : box[3], box[0] : box[2]] = 255
        return write_grey(tmp_path / name, pixels)

    return write


def cohort_of(patients: list[str], labels: list[str], **columns: list[object]) -> Cohort:
    """A cohort without files, each image in the group of its patient (unknown ones alone)."""
    count = len(patients)
    keys = [f"image-{number:04d}" for number in range(count)]
    table = pd.DataFrame(
        {
            "key": keys,
            "image": [f"/nowhere/{key}.png" for key in keys],
            "patient_id": patients,
            "nodule_id": ["unknown"] * count,
            "label": labels,
            "label_source": ["pathology"] * count,
            **columns,
        }
    )
    groups = [key if patient == "unknown" else patient for key, patient in zip(keys, patients, strict=True)]
    return Cohort(table=table.assign(group=groups), name="made-up", source="made-up")


@pytest.fixture(scope="session")
def make_cohort() -> Callable[..., Cohort]:
    """Makes a grouped cohort without files."""
    return cohort_of
