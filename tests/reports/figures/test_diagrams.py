"""Diagrams: boxes stand apart and within the page, what goes up stands on the right, and ways do not cross boxes."""

from itertools import combinations, pairwise

import pytest

from thyrosight.documents.diagrams import Diagram, DiagramPanel, DiagramStep
from thyrosight.networks import ModelSpec, find_architecture
from thyrosight.reports.figures import draw
from thyrosight.reports.figures.diagram_layout import layout
from thyrosight.reports.figures.style import FULL_WIDTH
from thyrosight.studies.analyses.network_figures import network_figures


def diagrams(name: str, size: int, task: str) -> list[Diagram]:
    entry = find_architecture(name)
    spec = ModelSpec.model_validate(
        {"architecture": name, "input_size": size, "mean": entry.mean, "std": entry.std, "task": task}
    )
    drawn = [figure.drawing for figure in network_figures(spec)]
    return [drawing for drawing in drawn if isinstance(drawing, Diagram)]


@pytest.mark.parametrize(
    ("name", "size", "task"),
    [("resnet18", 224, "classification"), ("inception_v3", 384, "classification"), ("ynet", 256, "joint")],
)
def test_boxes_stand_apart_and_on_the_page(name: str, size: int, task: str) -> None:
    for drawing in diagrams(name, size, task):
        assert draw(drawing).get_figwidth() <= FULL_WIDTH + 0.1
        for panel in drawing.panels:
            found = layout(panel, FULL_WIDTH)
            for one, other in combinations(found.boxes, 2):
                beside = abs(one.x - other.x) >= (one.width + other.width) / 2
                assert beside or one.bottom < other.top or other.bottom < one.top, (panel.title, one, other)


def test_neighbours_that_do_the_same_share_a_box_with_all_their_parameters() -> None:
    (drawing,) = diagrams("resnet18", 224, "classification")
    texts = [step.text for step in drawing.panels[0].steps]
    assert texts.count("residual block, 2 times") == 4
    first = drawing.panels[0].steps[texts.index("residual block, 2 times")]
    assert first.lines == ("64 x 56 x 56", f"{2 * 73_984:,} parameters")
    assert [step.after for step in drawing.panels[0].steps] == [(), *((place,) for place in range(8))]


def test_a_decoder_stands_beside_the_maps_of_its_size() -> None:
    main = diagrams("ynet", 256, "joint")[0].panels[0]
    found = layout(main, FULL_WIDTH)
    arms = {step.rows: [] for step in main.steps}
    for step, box in zip(main.steps, found.boxes, strict=True):
        arms[step.rows].append(box)
    assert {box.arm for box in arms[128]} == {0, 1}
    assert {box.arm for box in arms[16]} == {0}
    tops = {rows: (min(box.top for box in boxes), max(box.bottom for box in boxes)) for rows, boxes in arms.items()}
    order = [256, 128, 64, 32, 16, 0]
    assert all(tops[big][1] < tops[small][0] for big, small in pairwise(order))


def test_a_way_around_keeps_its_distance() -> None:
    steps = (
        DiagramStep(text="a"),
        DiagramStep(text="b", after=(0,)),
        DiagramStep(text="sum", after=(1, 0), tone="small"),
    )
    with_way = layout(DiagramPanel(title="", steps=steps), 3.0)
    without = layout(DiagramPanel(title="", steps=steps[:2]), 3.0)
    assert max(box.x + box.width / 2 for box in with_way.boxes) < with_way.width
    assert with_way.boxes[0].width < without.boxes[0].width
