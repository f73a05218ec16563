"""Training examples of the finder: a frame and its outlines at a random view, with or without the nodule."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from thyrosight.default_models.outlines import Frames, beside, emptied, with_patch
from thyrosight.default_models.scanners import other_scanner
from thyrosight.default_models.sectors import as_sector
from thyrosight.default_models.tissue import CELL, Known, tissue_of
from thyrosight.default_models.views import View, around, jittered, whole
from thyrosight.parts import Part

_LIT = np.float32(255)


class Example(NamedTuple):
    """A view of a frame and what is known of it.

    Attributes:
        picture: 0 to 255, `(size, size)`.
        mask: of the nodules, 0 to 1, of the same shape.
        unknown: what of the mask is unknown, 0 to 1.
        thyroid, other: shares of each cell of `CELL` pixels that are known to show thyroid, or something else.
    """

    picture: NDArray[np.float32]
    mask: NDArray[np.float32]
    unknown: NDArray[np.float32]
    thyroid: NDArray[np.float32]
    other: NDArray[np.float32]


class ViewOptions(Part):
    """How a frame is shown.

    Attributes:
        mosaic: chance of four frames tiled.
        near: chance of a window around the nodule instead of the scan area.
        empty: chance of a view without the nodule: tissue beside it, or tissue put over it.
        patched: chance of tissue put over a place without a nodule, so that seams do not tell an emptied frame.
        zoom: how much of the scan area is shown.
        erased: chance that upright callipers are erased before anything else.
        sector: chance that the scan is a trapezoid, or that its depths hardly answer.
        strength: multiplies the chances of the simulated scanner's changes.
    """

    mosaic: float = Field(0.25, ge=0, le=1)
    near: float = Field(0.15, ge=0, le=1)
    empty: float = Field(0.12, ge=0, le=1)
    patched: float = Field(0.15, ge=0, le=1)
    zoom: tuple[float, float] = (0.55, 1.9)
    erased: float = Field(0.8, ge=0, le=1)
    sector: float = Field(0.0, ge=0, le=1)
    strength: float = Field(0.8, ge=0)


def example(frames: Frames, row: int, options: ViewOptions, draw: np.random.Generator, size: int) -> Example:
    """A frame and its mask; by chance four frames tiled, so that nodules are small, several, or beside none."""
    if draw.random() >= options.mosaic:
        return one_view(frames, row, options, draw, size, sector=options.sector)
    rows = [row, *draw.integers(len(frames.pack), size=3)]
    tiles = [one_view(frames, int(number), options, draw, size // 2) for number in rows]
    return Example(
        *(
            np.vstack([np.hstack([upper_left, upper_right]), np.hstack([lower_left, lower_right])])
            for upper_left, upper_right, lower_left, lower_right in zip(*tiles, strict=True)
        )
    )


def one_view(
    frames: Frames, row: int, options: ViewOptions, draw: np.random.Generator, size: int, *, sector: float = 0.0
) -> Example:
    """One frame and its mask at the same random view, the frame as another scanner would show it."""
    pack = frames.pack
    tissue = tissue_of(pack.masks[row], pack.extent[row], thyroid=frames.thyroid)
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
    shown = Example(
        view.of(pixels, size).astype(np.float32),
        *(_seen(view, known, size) for known in (mask, unknown)),
        *(_seen(view, known, size // CELL) for known in tissue),
    )
    if sector and draw.random() < sector:
        shown = Example(*as_sector(shown, draw))
    return shown._replace(picture=other_scanner(shown.picture, draw, strength=options.strength))


def _seen(view: View, known: Known, size: int) -> NDArray[np.float32]:
    """Share of each pixel of a view that shows something known."""
    return view.of(known.astype(np.uint8) * 255, size).astype(np.float32) / _LIT


def near(mask: NDArray[np.bool_], scene: View, draw: np.random.Generator) -> View:
    """A window around the nodule, 1.2 to 3 times as wide, at least a fifth of the scan area."""
    rows, columns = np.nonzero(mask)
    wide = max(np.ptp(columns) + 1, np.ptp(rows) + 1) * draw.uniform(1.2, 3.0)
    side = float(np.clip(wide, scene.width / 5, scene.width))
    return around(float(columns.mean()), float(rows.mean()), side)
