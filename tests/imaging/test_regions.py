"""Lengths by calibrated regions, and places where the regions give none."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.imaging import Box, Frame, Margin, Preparation, find_panels, find_scan_area, read_frame
from thyrosight.imaging.regions import Region, frame_spacing, make_region, scan_boxes, spacing_at

SHAPE = (100, 200)


def tissue(box: Box, deltas: tuple[float | None, float | None] = (0.02, 0.01), **changes: Any) -> Region:
    given_codes = {"spatial_format": 1, "data_type": 1, "units": (3, 3), "shape": SHAPE, **changes}
    return make_region(box, deltas=deltas, **given_codes)


def test_deltas_in_cm_become_mm_by_row_and_column() -> None:
    region = tissue(Box(0, 0, 200, 100))
    assert region.spacing_mm == (0.1, 0.2)  # y first: rows
    assert frame_spacing([region]) == ((0.1, 0.2), region.spacing_reason)


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"spatial_format": 3, "data_type": 3, "units": (4, 7)}, "spectral", "does not show lengths"),
        ({"spatial_format": 2}, "M-mode", "does not show lengths"),
        ({"spatial_format": 4, "data_type": 10}, "trace", "does not show lengths"),
        ({"spatial_format": 5, "data_type": 13}, "graphics", "does not show lengths"),
        ({"spatial_format": 0, "data_type": 0}, "other", "does not show lengths"),
        ({"units": (4, 3)}, "tissue", "units are s and cm"),
        ({"units": (99, 3)}, "tissue", r"unknown \(99\)"),
        ({"deltas": (0.0, 0.1)}, "tissue", "not those of a pixel"),
        ({"deltas": (None, 0.1)}, "tissue", "not those of a pixel"),
        ({"deltas": (float("nan"), 0.1)}, "tissue", "not those of a pixel"),
        ({"deltas": (5.0, 5.0)}, "tissue", "not those of a pixel"),
        ({"shape": (50, 100)}, "tissue", "resized or cut"),
    ],
)
def test_what_gives_no_spacing_says_why(changes: dict[str, Any], kind: str, reason: str) -> None:
    region = tissue(Box(0, 0, 200, 100), **changes)
    assert region.kind == kind
    assert region.spacing_mm is None
    spacing, why = frame_spacing([region])
    assert spacing is None

    assert re.search(reason, why)


def test_scanners_that_name_the_corner_beyond_are_believed() -> None:
    assert tissue(Box(0, 0, 201, 102)).spacing_mm is not None
    assert tissue(Box(0, 0, 203, 100)).spacing_mm is None


def test_regions_of_one_frame_keep_their_own_spacing() -> None:
    left, right = tissue(Box(0, 0, 100, 100)), tissue(Box(100, 0, 200, 100), (0.04, 0.04))
    spacing, why = frame_spacing([left, right])
    assert spacing is None
    assert "differ in spacing" in why
    assert spacing_at([left, right], Box(10, 10, 50, 50))[0] == (0.1, 0.2)
    assert spacing_at([left, right], Box(110, 10, 150, 50))[0] == (0.4, 0.4)
    across = spacing_at([left, right], Box(80, 10, 120, 50))
    assert across == (None, "the box 80,10,120,50 lies outside the calibrated regions of the file")
    # One tenth may stand out: an outline touches the border.
    assert spacing_at([left, right], Box(10, 10, 104, 50))[0] == (0.1, 0.2)


def test_of_nested_regions_the_smaller_one_counts() -> None:
    whole, zoomed = tissue(Box(0, 0, 200, 100)), tissue(Box(120, 10, 190, 90), (0.005, 0.005))
    assert spacing_at([whole, zoomed], Box(130, 20, 150, 40))[0] == (0.05, 0.05)
    assert spacing_at([whole, zoomed], Box(10, 20, 50, 40))[0] == (0.1, 0.2)


def test_doppler_lies_over_tissue_and_counts_only_alone() -> None:
    flow = tissue(Box(50, 20, 100, 60), (0.03, 0.03), data_type=2)
    spectral = tissue(Box(0, 60, 200, 100), (0.01, 0.5), spatial_format=3, data_type=3, units=(4, 7))
    picture = tissue(Box(0, 0, 200, 60))
    assert flow.kind == "colour flow"
    assert spacing_at([picture, flow, spectral], Box(60, 30, 90, 50))[0] == (0.1, 0.2)
    assert spacing_at([flow, spectral], Box(60, 30, 90, 50))[0] == (0.3, 0.3)
    assert spacing_at([picture, spectral], Box(60, 70, 90, 90))[0] is None
    assert scan_boxes([picture, flow, spectral], SHAPE) == [Box(0, 0, 200, 60)]


@given(st.lists(st.tuples(*[st.integers(-20, 220)] * 4, st.floats(0.001, 0.1)), max_size=4), st.data())
def test_a_spacing_is_always_that_of_a_region_that_holds_the_box(found: list[Any], data: st.DataObject) -> None:
    regions = [tissue(Box(a, b, a + abs(c) + 1, b + abs(d) + 1), (e, e)) for a, b, c, d, e in found]
    left, top = data.draw(st.integers(0, 150)), data.draw(st.integers(0, 80))
    box = Box(left, top, left + 20, top + 10)
    spacing, why = spacing_at(regions, box)
    if spacing is None:
        assert why
        return
    holding = [one for one in regions if one.spacing_mm == spacing]
    assert any((shared := one.box.intersect(box)) is not None and shared.area >= 0.9 * box.area for one in holding)


def frame_with(*regions: Region) -> Frame:
    pixels = np.random.default_rng(0).integers(60, 200, SHAPE, dtype=np.uint8)
    spacing, reason = frame_spacing(regions)
    return Frame(pixels, "a.dcm", spacing, reason, regions=regions)


def test_a_part_of_a_frame_takes_its_regions_along() -> None:
    part = frame_with(tissue(Box(0, 0, 100, 100)), tissue(Box(100, 0, 200, 100), (0.04, 0.04))).part(
        Box(90, 10, 200, 90)
    )
    assert [region.box for region in part.regions] == [Box(0, 0, 10, 80), Box(10, 0, 110, 80)]
    assert part.spacing_at(Box(20, 5, 60, 40))[0] == (0.4, 0.4)
    assert part.spacing_at(Box(0, 5, 9, 40))[0] == (0.1, 0.2)


def test_the_scan_area_lies_in_the_regions_of_the_file() -> None:
    frame = frame_with(tissue(Box(20, 10, 120, 90)))
    area = find_scan_area(frame.pixels, regions=frame.scan_boxes)
    assert area.box == Box(20, 10, 120, 90)
    assert area.kind == "rectangle"
    assert not area.mask[:10].any()
    assert find_scan_area(frame.pixels).box == Box(0, 0, 200, 100)
    # Nothing lit inside: the region itself.
    assert find_scan_area(np.zeros(SHAPE, np.uint8), regions=[Box(3, 4, 50, 60)]).box == Box(3, 4, 50, 60)


def test_two_tissue_regions_side_by_side_are_two_views() -> None:
    frame = frame_with(tissue(Box(0, 0, 100, 100)), tissue(Box(110, 0, 200, 100)))
    area = find_scan_area(frame.pixels, regions=frame.scan_boxes)
    assert find_panels(frame.pixels, area=area) == [Box(0, 0, 100, 100), Box(110, 0, 200, 100)]
    overlapping = [Box(0, 0, 150, 100), Box(100, 0, 200, 100)]
    assert find_scan_area(frame.pixels, regions=overlapping).views == ()


def test_preparation_uses_and_records_the_regions() -> None:
    frame = frame_with(tissue(Box(0, 0, 100, 100)), tissue(Box(100, 0, 200, 100), (0.04, 0.02)))
    margin = Margin(value=2, unit="millimetres")
    prepared = Preparation(size=64, margin=margin, scan_area=False).prepare(frame, box=Box(130, 40, 160, 60))
    # 2 mm are 5 columns of 0.4 mm and 10 rows of 0.2 mm: 40 x 40 pixels.
    assert prepared.window == Box(125, 30, 165, 70)
    prepared = Preparation(size=64).prepare(frame, box=Box(130, 40, 160, 60))
    assert prepared.steps[1]["regions of the file"] == ["0,0,100,100", "100,0,200,100"]
    plain = Preparation(size=64).prepare(Frame(frame.pixels, "a.png"), box=Box(130, 40, 160, 60))
    assert "regions of the file" not in plain.steps[1]


def test_a_real_picture_of_two_views_and_one_with_a_banner() -> None:
    store = pytest.importorskip("data_store", reason="pydicom-data is not installed")
    folder = Path(store.__file__).parent / "data"
    two = read_frame(folder / "gdcm-US-ALOKA-16.dcm")
    area = find_scan_area(two.pixels, regions=two.scan_boxes)
    left, right = find_panels(two.pixels, area=area)
    assert left.right <= 336 <= right.left
    assert len(find_panels(two.pixels)) == 1  # the pixels alone do not show it
    banner = read_frame(folder / "OBXXXX1A.dcm")
    assert find_scan_area(banner.pixels, regions=banner.scan_boxes).box.top >= 60
    assert find_scan_area(banner.pixels).box.top < 60


@pytest.mark.parametrize("shift", [0, 4])
def test_two_scales_over_one_place_give_no_size(shift: int) -> None:
    one, other = tissue(Box(20, 10, 180, 90)), tissue(Box(20 + shift, 10, 180, 90), (0.06, 0.03))
    for regions in ([one, other], [other, one]):
        spacing, why = spacing_at(regions, Box(60, 30, 100, 60))
        assert spacing is None and "2 calibrated regions over one place contradict each other in spacing" in why
        assert frame_spacing(regions) == (None, why)
    # Two that agree, and two that merely touch, do not contradict.
    assert spacing_at([one, tissue(Box(22, 10, 180, 90))], Box(60, 30, 100, 60))[0] == (0.1, 0.2)
    beside = [tissue(Box(0, 0, 100, 100)), tissue(Box(100, 0, 200, 100), (0.06, 0.03))]
    assert spacing_at(beside, Box(10, 10, 50, 50))[0] == (0.1, 0.2)
    assert spacing_at(beside, Box(120, 10, 150, 50))[0] == pytest.approx((0.3, 0.6))


def test_a_box_that_reaches_into_a_region_of_another_scale_has_no_size() -> None:
    left, right = tissue(Box(0, 0, 150, 100)), tissue(Box(100, 0, 200, 100), (0.06, 0.03))
    zoomed = tissue(Box(110, 0, 200, 50), (0.005, 0.005))
    for regions in ([left, right], [right, left], [tissue(Box(0, 0, 200, 100)), zoomed]):
        spacing, why = spacing_at(regions, Box(80, 10, 140, 40))
        assert spacing is None and "reaches into a calibrated region of another spacing" in why
        assert spacing_at(regions, Box(20, 10, 90, 40))[0] == (0.1, 0.2)


def test_deltas_that_differ_by_rounding_do_not_contradict() -> None:
    one, other = tissue(Box(0, 0, 200, 100)), tissue(Box(0, 0, 200, 100), (0.02001, 0.01))
    for regions in ([one, other], [other, one]):
        assert spacing_at(regions, Box(20, 10, 90, 40))[0] == pytest.approx((0.1, 0.2), rel=1e-3)
        assert frame_spacing(regions)[0] == pytest.approx((0.1, 0.2), rel=1e-3)


def test_regions_from_the_field(case) -> None:
    folder = case("08-regions")
    box = Box(60, 50, 150, 130)
    found = {path.stem: read_frame(path).spacing_at(box) for path in sorted(folder.glob("*.dcm"))}
    spacing, why = found["same-place-two-scales"]
    assert spacing is None and "contradict each other" in why
    assert read_frame(folder / "same-place-two-scales.dcm").spacing_reason == why
    known = {name for name, (spacing, _) in found.items() if spacing is not None}
    assert known == {"edge-one-past", "negative-y", "one-mm-right", "reference-negative"}
