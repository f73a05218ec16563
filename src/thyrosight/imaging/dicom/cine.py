"""Pictures and loops of DICOM files, one frame at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.codecs import CodecError, decode, require_decoder
from thyrosight.imaging.dicom.colours import Painter, painter
from thyrosight.imaging.dicom.elements import whole
from thyrosight.imaging.dicom.header import open_header
from thyrosight.imaging.dicom.info import HEADER_TAGS, DicomInfo, info_of
from thyrosight.imaging.dicom.layout import Places, layout_of, locate_frames, whole_video
from thyrosight.imaging.dicom.syntaxes import LOSSLESS_ADVICE
from thyrosight.imaging.dicom.video import PACKAGE, Video, reads_videos
from thyrosight.imaging.frame import Frame

_CODED_VIDEO = "1.2.840.10008.1.2.4.10"
"""How the UIDs of MPEG-2, MPEG-4 AVC and HEVC begin, those of live video (SMPTE ST 2110) do not."""


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
            self._video: Video | None = None
            if self.info.is_video:
                _require_video(self.info)
                pieces = tuple(whole_video(self._header))
                self._places = Places([pieces] * self.info.frames, self.info.frames)
                paint: tuple[Painter, tuple[str, ...]] = _as_it_is, ()
            else:
                require_decoder(self._layout, self._header.source)
                self._places = locate_frames(self._header, self._layout, self.info.frames)
                paint = painter(self._header, self._layout)
            self._paint, notes = paint
        except BaseException:
            self._header.close()
            raise
        foreign = () if self.info.is_ultrasound else (f"not an ultrasound object: {self.info.sop_class}",)
        self.notes: tuple[str, ...] = (*foreign, *notes, *self._beyond())
        self._lock, self._opening = Lock(), Lock()

    def __len__(self) -> int:
        return self.info.frames

    def __enter__(self) -> "Cine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def left_out(self) -> int:
        """Frames that lie in the file beyond the number that its header states; they are not read."""
        return max(self._places.there - len(self), 0)

    def _beyond(self) -> tuple[str, ...]:
        if not self.left_out:
            return ()
        stated = whole(self._header.dataset, "NumberOfFrames")
        words = "no number of frames" if not stated else f"{stated} frame{'' if stated == 1 else 's'}"
        return (f"the file states {words} and holds {self._places.there}; those beyond were not read",)

    def close(self) -> None:
        """Close the file."""
        if self._video is not None:
            self._video.close()
        self._header.close()

    def stored(self, number: int) -> bytes:
        """The bytes of one frame as they lie in the file, compressed where the file is; of a video all of it.

        Raises:
            ImageError: there is no such frame, or the file changed while it was open.
        """
        if not 0 <= number < len(self):
            raise ImageError(f"{self.info.source} holds {len(self)} frame(s), numbered from 0; there is no {number}.")
        if number >= len(self._places.pieces):
            there = self._places.there
            raise ImageError(
                f"{self.info.source}: states {len(self)} frames, and {there} {'is' if there == 1 else 'are'} there; it"
                f" was cut short or is damaged; choose among frames 0 to {there - 1}, or send it again."
            )
        with self._lock:
            found = [self._read(start, length) for start, length in self._places.pieces[number]]
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
        if self.info.is_video:
            return self._of_video(number), "RGB"
        stored = self.stored(number)
        try:
            return decode(stored, self._layout)
        except CodecError as problem:
            raise ImageError(
                f"{self.info.source}: frame {number} is damaged ({problem}); send the file again."
            ) from problem
        except MemoryError:
            raise ImageError(f"{self.info.source}: there is not enough memory to decode frame {number}.") from None

    def _of_video(self, number: int) -> NDArray[Any]:
        with self._opening:
            if self._video is None:
                self._video = Video(self.stored(number), self._layout)
            try:
                return self._video.frame(number)
            except CodecError as problem:
                raise ImageError(f"{self.info.source}: frame {number} cannot be read ({problem}).") from problem

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
        if layout.encapsulated or layout.bits_allocated > 8 or layout.syntax.is_little_endian or not self._swapped:
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


def _as_it_is(samples: NDArray[Any], _: str) -> NDArray[np.uint8]:
    return samples


def _require_video(info: DicomInfo) -> None:
    if not info.transfer_syntax_uid.startswith(_CODED_VIDEO):
        raise ImageError(f"{info.source} is a video ({info.transfer_syntax}), which is not read; {LOSSLESS_ADVICE}.")
    if not reads_videos():
        raise ImageError(
            f"{info.source} is a video ({info.transfer_syntax}), and nothing installed here reads it; install it with:"
            f" pip install {PACKAGE}, or convert it with ffmpeg to single pictures."
        )


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
        if number is None:
            cine.stored(len(cine) - 1)  # a loop that was cut short is refused unless a frame of it is chosen
        frame = cine.read(number or 0)
    if number is not None or len(cine) == 1:
        return frame
    return replace(frame, notes=(*frame.notes, f"the file holds {len(cine)} frames; only the first was read"))
