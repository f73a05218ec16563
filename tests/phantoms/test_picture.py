"""Whole frames and their exact masks."""

import numpy as np
import pytest

from thyrosight.imaging import find_scan_area
from thyrosight.phantoms.cohort import phantom_images
from thyrosight.phantoms.picture import Scene


def scenes(count: int) -> list[Scene]:
    images = phantom_images(21)
    return [next(images).scene(21) for _ in range(count)]


@pytest.mark.parametrize("scene", scenes(30))
def test_nodule_lies_whole_in_the_picture_with_its_shape_and_size(scene: Scene) -> None:
    mask, box = scene.mask(), scene.box()
    assert mask.shape == (scene.site.frame_rows, scene.site.frame_columns)
    points = scene.outline.points() / scene.pixel_mm
    assert np.ptp(points, axis=0) == pytest.approx([box.width, box.height], abs=2)  # nothing was cut off
    assert (box.height > box.width) == (scene.features.shape == "taller than wide")
    longest = np.hypot(box.width, box.height) * scene.pixel_mm
    assert max(box.width, box.height) * scene.pixel_mm - 0.5 < scene.size_mm() <= longest + 0.5


def test_frames_are_black_outside_the_scan_area_but_for_machine_text() -> None:
    random = np.random.default_rng(0)
    for scene in scenes(8):
        frame = scene.draw(random)
        area = scene._in_frame(scene.probe.scan_area())
        assert frame.dtype == np.uint8 and (frame[area] > 0).all()
        assert (frame[~area] > 0).any() == scene.written


def test_convex_and_rectangular_scan_areas_are_found_by_imaging() -> None:
    random = np.random.default_rng(1)
    found = {}
    for scene in scenes(14):
        area = find_scan_area(scene.draw(random))
        found.setdefault(scene.probe.kind, []).append(area.kind)
    assert set(found) == {"rectangle", "convex"}
    assert set(found["rectangle"]) == {"rectangle"}
    assert found["convex"].count("convex") >= 0.5 * len(found["convex"])


def test_scale_of_the_picture_says_nothing_of_the_shape() -> None:
    images = [image for image, _ in zip(phantom_images(3), range(600), strict=False)]
    wide, tall = (
        [image.scene(3).probe.depth_mm / image.size_mm for image in images if image.features.shape == shape]
        for shape in ("wider than tall", "taller than wide")
    )
    error = np.hypot(np.std(wide) / len(wide) ** 0.5, np.std(tall) / len(tall) ** 0.5)
    assert abs(np.mean(wide) - np.mean(tall)) < 3.5 * error
