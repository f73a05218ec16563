"""The flow chart of exclusions."""

import re
from itertools import pairwise

from thyrosight.documents import FlowStep
from thyrosight.reports.flow_chart import draw_flow_chart

STEPS = [
    FlowStep(
        text="images found in ddti",
        n=600,
        excluded=(("no TI-RADS category", 5), ("labels contradict <one another> " * 4, 6)),
    ),
    FlowStep(text="images analysed", n=589),
]


def test_counts_and_reasons_are_written() -> None:
    text = re.sub(r"<[^>]+>", "|", draw_flow_chart(STEPS))
    for part in ("n = 600", "images found in ddti", "left out: 11", "5  no TI-RADS category", "n = 589"):
        assert part in text
    assert "&lt;one another&gt;" in text


def test_boxes_follow_one_another_without_overlap() -> None:
    svg = draw_flow_chart(STEPS)
    boxes = [
        tuple(map(float, found)) for found in re.findall(r'<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', svg)
    ]
    assert len(boxes) == 3
    tops = [(y, y + height) for _, y, _, height in boxes]
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(tops))
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', svg)[1])  # type: ignore[index]
    assert tops[-1][1] <= height


def test_long_reasons_are_wrapped_inside_their_box() -> None:
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", draw_flow_chart(STEPS))
    assert max(len(line) for line in lines) < 75  # escaped brackets count four letters each


def test_one_step_needs_no_arrow_and_none_no_chart() -> None:
    assert "<path" not in draw_flow_chart(STEPS[1:])
    assert draw_flow_chart([]) == ""
