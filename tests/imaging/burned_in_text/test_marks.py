"""Marks are measured right: sizes, areas, contrast of drawn rectangles."""

import numpy as np

from thyrosight.imaging.burned_in_text.likeness import features, likeness
from thyrosight.imaging.burned_in_text.marks import find_marks


def test_a_drawn_bar_is_measured_to_the_pixel() -> None:
    pixels = np.full((60, 80), 50, dtype=np.uint8)
    pixels[20:32, 30:33] = 200
    for marks in find_marks(pixels):
        assert [marks.left[0], marks.top[0], marks.right[0], marks.bottom[0]] == [30, 20, 33, 32]
        assert (marks.area[0], marks.perimeter[0]) == (36, 2 * (12 + 3))
        assert (marks.level[0], marks.spread[0], marks.contrast[0], marks.ring_spread[0]) == (200, 0, 150, 0)
        assert marks.edge[0] == 150


def test_only_the_bright_marks_are_left_at_the_brightest_level() -> None:
    pixels = np.full((60, 120), 40, dtype=np.uint8)
    for number, level in enumerate((60, 80, 200)):
        pixels[20:32, 20 + 30 * number : 23 + 30 * number] = level
    assert [len(marks.left) for marks in find_marks(pixels)] == [3, 2, 1]


def test_a_letter_is_likelier_than_a_blurred_blob() -> None:
    rows, columns = np.mgrid[0:60, 0:80]
    blob = 50 + 120 * np.exp(-((rows - 30) ** 2 + (columns - 40) ** 2) / 20)
    letter = np.full((60, 80), 50.0)
    letter[24:36, 38:40], letter[24:26, 38:46], letter[29:31, 38:44] = 220, 220, 220
    best = [max(likeness(marks).max() for marks in find_marks(one.astype(np.uint8))) for one in (letter, blob)]
    assert best[0] > 0 > best[1]
    assert all(np.isfinite(features(marks)).all() for marks in find_marks(letter.astype(np.uint8)))
