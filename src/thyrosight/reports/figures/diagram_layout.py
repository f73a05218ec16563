"""Where the boxes of a diagram stand: branches side by side, and networks that go up again as a U."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from thyrosight.documents.diagrams import DiagramPanel, DiagramStep
from thyrosight.languages import wrapped

LINE, SMALL_LINE, PAD, GAP = 0.165, 0.145, 0.06, 0.19  # inches
ACROSS, BETWEEN_ARMS = 0.22, 0.75
"""Inches between columns, and between the two arms of a U."""
_WIDEST, _NARROWEST, _JOIN_HEIGHT = 3.1, 1.3, 0.25
_LETTER, _SMALL_LETTER = 0.072, 0.064
"""Inches of one letter of the text and of the lines below it."""


@dataclass(frozen=True)
class Box:
    """One step as it is drawn: its middle, its sides in inches, and its lines of text."""

    x: float
    top: float
    width: float
    height: float
    text: tuple[str, ...]
    lines: tuple[str, ...]
    arm: int

    @property
    def bottom(self) -> float:
        """The lower edge; inches grow downwards."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Half way down."""
        return self.top + self.height / 2


@dataclass(frozen=True)
class Layout:
    """The boxes of one panel, in the order of its steps, and the size of the whole."""

    boxes: tuple[Box, ...]
    width: float
    height: float
    is_u: bool


def layout(panel: DiagramPanel, room: float) -> Layout:
    """Place the steps of a panel in `room` inches across."""
    steps = panel.steps
    if panel.as_u and any(_goes_up(steps, place) for place in range(len(steps))):
        return _as_u(steps, room)
    columns, ranks = _columns(steps), _ranks(steps)
    count = max(columns) + 1
    side = ACROSS * any(_passes(steps, columns, ranks))
    width = max(min((room - side - ACROSS * (count - 1)) / count, _WIDEST), _NARROWEST)
    drawn = [_sized(step, width) for step in steps]
    tops = _tops(ranks, [height for *_, height in drawn])
    boxes = tuple(
        Box(width / 2 + column * (width + ACROSS), tops[rank], own, height, text, lines, 0)
        for column, rank, (own, text, lines, height) in zip(columns, ranks, drawn, strict=True)
    )
    whole = count * width + (count - 1) * ACROSS + side
    return Layout(boxes, whole, max(box.bottom for box in boxes), is_u=False)


def _sized(step: DiagramStep, width: float) -> tuple[float, tuple[str, ...], tuple[str, ...], float]:
    """The width of a box, its text and lines as they are broken, and its height."""
    text = tuple(wrapped(step.text, int((width - 2 * PAD) / _LETTER)))
    if step.tone == "small":
        longest = max(len(line) for line in text)
        return min(width, longest * _LETTER + 0.3), text, (), max(_JOIN_HEIGHT, len(text) * LINE + PAD)
    letters = int((width - 2 * PAD) / _SMALL_LETTER)
    joined = ", ".join(step.lines)
    given = [joined] if len(joined) <= letters else step.lines
    lines = tuple(line for one in given if one for line in wrapped(one, letters))
    return width, text, lines, 2 * PAD + LINE * len(text) + SMALL_LINE * len(lines)


def _goes_up(steps: Sequence[DiagramStep], place: int) -> bool:
    """Whether a step gives a larger map than the one that it reads."""
    before = [steps[one].rows for one in steps[place].after]
    return len(before) == 1 and 0 < before[0] < steps[place].rows


def _ranks(steps: Sequence[DiagramStep]) -> list[int]:
    """How many steps lead to each one, on the longest way."""
    ranks: list[int] = []
    for step in steps:
        ranks.append(1 + max((ranks[one] for one in step.after), default=-1))
    return ranks


def _columns(steps: Sequence[DiagramStep]) -> list[float]:
    """A column for each branch; where branches meet, and where they leave the input, the middle of theirs."""
    columns: list[float] = []
    taken: set[int] = set()
    free = 0
    for step in steps:
        first = step.after[0] if step.after else None
        if len(step.after) > 1:
            columns.append(sum(columns[one] for one in step.after) / len(step.after))
        elif first is not None and first not in taken:
            columns.append(columns[first])
        else:
            columns.append(float(free))
        taken |= {first} if first is not None else set()
        free = max(free, int(max(columns)) + 1)
    branches = [columns[place] for place, step in enumerate(steps) if step.after == (0,)]
    if len(branches) > 1 and sum(not step.after for step in steps) == 1:
        columns[0] = sum(branches) / len(branches)
    return columns


def _passes(steps: Sequence[DiagramStep], columns: Sequence[float], ranks: Sequence[int]) -> list[bool]:
    """For each way that skips steps whether another step of its column stands in between."""
    return [passes(steps, columns, ranks, one, place) for place, step in enumerate(steps) for one in step.after]


def passes(steps: Sequence[object], columns: Sequence[float], ranks: Sequence[float], start: int, end: int) -> bool:
    """Whether a step of the column of `start` stands between it and `end`."""
    return any(
        columns[place] == columns[start] and ranks[start] < ranks[place] < ranks[end] for place in range(len(steps))
    )


def _tops(ranks: Sequence[int], heights: Sequence[float]) -> list[float]:
    """The upper edge of each rank."""
    tallest: dict[int, float] = defaultdict(float)
    for rank, height in zip(ranks, heights, strict=True):
        tallest[rank] = max(tallest[rank], height)
    tops = [0.0]
    for rank in range(max(ranks)):
        tops.append(tops[-1] + tallest[rank] + GAP)
    return tops


def _as_u(steps: Sequence[DiagramStep], room: float) -> Layout:
    """Down on the left, up on the right, with maps of one size at one height; what has no map below on the left."""
    up: set[int] = set()
    for place, step in enumerate(steps):
        if _goes_up(steps, place) or up & set(step.after):
            up.add(place)
    width = min((room - BETWEEN_ARMS) / 2, _WIDEST)
    drawn = [_sized(step, width) for step in steps]
    bands: dict[int, tuple[list[int], list[int]]] = {}
    for place, step in enumerate(steps):
        bands.setdefault(step.rows, ([], []))[place in up].append(place)
    order = [*sorted((rows for rows in bands if rows), reverse=True), *([0] if 0 in bands else [])]
    tops, top = [0.0] * len(steps), 0.0
    for rows in order:
        tall = [sum(drawn[place][3] + GAP for place in arm) for arm in bands[rows]]
        for arm, height in zip((bands[rows][0], bands[rows][1][::-1]), tall, strict=True):
            at = top + (max(tall) - height) / 2
            for place in arm:
                tops[place] = at
                at += drawn[place][3] + GAP
        top += max(tall)
    boxes = tuple(
        Box(width / 2 + (place in up) * (width + BETWEEN_ARMS), tops[place], own, height, text, lines, int(place in up))
        for place, (own, text, lines, height) in enumerate(drawn)
    )
    return Layout(boxes, 2 * width + BETWEEN_ARMS, top - GAP, is_u=True)
