"""The plain B-mode that belongs to a colour box: how far away it is, or why there is none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.chroma import Chroma
from thyrosight.imaging.elastography.colour_box import ColourBox
from thyrosight.imaging.elastography.errors import RegistrationError, SinglePanelError
from thyrosight.imaging.elastography.flow import require_filled_where_opaque
from thyrosight.imaging.elastography.registration import LEAST_AROUND, LEAST_SCORE, Match, find_again
from thyrosight.imaging.elastography.textures import Textures, textures_of
from thyrosight.imaging.elastography.views import divided_views

# The surroundings of the box that are looked at, as a share of its sides.
_AROUND = 0.35
# Two panels are of one size when their sides differ by no more than this share.
_SAME_SIZE = 0.06


@dataclass(frozen=True)
class Partner:
    """How far to the right and down of the elastogram its B-mode panel stands, and how well the two agree."""

    columns: int
    rows: int
    score: float | None
    notes: tuple[str, ...] = ()


def find_partner(
    rgb: NDArray[np.uint8], chroma: Chroma, coloured: NDArray[np.bool_], found: ColourBox, *, source: str
) -> Partner:
    """Find the B-mode panel of a colour box.

    The texture under the colour is tried first, then that around the box. Where opaque colour hides the first and
    fills the panel, two views of the same size are taken for a pair, and the notes say that this was not checked.

    Raises:
        FlowError: nothing shines through the colour, and it leaves gaps.
        SinglePanelError: no second view.
        RegistrationError: a second view of another size, or of something else.
    """
    colour = found.box
    textures = textures_of(rgb, chroma, coloured, colour)
    under = _match_under(textures, colour)
    if under is not None and under.score >= LEAST_SCORE:
        return Partner(under.columns, under.rows, round(under.score, 3))
    around = _match_around(textures, colour)
    fits = around is not None and around.score >= LEAST_AROUND
    if fits or textures.hidden:
        require_filled_where_opaque(found, source=source)
    if around is not None and fits:
        return Partner(around.columns, around.rows, round(around.score, 3))
    return _from_views(textures, coloured, colour, score=0.0 if under is None else under.score, source=source)


def _match_under(textures: Textures, colour: Box) -> Match | None:
    """The position at which the texture that shines through the colour is found again."""
    mask = textures.covered[colour.top : colour.bottom, colour.left : colour.right]
    return find_again(textures.under, textures.plain, window=colour, mask=mask, apart=colour)


def _match_around(textures: Textures, colour: Box) -> Match | None:
    """The position at which the texture around the colour box is found again."""
    wide, high = round(_AROUND * colour.width), round(_AROUND * colour.height)
    frame = Box(0, 0, textures.plain.shape[1], textures.plain.shape[0])
    larger = Box(colour.left - wide, colour.top - high, colour.right + wide, colour.bottom + high)
    window = larger.intersect(frame) or colour
    mask = textures.around[window.top : window.bottom, window.left : window.right]
    return find_again(textures.under, textures.plain, window=window, mask=mask, apart=colour)


def _from_views(
    textures: Textures,
    coloured: NDArray[np.bool_],
    colour: Box,
    *,
    score: float,
    source: str,
) -> Partner:
    """Judge by the views that gaps and seams divide, where the textures did not agree."""
    views = divided_views(np.clip(textures.flat, 0, 255).astype(np.uint8), colour)
    shares = [coloured[view.top : view.bottom, view.left : view.right].mean() for view in views]
    plain = [view for view, share in zip(views, shares, strict=True) if share < 0.1 and view.intersect(colour) is None]
    holding = [view for view in views if view.intersect(colour) is not None]
    if not plain or not holding:
        raise SinglePanelError(
            f"{source}: only one panel was found: nothing beside, above or below the elastogram in {colour.to_text()} "
            "is plain B-mode of the same section; export both panels of one acquisition, or ask for the elastogram "
            "alone."
        )
    # A smooth opaque panel looks like a background to the search for the scan area; the colour tells better.
    elastogram, b_mode = holding[0].union(colour), plain[0]
    if not _same(elastogram.width, b_mode.width) or not _same(elastogram.height, b_mode.height):
        raise RegistrationError(
            f"{source}: the elastogram's panel has {elastogram.width} x {elastogram.height} pixels and the B-mode "
            f"panel {b_mode.width} x {b_mode.height} (width x height), so they are not in registration; export them "
            "at the same size."
        )
    if not textures.hidden:
        raise RegistrationError(
            f"{source}: the B-mode panel does not show what lies under the colour (correlation {score:.2f}, at least "
            f"{LEAST_SCORE} expected): another nodule or another section; export both panels of one acquisition."
        )
    note = "opaque colour hides the B-mode under it: the panels are of the same size, more could not be checked"
    return Partner(b_mode.left - elastogram.left, b_mode.top - elastogram.top, None, (note,))


def _same(one: int, other: int) -> bool:
    return abs(one - other) <= _SAME_SIZE * max(one, other)
