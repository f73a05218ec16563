"""The similarity of two frames, from block matching.

A global correlation cannot distinguish a copy with other callipers from another frame of the same patient. Therefore
the frames are registered, and the similarity is the share of textured blocks whose speckle is at the same place in the
other frame. A copy keeps its speckle under compression, rescaling and changes of grey levels; a neighbouring frame of
the same clip loses it where tissue moved.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from thyrosight.cohort.fingerprints import TEXTURE_SCALE, Window

Affine = NDArray[np.float64]  # (2, 3): (column, row, 1) of the first texture to (column, row) of the second
Floats = NDArray[np.float32]

_MATCH = 0.5  # a block matches if its correlation reaches this
_TEXTURED = 0.25  # standard deviation below which a block is too flat to compare
_FEWEST_BLOCKS = 8


@dataclass(frozen=True)
class _Search:
    """A search for blocks: reduction, size of blocks, distance, number of blocks along each side."""

    reduction: int
    block: int
    reach: int
    along: int


# A first search aligns the frames (up to 5 % of the side, 10 pixels), a second one compares them closely.
_ROUGH: Final = _Search(reduction=2, block=24, reach=6, along=5)
_CLOSE: Final = _Search(reduction=1, block=32, reach=3, along=6)


@dataclass(frozen=True, eq=False)
class _Found:
    """The places of the blocks of one texture in another.

    Attributes:
        centres: `(blocks, 2)` column and row, in full-size pixels.
        moves: `(blocks, 2)` columns and rows moved, in full-size pixels.
        peaks: correlation at that place.
        usable: whether both sides hold texture.
    """

    centres: NDArray[np.float64]
    moves: NDArray[np.float64]
    peaks: Floats
    usable: NDArray[np.bool_]


@dataclass(frozen=True)
class Similarity:
    """The similarity of two frames.

    Attributes:
        share: share of the textured blocks of the first frame that match the second at the same place, 0 to 1.
        closeness: median correlation of the matching blocks, 0 to 1.
    """

    share: float
    closeness: float


NO_SIMILARITY: Final = Similarity(0.0, 0.0)


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8], window: Window | None = None) -> Similarity:
    """Register two textures and compare them block by block.

    Args:
        first, second: textures of `fingerprint`.
        window: the part of the first that probably shows all of the second; default: all of it.
    """
    window = window or Window()
    affine = _by_window(first.shape, second.shape, window)
    # The first search finds a shift; a second pass of the same search corrects the scale.
    for search in (_ROUGH, _CLOSE):
        found = _search(first, _warped(second, affine, first.shape), search)
        correction = _agreed_move(found, tolerance=4.0 if search is _ROUGH else 2.0)
        if correction is None:
            return NO_SIMILARITY
        affine = _then(correction, affine)
    found = _search(first, _warped(second, affine, first.shape), _CLOSE)
    usable = int(found.usable.sum())
    if usable < _FEWEST_BLOCKS:
        return NO_SIMILARITY
    same = found.usable & (np.abs(found.moves).max(axis=1) <= 1) & (found.peaks >= _MATCH)
    return Similarity(float(same.sum() / usable), float(np.median(found.peaks[same])) if same.any() else 0.0)


def _by_window(first: tuple[int, ...], second: tuple[int, ...], window: Window) -> Affine:
    """The map from the window of the first texture to all of the second."""
    width, height = (window.right - window.left) * first[1], (window.bottom - window.top) * first[0]
    across, down = second[1] / width, second[0] / height
    start = -window.left * first[1] * across
    if window.mirrored:
        across, start = -across, second[1] - start
    return np.array([[across, 0.0, start], [0.0, down, -window.top * first[0] * down]])


def _warped(texture: NDArray[np.uint8], affine: Affine, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The second texture in the coordinates of the first; outside it there is no contrast (128)."""
    return np.asarray(
        Image.fromarray(texture).transform(
            (shape[1], shape[0]),
            Image.Transform.AFFINE,
            affine.ravel().tolist(),
            Image.Resampling.BILINEAR,
            fillcolor=128,
        )
    )


def _then(inner: Affine, outer: Affine) -> Affine:
    """First `inner`, then `outer`."""
    square = np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(outer @ square)


def _search(first: NDArray[np.uint8], second: NDArray[np.uint8], search: _Search) -> _Found:
    """Find each block of the first texture in the second, near the same place, by normalised cross-correlation."""
    one, two = (_contrast(texture, search.reduction) for texture in (first, second))
    size, reach = search.block, search.reach
    rows = np.linspace(0, one.shape[0] - size, search.along).astype(int)
    columns = np.linspace(0, one.shape[1] - size, search.along).astype(int)
    corner_rows, corner_columns = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    blocks = sliding_window_view(one, (size, size))[corner_rows, corner_columns]
    side = size + 2 * reach
    areas = sliding_window_view(np.pad(two, reach), (side, side))[corner_rows, corner_columns]
    peaks, moves = _peaks(blocks, areas, reach)
    flat = np.minimum(blocks.std(axis=(1, 2)), areas[:, reach : reach + size, reach : reach + size].std(axis=(1, 2)))
    centres = np.stack([corner_columns, corner_rows], axis=1) + size / 2
    scale = float(search.reduction)
    return _Found(centres * scale, moves * scale, peaks, flat >= _TEXTURED)


def _contrast(texture: NDArray[np.uint8], reduction: int) -> Floats:
    picture = Image.fromarray(texture)
    reduced = np.asarray(picture.reduce(reduction) if reduction > 1 else picture, dtype=np.float32)
    return (reduced - 128.0) / TEXTURE_SCALE


def _peaks(blocks: Floats, areas: Floats, reach: int) -> tuple[Floats, NDArray[np.float64]]:
    """The highest normalised correlation of each block within its area, and the move (columns, rows) that gives it."""
    size, side, steps = blocks.shape[-1], areas.shape[-1], 2 * reach + 1
    centred = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    spectrum = scipy.fft.rfft2(centred, s=(side, side)).conj() * scipy.fft.rfft2(areas)
    products = scipy.fft.irfft2(spectrum, s=(side, side))[:, :steps, :steps]
    sums, squares = _box_sums(areas, size), _box_sums(areas * areas, size)
    energy = np.maximum(squares - sums * sums / size**2, 1e-3 * size**2)
    norms = np.linalg.norm(centred, axis=(1, 2))[:, None, None] * np.sqrt(energy)
    correlation = (products / np.maximum(norms, 1e-6)).reshape(len(blocks), -1)
    best = correlation.argmax(axis=1)
    moves = np.stack([best % steps - reach, best // steps - reach], axis=1).astype(np.float64)
    return correlation[np.arange(len(best)), best], moves


def _box_sums(values: Floats, size: int) -> NDArray[np.float64]:
    """Sums over every `size` x `size` square of each picture."""
    rows = _windows(np.cumsum(values, axis=2, dtype=np.float64), size)
    return _windows(np.cumsum(rows, axis=1).swapaxes(1, 2), size).swapaxes(1, 2)


def _windows(running: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sums over every `size` neighbours along the last axis, from the running sums along it."""
    sums = running[:, :, size - 1 :].copy()
    sums[:, :, 1:] -= running[:, :, :-size]
    return sums


def _agreed_move(found: _Found, *, tolerance: float) -> Affine | None:
    """The affine map that the largest number of blocks agrees on, or None if fewer than four agree."""
    good = np.flatnonzero(found.usable & (found.peaks >= 0.8 * _MATCH))
    if len(good) < 4:
        return None
    moves, centres = found.moves[good], found.centres[good]
    apart = np.abs(moves[:, None] - moves[None]).max(axis=2)
    inside = apart[int((apart <= tolerance).sum(axis=1).argmax())] <= tolerance
    if inside.sum() < 4:
        return None
    design = np.column_stack([centres, np.ones(len(centres))])
    for _ in range(3):
        map_ = _fit(design[inside], moves[inside])
        inside_now = np.abs(design @ map_ - moves).max(axis=1) <= tolerance / 2
        if inside_now.sum() < 4 or (inside_now == inside).all():
            break
        inside = inside_now
    result = map_.T.copy()
    result[0, 0] += 1.0
    result[1, 1] += 1.0
    return result


def _fit(design: NDArray[np.float64], moves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares: a full affine map where enough blocks support it, else the mean shift. Shape (3, 2)."""
    if len(design) >= 8 and np.ptp(design[:, 0]) > 0 and np.ptp(design[:, 1]) > 0:
        return np.asarray(np.linalg.lstsq(design, moves, rcond=None)[0])
    shift = np.zeros((3, 2))
    shift[2] = moves.mean(axis=0)
    return shift
