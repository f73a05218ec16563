"""Unique identifiers: checking those that come from outside, and making those of our own objects."""

import re
import uuid
from typing import Any

from thyrosight.errors import ThyroSightError
from thyrosight.files import sha256_of_json

# Any fixed UUID does; it keeps our name-based identifiers apart from everybody else's.
_NAMESPACE = uuid.UUID("6f0a2b5e-53c1-5c5f-9a6f-0d1a3c1f7a11")
# PS3.5, section 9.1: components of digits separated by dots, none with a leading zero, at most 64 characters.
_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")


class DicomError(ThyroSightError):
    """A DICOM object, archive or connection that cannot be used."""


def is_uid(text: object) -> bool:
    """Whether `text` is a well-formed DICOM unique identifier (PS3.5, section 9.1).

    >>> is_uid("1.2.840.10008.1.1"), is_uid("../../etc/passwd"), is_uid("1.02"), is_uid("")
    (True, False, False, False)
    """
    return isinstance(text, str) and len(text) <= 64 and _UID.fullmatch(text) is not None


def require_uid(text: object, what: str) -> str:
    """`text` if it is a unique identifier.

    Raises:
        DicomError: it is not. `what` names it, for example "scan.dcm: its SOP Instance UID".
    """
    if not is_uid(text):
        shown = repr(str(text)[:80])
        raise DicomError(
            f"{what} is {shown}, which is not a DICOM identifier (digits and dots, 64 characters at most); "
            "export the object again from the system that made it."
        )
    return str(text)


def derived_uid(*parts: Any) -> str:
    """An identifier that depends on `parts` (JSON values) alone: the same parts always give the same one.

    It has the form of PS3.5, annex B.2 (`2.25.` and a UUID as a decimal number), from a name-based UUID (RFC 9562,
    section 5.5), so that an object that is made again after an interruption is recognised as the same object.

    >>> derived_uid("1.2.3", "report") == derived_uid("1.2.3", "report") != derived_uid("1.2.3", "picture")
    True
    """
    return f"2.25.{uuid.uuid5(_NAMESPACE, sha256_of_json(list(parts))).int}"
