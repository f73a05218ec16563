"""Preparation: from a frame to a network's input and back, recorded and repeatable."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, Margin, Preparation, find_panels, nodule_boxes, read_frame, read_mask

SPECKLE = np.random.default_rng(0).integers(40, 200, (300, 400), dtype=np.uint8)
FRAME = Frame(SPECKLE, "7.png")

boxes = st.builds(
    lambda left, top, width, height: Box(left, top, min(left + width, 400), min(top + height, 300)),
    st.integers(0, 380), st.integers(0, 280), st.integers(4, 400), st.integers(4, 300),
)  # fmt: skip
margins = st.one_of(
    st.builds(lambda value: Margin(value=value), st.floats(0, 200)),
    st.builds(lambda value: Margin(value=value, unit="fraction"), st.floats(0, 2)),
)
preparations = st.builds(
    Preparation,
    size=st.sampled_from([32, 97, 224]),
    crop=st.sampled_from(["nodule", "scan area", "whole frame"]),
    margin=margins,
    padding=st.sampled_from(["black", "edge", "reflect"]),
    colour=st.sampled_from(["grey", "rgb"]),
    scan_area=st.booleans(),
    other_view=st.sampled_from(["hidden", "shown"]),
)


@given(preparations)
def test_json_round_trip_and_digest(preparation: Preparation) -> None:
    again = Preparation.model_validate_json(preparation.model_dump_json())
    assert again == preparation
    assert again.digest() == preparation.digest()
    assert preparation.model_copy(update={"size": preparation.size + 1}).digest() != preparation.digest()


@settings(deadline=None, max_examples=40)
@given(preparations, boxes)
def test_windows_are_square_hold_box_and_margin_and_repeat_byte_for_byte(preparation: Preparation, box: Box) -> None:
    one, two = preparation.prepare(FRAME, box=box), preparation.prepare(FRAME, box=box)
    assert one.pixels.tobytes() == two.pixels.tobytes()
    assert one.pixels.shape == (preparation.size,) * 2 + ((3,) if preparation.colour == "rgb" else ())
    assert one.pixels.dtype == np.uint8
    assert one.window.width == one.window.height
    assert json.loads(json.dumps(one.steps)) == list(one.steps)
    if preparation.crop == "nodule":
        rows, columns = preparation.margin.in_pixels(box, None)
        assert one.window.left <= box.left - columns
        assert one.window.right >= box.right + columns
        assert one.window.top <= box.top - rows
        assert one.window.bottom >= box.bottom + rows


@settings(deadline=None, max_examples=40)
@given(boxes, margins, st.sampled_from([64, 224]))
def test_a_map_goes_back_to_the_frame_within_a_pixel(box: Box, margin: Margin, size: int) -> None:
    prepared = Preparation(size=size, margin=margin, scan_area=False).prepare(FRAME, box=box)
    assert prepared.nodule is not None
    left, top, right, bottom = prepared.nodule
    # Paint the nodule on the prepared pixels with soft edges, each pixel by how much of it the box covers.
    cover_x = np.clip(np.minimum(np.arange(size) + 1, right) - np.maximum(np.arange(size), left), 0, 1)
    cover_y = np.clip(np.minimum(np.arange(size) + 1, bottom) - np.maximum(np.arange(size), top), 0, 1)
    heat = prepared.to_frame(np.outer(cover_y, cover_x), (300, 400))
    coarse = prepared.window.width / size  # frame pixels under one prepared pixel
    if min(box.width, box.height) > 2 * coarse:
        back = Box.from_mask(heat > 0.5)
        for got, expected in zip(
            (back.left, back.top, back.right, back.bottom), (box.left, box.top, box.right, box.bottom), strict=True
        ):
            assert abs(got - expected) <= max(1.0, coarse)


def test_outside_the_window_a_map_is_zero() -> None:
    prepared = Preparation(scan_area=False).prepare(FRAME, box=Box(100, 50, 200, 150))
    heat = prepared.to_frame(np.ones((224, 224)), (300, 400))
    assert heat.dtype == np.float32
    assert heat.sum() == 100 * 100
    assert (heat[50:150, 100:200] == 1).all()
    with pytest.raises(ImageError, match="finite"):
        prepared.to_frame(np.full((224, 224), np.nan), (300, 400))


@pytest.mark.parametrize("box", [Box(60, 100, 340, 180), Box(150, 20, 230, 280), Box(0, 0, 120, 60)])
def test_a_circle_stays_a_circle(box: Box) -> None:
    rows, columns = np.mgrid[:300, :400]
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    circle = np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1]) < 25
    frame = Frame(np.where(circle, 255, 0).astype(np.uint8), "c.png")
    for padding in ("black", "edge"):
        seen = Box.from_mask(Preparation(scan_area=False, padding=padding).prepare(frame, box=box).pixels > 127)
        assert abs(seen.width - seen.height) <= 1
    # The stretched alternative does what its name says.
    stretched = Preparation(scan_area=False, shape="rectangle").prepare(frame, box=box)
    seen = Box.from_mask(stretched.pixels > 127)
    assert seen.width / seen.height == pytest.approx(box.height / box.width, rel=0.06)


def test_the_scan_area_is_cut_and_text_and_borders_are_gone(simulated: Callable[..., Any]) -> None:
    truth = simulated("convex")
    frame = Frame(truth.pixels, "c.png")
    prepared = Preparation(crop="scan area").prepare(frame)
    found = Box.from_text(prepared.steps[1]["box"])
    assert prepared.steps[1]["kind"] == "convex"
    assert prepared.window.contains(found)
    assert prepared.window.width == max(found.width, found.height)
    painted = np.where(truth.area, truth.pixels, 255).astype(np.uint8)  # everything outside made bright
    outside = prepared.to_frame(prepared.pixels.astype(float), truth.area.shape)
    assert outside[~truth.area].mean() < 1.0
    assert painted[~truth.area].mean() == 255


def test_a_nodule_outside_what_was_found_is_never_blacked_out() -> None:
    pixels = np.zeros((300, 400), dtype=np.uint8)
    pixels[50:250, 50:300] = SPECKLE[50:250, 50:300]
    pixels[100:140, 340:380] = SPECKLE[100:140, 340:380]  # too small to be part of the scan
    prepared = Preparation().prepare(Frame(pixels, "7.png"), box=Box(340, 100, 380, 140))
    assert prepared.pixels.min() > 30
    assert any("extended to hold it" in note for note in prepared.notes)


def test_without_a_box_the_scan_area_is_shown_and_said() -> None:
    prepared = Preparation().prepare(FRAME)
    assert prepared.nodule is None
    assert prepared.notes == ("no nodule box: the whole scan area was used",)
    assert Preparation(scan_area=False).prepare(FRAME).notes == ("no nodule box: the whole frame was used",)


def test_what_is_refused_is_named() -> None:
    with pytest.raises(ImageError, match=r"7\.png: box 0,0,401,20 reaches outside"):
        Preparation().prepare(FRAME, box=Box(0, 0, 401, 20))
    with pytest.raises(ImageError, match=r"7\.png: a margin of 3 mm needs the pixel spacing"):
        Preparation(margin=Margin(value=3, unit="millimetres")).prepare(FRAME, box=Box(0, 0, 40, 20))
    with pytest.raises(ImageError, match=r"7\.png: the margin makes a window of"):
        Preparation(margin=Margin(value=9000)).prepare(FRAME, box=Box(0, 0, 40, 20))
    for wrong in ({"size": 4}, {"crop": "lesion"}, {"version": 2}, {"sise": 224}, {"padding": "white"}):
        with pytest.raises(ValidationError):
            Preparation.model_validate(wrong)


def test_a_margin_of_its_own_for_one_image_and_millimetres() -> None:
    frame = Frame(SPECKLE, "7.png", spacing_mm=(0.1, 0.1))
    prepared = Preparation(scan_area=False).prepare(
        frame, box=Box(150, 100, 250, 200), margin=Margin(value=2, unit="millimetres")
    )
    assert prepared.window == Box(130, 80, 270, 220)
    assert prepared.nodule == pytest.approx((32, 32, 192, 192))


def test_notes_of_the_frame_travel_on() -> None:
    frame = Frame(SPECKLE, "7.tif", notes=("the file holds 3 pictures; only the first was read",))
    assert Preparation().prepare(frame, box=Box(10, 10, 60, 60)).notes == frame.notes


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (2, 2, 3)])
def test_tiny_frames(shape: tuple[int, ...]) -> None:
    for crop in ("nodule", "scan area", "whole frame"):
        prepared = Preparation(crop=crop).prepare(Frame(np.full(shape, 90, np.uint8), "t.png"), box=Box(0, 0, 1, 1))
        assert prepared.pixels.shape == (224, 224)


def test_the_other_view_is_hidden_and_can_be_shown(real_data: Path) -> None:
    path = real_data / "ddti" / "58_1.a.jpg"
    frame = read_frame(path)
    left, right = find_panels(frame.pixels)
    nodule = nodule_boxes(read_mask(real_data / "ddti" / "58_1.b.jpg"))[0]
    own = left if left.intersect(nodule) else right
    wide = Margin(value=3.0, unit="fraction")
    hidden = Preparation(margin=wide).prepare(frame, box=nodule)
    shown = Preparation(margin=wide, other_view="shown").prepare(frame, box=nodule)
    assert hidden.window == shown.window
    beyond = np.ones((frame.rows, frame.columns), dtype=bool)
    beyond[:, own.left - 2 : own.right + 2] = False
    visible = [p.to_frame(p.pixels.astype(float), beyond.shape)[beyond] for p in (hidden, shown)]
    assert visible[0].max() < 30
    assert visible[1].max() > 60
    assert {"step": "own view", "box": own.to_text()} in hidden.steps


def test_preparation_does_not_change_the_frame(simulated: Callable[..., Any]) -> None:
    frame = Frame(simulated("sector").pixels.copy(), "s.png")
    before = frame.pixels.copy()
    Preparation(crop="scan area").prepare(frame)
    assert np.array_equal(frame.pixels, before)


def test_a_square_of_the_width_cuts_a_taller_nodule_and_says_so() -> None:
    preparation = Preparation(size=30, shape="width square", scan_area=False, margin=Margin(value=5))
    tall = preparation.prepare(FRAME, box=Box(0, 0, 20, 40))  # in the upper left corner: 5 columns of padding
    assert tall.window == Box(-5, 5, 25, 35)
    assert (tall.pixels[:, :5] == 0).all() and np.array_equal(tall.pixels[:, 5:], FRAME.pixels[5:35, :25])
    assert tall.nodule == (5, -5, 25, 35)
    assert tall.notes[-1] == "the nodule is taller than its crop, which is as high as it is wide: it is cut"
    wide = preparation.prepare(FRAME, box=Box(10, 10, 50, 20))
    assert wide.window == Box(5, -10, 55, 40) and not wide.notes
    whole = preparation.prepare(FRAME)  # without a box, all of the frame
    assert whole.window == Box(0, -50, 400, 350)
