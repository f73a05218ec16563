"""Unique identifiers: checking those that come from outside, and making those of our own objects."""

import re
import uuid
from typing import Any

from thyrosight.errors import ThyroSightError
from thyrosight.files import sha256_of_json

# Any fixed UUID does; it keeps our name-based identifiers apart from everybody else's.
_NAMESPACE = uuid.UUID("6f0a2b5e-53c1-5c5f-9a6f-0d1a3c1f7a11")
# PS3.5, section 9.1: digits in components separated by dots, at most 64 characters.
_UID = re.compile(r"[0-9]+(\.[0-9]+)+")
_LONGEST = 64
_ZERO_FIRST = re.compile(r"(^|\.)0[0-9]")


class DicomError(ThyroSightError):
    """A DICOM object, archive or connection that cannot be used."""


def is_uid(text: object) -> bool:
    """Whether `text` can serve as a DICOM unique identifier (PS3.5, section 9.1).

    A component with a leading zero, which the standard forbids but scanners write, is taken as it is, as archives do.

    >>> is_uid("1.2.840.10008.1.1"), is_uid("1.02"), is_uid("../../etc/passwd"), is_uid("")
    (True, True, False, False)
    """
    return isinstance(text, str) and not uid_problem(text)


def uid_problem(text: str) -> str:
    """The rule that an identifier breaks, in words; empty where it breaks none that matters here.

    >>> uid_problem("1.2.3."), uid_problem("1.2.3")
    ('it begins or ends with a dot', '')
    """
    if len(text) > _LONGEST:
        return f"it has {len(text)} characters, and {_LONGEST} are allowed"
    if _UID.fullmatch(text) is not None:
        return ""
    if not text:
        return "it is empty"
    if not set(text) <= set("0123456789."):
        return "it holds other characters than digits and dots"
    if text[0] == "." or text[-1] == ".":
        return "it begins or ends with a dot"
    return "two dots follow each other" if ".." in text else "it has one component only"


def uid_remark(text: str) -> str:
    """A breach of the standard that is let pass, for the log; empty where there is none.

    >>> uid_remark("1.2.0104484.7"), uid_remark("1.2.0.10")
    ('a component of its identifier has a leading zero, against PS3.5; kept as it is', '')
    """
    zero = _ZERO_FIRST.search(text) is not None
    return "a component of its identifier has a leading zero, against PS3.5; kept as it is" if zero else ""


def require_uid(
    text: object, what: str, *, advice: str = "export the object again from the system that made it"
) -> str:
    """`text` if it is a unique identifier.

    Raises:
        DicomError: it is not. `what` names it, for example "scan.dcm: its SOP Instance UID".
    """
    found = str("" if text is None else text)
    problem = uid_problem(found)
    if problem:
        raise DicomError(f"{what} is {found[:80]!r}, which is not a DICOM identifier: {problem}; {advice}.")
    return found


def derived_uid(*parts: Any) -> str:
    """An identifier that depends on `parts` (JSON values) alone: the same parts always give the same one.

    It has the form of PS3.5, annex B.2 (`2.25.` and a UUID as a decimal number), from a name-based UUID (RFC 9562,
    section 5.5), so that an object that is made again after an interruption is recognised as the same object.

    >>> derived_uid("1.2.3", "report") == derived_uid("1.2.3", "report") != derived_uid("1.2.3", "picture")
    True
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, sha256_of_json(list(parts))).int}"
