"""Matching of the keys of a query (PS3.4, C.2.2.2): single values, lists, wild cards, ranges and "anything"."""

import re
from collections.abc import Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Final

from pydicom.datadict import dictionary_VR

_RANGES: Final = ("DA", "TM", "DT")
_WILD: Final = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT")
_WITHOUT_CASE: Final = ("PN", "LO", "SH")


def matches(keyword: str, wanted: str, values: tuple[str, ...]) -> bool:
    """Whether an attribute with `values` matches the key `wanted`; an empty key, and "*", match anything.

    >>> matches("StudyDate", "20260101-20260131", ("20260115",)), matches("StudyDate", "-20251231", ("20260115",))
    (True, False)
    >>> matches("PatientName", "must*", ("Muster^Anna",)), matches("StudyInstanceUID", "1.2\\\\1.3", ("1.3",))
    (True, True)
    """
    if not wanted or wanted == "*":
        return True
    kind = dictionary_VR(keyword)
    if kind == "UI":
        return bool(set(wanted.split("\\")) & set(values))
    if kind in _RANGES and "-" in wanted:
        first, _, last = wanted.partition("-")
        return any(value and _from(value, first) and _until(value, last) for value in values)
    if kind in _RANGES:
        return any(value.startswith(wanted) for value in values)
    if kind in _WILD:
        pattern = _pattern(wanted, kind in _WITHOUT_CASE)
        return any(
            pattern.match(part) for value in values for part in (value, *(value.split("=") if kind == "PN" else ()))
        )
    return wanted in values


def _from(value: str, first: str) -> bool:
    return not first or value[: len(first)] >= first


def _until(value: str, last: str) -> bool:
    return not last or value[: len(last)] <= last


@lru_cache(maxsize=256)
def _pattern(wanted: str, without_case: bool) -> re.Pattern[str]:
    # Brackets mean themselves in DICOM; names may be padded with empty components.
    escaped = wanted.rstrip("^ ").replace("[", "[[]")
    return re.compile(f"{translate(escaped)[:-2]}[\\^ ]*\\Z", re.IGNORECASE if without_case else 0)


def match_all(keys: Mapping[str, str], header: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether an object matches every key; keys that the header does not know are ignored, as the standard asks."""
    return all(matches(keyword, wanted, header[keyword]) for keyword, wanted in keys.items() if keyword in header)
