"""Augmentation: random changes of training images, drawn as numbers here and applied to pixels in `warp.py`."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field, field_validator

from thyrosight.parts import Part
from thyrosight.training.draws import Draw

if TYPE_CHECKING:
    import torch

_MARGIN = 3
"""Stream of random numbers for margins; `order.py` names the others."""


class Augmentation(Part):
    """Ranges of random changes to training images.

    A vertical flip is off by default: it would put shadows and enhancement above the nodule, where physics never does.

    Attributes:
        horizontal_flip, vertical_flip: probabilities.
        rotation_degrees: turned by up to this angle either way.
        scale: enlarged or shrunk by up to this share.
        shift: moved by up to this share of the side, across and down.
        brightness: grey values multiplied by 1 ± this, so that black stays black.
        contrast: grey values raised to the power 1 ± this, so that black stays black and white white.
        margin_range: the margin around a nodule's crop is drawn between these two each time the image is seen, in the
            unit of the preparation's margin, which then applies to validation and test only. None: no random margin.
    """

    horizontal_flip: float = Field(default=0.5, ge=0, le=1)
    vertical_flip: float = Field(default=0.0, ge=0, le=1)
    rotation_degrees: float = Field(default=15.0, ge=0, le=180)
    scale: float = Field(default=0.1, ge=0, lt=1)
    shift: float = Field(default=0.05, ge=0, lt=1)
    brightness: float = Field(default=0.1, ge=0, lt=1)
    contrast: float = Field(default=0.1, ge=0, lt=1)
    # It is not written where it is not used, so that older recipes and runs keep their hashes.
    margin_range: tuple[float, float] | None = Field(default=None, exclude_if=lambda value: value is None)

    @field_validator("margin_range")
    @classmethod
    def _check_margin_range(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0 <= value[0] <= value[1] < math.inf:
            raise ValueError(f"expected two margins, the smaller one first, got {value[0]:g} and {value[1]:g}")
        return value

    @classmethod
    def none(cls) -> "Augmentation":
        """No change at all."""
        return cls(horizontal_flip=0, vertical_flip=0, rotation_degrees=0, scale=0, shift=0, brightness=0, contrast=0)

    def draw(self, seed: int, epoch: int, index: int) -> Draw:
        """Draw the changes of image `index` in `epoch`. They depend on these three numbers alone.

        >>> Augmentation.none().draw(0, 3, 7)["rotation_degrees"]
        0.0
        """
        # One number is drawn for every change, also where its range is zero, so that switching one change off leaves
        # the others as they were.
        chance = np.random.default_rng((seed, epoch, index)).random(8)
        either_way = [float(value) for value in 2 * chance - 1]
        return Draw(
            horizontal_flip=bool(chance[0] < self.horizontal_flip),
            vertical_flip=bool(chance[1] < self.vertical_flip),
            rotation_degrees=either_way[2] * self.rotation_degrees,
            scale=1 + either_way[3] * self.scale,
            shift_right=either_way[4] * self.shift,
            shift_down=either_way[5] * self.shift,
            brightness=1 + either_way[6] * self.brightness,
            contrast=1 + either_way[7] * self.contrast,
        )

    def draw_margins(self, seed: int, epoch: int, indices: Sequence[int]) -> list[float] | None:
        """Draw the margins of these images in `epoch`, independent of the other draws; None without a range.

        >>> [round(margin, 1) for margin in Augmentation(margin_range=(0, 100)).draw_margins(0, 3, [7, 8]) or ()]
        [77.2, 67.0]
        """
        if self.margin_range is None:
            return None
        low, high = self.margin_range
        streams = (np.random.SeedSequence((seed, epoch, index), spawn_key=(_MARGIN,)) for index in indices)
        return [low + (high - low) * float(np.random.default_rng(stream).random()) for stream in streams]

    @staticmethod
    def apply(batch: "torch.Tensor", draws: Sequence[Draw]) -> "torch.Tensor":
        """Change a whole batch on its device; see `warp`."""
        from thyrosight.training.warp import warp

        return warp(batch, draws)
