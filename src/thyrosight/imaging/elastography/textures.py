"""Textures of a frame with colour: under the colour, around it, and of plain B-mode."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.chroma import Chroma, grey_left
from thyrosight.imaging.elastography.registration import Texture, contrast_of, is_hidden, texture_of
from thyrosight.imaging.elastography.squares import closed, grown, shrunk
from thyrosight.imaging.elastography.views import brightness
from thyrosight.imaging.frame import to_grey

# Compression mixes colour and grey over this many pixels at the border of the colour.
_BORDER = 5
# A brighter pixel than this is lit; gaps of speckle are closed over this many pixels to both sides.
_LIT, _SPECKLE = 10, 4


@dataclass(frozen=True, eq=False)
class Textures:
    """Textures of a frame with colour, and which pixels of them count.

    Attributes:
        under: texture including B-mode that shines through the colour.
        plain: texture of the pixels without colour.
        covered: pixels well inside the colour.
        around: lit pixels well outside it.
        flat: the picture `(rows, columns)` in grey, with the brightness of each hue taken away.
        contrast_under, contrast_plain: strength of structure under the colour, and outside its box, in grey levels.
    """

    under: Texture
    plain: Texture
    covered: NDArray[np.bool_]
    around: NDArray[np.bool_]
    flat: NDArray[np.float32]
    contrast_under: float
    contrast_plain: float

    @property
    def hidden(self) -> bool:
        """Whether the colour is opaque, so that nothing of B-mode is left under it."""
        return is_hidden(self.contrast_under, self.contrast_plain)


def textures_of(rgb: NDArray[np.uint8], chroma: Chroma, coloured: NDArray[np.bool_], colour: Box) -> Textures:
    """The textures of a frame.

    Args:
        rgb: the frame, `(rows, columns, 3)`.
        chroma: its smoothed chroma.
        coloured: which pixels are coloured.
        colour: the colour box.
    """
    luma = to_grey(rgb).astype(np.float32)
    lit = lit_inside(brightness(rgb))
    filled = closed(coloured, 2)
    covered = shrunk(filled, _BORDER) & lit
    around = ~grown(filled, _BORDER) & lit
    grey = grey_left(luma, chroma, coloured)
    inside = np.zeros_like(covered)
    inside[colour.top : colour.bottom, colour.left : colour.right] = True
    return Textures(
        under=texture_of(grey, covered | around),
        plain=texture_of(luma, around),
        covered=covered,
        around=around,
        flat=grey,
        contrast_under=contrast_of(grey, covered & inside),
        contrast_plain=contrast_of(luma, around & ~inside),
    )


def lit_inside(bright: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels well inside the lit area, speckle included."""
    return shrunk(closed(bright > _LIT, _SPECKLE), _BORDER)
