"""Loops that are stored as a video (MPEG-2, MPEG-4 AVC, HEVC), read with OpenCV where it is installed.

OpenCV's wheels hold an FFmpeg under the LGPL. Those of PyAV hold x264 and x265, which are under the GPL.
"""

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.dicom.codecs import CodecError
from thyrosight.imaging.dicom.layout import Layout

PACKAGE: Final = "opencv-python-headless"
_MOST_SKIPPED = 100_000


def reads_videos() -> bool:
    """Whether videos can be read here."""
    return find_spec("cv2") is not None


def _is_video(content: bytes) -> bool:
    """Whether content begins as a video does: FFmpeg would follow a playlist, which names other files and addresses.

    >>> _is_video(b"\\x00\\x00\\x01\\xba"), _is_video(b"#EXTM3U\\nhttp://")
    (True, False)
    """
    starts = content.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01"))
    return starts or content[4:8] == b"ftyp" or content[:1] == content[188:189] == b"G"


class Video:
    """Frames of a video, decoded one after the other; going back begins anew.

    Args:
        content: the video as the file holds it, in its container.
        layout: the size that the header states.
    """

    def __init__(self, content: bytes, layout: Layout) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="thyrosight-")
        self._path = Path(self._folder.name) / "video"
        self._path.write_bytes(content)
        self._known = _is_video(content)
        self._shape = layout.rows, layout.columns, 3
        self._capture: Any = None
        self._next = 0

    def frame(self, number: int) -> NDArray[np.uint8]:
        """One frame as RGB `(rows, columns, 3)`.

        Raises:
            CodecError: the video is damaged, shorter, or of another size.
        """
        import cv2

        if not self._known:
            raise CodecError("its video is in no container of the standard (MPEG transport or program stream, MP4)")
        if self._capture is None or number < self._next:
            self._release()
            # Our error says what OpenCV would print of a damaged video.
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            self._capture, self._next = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG), 0
        for _ in range(min(number - self._next, _MOST_SKIPPED)):
            if not self._capture.grab():
                raise CodecError(f"its video ends after {self._next} frames")
            self._next += 1
        found, pixels = self._capture.read()
        if not found:
            raise CodecError(f"its video is damaged, or ends after {self._next} frames")
        self._next += 1
        if pixels.shape != self._shape:
            raise CodecError(f"its video has {pixels.shape[1]} x {pixels.shape[0]} pixels")
        return np.ascontiguousarray(pixels[..., ::-1])

    def close(self) -> None:
        """Let go of the video."""
        self._release()
        self._folder.cleanup()

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
