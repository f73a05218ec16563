"""Pictures and loops of DICOM files, one frame at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from numpy.typing import NDArray

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.codecs import CodecError, decode, require_decoder
from thyrosight.imaging.dicom.colours import painter
from thyrosight.imaging.dicom.header import open_header
from thyrosight.imaging.dicom.info import HEADER_TAGS, DicomInfo, info_of
from thyrosight.imaging.dicom.layout import layout_of, locate_frames
from thyrosight.imaging.frame import Frame


class Cine:
    """A loop whose frames are read and decoded when they are asked for; the file stays open, nothing is kept.

    It is made by `open_cine`. Frames may be read in any order, and from several threads.

    Attributes:
        info: the header of the file.
        notes: how the pixels are shown, where that is a choice.
    """

    def __init__(self, path: Path | str, *, max_pixels: int) -> None:
        self._header = open_header(path, tags=HEADER_TAGS)
        try:
            self.info: DicomInfo = info_of(self._header)
            self._layout = layout_of(self._header, self.info, max_pixels=max_pixels)
            require_decoder(self._layout, self._header.source)
            self._pieces = locate_frames(self._header, self._layout, self.info.frames)
            self._paint, notes = painter(self._header, self._layout)
        except BaseException:
            self._header.close()
            raise
        foreign = () if self.info.is_ultrasound else (f"not an ultrasound object: {self.info.sop_class}",)
        self.notes: tuple[str, ...] = (*foreign, *notes)
        self._lock = Lock()

    def __len__(self) -> int:
        return self.info.frames

    def __enter__(self) -> "Cine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._header.close()

    def stored(self, number: int) -> bytes:
        """The bytes of one frame as they lie in the file, compressed where the file is.

        Raises:
            ImageError: there is no such frame, or the file changed while it was open.
        """
        if not 0 <= number < len(self):
            raise ImageError(f"{self.info.source} holds {len(self)} frame(s), numbered from 0; there is no {number}.")
        with self._lock:
            found = [self._read(start, length) for start, length in self._pieces[number]]
        return found[0] if len(found) == 1 else b"".join(found)

    def read(self, number: int) -> Frame:
        """Decode one frame.

        Raises:
            ImageError: there is no such frame, or it is damaged.
        """
        samples, photometric = self.samples(number)
        return self.shown(samples, photometric, number=number)

    def samples(self, number: int) -> tuple[NDArray[Any], str]:
        """The samples of one frame as they are stored, decompressed only, and their photometric interpretation.

        Raises:
            ImageError: there is no such frame, or it is damaged.
        """
        stored = self.stored(number)
        try:
            return decode(stored, self._layout)
        except CodecError as problem:
            raise ImageError(
                f"{self.info.source}: frame {number} is damaged ({problem}); send the file again."
            ) from problem
        except MemoryError:
            raise ImageError(f"{self.info.source}: there is not enough memory to decode frame {number}.") from None

    def shown(self, samples: NDArray[Any], photometric: str, *, number: int = 0) -> Frame:
        """Stored samples as the picture that the scanner showed."""
        return Frame(
            pixels=self._paint(samples, photometric),
            source=self.info.source,
            spacing_mm=self.info.spacing_mm,
            spacing_reason=self.info.spacing_reason,
            frame_number=number,
            notes=self.notes,
            regions=self.info.regions,
        )

    def frames(self, numbers: Iterable[int] | None = None) -> Iterator[Frame]:
        """The frames with these numbers, or all, one after the other."""
        return map(self.read, range(len(self)) if numbers is None else numbers)

    def __iter__(self) -> Iterator[Frame]:
        return self.frames()

    def _read(self, start: int, length: int) -> bytes:
        layout, stream = self._layout, self._header.stream
        if layout.compressed or layout.bits_allocated > 8 or layout.syntax.is_little_endian or not self._swapped:
            stream.seek(start)
            data = stream.read(length)
        else:
            # 8-bit samples in big-endian 16-bit words: each pair stands in reverse order, also across frames.
            first = self._header.pixels.start if self._header.pixels is not None else 0
            before = (start - first) % 2
            stream.seek(start - before)
            words = bytearray(stream.read((before + length + 1) // 2 * 2))
            words += bytes(len(words) % 2)  # the last word of a file may lack its padding
            words[0::2], words[1::2] = words[1::2], words[0::2]
            data = bytes(words[before : before + length])
        if len(data) < length:
            raise ImageError(f"{self.info.source}: the file became shorter while it was read; read it again.")
        return data

    @property
    def _swapped(self) -> bool:
        return self._header.pixels is not None and self._header.pixels.vr == "OW"


def open_cine(path: Path | str, *, max_pixels: int = 100_000_000) -> Cine:
    """Open a DICOM picture or loop for reading frame by frame; use it in a `with` statement.

    Only the header and the places of the frames are read now, so that opening and memory do not depend on the length.

    Args:
        path: the file.
        max_pixels: a larger picture is refused from its header.

    Raises:
        ImageError: not a DICOM file with a picture, damaged, or no decoder for it is installed (named then).
    """
    return Cine(path, max_pixels=max_pixels)


def read_dicom_frame(path: Path, max_pixels: int, number: int | None) -> Frame:
    """One frame of a file, for `thyrosight.imaging.read_frame`; without a number the first, with a note of the rest."""
    with open_cine(path, max_pixels=max_pixels) as cine:
        frame = cine.read(number or 0)
    if number is not None or len(cine) == 1:
        return frame
    return replace(frame, notes=(*frame.notes, f"the file holds {len(cine)} frames; only the first was read"))
