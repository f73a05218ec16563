"""The flow chart of a cohort: how many images there were, and what was left out and why."""

import textwrap
from collections.abc import Sequence
from html import escape

from thyrosight.documents import FlowStep

_LINE, _PAD, _GAP = 18, 12, 26
_MAIN_X, _MAIN_WIDTH, _SIDE_X, _SIDE_WIDTH = 10, 400, 480, 440
_MAIN_LETTERS, _SIDE_LETTERS = 48, 54


def draw_flow_chart(steps: Sequence[FlowStep]) -> str:
    """The flow chart as an SVG element whose colours are the page's CSS variables; empty text without steps.

    >>> svg = draw_flow_chart([
    ...     FlowStep(text="images found", n=100, excluded=(("no label", 4),)), FlowStep(text="images analysed", n=96)
    ... ])
    >>> svg.count("<rect"), "n = 96" in svg
    (3, True)
    """
    if not steps:
        return ""
    parts: list[str] = []
    y = 4
    for place, step in enumerate(steps):
        lines = [f"n = {step.n}", *textwrap.wrap(step.text, _MAIN_LETTERS)]
        parts += _box(_MAIN_X, y, _MAIN_WIDTH, lines, colour="ink")
        bottom = y + _height(lines)
        if place == len(steps) - 1 and not step.excluded:
            y = bottom
            break
        side = [line for reason, n in step.excluded for line in _reason(reason, n)]
        total = sum(n for _, n in step.excluded)
        side = [*_reason_head(step.aside, total), *side] if side else []
        height = max(_height(side) if side else 0, _GAP)
        middle = _MAIN_X + _MAIN_WIDTH / 2
        end = bottom + height + 2 * _GAP if side else bottom + _GAP
        if place < len(steps) - 1:
            parts.append(_arrow(middle, bottom, middle, end))
        if side:
            top = bottom + _GAP
            parts.append(_arrow(middle, top + height / 2, _SIDE_X, top + height / 2))
            parts += _box(_SIDE_X, top, _SIDE_WIDTH, side, colour="muted")
        y = round(end)
    width = _SIDE_X + _SIDE_WIDTH + 10 if any(step.excluded for step in steps) else _MAIN_X * 2 + _MAIN_WIDTH
    label = escape("Flow chart: " + "; ".join(f"{step.text}: {step.n}" for step in steps), quote=True)
    head = (
        f'<svg role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 6}" '
        f'style="width:100%;max-width:{width}px">'
    )
    return head + "".join(parts) + "</svg>"


def _reason_head(aside: str, total: int) -> list[str]:
    """What happened to those in a side box, with their number."""
    return textwrap.wrap(f"{aside}: {total}", _SIDE_LETTERS)


def _reason(reason: str, n: int) -> list[str]:
    """One reason, wrapped, with its count in front."""
    wrapped = textwrap.wrap(f"{n}  {reason}", _SIDE_LETTERS) or [str(n)]
    return [wrapped[0], *("    " + line for line in wrapped[1:])]


def _height(lines: Sequence[str]) -> int:
    return 2 * _PAD + _LINE * len(lines) - 4


def _box(x: int, y: float, width: int, lines: Sequence[str], *, colour: str) -> list[str]:
    """A frame with lines of text, the first one bold."""
    found = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{_height(lines)}" rx="6" '
        f'style="fill:var(--panel);stroke:var(--{colour});stroke-width:1.2"/>'
    ]
    for place, line in enumerate(lines):
        weight = "600" if place == 0 else "400"
        found.append(
            f'<text x="{x + 14}" y="{y + _PAD + 12 + _LINE * place}" xml:space="preserve" '
            f'style="fill:var(--ink);font-size:14px;font-weight:{weight}">{escape(line)}</text>'
        )
    return found


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line with a head at its end, going down or to the right."""
    head = (
        f"M{x2 - 5},{y2 - 8}L{x2},{y2}L{x2 + 5},{y2 - 8}"
        if x1 == x2
        else f"M{x2 - 8},{y2 - 5}L{x2},{y2}L{x2 - 8},{y2 + 5}"
    )
    return f'<path d="M{x1},{y1}L{x2},{y2}{head}" style="fill:none;stroke:var(--muted);stroke-width:1.4"/>'
