"""Sorting scores, the one step of ROC analysis that costs more than a pass over the data."""

import numpy as np

from thyrosight.statistics.validation import Floats, Integers

BLOCK = 1 << 14  # values at a time, so that intermediate results stay in the processor's cache


def ascending_order(score: Floats) -> tuple[Integers, bool]:
    """Return the positions that sort the scores, and whether any two scores are equal.

    Faster than `np.argsort`: the leading bits of each score and its position share one 64-bit integer, and integers
    sort much faster than positions. The few scores that agree in the leading bits are sorted afterwards. Scores with
    many ties are left to `np.argsort`. NaN must have been refused before.

    >>> ascending_order(np.array([0.5, -1.0, 0.25]))
    (array([1, 2, 0]), False)
    """
    bits = score.size.bit_length()
    keys = np.empty(score.size, dtype=np.int64)
    for start in range(0, score.size, BLOCK):
        # Adding 0 makes the negative zero, which is equal to 0 but has other bits, positive.
        key = (score[start : start + BLOCK] + 0.0).view(np.int64)
        # The bits of negative numbers ascend with their size; inverting all but the sign makes them ascend as integers.
        key ^= (key >> 63) & 0x7FFF_FFFF_FFFF_FFFF
        key >>= bits
        key <<= bits
        key |= np.arange(start, start + key.size)
        keys[start : start + BLOCK] = key
    keys.sort()
    places = _places_like_the_next(keys, bits)
    if places.size > score.size // 16:
        order = np.argsort(score)
        return order, bool((score[order[1:]] == score[order[:-1]]).any())
    keys &= (1 << bits) - 1
    if not places.size:
        return keys, False
    # Groups that agree in the leading bits already stand in order among each other.
    alike = np.union1d(places, places + 1)
    members = keys[alike]
    members = members[np.argsort(score[members])]
    keys[alike] = members
    values = score[members]
    return keys, bool((values[1:] == values[:-1]).any())


def _places_like_the_next(keys: Integers, bits: int) -> Integers:
    """Places at which a sorted key agrees with the next in all but its last bits."""
    found = [np.empty(0, dtype=np.int64)]
    for start in range(0, keys.size, BLOCK):
        leading = keys[start : start + BLOCK + 1] >> bits
        found.append(np.flatnonzero(leading[1:] == leading[:-1]) + start)
    return np.concatenate(found)
