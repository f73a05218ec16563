"""Text painted over and contrast stretched, as recorded steps of a preparation."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from thyrosight.imaging import Box, Frame, Preparation
from thyrosight.imaging.normalising import paint_over, stretch_contrast


def test_digests_of_preparations_from_before_stay_what_they_were() -> None:
    # Computed by the version that had neither field.
    assert Preparation().digest() == "f85e16b0e74617f2384c57a46f8bc5bc166db175e2cc44a0e8105b48dcac5e46"
    assert Preparation(size=256, crop="scan area", colour="rgb").digest() == (
        "536193e91cddd182df3b4139e2880be271ab0564aa5fa51d7b10dbd946dbb13e"
    )
    assert "text" not in Preparation().model_dump() and "contrast" not in Preparation().model_dump(mode="json")
    changed = Preparation(text="removed", contrast="stretch")
    assert changed.digest() != Preparation().digest()
    assert Preparation.model_validate_json(changed.model_dump_json()) == changed


def test_percentiles_are_those_of_the_scan_area_and_outside_stays_black(simulated: Callable[..., Any]) -> None:
    frame = Frame(simulated("rectangle", text=False, quality=None).pixels // 2, "dim.png")
    plain, stretched = (
        Preparation(crop="scan area", contrast=contrast).prepare(frame) for contrast in ("none", "stretch")
    )
    assert stretched.window == plain.window
    assert plain.pixels.max() < 60 and stretched.pixels.max() > 200
    assert (stretched.pixels[plain.pixels == 0] == 0).all()
    assert "contrast" in [step["step"] for step in stretched.steps]
    # Order is kept: no pixel that was darker becomes the brighter one.
    whole = Preparation(crop="whole frame", scan_area=False, contrast="stretch").scene(frame).pixels
    order = np.argsort(frame.pixels.ravel(), kind="stable")
    assert (np.diff(whole.ravel()[order].astype(int)) >= 0).all()


def test_a_dimmed_image_looks_like_the_bright_one_after_stretching() -> None:
    values = np.random.default_rng(0).integers(20, 220, (60, 80)).astype(np.uint8)
    bright, dim = stretch_contrast(values)[0], stretch_contrast((values // 2 + 10).astype(np.uint8))[0]
    assert np.abs(bright.astype(int) - dim).max() <= 4
    assert stretch_contrast(np.full((4, 4), 9, dtype=np.uint8))[0].tolist() == [[9] * 4] * 4


def test_text_in_the_scan_area_is_painted_over_and_the_rest_is_not_touched(simulated: Callable[..., Any]) -> None:
    clean = ndimage.gaussian_filter(simulated("full", text=False).pixels, 3)
    picture = Image.fromarray(clean)
    ImageDraw.Draw(picture).text((150, 80), "RIGHT LOBE", fill=255, font_size=18)
    frame = Frame(np.asarray(picture), "text.png")
    text = np.asarray(picture).astype(int) - clean > 60
    kept, removed = (
        Preparation(crop="whole frame", scan_area=False, text=text_rule).scene(frame)
        for text_rule in ("kept", "removed")
    )
    assert (kept.pixels[text] > 200).mean() > 0.5
    assert (removed.pixels[text] > 200).mean() < 0.05
    boxes = [Box.from_text(one) for one in removed.steps[-1]["boxes"]]
    outside = np.ones(clean.shape, dtype=bool)
    for box in boxes:
        outside[box.top : box.bottom, box.left : box.right] = False
    assert boxes and outside.mean() > 0.9
    np.testing.assert_array_equal(removed.pixels[outside], kept.pixels[outside])


def test_boxes_over_everything_leave_the_picture() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(paint_over(pixels, [Box(0, 0, 4, 3)]), pixels)
    coloured = paint_over(np.repeat(pixels[..., None], 3, axis=2), [Box(1, 1, 2, 2)])
    assert coloured.shape == (3, 4, 3)
