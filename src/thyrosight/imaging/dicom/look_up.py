"""Look-up tables of grey values, also those that writers get wrong in known ways."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.elements import items, numbers, raw_bytes, stored_element

UNUSED_BITS = 4
"""A table of 16 bits whose entries fit into 12 was made with 12 or fewer: it would show a nearly black picture."""


@dataclass(frozen=True, eq=False)
class LookUpTable:
    """A table of grey values (DICOM PS3.3 C.11.1 and C.11.2).

    Attributes:
        first: the value that the first entry stands for.
        entries: the entries; values below the first and above the last take these.
        lowest: what is shown as black: 0, or the smallest entry where entries are larger than the stated depth allows.
        highest: what is shown as white: the largest value of the depth, or the largest entry.
    """

    first: int
    entries: NDArray[np.float64]
    lowest: float
    highest: float

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Look values up in the table."""
        places = np.clip(np.rint(values).astype(np.int64) - self.first, 0, self.entries.size - 1)
        return np.asarray(self.entries[places])


def look_up_table(dataset: Dataset, sequence: str, source: str, *, signed: bool) -> LookUpTable | None:
    """The first table of a sequence, or None where there is none: no item, an empty one, or one without a table.

    Read are tables in 16-bit words and in packed bytes, whatever depth they state. Where entries are larger than the
    stated depth allows, they are shown from the smallest to the largest; where they leave its upper four bits unused,
    the depth is that of the entries.

    Raises:
        ImageError: the table is half described, holds fewer entries than it states, or makes all values alike.
    """
    found = items(dataset, sequence)
    if not found:
        return None
    descriptor, stored = numbers(found[0], "LUTDescriptor"), raw_bytes(found[0], "LUTData")
    if not descriptor or not stored:
        return None
    if len(descriptor) != 3:
        raise ImageError(
            f"{source}: its grey look-up table is described by {len(descriptor)} numbers and not by 3; "
            "have it sent again."
        )
    count, first, bits = (int(part) for part in descriptor)
    count = count if count > 0 else count + 2**16
    # The first value is signed where the pixels are; read as unsigned, it lies in the upper half.
    first = first - 2**16 if signed and first >= 2**15 else first
    if len(stored) < 2 * count and len(stored) not in (count, count + count % 2):
        held = len(stored) if len(stored) < count else len(stored) // 2
        raise ImageError(
            f"{source}: its grey look-up table states {count} entries and holds {held}; have it sent again."
        )
    entries = _entries(found[0], stored, count)
    smallest, largest = int(entries.min()), int(entries.max())
    if smallest == largest:
        raise ImageError(f"{source}: its grey look-up table makes all values {largest}; have it sent again.")
    if 8 <= bits <= 16 and largest < 2**bits:
        used = max(largest.bit_length(), 8)
        lowest, highest = 0.0, float(2 ** (used if used <= bits - UNUSED_BITS else bits) - 1)
    else:
        lowest, highest = float(smallest), float(largest)
    return LookUpTable(first, entries.astype(np.float64), lowest, highest)


def _entries(item: Dataset, stored: bytes, count: int) -> NDArray[Any]:
    """The entries: 16-bit words where there is room for them, else packed bytes."""
    little = getattr(stored_element(item, "LUTData"), "is_little_endian", True)
    if len(stored) >= 2 * count:
        return np.frombuffer(stored, "<u2" if little else ">u2", count)
    if little:
        return np.frombuffer(stored, np.uint8, count)
    # Pairs of bytes are stored as one 16-bit word.
    return np.frombuffer(stored[: len(stored) // 2 * 2], ">u2").astype("<u2").view(np.uint8)[:count]
