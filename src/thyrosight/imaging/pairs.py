"""Pairs: a B-mode image and a second image of the same place, prepared together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from thyrosight.errors import ImageError
from thyrosight.files import sha256_of_json
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.frame import Frame
from thyrosight.imaging.preparation import Preparation, PreparedImage
from thyrosight.parts import Part

Kind = Literal["first", "second"]
"""The B-mode image, or the second one."""
CHANNELS: dict[Kind, slice] = {"first": slice(0, 1), "second": slice(1, 4)}
"""The channels of each image in the pixels of a pair."""


@dataclass(frozen=True, eq=False)
class PreparedPair:
    """A pair prepared by a `PairPreparation`.

    Attributes:
        pixels: uint8 `(rows, columns, 4)`: grey of the first image, RGB of the second. An absent image is 0.
        first, second: each image as its own preparation made it; None where there is none.
        notes: of both preparations, each once.
    """

    pixels: NDArray[np.uint8]
    first: PreparedImage | None
    second: PreparedImage | None
    notes: tuple[str, ...]

    def shows(self, kind: Kind) -> bool:
        """Whether that image is present; one without a lit pixel is absent."""
        return bool(self.pixels[..., CHANNELS[kind]].any())


class PairPreparation(Part):
    """How a pair of images becomes the input of a network that reads both.

    Elastogram and B-mode image are registered and of one size, so that one box marks the nodule in both.

    Attributes:
        first: of the B-mode image; its colour is grey.
        second: of the second image: of the same size and shape, with a colour and a margin of its own.
        second_from: where the second image comes from: an `elastogram` file, or the B-mode `image` itself, which then
            is shown twice (the nodule and its surroundings, for example).
    """

    first: Preparation = Preparation()
    second: Preparation = Preparation(colour="rgb")
    second_from: Literal["elastogram", "image"] = "elastogram"

    @model_validator(mode="after")
    def _check_fit(self) -> "PairPreparation":
        if self.first.colour != "grey":
            raise ValueError("the first image of a pair is the B-mode image, whose colour is grey")
        if (self.first.size, self.first.shape) != (self.second.size, self.second.shape):
            raise ValueError(
                f"both images of a pair need one size and shape, got {self.first.size} ({self.first.shape}) and "
                f"{self.second.size} ({self.second.shape})"
            )
        return self

    def digest(self) -> str:
        """SHA-256 over every parameter."""
        return sha256_of_json(self.model_dump(mode="json"))

    def prepare(self, frame: Frame | None, second: Frame | None, *, box: Box | None = None) -> PreparedPair:
        """Prepare one pair; one of the two images may be absent.

        Args:
            frame: the B-mode image.
            second: the second image; None where it is taken from `frame`.
            box: the nodule, in the coordinates of both.

        Raises:
            ImageError: as `Preparation.prepare`; neither image is there or shows anything; they are of two sizes; or a
                second image is given where it is taken from the first.
        """
        if self.second_from == "image":
            if second is not None:
                raise ImageError(f"{second.source}: this preparation takes the second image from the first; give none.")
            second = frame
        _require_one_size(frame, second)
        one = None if frame is None else self.first.prepare(frame, box=box)
        shape = None if one is None else _shape(one)
        two = None if second is None else self.second.prepare(second, box=box, result=shape)
        there = [image for image in (one, two) if image is not None]
        pixels = np.zeros((*_shape(there[0]), 4), dtype=np.uint8)
        if one is not None:
            pixels[..., 0] = one.pixels
        if two is not None:
            pixels[..., 1:] = two.pixels if two.pixels.ndim == 3 else two.pixels[..., None]
        if not pixels.any():
            names = " and ".join(image.source for image in (frame, second) if image is not None)
            raise ImageError(f"{names}: nothing but black is left to show; check the images and the box.")
        notes = dict.fromkeys(note for image in there for note in image.notes)
        return PreparedPair(pixels, one, two, tuple(notes))


def _shape(image: PreparedImage) -> tuple[int, int]:
    rows, columns = image.pixels.shape[:2]
    return rows, columns


def _require_one_size(frame: Frame | None, second: Frame | None) -> None:
    if frame is None and second is None:
        raise ImageError("A pair needs at least one of its two images; give a B-mode image or an elastogram.")
    if frame is None or second is None or (frame.rows, frame.columns) == (second.rows, second.columns):
        return
    raise ImageError(
        f"{second.source} has {second.columns} x {second.rows} pixels (width x height) and {frame.source} "
        f"{frame.columns} x {frame.rows}; the two images of a pair must be of one size."
    )
