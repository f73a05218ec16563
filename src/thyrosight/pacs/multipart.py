"""Bodies of several parts as DICOMweb sends them (RFC 2387; PS3.18, section 8.6)."""

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from thyrosight.pacs.uids import DicomError

_LONGEST_HEAD = 65536


def join_parts(parts: Sequence[bytes], kind: str) -> tuple[str, bytes]:
    """The content type and body that hold `parts`, each of the media type `kind`."""
    boundary = uuid.uuid4().hex
    head = f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return f'multipart/related; type="{kind}"; boundary={boundary}', body


def write_only_part(chunks: Iterable[bytes], kind: str, target: BinaryIO, *, largest: int, where: str) -> None:
    """Write the first part of a body that arrives in chunks, or the whole body if it has no parts.

    Args:
        chunks: the body; two of them are in memory at a time.
        kind: its content type.
        target: where the part goes.
        largest: bytes after which it is refused.
        where: its name in messages.

    Raises:
        DicomError: not such a body, cut short, or too large.
    """
    boundary = re.search(r'boundary="?([^";,]+)"?', kind)
    written, pending, inside = 0, b"", boundary is None
    end = b"\r\n--" + boundary.group(1).encode() if boundary is not None else b""
    if boundary is None and "application/dicom" not in kind:
        raise DicomError(
            f"{where}: the archive sent {kind or 'no content type'!r} instead of DICOM; check the address."
        )
    for chunk in chunks:
        pending += chunk
        if not inside:
            head = pending.find(b"\r\n\r\n")
            if head < 0:
                if len(pending) > _LONGEST_HEAD:
                    raise DicomError(f"{where}: the answer is not a body of parts; check the address.")
                continue
            pending, inside = pending[head + 4 :], True
        stop = pending.find(end) if end else -1
        ready = stop if stop >= 0 else max(len(pending) - len(end), 0)
        written += ready
        if written > largest:
            raise DicomError(f"{where}: the object has more than {largest} bytes and was not fetched.")
        target.write(pending[:ready])
        if stop >= 0:
            return
        pending = pending[ready:]
    if end:
        raise DicomError(f"{where}: the answer was cut short; try again.")
