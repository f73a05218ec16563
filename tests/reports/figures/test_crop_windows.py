"""Windows of crops: box and window where they are, also outside the frame."""

import numpy as np

from thyrosight.documents import CropView
from thyrosight.reports.figures import figure_crop_windows


def test_windows_outside_the_frame_are_shown_whole() -> None:
    view = CropView(title="square", frame="f", crop="c", box=(0, 0, 30, 20), window=(-30, -40, 60, 50))
    pictures = {"f": np.zeros((60, 80), np.uint8), "c": np.zeros((8, 8), np.uint8)}
    above, below = figure_crop_windows([view], pictures).axes
    assert above.get_xlim() == (-32, 82)
    assert above.get_ylim() == (62, -42)
    corners = [(patch.get_xy(), patch.get_width(), patch.get_height()) for patch in above.patches]
    assert corners == [((-0.5, -0.5), 30, 20), ((-30.5, -40.5), 90, 90)]
    assert np.asarray(below.images[0].get_array()).shape == (8, 8)
