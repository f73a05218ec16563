"""Whether an elastogram that is a file of its own belongs to its B-mode image."""

from dataclasses import dataclass

import numpy as np

from thyrosight.imaging.elastography.chroma import smooth_chroma
from thyrosight.imaging.elastography.colour_box import coloured_pixels
from thyrosight.imaging.elastography.errors import RegistrationError
from thyrosight.imaging.elastography.registration import (
    LEAST_AROUND,
    LEAST_SCORE,
    Match,
    Texture,
    contrast_of,
    correlation,
    is_hidden,
    texture_of,
)
from thyrosight.imaging.elastography.textures import Textures, lit_inside, textures_of
from thyrosight.imaging.frame import Frame

# Coloured marks in a B-mode image stay below this share; an elastogram has more.
_LEAST_COLOUR = 0.02
# How far two images may be shifted against each other before they are no longer called registered, and how far is
# looked, as a share of the shorter side.
_MOST_SHIFT, _LOOK = 3, 0.06
# Two grey images more alike than this are one image twice.
_SAME_IMAGE = 0.98
_LEAST_PIXELS = 400


@dataclass(frozen=True)
class Registration:
    """How an elastogram fits its B-mode image.

    Attributes:
        score: correlation of the textures, from -1 to 1; None where it could not be judged.
        columns, rows: how far the elastogram's content stands to the right and down, in pixels.
        notes: what could not be checked.
    """

    score: float | None
    columns: int = 0
    rows: int = 0
    notes: tuple[str, ...] = ()


def check_registration(b_mode: Frame, elastogram: Frame) -> Registration:
    """Check that two images show the same section at the same size, pixel on pixel.

    The grey texture under and around the colour is compared with the B-mode image, as in `split_elastography`. A grey
    elastogram, or an opaque one that fills its image, can only be checked for its size; `notes` says so.

    Raises:
        RegistrationError: another size, images that were swapped, B-mode given twice, a shift of more than 3 pixels, or
            another section.
    """
    names = f"{elastogram.source} and {b_mode.source}"
    if (b_mode.rows, b_mode.columns) != (elastogram.rows, elastogram.columns):
        raise RegistrationError(
            f"{elastogram.source} has {elastogram.columns} x {elastogram.rows} pixels and its B-mode image "
            f"{b_mode.source} {b_mode.columns} x {b_mode.rows} (width x height); cut both from one frame at the same "
            "size."
        )
    if _colour_share(elastogram) < _LEAST_COLOUR:
        return _of_grey(b_mode, elastogram)
    if _colour_share(b_mode) >= _LEAST_COLOUR:
        raise RegistrationError(
            f"{b_mode.source} is coloured as well as {elastogram.source}, so it is no plain B-mode image; "
            "give the B-mode panel of the frame."
        )
    chroma = smooth_chroma(elastogram.rgb())
    textures = textures_of(elastogram.rgb(), chroma, coloured_pixels(chroma), elastogram.box)
    grey = b_mode.grey()
    lit = lit_inside(grey)
    match, fits = _best_shift(textures, texture_of(grey.astype(np.float32), lit))
    hidden = is_hidden(textures.contrast_under, contrast_of(grey.astype(np.float32), lit))
    if match is None or (not fits and hidden):
        return Registration(None, notes=("opaque colour hides the B-mode under it; only the size was checked",))
    if not fits:
        raise RegistrationError(
            f"{names} do not show the same section (correlation {match.score:.2f}, at least {LEAST_SCORE} expected): "
            "another nodule or another view; give the two panels of one frame."
        )
    if max(abs(match.columns), abs(match.rows)) > _MOST_SHIFT:
        raise RegistrationError(
            f"{names} show the same section, but shifted by {match.columns} columns and {match.rows} rows; "
            "cut both panels at the same place."
        )
    return Registration(round(match.score, 3), match.columns, match.rows)


def _colour_share(frame: Frame) -> float:
    return float(coloured_pixels(smooth_chroma(frame.pixels)).mean())


def _of_grey(b_mode: Frame, elastogram: Frame) -> Registration:
    if _colour_share(b_mode) >= _LEAST_COLOUR:
        raise RegistrationError(
            f"{b_mode.source} is coloured and {elastogram.source} is grey: B-mode and elastogram seem to be swapped; "
            "exchange them."
        )
    one, other = elastogram.grey().astype(np.float64), b_mode.grey().astype(np.float64)
    if one.std() > 0 and other.std() > 0 and np.corrcoef(one.ravel(), other.ravel())[0, 1] >= _SAME_IMAGE:
        raise RegistrationError(
            f"{elastogram.source} is the B-mode image {b_mode.source} once more, not an elastogram; name the panel in "
            "colour."
        )
    return Registration(None, notes=("the elastogram is grey; only its size was checked",))


def _best_shift(textures: Textures, plain: Texture) -> tuple[Match | None, bool]:
    """Where the texture under the colour, or else around it, fits the B-mode image best; whether to believe it."""
    look = max(2 * _MOST_SHIFT, round(_LOOK * min(plain.shape)))
    found: Match | None = None
    for counted, least in ((textures.covered, LEAST_SCORE), (textures.around, LEAST_AROUND)):
        mask = counted[look:-look, look:-look]
        if mask.sum() < _LEAST_PIXELS:
            continue
        scores = correlation(textures.under[look:-look, look:-look], mask, plain)
        row, column = np.unravel_index(int(scores.argmax()), scores.shape)
        # The image's content is found at (row, column); it would be at (look, look) without a shift.
        match = Match(look - int(column), look - int(row), float(scores[row, column]))
        if match.score >= least:
            return match, True
        found = found or match
    return found, False
