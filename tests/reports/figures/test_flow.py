"""The flow chart of exclusions."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from thyrosight.documents import FlowStep
from thyrosight.documents.drawings import Flow
from thyrosight.reports.figures import draw, to_svg

STEPS = (
    FlowStep(
        text="images found in ddti",
        n=600,
        excluded=(("no TI-RADS category", 5), ("labels contradict <one another> " * 4, 6)),
    ),
    FlowStep(text="images analysed", n=589),
)


@pytest.fixture(scope="module")
def chart() -> Figure:
    return draw(Flow(steps=STEPS))


def test_counts_and_reasons_are_written(chart: Figure) -> None:
    text = to_svg(chart, title="Flow")
    for part in ("n = 600", "images found in ddti", "left out: 11", "5  no TI-RADS category", "n = 589"):
        assert part in text
    assert "&lt;one another&gt;" in text


def test_boxes_follow_one_another_and_hold_their_text(chart: Figure) -> None:
    chart.canvas.draw()
    axes = chart.axes[0]
    boxes = [patch.get_window_extent() for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    boxes = [box for box in boxes if box.height > 20]  # arrows apart
    assert len(boxes) == 3
    assert all(later.y1 <= earlier.y0 for earlier, later in pairwise(boxes))
    for text in axes.texts:
        if text.get_text():
            place = text.get_window_extent()
            assert any(box.x0 < place.x0 and place.x1 < box.x1 and box.y0 < place.y0 < box.y1 for box in boxes)


def test_one_step_needs_no_arrow() -> None:
    assert not [text for text in draw(Flow(steps=STEPS[1:])).axes[0].texts if not text.get_text()]
