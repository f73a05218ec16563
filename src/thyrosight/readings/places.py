"""The places of cases within one session: by chance, attention cases mixed in, repeats as far off as can be."""

from collections.abc import Sequence
from typing import NamedTuple

from thyrosight.readings.cases import Case
from thyrosight.readings.drawing_lots import lot, shuffled

_DRAWS = 40


class Slot(NamedTuple):
    """A case in its place, and whether it is read there a second time."""

    case: Case
    again: bool = False


Words = tuple[object, ...]
"""Values on which a draw depends."""


def drawn_order(
    cases: Sequence[Case],
    attention: Sequence[Case],
    repeated: frozenset[str],
    *,
    words: Words,
    earlier: Sequence[Sequence[Slot]],
) -> list[Slot]:
    """The order of a session: cases that joined together in a new order of their own, behind those that joined before.

    Args:
        cases: study cases.
        attention: cases with an obvious answer, mixed into those that joined first.
        repeated: keys of cases that are read once more; these joined first.
        words: seed, reader and session.
        earlier: orders of the reader's sessions before; no study case stands in the same place again, if there are
            enough cases for that.
    """
    found: list[Slot] = []
    waves = sorted({case.since for case in cases})
    for since in waves:
        wave = [case for case in cases if case.since == since]
        again, extra = (repeated, attention) if since == waves[0] else (frozenset[str](), ())
        taken = [
            {slot.case.key for slot in places}
            for places in zip(*(order[len(found) :] for order in earlier), strict=True)
        ]
        found += _wave(wave, extra, again, words=(*words, since), taken=taken)
    return found


def _wave(
    cases: Sequence[Case], attention: Sequence[Case], repeated: frozenset[str], *, words: Words, taken: list[set[str]]
) -> list[Slot]:
    """Draws until no case stands in a place that it had already; of few cases the draw with the fewest such."""
    best, fewest = list[Slot](), len(cases) + 1
    for draw in range(_DRAWS):
        pattern = _pattern(len(cases), len(repeated), attention, words=(*words, draw))
        line = shuffled(cases, *words, draw, key=lambda case: case.key)
        # Cases that are read once more come first, and last in the same order: each waits for all others.
        line.sort(key=lambda case: case.key not in repeated)
        left = _moved_apart(line, pattern, taken, first=len(repeated))
        if left < fewest:
            best, fewest = [_slot(place, line) for place in pattern], left
        if not left:
            break
    return best


def _slot(place: "int | Case", line: Sequence[Case]) -> Slot:
    if isinstance(place, Case):
        return Slot(place)
    return Slot(line[place % len(line)], place >= len(line))


def _pattern(cases: int, repeats: int, attention: Sequence[Case], *, words: Words) -> list[int | Case]:
    """Fill each place of a line: with a case by its number, counted on from `cases` for its second time, or with
    an attention case, one in each equal stretch."""
    pattern: list[int | Case] = list(range(cases + repeats))
    extra = shuffled(attention, *words, "attention", key=lambda case: case.key)
    stretch = len(pattern) / max(len(extra), 1)
    for number, case in reversed(list(enumerate(extra))):
        low = round(number * stretch)
        high = max(low + 1, round((number + 1) * stretch))
        pattern.insert(low + lot(*words, "place", case.key) % (high - low), case)
    return pattern


def _moved_apart(line: list[Case], pattern: Sequence[int | Case], taken: list[set[str]], *, first: int) -> int:
    """Exchange cases in the line that stand where they stood before; say how many are left.

    The `first` ones, which are read once more, are exchanged among themselves.
    """
    forbidden = [set[str]() for _ in line]
    for place, keys in zip(pattern, taken, strict=False):
        if not isinstance(place, Case):
            forbidden[place % len(line)] |= keys
    left = 0
    for here, case in enumerate(line):
        if case.key not in forbidden[here]:
            continue
        start, end = (0, first) if here < first else (first, len(line))
        others = [start + (here - start + step) % (end - start) for step in range(1, end - start)]
        there = next(
            (other for other in others if line[other].key not in forbidden[here] and case.key not in forbidden[other]),
            None,
        )
        if there is None:
            left += 1
        else:
            line[here], line[there] = line[there], line[here]
    return left
