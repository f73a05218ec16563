"""From colours back to stiffness: the grey of B-mode is removed and the position on the colour bar is read."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from thyrosight.imaging.elastography.bars import bar_at
from thyrosight.imaging.elastography.chroma import COLOURED, Chroma, chroma_of, hue_degrees, smooth_chroma, strength
from thyrosight.imaging.elastography.colour_maps import STEPS, BarTop, map_of_bar, named_map
from thyrosight.imaging.elastography.errors import ColourMapError
from thyrosight.imaging.elastography.panels import ElastographyPanels
from thyrosight.imaging.elastography.squares import opened
from thyrosight.imaging.frame import Frame

Unit = Literal["share of the bar", "kPa", "m/s"]
UNITS: Final[tuple[Unit, ...]] = ("kPa", "m/s")

# A colour of the map weaker than this has no hue to go by.
_LEAST_MAP_CHROMA = 12.0
# A pixel less coloured than this share of what is usual in the box is a drop-out, a calliper or a letter.
_LEAST_OF_USUAL = 0.2
# Where the strength of the colours follows the map to within this share, it helps to tell colours of one hue apart.
_MOST_STRENGTH_SPREAD = 0.3
# Colours further from the map than this angle are not of it; more than this share of them, and the map is another.
_MOST_HUE_ERROR, _MOST_FOREIGN = 18.0, 0.25


@dataclass(frozen=True)
class StiffnessRange:
    """The values at the two ends of the colour bar.

    Attributes:
        soft, stiff: values at the ends.
        unit: kPa (Young's modulus) or m/s (shear-wave speed).
    """

    soft: float
    stiff: float
    unit: Unit

    def __post_init__(self) -> None:
        if not (np.isfinite(self.soft) and np.isfinite(self.stiff) and 0 <= self.soft < self.stiff):
            raise ColourMapError(
                f"The range {self.soft:g}:{self.stiff:g} is not two numbers from soft to stiff; write it as on "
                "the bar, for example 0:100."
            )
        if self.unit not in UNITS:
            raise ColourMapError(f"There is no unit {self.unit!r}; choose kPa or m/s.")


@dataclass(frozen=True, eq=False)
class StiffnessMap:
    """A map of stiffness over the elastogram's panel.

    Attributes:
        values: float32 `(rows, columns)` of the panel; NaN where there is no colour.
        unit: of the values; "share of the bar" runs from 0 (soft end) to 1 (stiff end).
        soft, stiff: values of the two ends of the bar.
        colours: `(256, 3)` of the map that was used, from soft to stiff.
        opacity: how much of each pixel is colour (1: nothing of B-mode shines through); a mean over the box.
        colour_map: name of the map, or "colour bar, stiff above" (or soft) where it was read from the frame.
        notes: limits of the map, for its readers.
    """

    values: NDArray[np.float32]
    unit: Unit
    soft: float
    stiff: float
    colours: NDArray[np.float32]
    opacity: float
    colour_map: str
    notes: tuple[str, ...] = ()


def recover_map(
    frame: Frame,
    panels: ElastographyPanels,
    *,
    colour_map: str | None = None,
    stiffness_range: StiffnessRange | None = None,
    bar_top: BarTop = "stiff",
) -> StiffnessMap:
    """Read stiffness off the colours of an elastogram.

    Colour over B-mode is a mixture: opacity times the map's colour plus the rest in grey. Across the grey axis only the
    first part is left, so hue (and, at ends of a map that darken in one hue, strength) tells the place on the bar; the
    brightness of B-mode does not matter. The opacity is estimated from the strength of the colours.

    Args:
        frame: the frame that was split.
        panels: that `split_elastography` found in it.
        colour_map: a name of `COLOUR_MAPS`; without it the bar in the frame is read.
        stiffness_range: the values at the ends of the bar, which stand beside it in the frame. Without it the map runs
            from 0 to 1. Strain has no absolute scale.
        bar_top: which end of the bar stands above; bars with soft above are common for strain.

    Raises:
        ColourMapError: no bar and no name, a map that the colours do not lie on, or a range for strain.
    """
    if panels.style == "strain" and stiffness_range is not None:
        raise ColourMapError(
            f"{frame.source}: a strain elastogram has no absolute scale, so a range in {stiffness_range.unit} means "
            "nothing; leave the range out."
        )
    colours = _colours(frame, panels, colour_map, bar_top)
    box = panels.colour_box
    chroma = smooth_chroma(np.ascontiguousarray(frame.pixels[box.top : box.bottom, box.left : box.right]))
    shown = _shown(chroma)
    if not shown.any():
        raise ColourMapError(f"{frame.source}: no pixel in the colour box {box.to_text()} is coloured.")
    place, opacity, strengths_used = _places(chroma[shown], colours, source=frame.source, name=colour_map)
    within = panels.colour_box_in_panel
    values = np.full((panels.elastogram.height, panels.elastogram.width), np.nan, dtype=np.float32)
    part = values[within.top : within.bottom, within.left : within.right]
    part[shown] = place
    soft, stiff = (0.0, 1.0) if stiffness_range is None else (stiffness_range.soft, stiffness_range.stiff)
    values = (soft + values * (stiff - soft)).astype(np.float32)
    return StiffnessMap(
        values=values,
        unit="share of the bar" if stiffness_range is None else stiffness_range.unit,
        soft=soft,
        stiff=stiff,
        colours=colours,
        opacity=round(opacity, 3),
        colour_map=colour_map or f"colour bar, {bar_top} above",
        notes=() if strengths_used else ("colours of one hue could not be told apart by their strength",),
    )


def _colours(frame: Frame, panels: ElastographyPanels, colour_map: str | None, bar_top: BarTop) -> NDArray[np.float32]:
    if colour_map is not None:
        return named_map(colour_map)
    if panels.bar is None:
        raise ColourMapError(
            f"{frame.source}: there is no colour bar beside the elastogram, so its colours cannot be read; "
            "name its colour map, for example rainbow (blue is soft, red is stiff)."
        )
    return map_of_bar(bar_at(frame.rgb(), panels.bar), top=bar_top)


def _shown(chroma: Chroma) -> NDArray[np.bool_]:
    """The coloured pixels, without drop-outs, callipers, letters and the compression artefacts around them."""
    amount = strength(chroma)
    coloured = amount >= COLOURED
    usual = float(np.median(amount[coloured])) if coloured.any() else COLOURED
    shown = amount >= max(0.7 * COLOURED, _LEAST_OF_USUAL * usual)
    return opened(shown, 1)


def _places(
    chroma: Chroma, colours: NDArray[np.float32], *, source: str, name: str | None
) -> tuple[NDArray[np.float32], float, bool]:
    """Position from 0 to 1 on the map of each chroma vector `(n, 2)`, the opacity, and whether strength was used."""
    reference = chroma_of(colours)
    lengths = strength(reference)
    usable = np.flatnonzero(lengths >= _LEAST_MAP_CHROMA)
    if usable.size < STEPS // 4:
        raise ColourMapError(
            f"{source}: the colour map {name or 'in the bar'} is mostly grey, and stiffness cannot be read from grey "
            "laid over B-mode; name a map in colour."
        )
    by_hue = _nearest(chroma / strength(chroma)[:, None], reference[usable] / lengths[usable, None])
    found = usable[by_hue]
    _require_same_hues(chroma, reference[found], source=source, name=name)
    ratio = strength(chroma) / lengths[found]
    opacity = float(np.median(ratio))
    spread = float(np.median(np.abs(ratio - opacity))) / opacity
    if spread > _MOST_STRENGTH_SPREAD:
        return (found / (STEPS - 1)).astype(np.float32), min(1.0, opacity), False
    place = _nearest(chroma, opacity * reference)
    return (place / (STEPS - 1)).astype(np.float32), min(1.0, opacity), True


def _nearest(points: Chroma, reference: Chroma) -> NDArray[np.int64]:
    return np.asarray(cKDTree(reference).query(points)[1], dtype=np.int64)


def _require_same_hues(chroma: Chroma, reference: Chroma, *, source: str, name: str | None) -> None:
    error = np.abs((hue_degrees(chroma) - hue_degrees(reference) + 180) % 360 - 180)
    foreign = float(np.mean(error > _MOST_HUE_ERROR))
    if foreign > _MOST_FOREIGN:
        raise ColourMapError(
            f"{source}: {foreign:.0%} of the colours in the box are not on the colour map "
            f"{name or 'of the bar in the frame'}; name the map that the scanner used."
        )
