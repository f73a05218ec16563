"""Values of DICOM elements, read leniently: a value that a scanner wrote wrongly becomes None, never an exception."""

import math
import re
import struct
from typing import Any, Final, NamedTuple

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from thyrosight.imaging.dicom.character_sets import decoded

_FORMATS: Final = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_COMMA: Final = re.compile(r"^(\s*[-+]?\d*),(\d+(?:[eE][-+]?\d+)?\s*)$")
# Longer values are not those of a header.
_LONGEST_TEXT = 10_000
_LONGEST_SEQUENCE = 2**20


class _Raw(NamedTuple):
    """An element as stored."""

    value: bytes
    vr: str
    is_little_endian: bool


def tags_of(*keywords: str) -> tuple[int, ...]:
    """The tags of DICOM keywords."""
    return tuple(int(tag) for tag in map(tag_for_keyword, keywords) if tag is not None)


def text(dataset: Dataset, keyword: str) -> str | None:
    """The text of an element without padding, or None where it is absent or empty; of several values all, as stored."""
    raw = _raw(dataset, keyword)
    if raw is None:
        return None
    value = raw.value[:_LONGEST_TEXT]
    stated = _raw(dataset, "SpecificCharacterSet")
    sets = "" if stated is None else stated.value.decode("ascii", "replace")
    return decoded(value, sets).replace("\0", " ").strip() or None


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """The numbers of an element, binary or decimal text; empty where it is absent or holds something else."""
    raw = _raw(dataset, keyword)
    if raw is None:
        return ()
    form = _FORMATS.get(raw.vr)
    if form is not None:
        size = struct.calcsize("=" + form)
        count = min(len(raw.value), _LONGEST_SEQUENCE) // size
        order = "<" if raw.is_little_endian else ">"
        values = [float(value) for value in struct.unpack(f"{order}{count}{form}", raw.value[: count * size])]
    else:
        words = raw.value[:_LONGEST_SEQUENCE].decode("ascii", "replace").replace("\0", " ").split("\\")
        try:
            # Some scanners write numbers as their country does; no other comma stands in a number of DICOM.
            values = [float(_COMMA.sub(r"\1.\2", word)) for word in words if word.strip()]
        except ValueError:
            return ()
    return tuple(values) if all(map(math.isfinite, values)) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first number of an element, or None."""
    return next(iter(numbers(dataset, keyword)), None)


def whole(dataset: Dataset, keyword: str) -> int | None:
    """The first number of an element if it is a whole number, or None."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value.is_integer() else None


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; empty where it is absent, damaged or far too long."""
    element = stored_element(dataset, keyword)
    if element is None or (isinstance(element, RawDataElement) and len(element.value or b"") > _LONGEST_SEQUENCE):
        return []
    try:
        value = dataset[keyword].value
        return [item for item in value if isinstance(item, Dataset)]
    except Exception:  # a damaged sequence makes the parser raise what has no common base
        return []


def raw_bytes(dataset: Dataset, keyword: str) -> bytes:
    """The bytes of an element as stored, or nothing."""
    raw = _raw(dataset, keyword)
    return b"" if raw is None else raw.value


def stored_element(dataset: Dataset, keyword: str) -> Any:
    """An element as the parser left it, or None where it is absent or so damaged that the parser gives it up."""
    try:
        return dataset.get_item(tag_for_keyword(keyword) or 0)
    except Exception:  # an unknown value representation without a value, for example
        return None


def _raw(dataset: Dataset, keyword: str) -> _Raw | None:
    element = stored_element(dataset, keyword)
    if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes):
        return None
    # The dictionary's value representation where the file states none or one that says nothing.
    stated = element.VR if element.VR in _FORMATS or element.VR in ("DS", "IS") else None
    return _Raw(element.value, (stated or dictionary_VR(element.tag)).split(" or ")[0], element.is_little_endian)
