"""Text in loops: speckle is spared, what stands still is found, also where it comes and goes."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from thyrosight.imaging import Box
from thyrosight.imaging.burned_in_text import find_burned_in_text
from thyrosight.imaging.deidentify import standing_text as module
from thyrosight.imaging.deidentify.blanking import Blanker
from thyrosight.imaging.deidentify.standing_text import StandingText, _median, standing_text
from thyrosight.imaging.frame import Frame

SHAPE = (96, 140)
NAME = Box(14, 38, 70, 48)
"""Inside the letters that `_with_name` writes."""


def _speckle(frames: int, *, alike: float = 0.0, seed: int = 0, grain: float = 1.2) -> list[NDArray[np.uint8]]:
    """Log-compressed speckle without text; `alike` is the correlation of neighbouring frames."""
    rng = np.random.default_rng(seed)
    field, made = rng.normal(size=(2, *SHAPE)), []
    for _ in range(frames):
        smooth = ndimage.gaussian_filter(field, (0, grain, grain))
        size = np.hypot(*smooth)
        made.append(np.clip(100 + 85 * np.log10(size / size.mean() + 1e-3), 0, 255).astype(np.uint8))
        field = alike * field + np.sqrt(1 - alike**2) * rng.normal(size=field.shape)
    return made


def _with_name(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).text((10, 30), "DOE JANE", fill=255, font=ImageFont.load_default(size=18))
    return np.asarray(picture)


def _boxes(frames: Sequence[NDArray[np.uint8]]) -> set[Box]:
    text = StandingText(len(frames))
    for pixels in frames:
        text.look_at(pixels)
    return text.boxes


def _share(boxes: set[Box]) -> float:
    mask = np.zeros(SHAPE, dtype=bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return float(mask.mean())


@pytest.mark.parametrize(("alike", "grain"), [(0.0, 1.2), (0.9, 0.8), (0.9, 1.2)])
def test_speckle_without_text_stays(alike: float, grain: float, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _speckle(16, alike=alike, grain=grain)
    found = [find_burned_in_text(pixels) for pixels in frames]
    assert _share({box for boxes in found for box in boxes}) > 0.5  # what was blanked when every frame counted
    of_frame = {pixels.tobytes(): boxes for pixels, boxes in zip(frames, found, strict=True)}

    def once(pixels: NDArray[np.uint8]) -> list[Box]:  # the search is what takes the time
        known = of_frame.get(pixels.tobytes())
        return find_burned_in_text(pixels) if known is None else known

    monkeypatch.setattr(module, "find_burned_in_text", once)
    assert _share(_boxes(frames)) < 0.02


def _fan(frames: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """The same within the outline of a curved probe; black around it."""
    down, across = np.ogrid[: SHAPE[0], : SHAPE[1]]
    inside = np.abs(across - SHAPE[1] / 2) < 12 + 0.6 * down
    return [np.where(inside, pixels, 0).astype(np.uint8) for pixels in frames]


def test_the_edge_of_a_scan_that_hardly_moves_stays() -> None:
    frames = _fan(_speckle(40, alike=0.98, grain=1.5, seed=5))
    assert _share(_boxes(frames)) < 0.05


def test_tissue_under_a_probe_that_is_held_still_stays() -> None:
    frames = _speckle(24, alike=0.999, grain=0.9, seed=10)
    assert _share(_boxes(frames)) < 0.02


def test_a_name_is_found_in_compressed_frames_across_the_edge_of_a_scan_that_hardly_moves() -> None:
    frames = [_with_name(pixels) for pixels in _fan(_speckle(12, alike=0.99, seed=8))]
    assert any(box.contains(NAME) for box in _boxes([_as_jpeg(pixels) for pixels in frames]))


def _as_jpeg(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=80)
    return np.asarray(Image.open(stream))


def test_a_name_that_stands_is_found_where_the_tissue_moves() -> None:
    frames = [_with_name(pixels) for pixels in _speckle(12, alike=0.9, seed=1)]
    boxes = _boxes(frames)
    assert any(box.contains(NAME) for box in boxes) and _share(boxes) < 0.3


@pytest.mark.parametrize("first", [0, 3, 9])
def test_a_name_that_is_shown_for_five_frames_is_found(first: int) -> None:
    frames = _speckle(14, seed=2)
    frames[first : first + 5] = [_with_name(pixels) for pixels in frames[first : first + 5]]
    assert any(box.contains(NAME) for box in _boxes(frames))


def test_pages_of_a_report_are_looked_at_one_by_one() -> None:
    pages = []
    for number in range(7):
        page = Image.new("L", SHAPE[::-1], 0 if number % 2 else 230)
        fill = 255 - page.getpixel((0, 0))  # type: ignore[operator]
        ImageDraw.Draw(page).text((12, 4 + 11 * number), "DOE JANE", fill=fill, font=ImageFont.load_default(size=10))
        pages.append(np.asarray(page))
    boxes = _boxes(pages)
    for number in range(7):
        letters = Box(14, 8 + 11 * number, 50, 11 + 11 * number)
        assert any(box.contains(letters) for box in boxes), number


def test_few_frames_are_pictures() -> None:
    frames = _speckle(4, seed=3)
    assert _boxes(frames) == {box for pixels in frames for box in find_burned_in_text(pixels)}


def test_colour_and_a_still_loop() -> None:
    white = np.stack([_with_name(pixels) for pixels in _speckle(9, seed=4)])
    assert any(box.contains(NAME) for box in standing_text(np.repeat(white[..., None], 3, axis=3)))
    still = [_with_name(_speckle(1, seed=5, grain=2.0)[0])] * 12
    assert any(box.contains(NAME) for box in _boxes(still))


def test_a_plan_says_what_text_takes_from_the_part_that_stays() -> None:
    blanker = Blanker(SHAPE, "text", frames=10)
    for pixels in _speckle(10, seed=6):
        blanker.look_at(Frame(_with_name(pixels), "loop.dcm"), scan=False)
    plan = blanker.plan()
    assert plan.text_share == plan.share == _share(set(plan.text)) > 0.02


@pytest.mark.parametrize("count", [5, 6, 9])
def test_the_median_is_numpys(count: int) -> None:
    frames = np.random.default_rng(count).integers(0, 256, (count, 40, 50), dtype=np.uint8)
    assert np.array_equal(_median(frames), np.median(frames, axis=0).astype(np.uint8))
