"""How long near-duplicate detection takes on 1,000, 3,000 and 10,000 made-up images, and whether it finds the copies.

The images are speckle pictures of 500 x 315 pixels saved as JPEG; every tenth is an altered copy (brightness, crop of a
few pixels, JPEG quality 60) of an earlier one. Drawing them takes longer than searching them and is not counted.

    python benchmarks/bench_duplicates.py [n ...]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from thyrosight.cohort import Cohort, find_duplicates

ROWS, COLUMNS = 315, 500
COPY_EVERY = 10


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


def measure(files: list[str], copies: set[tuple[str, str]]) -> None:
    """Time one search and print a line."""
    keys = [Path(file).stem for file in files]
    table = pd.DataFrame({"key": keys, "image": files, "patient_id": "unknown", "nodule_id": "unknown"})
    cohort = Cohort(table=table.assign(label="benign", label_source="simulated"), name="bench", source="bench")
    wall, cpu = time.perf_counter(), time.process_time()
    found = find_duplicates(cohort)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    number = dict(zip(keys, found.frames, strict=True))
    wanted = [pair for pair in copies if pair[1] in number]
    hits = sum(number[one] == number[two] for one, two in wanted)
    expected = len(files) - len(wanted)
    print(
        f"n = {len(files):6d}: {wall:6.1f} s wall, {cpu:6.1f} s CPU, {1000 * cpu / len(files):5.2f} ms CPU per image; "
        f"{hits} of {len(wanted)} copies found, {found.distinct_frames} distinct frames (made: {expected})",
        flush=True,
    )


def main() -> None:
    """Run the sizes given on the command line."""
    counts = sorted(int(word) for word in sys.argv[1:]) or [1_000, 3_000, 10_000]
    with tempfile.TemporaryDirectory() as folder:
        files, copies = write_images(Path(folder), counts[-1])
        for count in counts:
            measure(files[:count], copies)


if __name__ == "__main__":
    main()
