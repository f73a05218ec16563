"""Lines of text from marks: letters stand beside one another, of similar height and on one base line."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.burned_in_text.likeness import likeness
from thyrosight.imaging.burned_in_text.marks import Marks
from thyrosight.imaging.counting import median

# A mark of less likeness starts no line; one of less still joins none.
_LEAST_TO_START, _LEAST_TO_JOIN = -2.5, -4.0
_LEAST_HEIGHT, _LARGEST_HEIGHT = 4, 48
_LEAST_CONTRAST = 10
# Limits between neighbours in a line, as shares of their height, and in grey levels.
_LARGEST_GAP, _LEAST_OVERLAP, _HEIGHT_RATIO, _BASE_LINE, _LEVELS_APART = 1.2, 0.6, 2.2, 0.25, 70
# What the likenesses of a line's marks must sum to: one mark, two, or more; and where text is rarer than blood flow.
_LEAST_SUM = {1: 4.0, 2: 3.5, 3: 3.0}
_LEAST_SUM_WHERE_RARE = {1: float("inf"), 2: 7.0, 3: 7.0}
_LEAST_MEAN_WHERE_RARE = 3.5
# Marks whose middles lie farther from that of their line, as a share of the letters' height, belong to another line.
_OFF_THE_LINE = 0.7
_PAIRS_AT_A_TIME = 200_000
# A line that was found takes in faint, broken or joined letters to both sides of it, as far as so many heights; a mark
# wider than so many heights is no letter.
_LARGEST_GROWTH, _WIDEST_LETTERS = 2.5, 5


@dataclass(frozen=True)
class TextLine:
    """A line of text in pixels of the picture (half-open, not yet rounded), and the usual height of its marks."""

    left: float
    top: float
    right: float
    bottom: float
    height: float


@dataclass(frozen=True, eq=False)
class Candidates:
    """Marks of several levels together: boxes `(n, 4)` as left, top, right, bottom; likeness and grey level `(n,)`."""

    boxes: NDArray[np.float64]
    likeness: NDArray[np.float64]
    level: NDArray[np.float64]


def candidates(marks: Marks, *, largest_height: float) -> Candidates:
    """The marks of one level that may belong to text."""
    score = likeness(marks)
    usable = (
        (marks.height >= 2)
        & (marks.height <= min(largest_height, _LARGEST_HEIGHT))
        & (marks.width <= _WIDEST_LETTERS * np.maximum(marks.height, _LEAST_HEIGHT))
        & (marks.contrast > _LEAST_CONTRAST)
        & (score > _LEAST_TO_JOIN)
    )
    boxes = np.stack([marks.left, marks.top, marks.right, marks.bottom], axis=1)
    return Candidates(boxes[usable], score[usable], marks.level[usable])


def text_lines(found: Candidates, *, rare: bool = False) -> list[TextLine]:
    """The lines of text among the candidates of one level; where text is `rare`, more is asked of a line."""
    least = _LEAST_SUM_WHERE_RARE if rare else _LEAST_SUM
    height = found.boxes[:, 3] - found.boxes[:, 1]
    first = np.flatnonzero((found.likeness > _LEAST_TO_START) & (height >= _LEAST_HEIGHT))
    boxes, level = found.boxes[first], found.level[first]
    lines = []
    for group in _levelled(boxes, _groups(boxes, level)):
        total = float(found.likeness[first[group]].sum())
        enough = not rare or total >= _LEAST_MEAN_WHERE_RARE * len(group)
        if enough and total > least[min(len(group), 3)]:
            part = boxes[group]
            usual = median(part[:, 3] - part[:, 1])
            (left, top), (right, bottom) = part[:, :2].min(axis=0), part[:, 2:].max(axis=0)
            lines.append(TextLine(float(left), float(top), float(right), float(bottom), usual))
    return lines


def _groups(boxes: NDArray[np.float64], level: NDArray[np.float64]) -> list[list[int]]:
    """Marks that are neighbours in a line, joined."""
    order = np.argsort(boxes[:, 0], kind="stable")
    parent = list(range(len(boxes)))

    def root(mark: int) -> int:
        while parent[mark] != mark:
            parent[mark] = parent[parent[mark]]
            mark = parent[mark]
        return mark

    for one, other in _pairs(boxes, level, order):
        parent[root(one)] = root(other)
    groups: dict[int, list[int]] = defaultdict(list)
    for mark in range(len(boxes)):
        groups[root(mark)].append(mark)
    return list(groups.values())


def _pairs(
    boxes: NDArray[np.float64], level: NDArray[np.float64], order: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Marks that are neighbours, from left to right; `order` sorts them by their left sides."""
    starts = boxes[order, 0]
    stops = np.searchsorted(starts, boxes[order, 2] + _LARGEST_GAP * _LARGEST_HEIGHT, side="right")
    counts = np.maximum(stops - np.arange(1, len(order) + 1), 0)
    upto = np.cumsum(counts)
    # Screens hold thousands of marks: so many pairs are judged at once, of one mark at least.
    for part in np.split(np.arange(len(order)), np.flatnonzero(np.diff(upto // _PAIRS_AT_A_TIME)) + 1):
        first = np.repeat(part, counts[part])
        begun = np.repeat(upto[part] - counts[part], counts[part])
        second = first + 1 + np.arange(len(first)) + (upto[part[0]] - counts[part[0]] if part.size else 0) - begun
        ones, others = order[first], order[second]
        near = _neighbours(boxes[ones], boxes[others], level[ones], level[others])
        yield from zip(ones[near].tolist(), others[near].tolist(), strict=True)


def _levelled(boxes: NDArray[np.float64], groups: list[list[int]]) -> Iterator[list[int]]:
    """Groups parted into level lines: a chain of marks may climb from one to the next."""
    waiting = list(groups)
    while waiting:
        group = np.array(waiting.pop())
        part = boxes[group]
        middle, height = (part[:, 1] + part[:, 3]) / 2, part[:, 3] - part[:, 1]
        # The mark in the middle of the group by height stays, so every round takes something away.
        near = np.abs(middle - np.sort(middle)[len(middle) // 2]) <= _OFF_THE_LINE * median(height)
        yield group[near].tolist()
        if not near.all():
            waiting.append(group[~near].tolist())


def _neighbours(
    boxes: NDArray[np.float64],
    others: NDArray[np.float64],
    level: NDArray[np.float64],
    levels: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which of `others` stand beside the box of the same place in the way of letters of one line."""
    left, top, _, bottom = others.T
    height, heights = boxes[:, 3] - boxes[:, 1], bottom - top
    larger, smaller = np.maximum(height, heights), np.minimum(height, heights)
    overlap = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
    uneven = np.minimum(np.abs(boxes[:, 3] - bottom), np.abs(boxes[:, 1] - top))
    return np.asarray(
        (left - boxes[:, 2] <= _LARGEST_GAP * larger)
        & (overlap >= _LEAST_OVERLAP * smaller)
        & (larger <= _HEIGHT_RATIO * smaller)
        & (uneven <= _BASE_LINE * larger + 1)
        & (np.abs(level - levels) <= _LEVELS_APART)
    )


def grown(line: TextLine, boxes: NDArray[np.float64]) -> TextLine:
    """The line with the marks beside it, of any level, that fit its height."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    height = boxes[:, 3] - boxes[:, 1]
    fits = (
        (middle > line.top)
        & (middle < line.bottom)
        & (height <= 1.6 * (line.bottom - line.top))
        & (height >= 0.15 * line.height)
        & (boxes[:, 2] - boxes[:, 0] <= _WIDEST_LETTERS * line.height)
        & (boxes[:, 0] >= line.left - _LARGEST_GROWTH * line.height)
        & (boxes[:, 2] <= line.right + _LARGEST_GROWTH * line.height)
    )
    near = boxes[fits]
    left, right, reach = line.left, line.right, _LARGEST_GAP * line.height
    for _ in range(2):
        beside = near[(near[:, 0] <= right + reach) & (near[:, 2] >= left - reach)]
        left, right = min(left, beside[:, 0].min(initial=left)), max(right, beside[:, 2].max(initial=right))
    return TextLine(float(left), line.top, float(right), line.bottom, line.height)
