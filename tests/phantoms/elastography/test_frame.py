"""Simulated elastography screens: their boxes, colours and stiffness are where and what they are said to be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from thyrosight.errors import OutputError
from thyrosight.imaging import Box
from thyrosight.phantoms.elastography import (
    LAYOUTS,
    SINGLE,
    STIFFNESS_TABLES,
    doppler_frame,
    elastography_frame,
)
from thyrosight.phantoms.elastography.colour_tables import colours_of
from thyrosight.phantoms.elastography.measurement import Scale


def part(pixels: NDArray[np.uint8], box: Box | None) -> NDArray[np.uint8]:
    assert box is not None
    box.require_inside(pixels.shape, "screen")
    return pixels[box.top : box.bottom, box.left : box.right]


def colourful(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray(pixels.max(axis=2).astype(int) - pixels.min(axis=2) > 30)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_panels_stand_where_the_boxes_say(number: int) -> None:
    frame = elastography_frame(2, number)
    assert np.array_equal(part(frame.pixels, frame.b_mode_box), np.repeat(frame.b_mode[:, :, None], 3, axis=2))
    assert np.array_equal(part(frame.pixels, frame.elastogram_box), frame.elastogram)
    assert frame.elastogram.shape[:2] == frame.b_mode.shape == frame.stiffness_kpa.shape
    assert frame.b_mode_box is not None and frame.elastogram_box is not None and frame.bar_box is not None
    assert frame.colour_box is not None and frame.elastogram_box.contains(frame.colour_box)
    boxes = (frame.b_mode_box, frame.elastogram_box, frame.bar_box)
    assert all(one is other or one.intersect(other) is None for one in boxes for other in boxes)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_colour_is_in_its_box_and_the_panels_are_the_same_elsewhere(number: int) -> None:
    frame = elastography_frame(3, number)
    box = frame.measurement.box
    outside = np.ones(frame.b_mode.shape, dtype=bool)
    outside[box.top : box.bottom, box.left : box.right] = False
    assert np.array_equal(frame.elastogram[outside], np.repeat(frame.b_mode[outside][:, None], 3, axis=1))
    assert colourful(part(frame.elastogram, box)).mean() > 0.5
    nodule = Box.from_mask(frame.mask())
    seen = box.intersect(nodule)
    assert seen is not None and seen.area > 0.9 * nodule.area
    assert 0.03 < box.area / outside.size < 0.95


@pytest.mark.parametrize("number", range(4))
def test_the_mean_stiffness_of_the_nodule_is_exact_and_the_tissue_around_is_soft(number: int) -> None:
    frame = elastography_frame(4, number)
    inside = frame.mask()
    wanted = frame.section.subject.stiffness_kpa
    assert frame.stiffness_kpa[inside].mean(dtype=np.float64) == pytest.approx(wanted, rel=1e-3)
    away = frame.section.outline.distance_mm(*frame.section.probe.pixels()) > 3
    assert 5 < np.median(frame.stiffness_kpa[away]) < 30


def test_colours_give_the_stiffness_back() -> None:
    """Opaque colours without nuisance are read back with the table, over the nodule, within a tenth."""
    from thyrosight.phantoms.elastography.frame_plan import Look, plan_frame
    from thyrosight.phantoms.elastography.machines import MACHINES

    frame = elastography_frame(5, 1)
    subject = replace(frame.section.subject, stiffness_kpa=52.0, size_mm=15.0)
    look = Look(MACHINES[0], MACHINES[0].scales[0], MACHINES[0].usual_layout, nuisance=0.0, opacity=1.0)
    drawn = plan_frame(subject, look, seeds=(1, 2)).draw()
    table = colours_of(STIFFNESS_TABLES[drawn.table], np.linspace(0, 1, 201))
    inside = drawn.mask()
    distance = np.abs(drawn.elastogram[inside][:, None, :].astype(float) - table).sum(axis=2)
    read = distance.argmin(axis=1) / 200 * 100
    assert read.mean() == pytest.approx(52.0, rel=0.1)


def test_strain_puts_stiff_nodules_towards_the_hard_end_and_soft_ones_not() -> None:
    """On the colour bar a nodule stands apart from the tissue around it by 0.32 for each unit of log stiffness."""
    ahead, ratio = [], []
    for number in range(8):
        frame = elastography_frame(6, number, style="strain")
        box, inside = frame.measurement.box, frame.mask()
        window = (slice(box.top, box.bottom), slice(box.left, box.right))
        around = frame.measurement.place[window][~inside[window]]
        ahead.append(float(frame.measurement.place[inside].mean() - np.median(around)))
        ratio.append(
            np.log(frame.section.subject.stiffness_kpa / np.median(frame.stiffness_kpa[window][~inside[window]]))
        )
    assert max(ratio) - min(ratio) > 1
    assert np.corrcoef(ahead, ratio)[0, 1] > 0.9
    assert np.polyfit(ratio, ahead, 1)[0] == pytest.approx(0.28, abs=0.06)  # a little less, through smoothing


def test_the_bar_runs_through_the_colour_table_from_end_to_end() -> None:
    for number in range(6):
        frame = elastography_frame(8, number)
        bar = part(frame.pixels, frame.bar_box)
        stops = np.array(STIFFNESS_TABLES[frame.table])
        ends = (stops[-1], stops[0]) if frame.look.machine.hard_on_top else (stops[0], stops[-1])
        assert np.array_equal(bar[0, 0], ends[0]) and np.array_equal(bar[-1, -1], ends[1])
        assert np.array_equal(bar, np.repeat(bar[:, :1], bar.shape[1], axis=1))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_put_the_first_panel_first(layout: str) -> None:
    frame = elastography_frame(9, 0, layout=layout)
    assert frame.b_mode_box is not None and frame.elastogram_box is not None
    first, second = frame.b_mode_box, frame.elastogram_box
    if layout.endswith("elastogram first"):
        first, second = second, first
    if layout.startswith("side"):
        assert first.right <= second.left and first.top == second.top
    else:
        assert first.bottom <= second.top and first.left == second.left


def test_screens_that_are_not_as_usual() -> None:
    alone, grey_alone = (elastography_frame(10, 0, layout=layout) for layout in SINGLE)
    assert alone.b_mode_box is None and alone.elastogram_box is not None and alone.bar_box is not None
    assert grey_alone.elastogram_box is None and grey_alone.colour_box is None and grey_alone.bar_box is None
    assert colourful(grey_alone.pixels).mean() < 0.001
    barless = elastography_frame(10, 1, bar=False)
    assert barless.bar_box is None and barless.colour_box is not None
    outside = barless.pixels.copy()
    outside[barless.colour_box.top : barless.colour_box.bottom, barless.colour_box.left : barless.colour_box.right] = 0
    assert colourful(outside).mean() < 0.001
    faded = elastography_frame(10, 2, grey=True)
    assert faded.colour_box is not None and np.ptp(faded.pixels, axis=2).max() == 0


def test_a_jpeg_changes_the_screen_and_not_the_truth() -> None:
    plain, packed = (elastography_frame(11, 0, jpeg_quality=quality) for quality in (0, 85))
    assert plain.elastogram_box == packed.elastogram_box and np.array_equal(plain.screen, packed.screen)
    difference = np.abs(plain.pixels.astype(int) - packed.pixels)
    assert 0 < difference.mean() < 4


def test_same_arguments_same_pixels() -> None:
    first, again, other = elastography_frame(12, 0), elastography_frame(12, 0), elastography_frame(12, 1)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.b_mode.shape != other.b_mode.shape or not np.array_equal(first.b_mode, other.b_mode)


def test_unknown_requests_are_refused_in_one_sentence() -> None:
    with pytest.raises(OutputError, match="no layout 'diagonal'; choose from one above"):
        elastography_frame(1, 0, layout="diagonal")
    with pytest.raises(OutputError, match="choose shear-wave or strain"):
        elastography_frame(1, 0, style="vibration")
    with pytest.raises(OutputError, match="1 or 2 panels"):
        doppler_frame(1, panels=3)


@pytest.mark.parametrize(("kind", "panels"), [("colour", 1), ("colour", 2), ("power", 1), ("power", 2)])
def test_doppler_colours_vessels_and_never_fills_its_box(kind: str, panels: int) -> None:
    for seed in range(2):
        frame = doppler_frame(seed, kind=kind, panels=panels)
        assert (frame.b_mode_box is None) == (panels == 1)
        window = colourful(part(frame.pixels, frame.flow_box))
        assert 0.001 < window.mean() < 0.4
        picture = part(frame.pixels, frame.doppler_box)
        assert colourful(picture).sum() == window.sum()
        if kind == "power":
            red, green, blue = (picture[colourful(picture)][:, channel].astype(int) for channel in range(3))
            assert (red >= green).all() and (green >= blue - 10).all()


def test_the_speed_of_shear_waves_and_youngs_modulus_agree() -> None:
    """E = 3 rho c^2 with the density of water: 27 kPa is 3 m/s."""
    log_kpa = np.log(np.array([27.0, 300.0]))
    assert Scale("m/s", 6.0).place(log_kpa, reference=0.0).tolist() == pytest.approx([0.5, 1.0])
    assert Scale("kPa", 108.0).place(log_kpa, reference=0.0).tolist() == pytest.approx([0.25, 1.0])
    assert (Scale("m/s", 6.5).text, Scale("strain", 1).text) == ("0-6.5 m/s", "soft-hard")
