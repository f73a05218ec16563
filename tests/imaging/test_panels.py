"""Two views side by side: simulated, and counted on real frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from thyrosight.imaging import Box, find_panels, find_scan_area, read_frame


def tissue(seed: int, rows: int = 300, columns: int = 250) -> np.ndarray:
    """Speckle with the lateral correlation that a beam's width gives it."""
    generator = np.random.default_rng(seed)
    field = generator.normal(size=(2, rows, columns))
    speckle = np.hypot(*ndimage.gaussian_filter(field, (0, 1.0, 2.5)))
    layers = 1 + 0.5 * np.sin(np.arange(rows) / (9 + seed))[:, None]
    return np.clip(speckle / speckle.mean() * 60 * layers, 0, 255)


def frame_of(*parts: np.ndarray) -> np.ndarray:
    return np.pad(np.hstack(parts).astype(np.uint8), 20)


def test_a_seam_is_found_to_the_pixel() -> None:
    for seed, columns in ((1, 250), (2, 300), (3, 215)):
        boxes = find_panels(frame_of(tissue(seed, columns=columns), tissue(seed + 10)))
        assert [box.left for box in boxes] == [20, 20 + columns]
        assert boxes[0].right == 20 + columns


@pytest.mark.parametrize("gap", [2, 8, 40])
def test_a_black_gap_separates_and_belongs_to_neither(gap: int) -> None:
    pixels = frame_of(tissue(1), np.zeros((300, gap)), tissue(2))
    left, right = find_panels(pixels)
    assert left == Box(20, 20, 270, 320)
    assert right == Box(270 + gap, 20, 520 + gap, 320)


def test_views_of_different_height_get_their_own_box() -> None:
    short = tissue(2)
    short[220:] = 0
    left, right = find_panels(frame_of(tissue(1), short))
    assert left == Box(20, 20, 270, 320)
    assert right == Box(270, 20, 520, 240)


def test_one_view_is_one_box_also_where_it_is_wide() -> None:
    for seed in range(5):
        pixels = frame_of(tissue(seed, columns=520))
        assert find_panels(pixels) == [find_scan_area(pixels).box]


def test_a_calliper_line_and_a_shadow_are_no_seam() -> None:
    wide = tissue(1, columns=520)
    wide[150:260:4, 255] = 255
    soft = ndimage.gaussian_filter1d((np.abs(np.arange(520) - 330) > 25).astype(float), 4)
    wide[80:] *= 0.2 + 0.8 * soft
    assert len(find_panels(frame_of(wide))) == 1


def test_narrow_and_tiny_frames() -> None:
    assert len(find_panels(frame_of(tissue(1, columns=120), tissue(2, columns=120)))) == 1
    assert find_panels(np.full((1, 1), 9, dtype=np.uint8)) == [Box(0, 0, 1, 1)]
    assert len(find_panels(np.zeros((10, 60), dtype=np.uint8))) == 1


def test_sectors_and_convex_scans_are_single(simulated: Callable[..., Any]) -> None:
    for kind in ("convex", "sector", "trapezoid", "rectangle"):
        assert len(find_panels(simulated(kind).pixels)) == 1


def test_the_two_views_of_real_frames(real_data: Path) -> None:
    # All 595 frames of DDTI were looked at: 174 hold two views, and exactly these fill the width of the export
    # (a single view leaves black at both sides). Every fourth frame here.
    found, wide = [], []
    for path in sorted((real_data / "ddti").glob("*.a.jpg"))[::4]:
        frame = read_frame(path)
        area = find_scan_area(frame.pixels)
        found.append(len(find_panels(frame.pixels, area=area)) == 2)
        wide.append(area.box.width > 0.94 * frame.columns)
    assert found == wide
    assert 30 < sum(found) < 60


def test_real_seams_lie_where_the_scanner_puts_them(real_data: Path) -> None:
    for name, seam in (("100_1", 250), ("58_1", 285), ("116_1", 285), ("135_1", 250)):
        boxes = find_panels(read_frame(real_data / "ddti" / f"{name}.a.jpg").pixels)
        assert boxes[1].left == pytest.approx(seam, abs=3)
