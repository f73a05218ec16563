"""Tiny simulated collections in the layout of the public ones: speckle, a dark nodule, callipers by choice."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHAPE = (120, 160)


def ellipse(middle: tuple[float, float], half: tuple[float, float]) -> NDArray[np.bool_]:
    """An upright ellipse; (row, column) and half its (height, width)."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    inside: NDArray[np.bool_] = ((rows - middle[0]) / half[0]) ** 2 + ((columns - middle[1]) / half[1]) ** 2 <= 1
    return inside


def frame(seed: int, *, nodule: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
    """Speckle, darker in a nodule."""
    draw = np.random.default_rng(seed)
    grey = 90 + 25 * draw.standard_normal(SHAPE)
    if nodule is not None:
        grey = np.where(nodule, grey - 50, grey)
    return np.asarray(grey.clip(5, 255), dtype=np.uint8)


def with_crosses(pixels: NDArray[np.uint8], places: list[tuple[int, int]], ink: int = 250) -> NDArray[np.uint8]:
    """The picture with upright crosses at (column, row)."""
    marked = pixels.copy()
    for column, row in places:
        marked[row, column - 5 : column + 6] = ink
        marked[row - 5 : row + 6, column] = ink
    return marked


def make_collections(data: Path, *, each: int = 20, tn5000: int = 20) -> None:
    """Write `tn5000`, `ddti` and `busi` with about so many frames; nodules lie anywhere."""
    _tn5000(data / "tn5000", tn5000)
    _ddti(data / "ddti", each)
    _busi(data / "busi", each)


def _nodule(seed: int) -> tuple[tuple[int, int], tuple[int, int]]:
    draw = np.random.default_rng(1000 + seed)
    middle = (int(draw.integers(45, 75)), int(draw.integers(50, 110)))
    return middle, (int(draw.integers(14, 22)), int(draw.integers(18, 30)))


def _tn5000(folder: Path, count: int) -> None:
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(count):
        label = "malignant" if number % 2 else "benign"
        (row, column), half = _nodule(number)
        pixels = frame(number, nodule=ellipse((row, column), half))
        if number % 4 < 2:
            ends = [(column - half[1], row), (column + half[1], row), (column, row - half[0]), (column, row + half[0])]
            pixels = with_crosses(pixels, ends)
        name = f"images/{10 * number:06d}.jpg"
        Image.fromarray(pixels).save(folder / name, quality=95)
        part = "valid" if number % 5 == 4 else "train"
        known = {"label_source": "pathology", "part": part, "original_width": "160", "original_height": "120"}
        rows.append({"image": name, "label": label, **known})
    _write(folder / "cohort.csv", rows)


def _ddti(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    rows = []
    for number in range(count):
        mask = ellipse(*_nodule(100 + number))
        Image.fromarray(frame(100 + number, nodule=mask)).save(folder / f"{number + 1}_1.a.jpg", quality=95)
        Image.fromarray(mask.astype(np.uint8) * 255).save(folder / f"{number + 1}_1.b.jpg", quality=95)
        rows.append({"image": f"{number + 1}_1", "tirads": ("2", "3", "4a", "4b", "4c", "5")[number % 6]})
    _write(folder / "labels.csv", rows)


def _busi(folder: Path, count: int) -> None:
    for place, kind in enumerate(("benign", "malignant", "normal")):
        (folder / kind).mkdir(parents=True)
        for number in range(count // 2):
            seed = 200 + 50 * place + number
            mask = ellipse(*_nodule(seed))
            name = folder / kind / f"{kind} ({number + 1})"
            pixels = frame(seed, nodule=None if kind == "normal" else mask)
            Image.fromarray(pixels).save(f"{name}.jpg", quality=95)
            if kind != "normal":
                Image.fromarray(mask.astype(np.uint8) * 255).save(f"{name}_mask.jpg", quality=95)


def _write(table: Path, rows: list[dict[str, str]]) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
