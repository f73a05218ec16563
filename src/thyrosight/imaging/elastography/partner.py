"""The plain B-mode that belongs to a colour box: how far away it is, or why there is none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.chroma import Chroma, grey_left
from thyrosight.imaging.elastography.errors import RegistrationError, SinglePanelError
from thyrosight.imaging.elastography.registration import (
    LEAST_SCORE,
    Match,
    Texture,
    contrast_of,
    find_again,
    is_hidden,
    texture_of,
)
from thyrosight.imaging.elastography.views import brightness, divided_views
from thyrosight.imaging.frame import to_grey

# Compression mixes colour and grey over this many pixels at the border of the colour.
_BORDER = 5
# The surroundings of the box that are looked at, as a share of its sides.
_AROUND = 0.35
# Two panels are of one size when their sides differ by no more than this share.
_SAME_SIZE = 0.06
# A brighter pixel than this is lit; gaps of speckle are closed over this many pixels.
_LIT, _SPECKLE = 10, 9


@dataclass(frozen=True)
class Partner:
    """How far to the right and down of the elastogram its B-mode panel stands, and how well the two agree."""

    columns: int
    rows: int
    score: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Textures:
    """The picture with what lies under its colour, the plain picture, and which pixels of each count."""

    under: Texture
    plain: Texture
    covered: NDArray[np.bool_]
    around: NDArray[np.bool_]
    hidden: bool


def find_partner(
    rgb: NDArray[np.uint8], chroma: Chroma, coloured: NDArray[np.bool_], colour: Box, *, source: str
) -> Partner:
    """Find the B-mode panel of a colour box.

    The texture under the colour is tried first, then that around the box. Where opaque colour hides the first and
    fills the panel, two views of the same size are taken for a pair, and the notes say that this was not checked.

    Raises:
        SinglePanelError: no second view.
        RegistrationError: a second view of another size, or of something else.
    """
    textures = _textures(rgb, chroma, coloured, colour)
    match = _best_match(textures, colour)
    if match is not None and match.score >= LEAST_SCORE:
        return Partner(match.columns, match.rows, round(match.score, 3))
    return _from_views(rgb, coloured, colour, hidden=textures.hidden, match=match, source=source)


def _textures(rgb: NDArray[np.uint8], chroma: Chroma, coloured: NDArray[np.bool_], colour: Box) -> _Textures:
    luma = to_grey(rgb)
    closed = ndimage.binary_closing(brightness(rgb) > _LIT, np.ones((_SPECKLE, _SPECKLE), dtype=bool))
    lit = ndimage.binary_erosion(closed, iterations=_BORDER)
    box = np.ones((2 * _BORDER + 1, 2 * _BORDER + 1), dtype=bool)
    filled = ndimage.binary_closing(coloured, np.ones((5, 5), dtype=bool))
    covered = ndimage.binary_erosion(filled, box) & lit
    around = ~ndimage.binary_dilation(filled, box) & lit
    grey = grey_left(luma, chroma, coloured)
    hidden = is_hidden(
        contrast_of(grey, _inside(covered, colour)),
        contrast_of(luma.astype(np.float32), around & ~_box_mask(covered, colour)),
    )
    return _Textures(
        texture_of(grey, covered | around), texture_of(luma.astype(np.float32), around), covered, around, hidden
    )


def _box_mask(like: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    mask = np.zeros_like(like)
    mask[box.top : box.bottom, box.left : box.right] = True
    return mask


def _inside(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    return mask & _box_mask(mask, box)


def _best_match(textures: _Textures, colour: Box) -> Match | None:
    wide, high = round(_AROUND * colour.width), round(_AROUND * colour.height)
    frame = Box(0, 0, textures.plain.shape[1], textures.plain.shape[0])
    grown = Box(colour.left - wide, colour.top - high, colour.right + wide, colour.bottom + high).intersect(frame)
    matches = []
    for window, counted in ((colour, textures.covered), (grown or colour, textures.around)):
        mask = counted[window.top : window.bottom, window.left : window.right]
        matches.append(
            find_again(textures.under, textures.plain, window=window, mask=mask, apart=colour)
        )  # fmt: skip
        if matches[-1] is not None and matches[-1].score >= LEAST_SCORE:
            return matches[-1]
    return max((match for match in matches if match is not None), key=lambda match: match.score, default=None)


def _from_views(
    rgb: NDArray[np.uint8],
    coloured: NDArray[np.bool_],
    colour: Box,
    *,
    hidden: bool,
    match: Match | None,
    source: str,
) -> Partner:
    """Judge by the views that gaps and seams divide, where the textures did not agree."""
    views = divided_views(rgb, colour)
    shares = [coloured[view.top : view.bottom, view.left : view.right].mean() for view in views]
    plain = [view for view, share in zip(views, shares, strict=True) if share < 0.1 and view.intersect(colour) is None]
    holding = [view for view in views if view.intersect(colour) is not None]
    if not plain or not holding:
        raise SinglePanelError(
            f"{source}: only one panel was found: there is an elastogram in {colour.to_text()} and no plain B-mode "
            "beside, above or below it; export both panels, or ask for the elastogram alone."
        )
    # A smooth opaque panel looks like a background to the search for the scan area; the colour tells better.
    elastogram, b_mode = holding[0].union(colour), plain[0]
    if not _same(elastogram.width, b_mode.width) or not _same(elastogram.height, b_mode.height):
        raise RegistrationError(
            f"{source}: the elastogram's panel has {elastogram.width} x {elastogram.height} pixels and the B-mode "
            f"panel {b_mode.width} x {b_mode.height} (width x height), so they are not in registration; export them "
            "at the same size."
        )
    if not hidden:
        score = 0.0 if match is None else match.score
        raise RegistrationError(
            f"{source}: the B-mode panel does not show what lies under the colour (correlation {score:.2f}, at least "
            f"{LEAST_SCORE} expected): another nodule or another section; export both panels of one acquisition."
        )
    note = "opaque colour hides the B-mode under it: the panels are of the same size, more could not be checked"
    return Partner(b_mode.left - elastogram.left, b_mode.top - elastogram.top, None, (note,))


def _same(one: int, other: int) -> bool:
    return abs(one - other) <= _SAME_SIZE * max(one, other)
