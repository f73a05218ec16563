"""Wide crops: a margin cut out of one equals the crop that preparation makes with that margin."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thyrosight.errors import ImageError
from thyrosight.imaging import (
    Box,
    Frame,
    Margin,
    Preparation,
    crop_at_margin,
    nodule_boxes,
    prepare_wide,
    read_frame,
    read_mask,
)

FRAME = Frame(np.random.default_rng(0).integers(40, 200, (300, 400), dtype=np.uint8), "7.png")


def smooth_frame(rows: int, columns: int) -> Frame:
    """Structures of some ten pixels, as speckle has on a large frame, instead of noise in every pixel."""
    y, x = np.mgrid[:rows, :columns]
    grey = 120 + 40 * np.sin(x / 7) + 35 * np.cos(y / 9) + 30 * np.sin((x + 2 * y) / 50)
    return Frame(grey.clip(0, 255).astype(np.uint8), "large.png")


@settings(max_examples=60)
@given(
    left=st.integers(0, 330),
    top=st.integers(0, 230),
    width=st.integers(8, 60),
    height=st.integers(8, 60),
    share=st.floats(0, 1),
    shape=st.sampled_from(["square", "width square", "rectangle"]),
    padding=st.sampled_from(["black", "edge", "reflect"]),
    colour=st.sampled_from(["grey", "rgb"]),
    unit=st.sampled_from(["pixels", "fraction"]),
)
def test_in_the_frames_resolution_the_bytes_are_those_of_preparation(
    *, left: int, top: int, width: int, height: int, share: float, shape: str, padding: str, colour: str, unit: str
) -> None:
    box = Box(left, top, left + width, top + height)
    largest = 100.0 if unit == "pixels" else 1.5
    margin = Margin(value=share * largest, unit=unit)
    preparation = Preparation(size=48, shape=shape, padding=padding, colour=colour, scan_area=False, margin=margin)
    wide = prepare_wide(preparation, FRAME, box=box, margins=(0, largest))
    assert np.array_equal(crop_at_margin(preparation, wide, margin.value), preparation.prepare(FRAME, box=box).pixels)


def test_a_coarser_wide_crop_stays_within_a_few_grey_values() -> None:
    preparation, box = Preparation(size=64, scan_area=False), Box(300, 200, 700, 640)
    frame = smooth_frame(900, 1100)
    wide = prepare_wide(preparation, frame, box=box, margins=(0, 100))
    # The nodule's 440 pixels are kept as 128, twice the 64 shown, and not as 440.
    assert wide.pixels.shape == (186, 186)
    for margin in (0, 37, 100):
        direct = preparation.prepare(frame, box=box, margin=Margin(value=margin)).pixels.astype(int)
        difference = np.abs(crop_at_margin(preparation, wide, margin).astype(int) - direct)
        assert difference.mean() < 1.5
        assert difference.max() <= 8


def test_without_a_box_every_margin_shows_the_whole_area() -> None:
    preparation = Preparation(size=32, scan_area=False)
    wide = prepare_wide(preparation, FRAME, box=None, margins=(0, 100))
    whole = preparation.prepare(FRAME).pixels
    assert all(np.array_equal(crop_at_margin(preparation, wide, margin), whole) for margin in (0, 60, 100))


def test_millimetres_use_the_spacing() -> None:
    frame = Frame(FRAME.pixels, "7.png", spacing_mm=(0.1, 0.2), spacing_reason="test")
    preparation = Preparation(size=40, scan_area=False, margin=Margin(value=3, unit="millimetres"))
    box = Box(150, 120, 190, 150)
    wide = prepare_wide(preparation, frame, box=box, margins=(0, 5))
    assert np.array_equal(crop_at_margin(preparation, wide, 3), preparation.prepare(frame, box=box).pixels)


def test_what_cannot_be_is_refused() -> None:
    box = Box(150, 120, 190, 150)
    with pytest.raises(ImageError, match="needs the crop 'nodule', got 'scan area'"):
        prepare_wide(Preparation(crop="scan area"), FRAME, box=box, margins=(0, 5))
    with pytest.raises(ImageError, match="give a smaller margin"):
        prepare_wide(Preparation(), FRAME, box=box, margins=(0, 5000))
    preparation = Preparation(scan_area=False)
    wide = prepare_wide(preparation, FRAME, box=box, margins=(0, 5))
    with pytest.raises(ImageError, match="A margin of 6 is larger"):
        crop_at_margin(preparation, wide, 6)


def test_a_real_frame_with_scan_area_and_mask(real_data: Path) -> None:
    frame, mask = read_frame(real_data / "ddti" / "100_1.a.jpg"), real_data / "ddti" / "100_1.b.jpg"
    box = nodule_boxes(read_mask(mask))[0]
    preparation = Preparation(size=224, margin=Margin(value=50))
    wide = prepare_wide(preparation, frame, box=box, margins=(0, 100))
    assert np.array_equal(crop_at_margin(preparation, wide, 50), preparation.prepare(frame, box=box).pixels)
