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

Piece = tuple[int, int]
"""Position in the file and length."""


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
    def compressed(self) -> bool:
        """Whether frames are encapsulated."""
        return str(self.syntax) not in _UNCOMPRESSED

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
        ImageError: there are no pixels, the pixels are a video, or the header contradicts itself.
    """
    where = header.source
    if info.is_video:
        raise ImageError(
            f"{where} is a video ({info.transfer_syntax}), which is not decoded here; "
            "convert it with ffmpeg to single pictures, or have the archive send it as JPEG Baseline."
        )
    if header.pixels is None or header.pixels.tag != 0x7FE00010:
        kind = "" if info.sop_class == "unknown" else f" ({info.sop_class})"
        raise ImageError(f"{where} holds no picture{kind}; choose an ultrasound image or loop.")
    if str(header.transfer_syntax) not in _UNCOMPRESSED and not _is_known(header.transfer_syntax):
        named = ascii(str(header.transfer_syntax)[:64])  # damaged, it may hold anything, line ends too
        raise ImageError(f"{where}: the transfer syntax {named} is not one of DICOM; send it again.")
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


def _is_known(syntax: UID) -> bool:
    return syntax.name != str(syntax) and syntax.is_transfer_syntax


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


def locate_frames(header: Header, layout: Layout, frames: int) -> list[tuple[Piece, ...]]:
    """The pieces of the file that make up each frame, found without reading the pixels.

    Raises:
        ImageError: the pixel data are cut short, damaged, or do not fit the transfer syntax.
    """
    assert header.pixels is not None
    if layout.compressed:
        return _encapsulated(header, header.pixels, frames)
    pixels, length = header.pixels, layout.frame_bytes
    if pixels.length is None:
        raise ImageError(
            f"{header.source}: states {layout.syntax.name}, but its pixel data are compressed; "
            "the transfer syntax is wrong."
        )
    held = min(pixels.length, header.size - pixels.start)
    if held < length * frames:
        raise ImageError(
            f"{header.source}: the pixel data are cut short: {frames} frame(s) of {layout.columns} x {layout.rows} "
            f"need {length * frames} bytes, and {max(held, 0)} are there; send the file again."
        )
    return [((pixels.start + number * length, length),) for number in range(frames)]


def _encapsulated(header: Header, pixels: PixelElement, frames: int) -> list[tuple[Piece, ...]]:
    """Group the fragments into frames (DICOM PS3.5 A.4): by the offset tables where they are sound, else by count."""
    table, fragments = _fragments(header, pixels)
    if not fragments:
        raise ImageError(f"{header.source}: the pixel data are empty; send the file again.")
    extended = _extended(header, fragments, frames)
    if extended:
        return extended
    if frames == 1:
        return [tuple(fragments)]
    if len(fragments) == frames:
        return [(fragment,) for fragment in fragments]
    groups = _grouped_by_table(table, fragments) or _grouped_by_end(header, fragments)
    if len(groups) < frames:
        raise ImageError(
            f"{header.source}: states {frames} frames, and {len(groups)} are there; it was cut short or is damaged."
        )
    return groups[:frames]


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
                f"{header.source}: states {header.transfer_syntax.name}, but its pixel data {what}; send it again."
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
