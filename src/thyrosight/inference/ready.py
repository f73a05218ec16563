"""Requests, and the pixels prepared from them: of one image, or of a pair."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import BundleError, ImageError
from thyrosight.imaging import Box, Frame, PairPreparation, PreparedImage, PreparedPair, read_frame
from thyrosight.inference.bundle import Bundle, BundleInfo
from thyrosight.inference.gate import NO_NODULE_FOUND, check_input
from thyrosight.inference.session import AbsentImage, Capabilities
from thyrosight.inference.views import prepare_views

if TYPE_CHECKING:
    from thyrosight.imaging import Cine  # brings pydicom, which other images do not need

NO_ELASTOGRAM = "no elastogram: the B-mode image alone was used"
BLACK_ELASTOGRAM = "the elastogram is black here: the B-mode image alone was used"
BLACK_IMAGE = "the B-mode image is black here: the elastogram alone was used"
UNTRAINED = "the model was not trained to do without one of the two images"


@dataclass(frozen=True)
class Request:
    """An image to assess, or one frame of a loop.

    Attributes:
        image: a file, or a frame or loop that was read.
        box: the nodule, if it is known.
        frame: the number of a loop's frame, from 0.
        contour: the outline of the nodule, if it is known.
        origin: who drew the box, where that was not the user.
        elastogram: for models of pairs: an image of the same size and place as `image`.
        flags: quality flags that were raised before, by the model that looked for nodules.
        place: in a list of the caller's; frames and nodules that take the place of a request keep it.
    """

    image: "Path | str | Frame | Cine"
    box: Box | None = None
    frame: int | None = None
    contour: tuple[tuple[float, float], ...] | None = None
    origin: str | None = None
    elastogram: Path | str | Frame | None = None
    flags: tuple[str, ...] = ()
    place: int | None = None

    @property
    def name(self) -> str:
        """The name of the image in messages."""
        if isinstance(self.image, Path | str):
            return str(self.image)
        return self.image.source if isinstance(self.image, Frame) else self.image.info.source

    @property
    def elastogram_name(self) -> str | None:
        """The name of the elastogram in messages; None where there is none."""
        return self.elastogram.source if isinstance(self.elastogram, Frame) else _text(self.elastogram)

    @property
    def of_loop(self) -> bool:
        """Whether the request is for one frame of a loop."""
        return not isinstance(self.image, Path | str | Frame) or self.frame is not None

    def read(self) -> Frame:
        """The frame; the first where none is named.

        Raises:
            ImageError: it cannot be read.
        """
        if isinstance(self.image, Frame):
            return self.image
        if isinstance(self.image, Path | str):
            return read_frame(self.image, frame=self.frame)
        return self.image.read(self.frame or 0)

    def read_elastogram(self) -> Frame | None:
        """The elastogram, or None.

        Raises:
            ImageError: it cannot be read.
        """
        if self.elastogram is None or isinstance(self.elastogram, Frame):
            return self.elastogram
        return read_frame(self.elastogram)


@dataclass(frozen=True, eq=False)
class Ready:
    """A request whose pixels are ready for the network.

    Attributes:
        frame: as read; of a pair the B-mode image.
        request: what it was made from.
        prepared: how the frame was prepared.
        pixels: the input of the network: of several windows the first.
        views: all windows, `(windows, rows, columns)` and perhaps channels; see `BundleInfo.views`.
        notes: on how the images were prepared, for the result.
        flags: quality flags of the frame.
    """

    frame: Frame
    request: Request
    prepared: PreparedImage
    pixels: NDArray[np.uint8]
    views: NDArray[np.uint8]
    notes: tuple[str, ...]
    flags: tuple[str, ...]


def make_ready(request: Request, bundle: Bundle) -> Ready:
    """Read and prepare the image or pair of a request for the bundle's model.

    Raises:
        ThyroSightError: an image cannot be read or prepared; an elastogram is given to a model that takes none, or to a
            loop; or one is missing that the model cannot do without.
    """
    return ready_for(request, bundle.info, bundle.session.capabilities)


def ready_for(request: Request, info: BundleInfo, capabilities: Capabilities) -> Ready:
    """As `make_ready`, for a model that need not be at hand."""
    _check_elastogram(request, info.pair, capabilities.absent_image)
    frame, preparation = request.read(), info.preparation
    if info.pair is None:
        prepared, views = prepare_views(info.views, preparation, frame, box=request.box)
        notes = prepared.notes
    else:
        pair = info.pair.prepare(frame, request.read_elastogram(), box=request.box)
        assert pair.first is not None  # its frame is always there
        prepared, views = pair.first, pair.pixels[None]
        notes = (*pair.notes, *_absences(request, pair, info.pair, capabilities.absent_image))
    flags = _joined(request.flags, check_input(frame, prepared, preparation))
    return Ready(frame, request, prepared, views[0], views, notes, flags)


def _joined(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The flags of both, each once. Where no nodule was found, that there is no box is no news."""
    implied = {"no nodule box"} if NO_NODULE_FOUND in before else set()
    return tuple(dict.fromkeys((*before, *(flag for flag in now if flag not in implied))))


def _check_elastogram(request: Request, pair: PairPreparation | None, absent: AbsentImage) -> None:
    given = request.elastogram is not None
    if given and (pair is None or pair.second_from == "image"):
        raise BundleError(
            f"{request.name}: this model takes the B-mode image alone; leave the elastogram out, or name a model that "
            "was trained on pairs."
        )
    if given and request.of_loop:
        raise ImageError(
            f"{request.name}: an elastogram belongs to a still image, not to frames of a loop; leave it out, or name "
            "the still image."
        )
    if not given and pair is not None and pair.second_from == "elastogram" and absent == "refused":
        what = "a loop has none" if request.of_loop else "give one"
        raise BundleError(
            f"{request.name}: this model joins B-mode image and elastogram before its first layer and cannot answer "
            f"without an elastogram; {what}, or name a model of late or mixed fusion."
        )


def _absences(request: Request, pair: PreparedPair, preparation: PairPreparation, absent: AbsentImage) -> list[str]:
    """Notes on a pair where the network gets one image only."""
    if pair.shows("first") and pair.shows("second"):
        return []
    dark = request.elastogram_name if pair.shows("first") else request.name
    if absent == "refused":
        raise ImageError(
            f"{dark}: nothing but black is left to show, and this model cannot answer without both images; check the "
            "image and the box."
        )
    if not pair.shows("first"):
        note = BLACK_IMAGE
    elif pair.second is None:
        note = NO_ELASTOGRAM
    else:
        note = BLACK_ELASTOGRAM if preparation.second_from == "elastogram" else "the second view is black here"
    return [note] if absent == "trained" else [note, UNTRAINED]


def _text(name: Path | str | None) -> str | None:
    return None if name is None else str(name)
