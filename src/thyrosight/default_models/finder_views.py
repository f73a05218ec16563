"""Training examples of the finder: a frame and its outlines at a random view, with or without the nodule."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from thyrosight.default_models.outlines import Frames, beside, emptied, with_patch
from thyrosight.default_models.scanners import other_scanner
from thyrosight.default_models.views import View, around, jittered, whole
from thyrosight.parts import Part

_LIT = np.float32(255)

Example = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Picture (0 to 255), mask and what of the mask is unknown (0 to 1), each `(rows, columns)`."""


class ViewOptions(Part):
    """How a frame is shown.

    Attributes:
        mosaic: chance of four frames tiled.
        near: chance of a window around the nodule instead of the scan area.
        empty: chance of a view without the nodule: tissue beside it, or tissue put over it.
        patched: chance of tissue put over a place without a nodule, so that seams do not tell an emptied frame.
        zoom: how much of the scan area is shown.
        erased: chance that upright callipers are erased before anything else.
        strength: multiplies the chances of the simulated scanner's changes.
    """

    mosaic: float = Field(0.25, ge=0, le=1)
    near: float = Field(0.15, ge=0, le=1)
    empty: float = Field(0.12, ge=0, le=1)
    patched: float = Field(0.15, ge=0, le=1)
    zoom: tuple[float, float] = (0.55, 1.9)
    erased: float = Field(0.8, ge=0, le=1)
    strength: float = Field(0.8, ge=0)


def example(frames: Frames, row: int, options: ViewOptions, draw: np.random.Generator, size: int) -> Example:
    """A frame and its mask; by chance four frames tiled, so that nodules are small, several, or beside none."""
    if draw.random() >= options.mosaic:
        return one_view(frames, row, options, draw, size)
    rows = [row, *draw.integers(len(frames.pack), size=3)]
    tiles = [one_view(frames, int(number), options, draw, size // 2) for number in rows]
    picture, mask, unknown = (
        np.vstack([np.hstack([tiles[0][part], tiles[1][part]]), np.hstack([tiles[2][part], tiles[3][part]])])
        for part in range(3)
    )
    return picture, mask, unknown


def one_view(frames: Frames, row: int, options: ViewOptions, draw: np.random.Generator, size: int) -> Example:
    """One frame and its mask at the same random view, the frame as another scanner would show it."""
    pack = frames.pack
    pixels = (pack.erased if draw.random() < options.erased else pack.images)[row]
    mask, unknown = pack.masks[row], frames.unknown[row]
    scene = whole(pack.extent[row])
    view = jittered(scene, draw, zoom=options.zoom)
    if mask.any() and draw.random() < options.empty:
        window = beside(mask | unknown, pack.extent[row], draw) if draw.random() < 0.5 else None
        if window is not None:
            view = jittered(window, draw, zoom=(0.85, 1.0), shift=0.0, angle=2.0, stretch=1.05)
        else:
            pixels, mask = emptied(pixels, mask, pack.extent[row], draw)
    else:
        if mask.any() and draw.random() < options.near:
            view = jittered(near(mask, scene, draw), draw, zoom=(0.8, 1.25))
        if draw.random() < options.patched:
            pixels = with_patch(pixels, mask | unknown, pack.extent[row], draw)
    shown, outline, open_to_doubt = (
        view.of(values, size).astype(np.float32)
        for values in (pixels, mask.astype(np.uint8) * 255, unknown.astype(np.uint8) * 255)
    )
    return other_scanner(shown, draw, strength=options.strength), outline / _LIT, open_to_doubt / _LIT


def near(mask: NDArray[np.bool_], scene: View, draw: np.random.Generator) -> View:
    """A window around the nodule, 1.2 to 3 times as wide, at least a fifth of the scan area."""
    rows, columns = np.nonzero(mask)
    wide = max(np.ptp(columns) + 1, np.ptp(rows) + 1) * draw.uniform(1.2, 3.0)
    side = float(np.clip(wide, scene.width / 5, scene.width))
    return around(float(columns.mean()), float(rows.mean()), side)
