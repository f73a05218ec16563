"""Answers of archives: attributes in DICOM JSON (PS3.18, annex F), and objects accepted or refused for storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thyrosight.imaging.dicom.elements import tags_of


@dataclass(frozen=True)
class Stored:
    """An archive's answer to stored objects: identifiers accepted, and refused with its reason."""

    accepted: tuple[str, ...]
    refused: Mapping[str, str]


def values(item: Mapping[str, Any], keyword: str) -> list[str]:
    """All values of an attribute of a search result as text; names in all their spellings, as a header holds them.

    >>> name = {"Alphabetic": "Wang^Xiao", "Ideographic": "王^小"}
    >>> values({"00100010": {"vr": "PN", "Value": [name]}}, "PatientName")
    ['Wang^Xiao=王^小']
    >>> values({"00080061": {"vr": "CS", "Value": ["US", "SR"]}}, "ModalitiesInStudy")
    ['US', 'SR']
    """
    found = item.get(f"{tags_of(keyword)[0]:08X}", {}).get("Value") or []
    return [_name(one) if isinstance(one, Mapping) else str(one) for one in found]


def _name(spelled: Mapping[str, Any]) -> str:
    return "=".join(str(spelled.get(one) or "") for one in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")


def value(item: Mapping[str, Any], keyword: str) -> str:
    """The first value of an attribute of a search result as text; empty where it has none.

    >>> value({"00100020": {"vr": "LO", "Value": ["P-1"]}}, "PatientID")
    'P-1'
    """
    return next(iter(values(item, keyword)), "")


def items(dataset: Mapping[str, Any], keyword: str) -> list[dict[str, Any]]:
    """The items of a sequence."""
    found = dataset.get(f"{tags_of(keyword)[0]:08X}", {}).get("Value") or []
    return [item for item in found if isinstance(item, dict)]


def reason(item: Mapping[str, Any]) -> str:
    """Why an archive refused an object, as far as it says."""
    code = value(item, "FailureReason")
    return f"failure reason {int(code):#06x}" if code.isdigit() else "no reason given"
