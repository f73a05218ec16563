"""Simulated frames with a known scan area."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont


@dataclass(frozen=True)
class Simulated:
    pixels: NDArray[np.uint8]
    area: NDArray[np.bool_]


def simulate(
    kind: str,
    *,
    rows: int = 420,
    columns: int = 560,
    seed: int = 0,
    bottom_level: float = 0.25,
    quality: int | None = 75,
    text: bool = True,
    white_border: int = 0,
    background: int = 0,
) -> Simulated:
    """Rayleigh speckle with attenuation, in a scan area of one kind, with machine text beside it, as JPEG makes it."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns] + 0.5
    middle, top, bottom = columns / 2, 0.12 * rows, 0.92 * rows
    if kind == "rectangle":
        area = (x > 0.2 * columns) & (x < 0.8 * columns) & (y > top) & (y < bottom)
    elif kind == "trapezoid":
        half = 0.2 * columns + 0.25 * (y - top)
        area = (np.abs(x - middle) < half) & (y > top) & (y < bottom)
    elif kind == "convex":
        apex = top - 0.35 * rows
        radius, angle = np.hypot(x - middle, y - apex), np.arctan2(x - middle, y - apex)
        area = (radius > 0.45 * rows) & (radius < bottom - apex) & (np.abs(angle) < np.radians(32))
    elif kind == "sector":
        radius, angle = np.hypot(x - middle, y - top), np.arctan2(x - middle, y - top)
        area = (radius > 2) & (radius < bottom - top) & (np.abs(angle) < np.radians(40))
    else:
        area = np.ones((rows, columns), dtype=bool)
    depth = np.clip((y - top) / (bottom - top), 0, 1)
    speckle = generator.rayleigh(40, (rows, columns)) * (1 - (1 - bottom_level) * depth)
    pixels = np.where(area, np.clip(speckle, 0, 255), background).astype(np.uint8)
    picture = Image.fromarray(pixels)
    if text:
        draw = ImageDraw.Draw(picture)
        font = ImageFont.load_default(rows / 42)
        draw.text((0.01 * columns, 0.01 * rows), "GENERAL HOSPITAL  12 MHz", fill=230, font=font)
        draw.text((0.88 * columns, 0.2 * rows), "Gain 50\nDR 60", fill=200, font=font)
        for tick in range(0, rows, 30):
            draw.line((columns - 8, tick, columns - 3, tick), fill=220)
    if white_border:
        framed = Image.new("L", (columns + 2 * white_border, rows + 2 * white_border), 255)
        framed.paste(picture, (white_border, white_border))
        picture, area = framed, np.pad(area, white_border)
    if quality is not None:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        picture = Image.open(io.BytesIO(stream.getvalue()))
    return Simulated(np.asarray(picture), area)


@pytest.fixture(scope="session")
def simulated() -> Callable[..., Simulated]:
    return simulate


@pytest.fixture(scope="session")
def overlap() -> Callable[[NDArray[np.bool_], NDArray[np.bool_]], float]:
    """Intersection over union of two areas."""

    def measure(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
        return float((one & other).sum() / (one | other).sum())

    return measure
