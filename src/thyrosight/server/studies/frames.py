"""The pictures that browsers show: frames as they are stored where they can be, otherwise as PNG."""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.files import write_atomically
from thyrosight.imaging import Cine, Frame, open_cine, read_frame
from thyrosight.server.database.tables import StoredImage
from thyrosight.server.problems import not_found
from thyrosight.server.studies.files import FileStore

_OPEN: Final = 16
"""Loops that are kept open; opening one reads its header and the places of its frames."""
_MOST_BYTES: Final = 16 * 2**20
"""Bytes of frames as PNG that are kept in memory."""
_MASKS: Final = 8
_THUMBNAIL: Final = 160
_SCANS_OF_A_LOOP: Final = 8


@dataclass(frozen=True)
class Picture:
    """A picture for the browser.

    Attributes:
        content: its bytes.
        media_type: "image/png" or "image/jpeg".
    """

    content: bytes
    media_type: str


class FrameServer:
    """Reads frames of stored images; blanked ones show nothing outside the scan, and no text."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._cines: OrderedDict[str, Cine] = OrderedDict()
        self._lock = threading.Lock()
        self._pngs: OrderedDict[tuple[str, int, bool], bytes] = OrderedDict()
        self._held = 0
        self._masks: OrderedDict[str, NDArray[np.bool_]] = OrderedDict()
        self._turns = tuple(threading.Lock() for _ in range(16))

    def tag(self, image: StoredImage, number: int, *, blanked: bool, size: str = "full") -> str:
        """The ETag of a frame: it names the file's content, so that it never changes for the same address."""
        return f'"{image.sha256[:24]}-{number}-{size}-{"b" if blanked else "o"}"'

    def frame(self, image: StoredImage, number: int, *, blanked: bool) -> Picture:
        """One frame.

        Raises:
            ProblemError: there is no such frame.
            ImageError: it is damaged.
        """
        self._require(image, number)
        if image.passed_through and not blanked:
            return Picture(self._stored(image, number), "image/jpeg")
        return Picture(self._drawn(image, number, blanked=blanked), "image/png")

    def thumbnail(self, image: StoredImage, *, blanked: bool) -> Picture:
        """The middle frame, at most 160 pixels wide and high, as JPEG."""
        picture = Image.fromarray(self.pixels(image, image.frames // 2, blanked=blanked))
        picture.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.LANCZOS)
        stream = io.BytesIO()
        picture.save(stream, format="JPEG", quality=80)
        return Picture(stream.getvalue(), "image/jpeg")

    def read(self, image: StoredImage, number: int) -> Frame:
        """One frame as the rest of the package reads it.

        Raises:
            ImageError: it is damaged.
        """
        if image.kind == "dicom":
            return self._cine(image).read(number)
        return read_frame(self._store.image(image.sha256))

    def pixels(self, image: StoredImage, number: int, *, blanked: bool) -> NDArray[np.uint8]:
        """The pixels of one frame: uint8, `(rows, columns)` or `(rows, columns, 3)`.

        Raises:
            ImageError: it is damaged.
        """
        pixels = self.read(image, number).pixels
        if blanked:
            pixels = pixels.copy()
            pixels[self.mask(image)] = 0
        return pixels

    def _drawn(self, image: StoredImage, number: int, *, blanked: bool) -> bytes:
        """A frame as PNG; the last ones are kept, because several people look at the same frames again and again."""
        name = (image.sha256, number, blanked)
        with self._lock:
            known = self._pngs.get(name)
            if known is not None:
                self._pngs.move_to_end(name)
                return known
        made = _png(self.pixels(image, number, blanked=blanked))
        with self._lock:
            self._held += len(made) - len(self._pngs.pop(name, b""))
            self._pngs[name] = made
            while self._held > _MOST_BYTES:
                _, gone = self._pngs.popitem(last=False)
                self._held -= len(gone)
        return made

    def mask(self, image: StoredImage) -> NDArray[np.bool_]:
        """The pixels that are blanked, found once for all frames of an image and kept."""
        path = self._store.derived / f"{image.sha256}.blank.png"
        with self._turns[hash(image.sha256) % len(self._turns)]:
            with self._lock:
                known = self._masks.get(image.sha256)
            if known is not None:
                return known
            if not path.exists():
                mask = blank_mask(image, lambda number: self.read(image, number))
                with write_atomically(path) as temporary:
                    Image.fromarray(mask).save(temporary, format="PNG")
            with Image.open(path) as picture:
                found = np.array(picture.convert("1"), dtype=bool)
            found.flags.writeable = False
            with self._lock:
                self._masks[image.sha256] = found
                while len(self._masks) > _MASKS:
                    self._masks.popitem(last=False)
        return found

    def _require(self, image: StoredImage, number: int) -> None:
        if not 0 <= number < image.frames:
            raise not_found("frame")

    def _stored(self, image: StoredImage, number: int) -> bytes:
        if image.kind == "dicom":
            return self._cine(image).stored(number)
        return self._store.image(image.sha256).read_bytes()

    def _cine(self, image: StoredImage) -> Cine:
        """The open loop; one that is pushed out closes when its last reader is done with it."""
        with self._lock:
            if image.sha256 in self._cines:
                self._cines.move_to_end(image.sha256)
                return self._cines[image.sha256]
        opened = open_cine(self._store.image(image.sha256))
        with self._lock:
            self._cines[image.sha256] = opened
            while len(self._cines) > _OPEN:
                self._cines.popitem(last=False)
        return opened


def blank_mask(image: StoredImage, read: Callable[[int], Frame]) -> NDArray[np.bool_]:
    """The pixels of an image that show no patient, or text: bool `(rows, columns)`."""
    asked = {round(place) for place in np.linspace(0, image.frames - 1, min(image.frames, _SCANS_OF_A_LOOP))}
    from thyrosight.imaging.deidentify.blanking import Blanker  # brings what looks for text, once for an image

    blanker: Blanker | None = None
    for number in range(image.frames):
        frame = read(number)
        blanker = blanker or Blanker((frame.rows, frame.columns), "outside", frames=image.frames)
        blanker.look_at(frame, scan=number in asked)
    if blanker is None:
        raise ImageError("The image has no frame.")
    return blanker.plan().mask


def _png(pixels: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=1)
    return stream.getvalue()
