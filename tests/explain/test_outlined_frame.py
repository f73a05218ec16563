"""The picture of an outlined image: outlines lie where the lesion is, and on the right picture alone."""

import numpy as np

from thyrosight.explain import outline_panel
from thyrosight.imaging import Frame

FRAME = Frame(np.full((120, 240), 90, dtype=np.uint8), "a.png")
SQUARE = ((40.0, 30.0), (100.0, 30.0), (100.0, 90.0), (40.0, 90.0))
LEFT, RIGHT, TOP = 16, 512, 16  # where the two pictures of 480 pixels begin


def coloured(panel: np.ndarray) -> np.ndarray:
    return np.ptp(panel.astype(int), axis=2) > 60


def test_an_outline_is_drawn_around_its_lesion_on_the_right_picture() -> None:
    panel = outline_panel(FRAME, [SQUARE], ["one lesion"])
    rows, columns = np.nonzero(coloured(panel))
    # The picture is twice the frame's size.
    assert abs(rows.min() - (TOP + 60)) <= 2 and abs(rows.max() - (TOP + 180)) <= 2
    assert abs(columns.min() - (RIGHT + 80)) <= 2 and abs(columns.max() - (RIGHT + 200)) <= 2
    assert (panel[TOP : TOP + 240, LEFT : LEFT + 480] == 90).all()
    inside = panel[TOP + 70 : TOP + 170, RIGHT + 90 : RIGHT + 190]
    assert (inside == 90).all()  # nothing covers what is judged


def test_none_leaves_both_pictures_alone_and_text_makes_room_for_itself() -> None:
    short = outline_panel(FRAME, [], ["no lesion found"])
    assert not coloured(short).any()
    long = outline_panel(FRAME, [], ["no lesion found", "word " * 200])
    assert long.shape[1] == short.shape[1] and long.shape[0] > short.shape[0] + 40


def test_several_outlines_differ_in_colour() -> None:
    other = tuple((column + 80, row) for column, row in SQUARE)
    panel = outline_panel(FRAME, [SQUARE, other], ["two lesions"])
    first, second = panel[TOP + 120, RIGHT + 80], panel[TOP + 120, RIGHT + 361 - 1]
    assert np.abs(first.astype(int) - second.astype(int)).max() > 60
