"""Frames: grey levels, parts, and what is refused."""

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame


def test_luma_agrees_with_pillow_to_one_level_and_keeps_grey_as_it_is() -> None:
    colours = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    luma = Frame(colours, "a.png").grey()
    assert np.abs(luma.astype(int) - np.asarray(Image.fromarray(colours).convert("L"))).max() <= 1
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(Frame(np.stack([levels] * 3, axis=2), "a.png").grey(), levels)


def test_a_part_keeps_where_it_came_from() -> None:
    frame = Frame(np.arange(200, dtype=np.uint8).reshape(10, 20), "a.png", spacing_mm=(0.1, 0.1))
    part = frame.part(Box(5, 2, 15, 9))
    assert np.array_equal(part.pixels, frame.pixels[2:9, 5:15])
    assert part.source == "a.png"
    assert part.spacing_mm == (0.1, 0.1)
    assert part.notes == ("only the part 5,2,15,9 of the frame",)
    with pytest.raises(ImageError, match="reaches outside"):
        frame.part(Box(5, 2, 21, 9))


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4), np.uint8), np.zeros(4, np.uint8), [[1, 2]]],
)
def test_other_arrays_are_refused(pixels: object) -> None:
    with pytest.raises(ImageError, match=r"a\.png: expected 8-bit pixels"):
        Frame(pixels, "a.png")  # type: ignore[arg-type]


@pytest.mark.parametrize("spacing", [(0.0, 0.1), (-1.0, 1.0), (float("nan"), 0.1)])
def test_an_impossible_spacing_is_refused(spacing: tuple[float, float]) -> None:
    with pytest.raises(ImageError, match="two positive numbers"):
        Frame(np.zeros((4, 4), np.uint8), "a.png", spacing_mm=spacing)
