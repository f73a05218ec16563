"""Diagrams of networks and of ways through a study: boxes and arrows."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from thyrosight.documents.diagrams import Diagram, DiagramPanel, DiagramStep
from thyrosight.languages import wrapped
from thyrosight.reports.figures.diagram_layout import ACROSS, LINE, SMALL_LINE, Box, Layout, layout, passes
from thyrosight.reports.figures.style import FULL_WIDTH, GRID, INK, MUTED, PAPER

_TITLE, _TITLE_LETTER, _APART = 0.3, 0.08, 0.4  # inches
_BESIDE = 1.5
"""How many times as tall as the first panel those beside it may be."""
_EDGES = {"plain": (INK, 1.0), "small": (MUTED, 0.8), "end": (INK, 1.8), "kept": (MUTED, 1.0)}
_SIZE, _SMALL_SIZE = 8.5, 7.5


def diagram(drawing: Diagram) -> Figure:
    """The main panel at the left or above, the others in the room that is left."""
    placed = _placed(drawing.panels)
    height = max(top + _TITLE + found.height for found, _, top in placed) + 0.08
    width = max(left + found.width for found, left, _ in placed) + 0.08
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for panel, (found, left, top) in zip(drawing.panels, placed, strict=True):
        lines = wrapped(panel.title, int(found.width / _TITLE_LETTER))
        size = 10 if len(lines) == 1 else 8
        axes.text(
            left, top + 0.27, "\n".join(lines), size=size, weight="bold", color=INK, va="bottom", linespacing=1.05
        )
        _draw_panel(axes, panel, found, left, top + _TITLE)
    return figure


def _placed(panels: Sequence[DiagramPanel]) -> list[tuple[Layout, float, float]]:
    """Each panel's layout with its left upper corner: beside the first one where they fit there, then in rows below."""
    edge, room = 0.05, FULL_WIDTH - 0.1
    main = layout(panels[0], room)
    placed = [(main, edge, 0.0)]
    floor = _BESIDE * (_TITLE + main.height)
    left = start = edge + main.width + _APART
    top = tallest = 0.0
    for panel in panels[1:]:
        found = layout(panel, edge + room - start)
        if left + found.width > edge + room:
            left, top, tallest = start, top + tallest + _APART, 0.0
        if start > edge and (left + found.width > edge + room or top + _TITLE + found.height > floor):
            start = left = edge
            found, top, tallest = layout(panel, room), max(_TITLE + main.height, top + tallest) + _APART, 0.0
        placed.append((found, left, top))
        left, tallest = left + found.width + _APART, max(tallest, _TITLE + found.height)
    return placed


def _draw_panel(axes: Axes, panel: DiagramPanel, found: Layout, left: float, top: float) -> None:
    for place, step in enumerate(panel.steps):
        for one in step.after:
            _draw_arrow(axes, [(left + x, top + y) for x, y in _way(found, one, place)])
    for step, box in zip(panel.steps, found.boxes, strict=True):
        _draw_box(axes, step, box, left, top)


def _draw_box(axes: Axes, step: DiagramStep, box: Box, left: float, top: float) -> None:
    colour, width = _EDGES[step.tone]
    shape = FancyBboxPatch(
        (left + box.x - box.width / 2, top + box.top),
        box.width,
        box.height,
        boxstyle="round,pad=0,rounding_size=0.05",
        facecolor=GRID if step.tone == "kept" else PAPER,
        edgecolor=colour,
        linewidth=width,
        zorder=2,
    )
    axes.add_patch(shape)
    size = LINE * len(box.text) + SMALL_LINE * len(box.lines)
    at = top + box.top + (box.height - size) / 2
    for lines, step_height, points, ink in ((box.text, LINE, _SIZE, INK), (box.lines, SMALL_LINE, _SMALL_SIZE, MUTED)):
        for line in lines:
            axes.text(left + box.x, at + 0.76 * step_height, line, fontsize=points, color=ink, ha="center", zorder=3)
            at += step_height


def _way(found: Layout, start: int, end: int) -> list[tuple[float, float]]:
    """The corners of an arrow: straight where two steps are neighbours, around what stands between them, or across."""
    one, other = found.boxes[start], found.boxes[end]
    columns, tops = [box.x for box in found.boxes], [box.top for box in found.boxes]
    if found.is_u and one.arm != other.arm:
        half = (one.x + max(columns)) / 2
        return [
            (one.x + one.width / 2, one.middle),
            (half, one.middle),
            (half, other.middle),
            (other.x - other.width / 2, other.middle),
        ]
    if one.top > other.top:
        return [(one.x, one.top), (other.x, other.bottom)]
    if passes(found.boxes, columns, tops, start, end):
        side = one.x + max(box.width for box in found.boxes if box.x == one.x) / 2 + 0.6 * ACROSS
        return [
            (one.x + one.width / 2, one.middle),
            (side, one.middle),
            (side, other.middle),
            (other.x + other.width / 2, other.middle),
        ]
    level = other.top - 0.1
    return [(one.x, one.bottom), (one.x, level), (other.x, level), (other.x, other.top)]


def _draw_arrow(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    shape = FancyArrowPatch(
        path=Path(points),
        arrowstyle="-|>,head_length=3.5,head_width=1.8",
        color=MUTED,
        linewidth=1.1,
        joinstyle="miter",
        capstyle="butt",
        zorder=1,
    )
    axes.add_patch(shape)
