"""How the pixels of a DICOM object are laid out, and where each frame lies in the file."""

import io
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pydicom.uid import UID

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.elements import raw_bytes, whole
from thyrosight.imaging.dicom.header import Header, PixelElement
from thyrosight.imaging.dicom.info import DicomInfo
from thyrosight.imaging.dicom.syntaxes import LOSSLESS_ADVICE, is_known, name_of

_UNCOMPRESSED: Final = frozenset(
    ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2")
)
_SUBSAMPLED: Final = "YBR_FULL_422"
# A larger frame than this is no ultrasound picture; a small file that claims one would only cost memory and time.
_MOST_PIXELS = 4096 * 4096
# A loop of several hours in one fragment per frame.
_MOST_FRAGMENTS = 500_000
_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_END_OF_IMAGE = b"\xff\xd9"
# How a compressed picture begins: JPEG and JPEG-LS, JPEG 2000 (bare or in a file), JPEG XL (bare or in a file).
_STARTS: Final = (
    b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ", b"\xff\x0a", b"\0\0\0\x0cJXL ",
)  # fmt: skip
_ENCAPSULATED_PLAIN: Final = "1.2.840.10008.1.2.1.98"
_ONE_FRAGMENT_EACH: Final = ("1.2.840.10008.1.2.5", _ENCAPSULATED_PLAIN)
"""Run lengths and plain samples: each frame is one fragment (DICOM PS3.5 A.4.2 and A.4.11)."""

Piece = tuple[int, int]
"""Position in the file and length."""


@dataclass(frozen=True)
class Places:
    """Where the frames of an object lie.

    Attributes:
        pieces: of each frame that is there, up to the number that the header states.
        there: how many frames are there in all.
    """

    pieces: list[tuple[Piece, ...]]
    there: int


@dataclass(frozen=True)
class Layout:
    """The layout of stored samples and frames (DICOM PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    photometric: str
    planar: int
    syntax: UID

    @property
    def encapsulated(self) -> bool:
        """Whether frames lie in fragments."""
        return str(self.syntax) not in _UNCOMPRESSED

    @property
    def compressed(self) -> bool:
        """Whether frames need a decoder."""
        return self.encapsulated and str(self.syntax) != _ENCAPSULATED_PLAIN

    @property
    def plain_bytes(self) -> bool:
        """Whether a frame is one byte per sample, and nothing else."""
        return not self.compressed and self.bits_stored == self.bits_allocated == 8 and self.photometric != _SUBSAMPLED

    @property
    def frame_bytes(self) -> int:
        """Length of an uncompressed frame."""
        samples = 2 if self.photometric == _SUBSAMPLED and not self.compressed else self.samples
        return self.rows * self.columns * samples * self.bits_allocated // 8


def layout_of(header: Header, info: DicomInfo, *, max_pixels: int) -> Layout:
    """The layout that a header states.

    Raises:
        ImageError: there are no pixels, or the header contradicts itself.
    """
    where = header.source
    if header.pixels is None or header.pixels.tag != 0x7FE00010:
        kind = "" if info.sop_class == "unknown" else f" ({info.sop_class})"
        raise ImageError(f"{where} holds no picture{kind}; choose an ultrasound image or loop.")
    if str(header.transfer_syntax) not in _UNCOMPRESSED and not is_known(header.transfer_syntax):
        named = ascii(str(header.transfer_syntax)[:64])  # damaged, it may hold anything, line ends too
        raise ImageError(f"{where}: the transfer syntax {named} is not one of DICOM; {LOSSLESS_ADVICE}.")
    layout = Layout(
        rows=info.rows,
        columns=info.columns,
        samples=info.samples_per_pixel or 1,
        bits_allocated=info.bits_allocated or 8,
        bits_stored=info.bits_stored or info.bits_allocated or 8,
        signed=whole(header.dataset, "PixelRepresentation") == 1,
        photometric=info.photometric_interpretation or ("MONOCHROME2" if info.samples_per_pixel == 1 else "RGB"),
        planar=info.planar_configuration or 0,
        syntax=header.transfer_syntax,
    )
    _require_sane(layout, where, max_pixels)
    if (whole(header.dataset, "HighBit") or 0) >= layout.bits_stored:
        raise ImageError(f"{where}: its samples lie in the upper bits of their words, which is not read; send it anew.")
    return layout


def _require_sane(layout: Layout, where: str, max_pixels: int) -> None:
    pixels = layout.rows * layout.columns
    most = min(max_pixels, _MOST_PIXELS)
    if pixels == 0:
        raise ImageError(f"{where}: states a picture of {layout.columns} x {layout.rows} pixels; the file is damaged.")
    if pixels > most:
        raise ImageError(
            f"{where}: {layout.columns} x {layout.rows} pixels are more than the {most} allowed; nothing was decoded."
        )
    bits_fit = layout.bits_allocated in (8, 16) and 1 < layout.bits_stored <= layout.bits_allocated
    if layout.samples not in (1, 3) or not bits_fit or layout.planar not in (0, 1):
        raise ImageError(
            f"{where}: {layout.samples} samples of {layout.bits_stored} in {layout.bits_allocated} bits are no picture "
            "that can be shown (expected 1 or 3 samples of 8 or 16 bits)."
        )
    colour = not (layout.photometric.startswith("MONOCHROME") or layout.photometric == "PALETTE COLOR")
    if colour != (layout.samples == 3):
        raise ImageError(
            f"{where}: {layout.samples} sample(s) per pixel and {layout.photometric} contradict each other; "
            "the file is damaged."
        )


def whole_video(header: Header) -> list[Piece]:
    """The pieces of the file that make up a video.

    Raises:
        ImageError: the pixel data are empty, cut short or damaged.
    """
    assert header.pixels is not None
    fragments = _fragments(header, header.pixels)[1]
    if not fragments:
        raise ImageError(f"{header.source}: the pixel data are empty; send the file again.")
    return fragments


def locate_frames(header: Header, layout: Layout, frames: int) -> Places:
    """The pieces of the file that make up each frame, found without reading the pixels.

    Where fewer frames are there than the header states, those that are whole are given, if there is one at least.

    Raises:
        ImageError: the pixel data are cut short within the only frame, damaged, or do not fit the transfer syntax.
    """
    assert header.pixels is not None
    if layout.encapsulated:
        return _encapsulated(header, header.pixels, layout, frames)
    pixels, length = header.pixels, layout.frame_bytes
    if pixels.length is None:
        raise ImageError(
            f"{header.source}: states {name_of(layout.syntax)}, but its pixel data are compressed; "
            "the transfer syntax is wrong."
        )
    held = max(min(pixels.length, header.size - pixels.start), 0)
    if held < length:
        raise ImageError(
            f"{header.source}: the pixel data are cut short: {frames} frame(s) of {layout.columns} x {layout.rows} "
            f"need {length * frames} bytes, and {held} are there; send the file again."
        )
    there = held // length
    return Places([((pixels.start + number * length, length),) for number in range(min(frames, there))], there)


def _encapsulated(header: Header, pixels: PixelElement, layout: Layout, frames: int) -> Places:
    """Group the fragments into frames (DICOM PS3.5 A.4): by the offset tables where they are sound, else by count."""
    table, fragments = _fragments(header, pixels)
    if not fragments:
        raise ImageError(f"{header.source}: the pixel data are empty; send the file again.")
    extended = _extended(header, fragments, frames)
    if extended:
        return Places(extended, frames)
    groups: list[tuple[Piece, ...]] = [(fragment,) for fragment in fragments]
    if str(layout.syntax) not in _ONE_FRAGMENT_EACH and not 1 < frames == len(fragments):
        groups = _grouped_by_table(table, fragments) or _grouped_by_start(header, fragments)
        if frames > 1 and len(groups) <= 1:
            groups = _grouped_by_end(header, fragments)
    return Places(groups[:frames], len(groups))


def _fragments(header: Header, pixels: PixelElement) -> tuple[list[int], list[Piece]]:
    """The basic offset table, and each fragment's position and length."""
    stream, position = header.stream, pixels.start
    end = header.size if pixels.length is None else min(pixels.start + pixels.length, header.size)
    found: list[Piece] = []
    while position + 8 <= end:
        stream.seek(position)
        tag, length = stream.read(4), struct.unpack("<L", stream.read(4))[0]
        if tag == _DELIMITER:
            break
        if tag != _ITEM:
            what = "are not compressed" if not found else f"are damaged after {len(found) - 1} fragments"
            raise ImageError(
                f"{header.source}: states {name_of(header.transfer_syntax)}, but its pixel data {what}; send it again."
            )
        if position + 8 + length > end:
            raise ImageError(
                f"{header.source}: the pixel data are cut short in fragment {max(len(found), 1)}; send the file again."
            )
        found.append((position + 8, length))
        position += 8 + length
        if len(found) > _MOST_FRAGMENTS:
            raise ImageError(f"{header.source}: holds more than {_MOST_FRAGMENTS} fragments; the file is damaged.")
    if not found:
        return [], []
    start, length = found[0]
    stream.seek(start)
    count = min(length // 4, _MOST_FRAGMENTS)
    return list(struct.unpack(f"<{count}L", stream.read(4 * count))), found[1:]


def _extended(header: Header, fragments: list[Piece], frames: int) -> list[tuple[Piece, ...]]:
    """Frames by the extended offset table (PS3.3 C.7.6.3.1.8), or nothing where it is absent or does not fit."""
    offsets, lengths = (
        [value for (value,) in struct.iter_unpack("<Q", data[: len(data) // 8 * 8])]
        for data in (raw_bytes(header.dataset, f"ExtendedOffsetTable{end}") for end in ("", "Lengths"))
    )
    if len(offsets) != frames or len(lengths) != frames:
        return []
    first = fragments[0][0]
    known = dict(fragments)
    pieces = [(first + offset, length) for offset, length in zip(offsets, lengths, strict=True)]
    sound = all(start in known and length <= known[start] for start, length in pieces)
    return [(piece,) for piece in pieces] if sound else []


def _grouped_by_table(table: list[int], fragments: list[Piece]) -> list[tuple[Piece, ...]]:
    """Frames by the basic offset table, or nothing where it is empty or points between fragments."""
    first = fragments[0][0]
    starts = {start - first: index for index, (start, _) in enumerate(fragments)}
    if not table or any(offset not in starts for offset in table):
        return []
    cuts = [*(starts[offset] for offset in table), len(fragments)]
    if cuts != sorted(set(cuts)) or cuts[0] != 0:
        return []
    return [tuple(fragments[one:other]) for one, other in pairwise(cuts)]


def _grouped_by_start(header: Header, fragments: list[Piece]) -> list[tuple[Piece, ...]]:
    """Frames by the bytes with which a compressed picture begins; all fragments together where the first has none."""
    groups: list[list[Piece]] = []
    for start, length in fragments:
        header.stream.seek(start)
        begins = header.stream.read(min(length, 12)).startswith(_STARTS)
        if begins or not groups:
            groups.append([])
        groups[-1].append((start, length))
    return [tuple(group) for group in groups]


def _grouped_by_end(header: Header, fragments: list[Piece]) -> list[tuple[Piece, ...]]:
    """Frames by the end-of-image marker in the last bytes of their last fragment."""
    groups: list[tuple[Piece, ...]] = []
    current: list[Piece] = []
    for start, length in fragments:
        current.append((start, length))
        header.stream.seek(start + max(length - 10, 0), io.SEEK_SET)
        if _END_OF_IMAGE in header.stream.read(min(length, 10)):
            groups.append(tuple(current))
            current = []
    return [*groups, tuple(current)] if current else groups
