"""Files that come in pieces, and go on where they broke off."""

import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from anyio.to_thread import run_sync

from thyrosight.server.problems import ProblemError, conflict, refused

_PIECE: Final = 2**20
"""Bytes that are gathered before they are written."""


@dataclass(frozen=True)
class Range:
    """The part of a file that a request holds: its first byte, and the size of the file. Start None asks to go on."""

    start: int | None
    total: int


def read_range(header: str | None, *, total: int) -> Range:
    """Read `bytes 0-1023/4096`, or `bytes */4096` for a request without content; without a header all of the file.

    Raises:
        ProblemError: it is written differently, or states another size.

    >>> read_range("bytes 1024-2047/4096", total=4096)
    Range(start=1024, total=4096)
    """
    if header is None:
        return Range(0, total)
    match = re.fullmatch(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15})", header.strip())
    if match is None:
        raise refused("Content-Range should read bytes FIRST-LAST/SIZE, for example bytes 0-1048575/5242880.")
    if int(match[3]) != total:
        raise refused(f"The upload was announced with {total} bytes, and Content-Range states {match[3]}.")
    return Range(None if match[1] is None else int(match[1]), total)


class Uploading:
    """Writes pieces to the files of uploads, one request at a time for each."""

    def __init__(self) -> None:
        self._busy: set[UUID] = set()

    @contextmanager
    def alone(self, upload_id: UUID) -> Iterator[None]:
        """One request at a time for an upload, until its file is taken in.

        Raises:
            ProblemError: 409 where another request works on it.
        """
        if upload_id in self._busy:
            raise conflict("Another request is writing to this upload; wait for it, then ask where to go on.")
        self._busy.add(upload_id)
        try:
            yield
        finally:
            self._busy.discard(upload_id)

    async def receive(self, path: Path, pieces: AsyncIterator[bytes], *, part: Range) -> int:
        """Append the content of a request, and give how many bytes there are now; they are on the disk then.

        What came before a connection broke is kept.

        Raises:
            ProblemError: 409 where the part does not begin where the file ends, 413 where there is more than was
                announced.
        """
        present = path.stat().st_size if path.exists() else 0
        if part.start is None:
            return present
        if part.start != present:
            raise conflict(f"The upload has {present} bytes; go on from there.")
        with path.open("ab") as stream:
            gathered = bytearray()
            try:
                async for piece in pieces:
                    gathered += piece
                    if present + len(gathered) > part.total:
                        gathered.clear()
                        raise ProblemError(413, f"There is more than the {part.total} bytes that were announced.")
                    if len(gathered) >= _PIECE:
                        present += await _write(stream, gathered)
            finally:
                if gathered:
                    stream.write(gathered)
                    present += len(gathered)
                stream.flush()
            await run_sync(_sync, stream)
        return present


async def _write(stream: BinaryIO, gathered: bytearray) -> int:
    written = await run_sync(stream.write, bytes(gathered))
    gathered.clear()
    return written


def _sync(stream: BinaryIO) -> None:
    os.fsync(stream.fileno())
