"""Stacked bars: shares add up to a hundred, and a group without images stays empty."""

import numpy as np

from thyrosight.documents import StackedPanel
from thyrosight.reports.figures import figure_stacked


def test_bars_add_up_to_a_hundred_and_an_empty_group_is_empty() -> None:
    panel = StackedPanel(title="training part", groups=("a", "b"), counts=((1, 3, 0), (0, 0, 0)))
    (axes,) = figure_stacked([panel], ["3", "4a", "not recorded"], legend="TI-RADS").axes
    heights = np.array([[bar.get_height() for bar in bars] for bars in axes.containers])
    assert heights.T.tolist() == [[25, 75, 0], [0, 0, 0]]
    assert [text.get_text() for text in axes.texts] == ["n = 4", "n = 0"]
