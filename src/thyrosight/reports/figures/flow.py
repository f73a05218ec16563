"""The flow chart of a cohort: how many images there were, and what was left out and why."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from thyrosight.documents.drawings import Flow, FlowStep
from thyrosight.languages import wrapped
from thyrosight.reports.figures.style import FULL_WIDTH, INK, MUTED, PAPER

_LINE, _PAD, _GAP = 0.19, 0.1, 0.27  # inches
_MAIN_WIDTH, _SIDE_LEFT = 4.2, 5.0
_MAIN_LETTERS, _SIDE_LETTERS = 50, 55
_TYPE = 10.0


def flow(drawing: Flow) -> Figure:
    """A box for each step from top to bottom; beside the way to the next, what was left out, and why."""
    steps = drawing.steps
    mains = [[f"n = {step.n}", *wrapped(step.text, _MAIN_LETTERS)] for step in steps]
    sides = [_side(step) for step in steps]
    gaps = [max(_GAP, _height(side) + 2 * _GAP if side else 0) for side in sides]
    if not sides[-1]:
        gaps[-1] = 0
    width = FULL_WIDTH if any(sides) else _MAIN_WIDTH + 0.1
    height = sum(map(_height, mains)) + sum(gaps) + 0.1
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    top = 0.05
    for place, (main, side, gap) in enumerate(zip(mains, sides, gaps, strict=True)):
        _box(axes, 0.05, top, _MAIN_WIDTH, main, colour=INK)
        bottom, middle = top + _height(main), 0.05 + _MAIN_WIDTH / 2
        if place < len(steps) - 1:
            _arrow(axes, (middle, bottom), (middle, bottom + gap))
        if side:
            across = bottom + _GAP + _height(side) / 2
            _arrow(axes, (middle, across), (_SIDE_LEFT, across))
            _box(axes, _SIDE_LEFT, bottom + _GAP, FULL_WIDTH - _SIDE_LEFT - 0.05, side, colour=MUTED)
        top = bottom + gap
    return figure


def _side(step: FlowStep) -> list[str]:
    """The lines of the box of those left out; none where there are none."""
    if not step.excluded:
        return []
    found = wrapped(f"{step.aside}: {sum(n for _, n in step.excluded)}", _SIDE_LETTERS)
    for reason, n in step.excluded:
        first, *others = wrapped(f"{n}  {reason}", _SIDE_LETTERS)
        found += [first, *(f"    {line}" for line in wrapped(" ".join(others), _SIDE_LETTERS - 4))]
    return found


def _height(lines: Sequence[str]) -> float:
    return 2 * _PAD + _LINE * len(lines)


def _box(axes: Axes, left: float, top: float, width: float, lines: Sequence[str], *, colour: str) -> None:
    """A frame with lines of text, the first one bold."""
    style = "round,pad=0,rounding_size=0.06"
    shape = FancyBboxPatch((left, top), width, _height(lines), boxstyle=style, facecolor=PAPER, edgecolor=colour)
    axes.add_patch(shape)
    for place, line in enumerate(lines):
        weight = "bold" if place == 0 else "normal"
        baseline = top + _PAD + _LINE * (place + 0.76)
        axes.text(left + 0.14, baseline, line, fontsize=_TYPE, fontweight=weight, color=INK)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    shape = {"arrowstyle": "-|>,head_length=0.5,head_width=0.25", "color": MUTED, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops={**shape, "linewidth": 1.2})
