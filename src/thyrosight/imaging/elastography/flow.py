"""Telling a box filled with colour from blood flow, which shows its colour in vessels."""

from typing import Final

from thyrosight.imaging.elastography.colour_box import ColourBox
from thyrosight.imaging.elastography.errors import FlowError, NoColourError

# An elastogram fills its box but for drop-outs. Its map runs through green; flow has red and blue, or red to yellow.
# A box in the colours of flow must therefore be filled better before it is believed.
_LEAST_FILL: Final = {"many hues": 0.5, "two-sided": 0.85, "warm": 0.85, "one hue": 0.85}
_LEAST_SIDES: Final = {"many hues": 0.5, "two-sided": 0.8, "warm": 0.8, "one hue": 0.8}
_MOST_RAGGED = 2.2
_LEAST_OPAQUE_FILL, _MOST_OPAQUE_RAGGED = 0.9, 1.4


def require_elastogram(colour: ColourBox | None, *, source: str, flow_stated: bool, warm: bool = False) -> ColourBox:
    """Return the colour box, or refuse one that is no elastogram.

    Colour must fill its box, reach most of its sides, and have a border that is not much longer than the box's own.
    Where the file itself states a region of colour flow, only a map through many hues is believed. Red to yellow alone
    are the colours of power Doppler: they are believed only where the caller says that they are those of stiffness
    (`warm`).

    Raises:
        NoColourError: there is no colour.
        FlowError: it looks like blood flow.
    """
    if colour is None:
        raise NoColourError(
            f"{source}: no elastogram was found: the frame holds no box of colour; name a frame that shows one, "
            "or read it as B-mode."
        )
    if colour.palette == "one hue" and colour.fill < _LEAST_FILL["one hue"]:
        raise NoColourError(
            f"{source}: no elastogram was found: the only colour is of one hue, in {colour.box.to_text()}, as bars and "
            "letters of a screen are; name a frame that shows an elastogram."
        )
    sides = sorted(colour.sides)[1:3]  # the middle two of four: a drop-out may take one side
    reached = sum(sides) / 2
    if colour.fill < _LEAST_FILL[colour.palette] or reached < _LEAST_SIDES[colour.palette]:
        raise FlowError(
            f"{source}: the colour fills {colour.fill:.0%} of its box {colour.box.to_text()} and reaches {reached:.0%} "
            "of its sides, as blood flow does; this is taken for Doppler, not for an elastogram."
        )
    if colour.raggedness > _MOST_RAGGED:
        raise FlowError(
            f"{source}: the colour in the box {colour.box.to_text()} lies in branches (its border is "
            f"{colour.raggedness:.1f} times as long as the box's), as in vessels; this is taken for Doppler, "
            "not for an elastogram."
        )
    if colour.palette == "warm" and not warm:
        raise FlowError(
            f"{source}: the colours in the box {colour.box.to_text()} run from red to yellow only, as those of power "
            "Doppler do; if it is an elastogram, say so by naming its colour map, hot."
        )
    if flow_stated and colour.palette != "many hues":
        raise FlowError(
            f"{source}: the file states a region of colour flow, and its colours are those of flow; "
            "this is Doppler, not an elastogram."
        )
    return colour


def require_filled_where_opaque(colour: ColourBox, *, source: str) -> None:
    """Refuse opaque colour with gaps: flow hides the B-mode under it, colours of stiffness mostly let it shine through.

    Raises:
        FlowError: the box is not filled.
    """
    if colour.fill < _LEAST_OPAQUE_FILL or colour.raggedness > _MOST_OPAQUE_RAGGED:
        raise FlowError(
            f"{source}: the colour hides the B-mode under it and leaves gaps ({colour.fill:.0%} of its box "
            f"{colour.box.to_text()} is filled), as blood flow does; this is taken for Doppler, not for an elastogram."
        )
