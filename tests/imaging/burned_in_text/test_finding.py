"""Text is found where it stands, whatever its colour; tissue, flow and borders are left alone."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom.data import get_testdata_file

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, find_scan_area, read_frame
from thyrosight.imaging.burned_in_text import find_burned_in_text


def speckle(rows: int = 300, columns: int = 400, seed: int = 0) -> NDArray[np.uint8]:
    """Correlated speckle, as a scanner shows tissue."""
    from scipy import ndimage

    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(rows, columns)), (1.2, 2.5))
    return np.clip(85 + 22 * noise / noise.std(), 0, 255).astype(np.uint8)


def with_text(
    pixels: NDArray[np.uint8], text: str, at: tuple[int, int], colour: object, size: int
) -> NDArray[np.uint8]:
    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).text(at, text, fill=colour, font=ImageFont.load_default(size=size))  # type: ignore[arg-type]
    return np.asarray(picture)


def covered(pixels: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> float:
    """Share of the changed pixels that lie in boxes."""
    changed = pixels != drawn if pixels.ndim == 2 else (pixels != drawn).any(axis=2)
    mask = np.zeros(changed.shape, dtype=bool)
    for box in find_burned_in_text(drawn):
        mask[box.top : box.bottom, box.left : box.right] = True
    return float(mask[changed].mean())


@pytest.mark.parametrize("size", [12, 16, 24, 36])
def test_white_text_in_tissue_is_covered(size: int) -> None:
    pixels = speckle()
    assert covered(pixels, with_text(pixels, "SMITH JANE 1961", (40, 120), 255, size)) > 0.97


@pytest.mark.parametrize("colour", [(255, 255, 0), (0, 255, 0), (255, 60, 60), (90, 90, 255), (255, 255, 255)])
def test_text_in_colour_is_covered(colour: tuple[int, int, int]) -> None:
    pixels = np.repeat(speckle()[:, :, None], 3, axis=2)
    assert covered(pixels, with_text(pixels, "DOE JOHN 44710", (40, 120), colour, 18)) > 0.97


def test_dark_text_on_a_bright_bar_is_covered() -> None:
    pixels = speckle()
    pixels[:30] = 220
    assert covered(pixels, with_text(pixels, "SMITH JANE 1961", (40, 6), 10, 16)) > 0.97


def test_grey_text_on_black_beside_the_scan_is_covered() -> None:
    pixels = speckle()
    pixels[:, :120] = 0
    assert covered(pixels, with_text(pixels, "Gen THI", (10, 40), 90, 14)) > 0.97


@pytest.mark.parametrize("seed", range(6))
def test_speckle_alone_is_hardly_touched(seed: int) -> None:
    mask = np.zeros((300, 400), dtype=bool)
    for box in find_burned_in_text(speckle(seed=seed)):
        mask[box.top : box.bottom, box.left : box.right] = True
    assert mask.mean() < 0.01


def test_boxes_lie_in_the_frame_and_the_same_frame_gives_the_same_boxes() -> None:
    pixels = with_text(speckle(), "EDGE CASE", (330, 285), 255, 18)
    boxes = find_burned_in_text(pixels)
    assert boxes == find_burned_in_text(pixels.copy())
    assert all(Box(0, 0, 400, 300).contains(box) for box in boxes)


@pytest.mark.parametrize("shape", [(1, 1), (15, 400), (16, 16), (40, 40, 3)])
def test_small_and_flat_frames_hold_no_text(shape: tuple[int, ...]) -> None:
    for value in (0, 128, 255):
        assert find_burned_in_text(np.full(shape, value, dtype=np.uint8)) == []


def test_other_pixels_are_refused() -> None:
    with pytest.raises(ImageError, match="8-bit"):
        find_burned_in_text(np.zeros((50, 50), dtype=np.float32))  # type: ignore[arg-type]


def test_the_hospital_name_in_a_real_frame_is_covered() -> None:
    path = get_testdata_file("US1_UNCR.dcm")
    if path is None:
        pytest.skip("pydicom-data is not installed")
    boxes = find_burned_in_text(read_frame(path).pixels)
    assert any(box.contains(Box(22, 28, 166, 36)) for box in boxes) or _union_covers(boxes, Box(20, 26, 168, 38))


def _union_covers(boxes: list[Box], wanted: Box) -> bool:
    mask = np.zeros((480, 640), dtype=bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return bool(mask[wanted.top : wanted.bottom, wanted.left : wanted.right].mean() > 0.97)


def test_real_thyroid_frames_without_text_keep_their_tissue(real_data: Path) -> None:
    shares = []
    for path in sorted(real_data.glob("thyroid_gland/images/*.jpg"))[::60]:
        pixels = read_frame(path).grey()
        mask = np.zeros(pixels.shape, dtype=bool)
        for box in find_burned_in_text(pixels):
            mask[box.top : box.bottom, box.left : box.right] = True
        shares.append(float(mask[find_scan_area(pixels).mask].mean()))
    assert np.mean(shares) < 0.02
