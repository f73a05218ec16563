"""The augmentation drawn for one training image: plain numbers, applied to pixels in `warp.py`."""

from typing import TypedDict


class Draw(TypedDict):
    """The augmentation of one image, as a plain record that can be written as JSON.

    The image is flipped, turned counter-clockwise about its centre, enlarged by `scale` and moved by shares of its
    side; its grey values g in 0..1 become (g ** contrast) * brightness, limited to 1.
    """

    horizontal_flip: bool
    vertical_flip: bool
    rotation_degrees: float
    scale: float
    shift_right: float
    shift_down: float
    brightness: float
    contrast: float


IDENTITY = Draw(
    horizontal_flip=False,
    vertical_flip=False,
    rotation_degrees=0.0,
    scale=1.0,
    shift_right=0.0,
    shift_down=0.0,
    brightness=1.0,
    contrast=1.0,
)
"""The draw that changes nothing."""
