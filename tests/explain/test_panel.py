"""The panel shows the frame as it is, the frame under heat, and every line of text."""

import numpy as np
import pytest

from thyrosight.explain import explanation_panel
from thyrosight.imaging import Box, Frame


def panel(*lines: str, rows: int = 150, columns: int = 240) -> np.ndarray:
    frame = Frame(np.full((rows, columns), 80, dtype=np.uint8), "a.png")
    heat = np.zeros((rows, columns))
    heat[:, columns // 2 :] = 2.0
    box = Box(10, 10, 60, 60)
    return explanation_panel(frame, heat, scale=2.0, scale_text="of this run", box=box, lines=lines)


def test_heat_is_in_the_right_half_of_the_second_picture_only() -> None:
    drawn = panel("one").astype(int)
    colour = (drawn.max(axis=2) - drawn.min(axis=2))[16 : 16 + 300]
    assert colour[:, 16:496].max() == 0  # the frame as it is
    assert colour[:, 512:740].max() == 0 and colour[:, 765:990].min() > 50
    assert drawn[16 + 20 : 16 + 120, 16 + 20].min() == 240  # the left side of the nodule box, at twice its size


def test_text_needs_room_and_long_lines_wrap() -> None:
    short, more, long = panel("one"), panel("one", "two"), panel("one", "word " * 100)
    assert short.shape[0] < more.shape[0] < long.shape[0]
    assert short.shape[1] == more.shape[1] == long.shape[1]


@pytest.mark.parametrize(("rows", "columns"), [(1, 400), (900, 30)])
def test_odd_frames_are_drawn(rows: int, columns: int) -> None:
    assert panel("one", rows=rows, columns=columns).dtype == np.uint8


def test_an_outline_takes_the_place_of_the_box() -> None:
    frame = Frame(np.full((150, 240), 80, dtype=np.uint8), "a.png")
    contour = ((30.0, 20.0), (50.0, 40.0), (30.0, 60.0), (10.0, 40.0))
    drawn = explanation_panel(
        frame, np.zeros((150, 240)), scale=1.0, scale_text="", box=Box(10, 20, 50, 60), lines=["a"], contour=contour
    )
    first = drawn[16:316, 16:496, 0]
    assert first[40, 60] == 240 and first[80, 20] == 240  # top and left corner of the outline, at twice its size
    assert first[40, 20] == 80  # the corner of the box
