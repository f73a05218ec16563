"""Splitting frames: drawn ones with known boxes, phantom screens, and real frames without an elastogram."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from scipy import ndimage

from tests.imaging.elastography.drawing import Drawn, b_mode, draw, jpeg, scaled
from thyrosight.imaging import Box, Frame, find_panels, read_frame
from thyrosight.imaging.elastography import (
    ElastographyPanels,
    FlowError,
    NoColourError,
    RegistrationError,
    SinglePanelError,
    split_elastography,
)
from thyrosight.phantoms.elastography import LAYOUTS, SINGLE, doppler_frame, elastography_frame


def off(found: Box | None, true: Box | None) -> int:
    """The largest distance of two boxes' sides."""
    assert found is not None and true is not None
    return max(abs(getattr(found, side) - getattr(true, side)) for side in ("left", "top", "right", "bottom"))


def require_near(found: ElastographyPanels, true: Drawn, *, within: int) -> None:
    assert off(found.b_mode, true.b_mode) <= within
    assert off(found.elastogram, true.elastogram) <= within
    assert off(found.colour_box, true.colour_box) <= within
    assert found.b_mode is not None
    assert (found.b_mode.width, found.b_mode.height) == (found.elastogram.width, found.elastogram.height)
    assert found.b_mode.intersect(found.elastogram) is None


@pytest.mark.parametrize("layout", ["side by side", "one above the other"])
@pytest.mark.parametrize("elastogram_first", [False, True])
@pytest.mark.parametrize("gap", [0, 12])
def test_every_layout_and_order_is_told_by_colour(layout: str, elastogram_first: bool, gap: int) -> None:
    true = draw(seed=gap, layout=layout, elastogram_first=elastogram_first, gap=gap)
    found = split_elastography(true.frame)
    require_near(found, true, within=1)
    assert found.layout == layout
    assert found.order == ("elastogram first" if elastogram_first else "B-mode first")
    assert found.score is not None and found.score > 0.8
    assert off(found.bar, true.bar) <= 1


@pytest.mark.parametrize("opacity", [0.25, 0.9, 1.0])
@pytest.mark.parametrize("part", [0.35, 0.75])
def test_a_box_over_part_of_the_panel_at_any_opacity(opacity: float, part: float) -> None:
    true = draw(seed=3, opacity=opacity, part=part)
    require_near(split_elastography(true.frame), true, within=2)


def test_colour_all_over_the_panel() -> None:
    true = draw(seed=4, part=1.0)
    require_near(split_elastography(true.frame), true, within=1)


def test_opaque_colour_all_over_the_panel_is_split_by_size_and_says_so() -> None:
    true = draw(seed=4, part=1.0, opacity=1.0)
    found = split_elastography(true.frame)
    require_near(found, true, within=3)
    assert found.score is None
    assert "could not be checked" in found.notes[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda drawn: replace(drawn, pixels=jpeg(drawn.pixels, 60)),
        lambda drawn: scaled(drawn, 0.7),
        lambda drawn: scaled(drawn, 1.3),
        lambda drawn: replace(drawn, pixels=(drawn.pixels * 0.7).astype(np.uint8)),
        lambda drawn: replace(drawn, pixels=np.clip(drawn.pixels * 1.25, 0, 255).astype(np.uint8)),
    ],
    ids=["jpeg 60", "x 0.7", "x 1.3", "darker", "brighter"],
)
def test_compression_size_and_brightness_do_not_matter(change: Callable[[Drawn], Drawn]) -> None:
    true = change(draw(seed=5, layout="one above the other", dropouts=True, colour_map="jet", outline=True))
    require_near(split_elastography(true.frame), true, within=3)


def test_without_bar_and_text() -> None:
    true = draw(seed=6, bar=False, text=False)
    found = split_elastography(true.frame)
    require_near(found, true, within=1)
    assert found.bar is None


def test_the_colour_box_in_the_panel() -> None:
    found = split_elastography(draw(seed=1).frame)
    inside = found.colour_box_in_panel
    assert inside.moved(columns=found.elastogram.left, rows=found.elastogram.top) == found.colour_box


@pytest.mark.parametrize("layout", ["side by side", "one above the other"])
def test_another_nodule_in_the_b_mode_panel_is_refused(layout: str) -> None:
    for seed, dropouts in ((0, False), (1, True)):
        true = draw(seed=seed, layout=layout, other=b_mode(seed + 50), dropouts=dropouts)
        with pytest.raises(RegistrationError, match="another nodule") as raised:
            split_elastography(true.frame)
        assert str(raised.value).count(". ") == 0


def test_b_mode_of_another_size_is_refused_with_both_sizes() -> None:
    small = np.asarray(Image.fromarray(b_mode(2).astype(np.uint8)).resize((182, 210))).astype(float)
    with pytest.raises(RegistrationError, match="260 x 300 pixels and the B-mode panel 182 x 210"):
        split_elastography(draw(seed=2, other=small).frame)


def test_b_mode_at_another_zoom_is_refused() -> None:
    zoomed = np.asarray(Image.fromarray(b_mode(2).astype(np.uint8)).resize((325, 375))).astype(float)[:300, :260]
    with pytest.raises(RegistrationError, match="does not show what lies under"):
        split_elastography(draw(seed=2, other=zoomed).frame)


def test_one_panel_is_refused_or_given_alone() -> None:
    true = draw(seed=2, other=np.zeros((300, 260)))
    with pytest.raises(SinglePanelError, match="only one panel"):
        split_elastography(true.frame)
    found = split_elastography(true.frame, alone=True)
    assert found.b_mode is None and found.layout == "elastogram alone"
    assert off(found.elastogram, true.elastogram) <= 1
    assert off(found.colour_box, true.colour_box) <= 1


def test_grey_frames_and_specks_of_colour_hold_no_elastogram() -> None:
    grey = draw(seed=1).pixels[:, :, 1]
    with pytest.raises(NoColourError, match="the frame is grey"):
        split_elastography(Frame(grey, "grey.png"))
    marks = np.repeat(grey[:, :, None], 3, axis=2)
    marks[100:103, 50:300] = (0, 255, 0)
    marks[10:24, 400:480] = (255, 200, 0)
    with pytest.raises(NoColourError, match="no box of colour"):
        split_elastography(Frame(marks, "marks.png"))


def test_vessels_drawn_in_the_elastograms_colours_are_flow() -> None:
    # Power Doppler of a very vascular nodule: round blobs of red to yellow that take half of the box.
    true = draw(seed=1, opacity=0.0)
    pixels = true.pixels.copy()
    y, x = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    random = np.random.default_rng(0)
    box = true.colour_box
    for _ in range(30):
        row, column = random.integers(box.top + 12, box.bottom - 12), random.integers(box.left + 12, box.right - 12)
        near = np.hypot(y - row, x - column)
        for radius, colour in ((12, (200, 30, 0)), (7, (255, 200, 40))):
            pixels[near < radius] = colour
    for changed in (pixels, jpeg(pixels)):
        with pytest.raises(FlowError, match="Doppler"):
            split_elastography(Frame(changed, "power.png"))


@pytest.mark.parametrize("cover", [0.6, 0.85, 1.0])
def test_dense_flow_is_flow(cover: float) -> None:
    # Power Doppler that fills its box wholly, and aliased colour Doppler (all hues) that fills most of it.
    true = draw(seed=2, opacity=0.0, bar=False)
    random = np.random.default_rng(1)
    box = true.colour_box
    flows = ndimage.gaussian_filter(random.normal(size=(2, box.height, box.width)), (0, 10, 10))
    speed = np.clip(0.5 + 0.3 * flows[0] / flows[0].std(), 0, 1)[:, :, None]
    there = flows[1] <= np.quantile(flows[1], cover)
    power = np.concatenate([60 + 195 * speed, 200 * speed, 60 * speed], axis=2)
    aliased = np.concatenate([255 * speed, 255 * (1 - np.abs(2 * speed - 1)), 255 * (1 - speed)], axis=2)
    for colours in (power, aliased) if cover < 1 else (power,):
        pixels = true.pixels.copy()
        pixels[box.top : box.bottom, box.left : box.right][there] = colours[there].astype(np.uint8)
        with pytest.raises(FlowError):
            split_elastography(Frame(pixels, "flow.png"))


def test_a_map_from_red_to_yellow_is_believed_on_request() -> None:
    true = draw(seed=4, opacity=0.6, colour_map="hot", part=0.6)
    with pytest.raises(FlowError, match="naming its colour map, hot"):
        split_elastography(true.frame)
    require_near(split_elastography(true.frame, warm=True), true, within=2)


@pytest.mark.parametrize("number", range(8))
def test_phantom_screens(number: int) -> None:
    true = elastography_frame(41, number, layout=LAYOUTS[number % 4], jpeg_quality=(0, 60)[number // 4])
    found = split_elastography(Frame(true.pixels, "screen.png"))
    assert off(found.b_mode, true.b_mode_box) <= 3
    assert off(found.elastogram, true.elastogram_box) <= 3
    assert off(found.colour_box, true.colour_box) <= 3
    assert off(found.bar, true.bar_box) <= 3
    assert f"{found.layout}, {found.order}" == true.look.layout


def test_phantom_doppler_is_never_an_elastogram() -> None:
    for number in range(6):
        for kind in ("colour", "power"):
            screen = doppler_frame(41, number, kind=kind)  # type: ignore[arg-type]
            with pytest.raises((FlowError, NoColourError)):
                split_elastography(Frame(screen.pixels, "doppler.png"), alone=True)


def test_phantom_screens_with_one_panel() -> None:
    alone = elastography_frame(41, 1, layout=SINGLE[0])
    with pytest.raises(SinglePanelError):
        split_elastography(Frame(alone.pixels, "alone.png"))
    plain = elastography_frame(41, 1, layout=SINGLE[1])
    with pytest.raises(NoColourError):
        split_elastography(Frame(plain.pixels, "plain.png"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("US1_UNCI.dcm", FlowError),  # power Doppler of a lymph node in two boxes
        ("examples_rgb_color.dcm", FlowError),  # the same, smaller
        ("color-pl.dcm", FlowError),  # colour Doppler
        ("examples_palette.dcm", NoColourError),  # B-mode under a blue title bar
        ("gdcm-US-ALOKA-16.dcm", NoColourError),  # two B-mode views with green marks
        ("ExplVR_BigEnd.dcm", SinglePanelError),  # a picture in yellow
    ],
)
def test_real_files_without_an_elastogram(name: str, error: type[Exception]) -> None:
    path = get_testdata_file(name)
    if path is None:
        pytest.skip(f"{name} of pydicom-data is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = read_frame(path)
    for alone in (False, True):
        with pytest.raises(error):
            split_elastography(frame, alone=alone)


def test_real_b_mode_under_drawn_colour(real_data: Path) -> None:
    # A real view beside itself must be split; the two different views of a real frame must not.
    grey = read_frame(real_data / "ddti" / "1_1.a.jpg").grey()
    view = find_panels(grey)[0]
    part = grey[view.top : view.bottom, view.left : view.right]
    pair = np.pad(np.hstack([part, part]), 20)
    colour = Box(20 + view.width + 60, 80, 20 + view.width + 220, 200)
    found = split_elastography(Frame(tinted(pair, colour), "pair.png"))
    assert found.b_mode is not None
    assert off(found.b_mode, Box(20, 20, 20 + view.width, 20 + view.height)) <= 3
    assert off(found.colour_box, colour) <= 3

    grey = read_frame(real_data / "ddti" / "100_1.a.jpg").grey()
    right = find_panels(grey)[1]
    colour = Box(right.left + 40, right.top + 60, right.left + 190, right.top + 200)
    with pytest.raises((RegistrationError, SinglePanelError)):
        split_elastography(Frame(tinted(grey, colour), "views.png"))


def tinted(grey: np.ndarray, box: Box) -> np.ndarray:
    """Grey as RGB with a smooth run of colours over a box."""
    rgb = np.repeat(grey[:, :, None], 3, axis=2).astype(float)
    place = np.linspace(0, 1, box.width)[None, :].repeat(box.height, axis=0)
    colours = np.stack([255 * place, 255 * (1 - np.abs(2 * place - 1)), 255 * (1 - place)], axis=-1)
    part = rgb[box.top : box.bottom, box.left : box.right]
    part[:] = 0.5 * part + 0.5 * colours
    return rgb.astype(np.uint8)
