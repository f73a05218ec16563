"""Searching near-duplicates among 2,000 simulated speckle frames, beside decoding the same files.

JPEG files of 500 x 315 pixels; every tenth is an altered copy (brightness, crop of a few pixels, JPEG quality 60) of
an earlier one. Decoding to grey levels with Pillow is the least that any search needs. Milliseconds of processor time
per image; the second row is the same search of a quarter of the images, and a ratio of 1 says that time grows no
faster than their number.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from benches.row import Row, named
from thyrosight.cohort import Cohort, find_duplicates

ROWS, COLUMNS, COUNT, COPY_EVERY = 315, 500, 2_000, 10


def draw(number: int, fields: list[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """One frame: three large random fields, cut at random places and mixed, as tissue, lesions and speckle."""
    random = np.random.default_rng(number)

    def cut(field: NDArray[np.float32]) -> NDArray[np.float32]:
        top, left = random.integers(0, field.shape[0] - ROWS), random.integers(0, field.shape[1] - COLUMNS)
        part = field[top : top + ROWS, left : left + COLUMNS]
        return part[:, ::-1] if random.random() < 0.5 else part

    tissue, lesions, speckle = (cut(field) for field in fields)
    return np.asarray(np.clip(110 + 45 * tissue + 25 * lesions + 30 * speckle, 0, 255)).astype(np.uint8)


def large_fields() -> list[NDArray[np.float32]]:
    """Fields far larger than a frame, so that two frames hardly ever show the same part of all three."""
    random = np.random.default_rng(0)
    fields = []
    for blur in ((8, 30), (20, 20), (1.3, 2.0)):
        field = ndimage.gaussian_filter(random.normal(size=(3000, 4000)).astype(np.float32), blur)
        fields.append(field / field.std())
    return fields


def altered(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A copy with another brightness, less a few pixels at each border."""
    top, left, bottom, right = random.integers(1, 7, size=4)
    part = pixels[top:-bottom, left:-right] * random.uniform(0.8, 1.2)
    return np.asarray(np.clip(part, 0, 255)).astype(np.uint8)


def write_images(folder: Path, count: int) -> tuple[list[str], set[tuple[str, str]]]:
    """Write the images; give their files, and the pairs that are copies."""
    fields, random = large_fields(), np.random.default_rng(1)
    files, copies = [], set()
    for number in range(count):
        source = number
        if number % COPY_EVERY == COPY_EVERY - 1:
            source = int(random.integers(0, number // COPY_EVERY + 1)) * COPY_EVERY
            copies.add((f"{source:05d}", f"{number:05d}"))
        pixels = draw(source, fields)
        path = folder / f"{number:05d}.jpg"
        Image.fromarray(pixels if source == number else altered(pixels, random)).save(
            path, quality=90 if source == number else 60
        )
        files.append(str(path))
    return files, copies


def search(files: list[str], copies: set[tuple[str, str]]) -> tuple[float, str]:
    """Milliseconds per image, and how many copies were found."""
    keys = [Path(file).stem for file in files]
    table = pd.DataFrame({"key": keys, "image": files, "patient_id": "unknown", "nodule_id": "unknown"})
    cohort = Cohort(table=table.assign(label="benign", label_source="simulated"), name="bench", source="bench")
    start = time.process_time()
    found = find_duplicates(cohort)
    took = time.process_time() - start
    number = dict(zip(keys, found.frames, strict=True))
    wanted = [pair for pair in copies if pair[1] in number]
    hits = sum(number[one] == number[two] for one, two in wanted)
    return 1000 * took / len(files), f"{hits} of {len(wanted)} copies found"


def decode(files: list[str]) -> float:
    """Milliseconds per image of decoding alone."""
    start = time.process_time()
    for file in files:
        with Image.open(file) as picture:
            np.asarray(picture.convert("L"))
    return 1000 * (time.process_time() - start) / len(files)


def rows() -> list[Row]:
    """Search all images, and a part of them."""
    with tempfile.TemporaryDirectory() as folder:
        files, copies = write_images(Path(folder), COUNT)
        alone = decode(files)
        part, _ = search(files[: COUNT // 4], copies)
        whole, found = search(files, copies)
    what = f"near-duplicates of {COUNT:,} images"
    return [
        Row(f"{what} ({found}), per image", whole, "ms", f"{named('Pillow', 'pillow')}: decoding alone", alone),
        Row(f"{what}, per image", whole, "ms", f"the same of {COUNT // 4}", part),
    ]
