"""Opening a DICOM file: everything before its pixels, with bounds on what a damaged or hostile file can cost."""

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.signature import PREAMBLE, looks_like_dicom

_UNDEFINED = 0xFFFFFFFF
# Pixel Data, Float Pixel Data and Double Float Pixel Data.
_PIXEL_TAGS: Final = (0x7FE00010, 0x7FE00008, 0x7FE00009)
# The header of a real file is read with a few hundred reads and a few kilobytes; private data may add megabytes.
_MOST_READS = 100_000
_MOST_BYTES = 64 * 2**20
# A deflated file is unpacked in memory.
_MOST_INFLATED = 256 * 2**20
_CHUNK = 2**20


@dataclass(frozen=True)
class PixelElement:
    """Where the pixel data lie: `start` is the position of the value; `length` is None where undefined."""

    tag: int
    vr: str
    start: int
    length: int | None


@dataclass(frozen=True, eq=False)
class Header:
    """A DICOM file that is open for reading.

    Attributes:
        source: the file name as given.
        dataset: the elements before the pixel data; where tags were named, only these.
        transfer_syntax: how the data set is written.
        pixels: where the pixel data are, or None.
        stream: the file itself, or its unpacked copy if it is deflated. `size` is its length in bytes.
        size: as above.
    """

    source: str
    dataset: Dataset
    transfer_syntax: UID
    pixels: PixelElement | None
    stream: BinaryIO
    size: int

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


def open_header(path: Path | str, *, tags: tuple[int, ...] | None = None) -> Header:
    """Open a DICOM file and read the elements before its pixel data.

    Args:
        path: the file.
        tags: read only these elements of the top level (faster); None reads all.

    Raises:
        ImageError: the file cannot be opened, is no DICOM file, or its header is damaged or without end.
    """
    path = Path(path)
    try:
        stream: BinaryIO = path.open("rb")
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened ({error.strerror or error}); check the path.") from None
    try:
        return _read(stream, str(path), tags)
    except BaseException:
        stream.close()
        raise


def _read(stream: BinaryIO, source: str, tags: tuple[int, ...] | None) -> Header:
    head = stream.read(512)
    if not looks_like_dicom(head):
        raise ImageError(f"{source} is not a DICOM file; check which file is meant.")
    start = PREAMBLE if head[128:PREAMBLE] == b"DICM" else 0
    try:
        syntax, start = _transfer_syntax(stream, start)
        if syntax == DeflatedExplicitVRLittleEndian:
            packed, stream = stream, _inflated(stream, start, source)
            packed.close()
            start = 0
        bounded = _Bounded(stream, source)
        bounded.seek(start)
        found: list[PixelElement] = []

        def at_pixels(tag: int, vr: str | None, length: int) -> bool:
            if tag not in _PIXEL_TAGS:
                return False
            found.append(PixelElement(tag, vr or "OW", bounded.tell(), None if length == _UNDEFINED else length))
            return True

        little = syntax != ExplicitVRBigEndian
        implicit = _is_implicit(bounded, start)
        dataset = read_dataset(
            cast(BinaryIO, bounded), implicit, little, stop_when=at_pixels, specific_tags=list(tags) if tags else None
        )
    except ImageError:
        raise
    except Exception as error:  # what a damaged header makes the parser raise has no common base
        if _nested_too_deep(error):
            raise ImageError(f"{source}: its sequences are nested without end; the file is damaged.") from None
        raise ImageError(f"{source}: the DICOM header is damaged ({_short(error)}); copy or send it again.") from error
    if not found and bounded.overrun:
        raise ImageError(
            f"{source} is a DICOM file that ends within its header: it was cut short, or a length in it is wrong."
        )
    return Header(source, dataset, syntax, found[0] if found else None, stream, bounded.size)


def _nested_too_deep(error: BaseException | None) -> bool:
    """Whether recursion ended the parser, which raises different errors for it in different places."""
    while error is not None:
        if isinstance(error, RecursionError):
            return True
        error = error.__context__
    return False


class _Bounded:
    """A stream that refuses to go on for ever: the parser reads from it instead of from the file."""

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream, self._source = stream, source
        self.size = stream.seek(0, io.SEEK_END)
        self.overrun = False
        self._reads = self._bytes = 0
        self.name = source
        self.tell = stream.tell

    def read(self, size: int = -1) -> bytes:
        left = self.size - self._stream.tell()
        if size < 0 or size > left:
            self.overrun |= size > 8 or 0 < left < size
            size = max(left, 0)
        self._reads += 1
        self._bytes += size
        if self._reads > _MOST_READS or self._bytes > _MOST_BYTES:
            raise ImageError(
                f"{self._source}: the DICOM header is larger than {_MOST_BYTES >> 20} MB or holds more than "
                f"{_MOST_READS // 2} elements; the file is damaged or not an image."
            )
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = self._stream.seek(offset, whence)
        self.overrun |= position > self.size
        return position


def _transfer_syntax(stream: BinaryIO, start: int) -> tuple[UID, int]:
    """The transfer syntax of the file meta information, and where the data set begins."""
    stream.seek(start)
    syntax = None
    for _ in range(64):
        position = stream.tell()
        head = stream.read(8)
        if len(head) < 8 or head[:2] != b"\x02\x00" or not head[4:6].isalpha():
            return syntax or _guessed_syntax(head), position
        length = struct.unpack("<H", head[6:])[0]
        if head[4:6] in (b"OB", b"UN", b"OW", b"UT", b"SQ"):
            length = struct.unpack("<L", stream.read(4).ljust(4, b"\0"))[0]
        if head[2:4] == b"\x10\x00":
            syntax = UID(stream.read(min(length, 64)).rstrip(b"\0 ").decode("ascii", "replace"))
        else:
            stream.seek(length, io.SEEK_CUR)
    raise ValueError("the file meta information has no end")


def _guessed_syntax(head: bytes) -> UID:
    """The transfer syntax of a data set without file meta information, from its first element."""
    if not (head[4:6].isalpha() and head[4:6].isupper()):
        return ImplicitVRLittleEndian
    return ExplicitVRBigEndian if head[0] == 0 else ExplicitVRLittleEndian


def _is_implicit(stream: "_Bounded", start: int) -> bool:
    """Whether the data set at `start` leaves out value representations, whatever the file states: some writers err."""
    representation = stream.read(6)[4:]
    stream.seek(start)
    return not (representation.isalpha() and representation.isupper())


def _inflated(stream: BinaryIO, start: int, source: str) -> BinaryIO:
    """The unpacked data set of a deflated file."""
    stream.seek(start)
    unpacker, result = zlib.decompressobj(-zlib.MAX_WBITS), io.BytesIO()
    while not unpacker.eof and (packed := unpacker.unconsumed_tail or stream.read(_CHUNK)):
        result.write(unpacker.decompress(packed, _CHUNK))
        if result.tell() > _MOST_INFLATED:
            raise ImageError(f"{source}: unpacks to more than {_MOST_INFLATED >> 20} MB; store it uncompressed.")
    return result


def _short(error: Exception) -> str:
    """The first line of a library's message, cut to a readable length."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]
