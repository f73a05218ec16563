"""Fingerprints of frames, which do not depend on brightness, contrast, size and compression.

The scan area is cut out, its local mean is subtracted and its local contrast is normalised. The rest is the texture of
tissue and speckle, which is the same in every copy of a frame and differs between frames. It is kept in two sizes: a
texture of about 192 x 192 pixels at the frame's own proportions, to compare two frames closely, and small square
descriptors, to find the few frames that are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from thyrosight.imaging import ScanArea, find_scan_area
from thyrosight.imaging.frame import to_grey

TEXTURE_SIDE: Final = 192  # square root of the texture's area
TEXTURE_SCALE: Final = 32.0  # grey levels of a stored texture per unit of local contrast; 128 stands for zero
_LARGEST_SIDE = 420  # larger frames are reduced first: more pixels add no information
_OUTLINE: Final = 8  # pixels of the texture that the outline of a slanted scan area reaches into: twice the widest blur
_SQUARE = 64
_FINE, _COARSE = 16, 8  # sides of the descriptors


@dataclass(frozen=True)
class Window:
    """A part of a scan area as fractions of its width and height, possibly mirrored left to right."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0
    mirrored: bool = False


WINDOWS: Final = (
    Window(),
    Window(mirrored=True),
    *(
        Window(left=left, right=right, top=top, bottom=bottom)
        for left, right in ((0.0, 1.0), (0.11, 1.0), (0.0, 0.89), (0.08, 0.92), (0.16, 0.84))
        for top, bottom in ((0.0, 1.0), (0.0, 0.88), (0.1, 1.0))
        if (left, right, top, bottom) != (0.0, 1.0, 0.0, 1.0)
    ),
)
"""The parts of a frame that are searched for another frame: all of it, its mirror image, and crops by up to a sixth."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """The features by which a frame is compared.

    Attributes:
        texture: texture of the scan area, uint8 `(rows, columns)`, 128 means no local contrast.
        scan: left, top, right and bottom of the scan area as fractions of the frame.
        coarse: float32 `(windows + 1, 64)`, unit vectors; row 0 is the whole scan area, the last row the whole frame.
        fine: float32 `(windows + 1, 256)`, unit vectors.
    """

    texture: NDArray[np.uint8]
    scan: tuple[float, float, float, float]
    coarse: NDArray[np.float32]
    fine: NDArray[np.float32]


def fingerprint(pixels: NDArray[np.uint8]) -> Fingerprint:
    """The fingerprint of grey or RGB pixels.

    Raises:
        ImageError: not 8-bit grey or RGB pixels.
    """
    grey = _reduced(to_grey(pixels))
    area = find_scan_area(grey)
    box = area.box
    scan = Image.fromarray(grey[box.top : box.bottom, box.left : box.right]).convert("F")
    proportion = float(np.clip(np.sqrt(box.width / box.height), 0.4, 2.5))
    size = (max(32, round(TEXTURE_SIDE * proportion)), max(32, round(TEXTURE_SIDE / proportion)))
    texture = _even_contrast(_resized(scan, size), inner=0.7, outer=4.0, around=8.0, floor=1.0)
    if area.kind in {"convex", "sector"}:
        texture = texture * _inside(area, size)
    stored = np.clip(np.rint(texture * TEXTURE_SCALE) + 128, 0, 255).astype(np.uint8)
    rows, columns = grey.shape
    place = (box.left / columns, box.top / rows, box.right / columns, box.bottom / rows)
    of_scan, of_frame = _descriptors(scan, WINDOWS), _descriptors(Image.fromarray(grey).convert("F"), (Window(),))
    coarse, fine = (np.vstack(both) for both in zip(of_scan, of_frame, strict=True))
    return Fingerprint(stored, place, coarse, fine)


def window_by_scan(first: Fingerprint, second: Fingerprint) -> Window:
    """The place of the second frame's scan area in the first frame's, if both frames are the same picture.

    A change of gamma or compression can move the detected borders of the scan area.
    """
    left, top, right, bottom = first.scan
    width, height = right - left, bottom - top
    return Window(
        left=(second.scan[0] - left) / width,
        top=(second.scan[1] - top) / height,
        right=(second.scan[2] - left) / width,
        bottom=(second.scan[3] - top) / height,
    )


def _inside(area: ScanArea, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a texture of `size` (columns, rows) is free of the outline of a slanted scan area.

    The outline depends on the probe: with it, all frames of a device would look like copies.
    """
    box = area.box
    mask = Image.fromarray(area.mask[box.top : box.bottom, box.left : box.right]).resize(size, Image.Resampling.NEAREST)
    inside = scipy.ndimage.binary_erosion(np.pad(np.asarray(mask), 1), iterations=_OUTLINE)
    return np.asarray(inside[1:-1, 1:-1], dtype=np.bool_)


def _reduced(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = -(-max(grey.shape) // _LARGEST_SIDE)
    if factor <= 1:
        return grey
    return np.asarray(Image.fromarray(grey).reduce(factor))


def _resized(picture: Image.Image, size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)


def _even_contrast(
    values: NDArray[np.float32], *, inner: float, outer: float, around: float, floor: float
) -> NDArray[np.float32]:
    """Structures between two sizes (standard deviations of Gaussians, in pixels), divided by their local strength."""
    smooth = scipy.ndimage.gaussian_filter(values, inner, truncate=3) if inner else values
    band = smooth - scipy.ndimage.gaussian_filter(values, outer, truncate=3)
    # Strength varies slowly, so a quarter of the pixels is enough.
    energy = Image.fromarray(band * band).reduce(2)
    slow = Image.fromarray(scipy.ndimage.gaussian_filter(np.asarray(energy), around / 2, truncate=3))
    strength = np.sqrt(np.maximum(_resized(slow, (values.shape[1], values.shape[0])), 0))
    return np.asarray(band / (strength + floor), dtype=np.float32)


def _descriptors(picture: Image.Image, windows: Sequence[Window]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coarse and fine descriptors of every window: the normalised picture, averaged in a grid of cells."""
    square = _even_contrast(_resized(picture, (_SQUARE, _SQUARE)), inner=0.0, outer=10.0, around=10.0, floor=3.0)
    fine = Image.fromarray(scipy.ndimage.gaussian_filter(square, 1.5, truncate=3))
    coarse = Image.fromarray(scipy.ndimage.gaussian_filter(square, 3.0, truncate=3))
    return _grids(coarse, _COARSE, windows), _grids(fine, _FINE, windows)


def _grids(picture: Image.Image, side: int, windows: Sequence[Window]) -> NDArray[np.float32]:
    grids = np.empty((len(windows), side * side), dtype=np.float32)
    for row, window in enumerate(windows):
        box = (_SQUARE * window.left, _SQUARE * window.top, _SQUARE * window.right, _SQUARE * window.bottom)
        cells = np.asarray(picture.resize((side, side), Image.Resampling.BOX, box=box))
        grids[row] = (cells[:, ::-1] if window.mirrored else cells).ravel()
    grids -= grids.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(grids, axis=1, keepdims=True)
    return np.asarray(grids / np.maximum(lengths, 1e-6), dtype=np.float32)
