"""Finding B-mode and elastogram in one frame, and cutting them in registration."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging.boxes import Box
from thyrosight.imaging.elastography.bars import Bar, find_bars
from thyrosight.imaging.elastography.chroma import Chroma, smooth_chroma
from thyrosight.imaging.elastography.colour_box import coloured_pixels, find_colour_box
from thyrosight.imaging.elastography.errors import NoColourError, RegistrationError, SinglePanelError
from thyrosight.imaging.elastography.flow import require_elastogram
from thyrosight.imaging.elastography.partner import Partner, find_partner
from thyrosight.imaging.elastography.views import panel_around, shared_panel, without_bars
from thyrosight.imaging.frame import Frame

Layout = Literal["side by side", "one above the other", "elastogram alone"]
Order = Literal["B-mode first", "elastogram first", "elastogram alone"]
Style = Literal["shear-wave", "strain"]

STYLES: Final[tuple[Style, ...]] = ("shear-wave", "strain")

# Colour in this share of the plain panel makes it a second coloured one.
_MOST_COLOUR_IN_B_MODE = 0.1
# A colour box may overhang the panel by a rounding; beyond this share the panel is made to hold it.
_MOST_OVERHANG = 0.05


@dataclass(frozen=True)
class ElastographyPanels:
    """Where B-mode, elastogram, colour box and colour bar lie in a frame.

    Attributes:
        b_mode: the plain panel; None only where the elastogram alone was asked for.
        elastogram: the panel with the colour, of the same size; pixel for pixel it shows what `b_mode` shows.
        colour_box: the part of `elastogram` that holds colour.
        bar: the colour bar, or None where there is none.
        layout, order: of the panels; the elastogram is recognised by its colour, never by its position.
        style: shear-wave or strain where the caller states it; it cannot be read off the pixels.
        score: correlation of the textures of the two panels, from -1 to 1; None where opaque colour hides the texture.
        notes: on how the panels were found, for readers of a result.
    """

    b_mode: Box | None
    elastogram: Box
    colour_box: Box
    bar: Box | None
    layout: Layout
    order: Order
    style: Style | None
    score: float | None
    notes: tuple[str, ...] = ()

    @property
    def colour_box_in_panel(self) -> Box:
        """The colour box in pixels of the elastogram panel (and of the B-mode panel)."""
        return self.colour_box.moved(columns=-self.elastogram.left, rows=-self.elastogram.top)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Findings in a frame before its panels are cut."""

    frame: Frame
    pixels: NDArray[np.uint8]  # without bars
    chroma: Chroma
    colour: Box
    bars: list[Bar]
    style: Style | None


def split_elastography(
    frame: Frame, *, style: Style | None = None, alone: bool = False, warm: bool = False
) -> ElastographyPanels:
    """Find the two panels of a frame that shows B-mode and elastogram side by side or one above the other.

    The colour box is found by its chroma. The grey texture under and around it is then looked for in the rest of the
    frame: its second position is the plain B-mode, and the distance gives the layout of the panels. The panels are
    bounded by the pixels that are lit in both, so that text, scales and colour bars beside one of them stay outside.
    Qin and others, section III.A, separate their panels by colour channels as well, without details.

    Args:
        frame: a colour frame.
        style: shear-wave or strain, if it is known; it is recorded and decides what the colours may mean.
        warm: believe a box in red to yellow only (the colour map hot), which else is taken for power Doppler.
        alone: also take a frame with an elastogram and no B-mode panel; `b_mode` is then None.

    Raises:
        NoColourError: nothing is coloured.
        FlowError: the colour is blood flow.
        SinglePanelError: there is no plain panel, and `alone` is False.
        RegistrationError: there is a second panel, but it shows something else or is of another size.
    """
    if frame.pixels.ndim == 2:
        raise NoColourError(
            f"{frame.source}: no elastogram was found: the frame is grey; name a frame that shows one in colour."
        )
    bars = find_bars(frame.pixels)
    chroma = smooth_chroma(frame.pixels)
    coloured = coloured_pixels(chroma, without=[bar.box for bar in bars])
    flow_stated = any(region.kind == "colour flow" for region in frame.regions)
    colour = require_elastogram(
        find_colour_box(chroma, coloured), source=frame.source, flow_stated=flow_stated, warm=warm
    )
    pixels = without_bars(frame.pixels, bars)
    seen = _Seen(frame, pixels, chroma, colour.box, bars, style)
    try:
        partner = find_partner(pixels, chroma, coloured, colour, source=frame.source)
    except (SinglePanelError, RegistrationError):
        if not alone or colour.palette == "one hue":  # a tinted picture
            raise
        return _alone(seen)
    return _paired(seen, partner)


def _paired(seen: _Seen, partner: Partner) -> ElastographyPanels:
    panel = shared_panel(seen.pixels, columns=partner.columns, rows=partner.rows, holding=seen.colour)
    colour, elastogram = _fitted_together(seen.colour, panel, seen.frame.box, partner)
    b_mode = elastogram.moved(columns=partner.columns, rows=partner.rows)
    plain = coloured_pixels(seen.chroma[b_mode.top : b_mode.bottom, b_mode.left : b_mode.right])
    if plain.mean() > _MOST_COLOUR_IN_B_MODE:
        raise SinglePanelError(
            f"{seen.frame.source}: both panels are coloured, so there is no plain B-mode beside the elastogram; "
            "export the frame with a B-mode panel."
        )
    beside = abs(partner.columns) >= abs(partner.rows)
    first = (partner.columns if beside else partner.rows) < 0
    return ElastographyPanels(
        b_mode=b_mode,
        elastogram=elastogram,
        colour_box=colour,
        bar=_bar_of(elastogram.union(b_mode), seen.bars),
        layout="side by side" if beside else "one above the other",
        order="B-mode first" if first else "elastogram first",
        style=seen.style,
        score=partner.score,
        notes=partner.notes,
    )


def _alone(seen: _Seen) -> ElastographyPanels:
    panel = panel_around(seen.pixels, seen.colour)
    return ElastographyPanels(
        b_mode=None,
        elastogram=panel,
        colour_box=seen.colour,
        bar=_bar_of(panel, seen.bars),
        layout="elastogram alone",
        order="elastogram alone",
        style=seen.style,
        score=None,
        notes=("there is no registered B-mode panel; the elastogram stands alone",),
    )


def _fitted_together(colour: Box, panel: Box, frame: Box, partner: Partner) -> tuple[Box, Box]:
    """The colour box inside the panel, and the panel inside the frame together with its partner."""
    inside = colour.intersect(panel)
    if inside is None or inside.area < (1 - _MOST_OVERHANG) * colour.area:
        panel = panel.union(colour)
        inside = colour
    moved = panel.moved(columns=partner.columns, rows=partner.rows).intersect(frame)
    if moved is not None:
        panel = moved.moved(columns=-partner.columns, rows=-partner.rows)
    return inside.intersect(panel) or inside, panel


def _bar_of(panels: Box, bars: list[Bar]) -> Box | None:
    """The bar nearest to the panels that does not lie above or below all of them."""
    level = [bar.box for bar in bars if bar.box.top < panels.bottom and panels.top < bar.box.bottom]
    return min(level, key=lambda bar: max(panels.left - bar.right, bar.left - panels.right, 0), default=None)
