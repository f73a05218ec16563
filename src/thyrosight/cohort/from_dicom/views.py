"""The kind of a view (B-mode, blood flow in colour, elastogram), from its colours and the file's regions."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging import Box, Frame, Region, find_panels, find_scan_area

View = Literal["B-mode", "colour flow", "power Doppler", "elastogram", "spectral Doppler", "M-mode"]

# A pixel is coloured when its largest and smallest colour differ by this much.
_LEAST_COLOUR = 40
# Less colour than this share of the picture is text, marks or a small scale.
_LEAST_SHARE = 0.004
# Coloured things smaller than this share of the shorter side are text and marks.
_MARK_SHARE = 0.02
# An elastogram covers its box; flow leaves the vessel walls and the tissue between free.
_LEAST_COVER = 0.6
# Coloured things of at least this share of the largest one count when that box is drawn (not the colour bar beside it).
_LEAST_OF_LARGEST = 0.2
# A picture that is coloured nearly everywhere, in one hue or two, is tinted.
_TINTED_SHARE, _MOST_TINTED_HUES = 0.5, 2
# A hue (of six sectors: red, yellow, green, cyan, blue, magenta) is there with this share of the coloured pixels.
_LEAST_HUE = 0.08
_RED, _YELLOW, _GREEN, _CYAN, _BLUE = range(5)
_ELASTO_WORDS: Final = ("elasto", "elastogra", "shear wave", "shearwave", "strain", " swe", "arfi")


@dataclass(frozen=True)
class Panel:
    """One view of a frame: its box, its kind, and the evidence for it."""

    box: Box
    view: View
    reason: str


def panels_of(frame: Frame, *, words: str = "", split: bool = True) -> tuple[Panel, ...]:
    """The views of a frame, from left to right.

    Two views are separated by the regions of the file if it names two, else at the seam in the pixels.

    Args:
        frame: one frame.
        words: the file's own description and image type, as evidence beside its colours.
        split: look for two views; otherwise the frame is one view.
    """
    flow = [region for region in frame.regions if region.kind in ("spectral", "M-mode")]
    boxes = (_tissue_boxes(frame) or find_panels(frame.pixels)) if split else [frame.box]
    if flow:
        view: View = "spectral Doppler" if any(region.kind == "spectral" for region in flow) else "M-mode"
        return (Panel(frame.box, view, f"the file states a {flow[0].kind} region"),)
    # Coloured bars and logos stand outside the scan.
    scan = find_scan_area(frame.pixels, regions=frame.scan_boxes).mask
    shown = np.where(scan if frame.pixels.ndim == 2 else scan[:, :, None], frame.pixels, 0).astype(np.uint8)
    if len(boxes) == 1:
        boxes = [frame.box]
    return tuple(_panel(shown, box, frame.regions, words) for box in boxes)


def _tissue_boxes(frame: Frame) -> list[Box]:
    """The file's tissue regions from left to right, if two or more are side by side."""
    found = sorted(frame.scan_boxes, key=lambda box: box.left)
    apart = [box for number, box in enumerate(found) if all(box.intersect(other) is None for other in found[:number])]
    return apart if len(apart) > 1 and len(apart) == len(found) else []


def _panel(pixels: NDArray[np.uint8], box: Box, regions: tuple[Region, ...], words: str) -> Panel:
    part = pixels[box.top : box.bottom, box.left : box.right]
    view, reason = view_of(part, regions=regions, words=words)
    return Panel(box, view, reason)


def view_of(pixels: NDArray[np.uint8], *, regions: tuple[Region, ...] = (), words: str = "") -> tuple[View, str]:
    """The kind of a view, and the evidence for it.

    An elastogram is a box covered with colours that include green or cyan. Colour Doppler is red and blue in vessels,
    power Doppler red to yellow: neither covers its box, and neither is green. A grey elastogram looks like B-mode and
    is recognised only by the file's description.

    >>> rows, columns = np.mgrid[0:60, 0:80]
    >>> stiff = np.stack([columns * 3, 255 - abs(columns - 40) * 6, 240 - columns * 3], axis=2).clip(0, 255)
    >>> view_of(stiff.astype(np.uint8))[0]
    'elastogram'
    """
    said = f" {words.casefold()} "
    elastic = next((word.strip() for word in _ELASTO_WORDS if word in said), None)
    if pixels.ndim == 2:
        return ("elastogram", f"the file says {elastic!r}") if elastic else ("B-mode", "grey")
    colour = _coloured(pixels)
    share = float(colour.mean())
    if share < _LEAST_SHARE:
        return ("elastogram", f"the file says {elastic!r}") if elastic else ("B-mode", "hardly any colour")
    hues = _hues(pixels, colour)
    cover = _cover(colour)
    there = {number for number, amount in enumerate(hues) if amount >= _LEAST_HUE}
    described = f"{share:.0%} of the pixels are coloured and cover {cover:.0%} of their box"
    if cover >= _LEAST_COVER and len(there) >= 2 and there & {_GREEN, _CYAN}:
        return "elastogram", f"{described}, in {len(there)} hues with green or cyan"
    flow_stated = any(region.kind == "colour flow" for region in regions)
    if share >= _TINTED_SHARE and len(there) <= _MOST_TINTED_HUES and not flow_stated:
        return "B-mode", f"{described}, in {len(there)} hue(s): a tinted picture"
    if there <= {_RED, _YELLOW}:
        return "power Doppler", f"{described}, red to yellow"
    return "colour flow", described


def _coloured(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Coloured pixels, without letters, lines and other thin things."""
    colour = pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2) >= _LEAST_COLOUR
    size = max(3, round(_MARK_SHARE * min(colour.shape)))
    return np.asarray(ndimage.binary_opening(colour, np.ones((size, size))))


def _hues(pixels: NDArray[np.uint8], colour: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of six hues among the coloured pixels: red, yellow, green, cyan, blue, magenta."""
    red, green, blue = (pixels[..., number][colour].astype(np.float64) for number in range(3))
    angle = np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360
    sectors = np.round(angle / 60).astype(int) % 6
    return np.asarray(np.bincount(sectors, minlength=6) / max(1, sectors.size))


def _cover(colour: NDArray[np.bool_]) -> float:
    """The coloured share of the box around the coloured things; gaps of a few pixels are closed."""
    size = max(3, round(_MARK_SHARE * min(colour.shape)))
    closed = ndimage.binary_closing(np.pad(colour, size), np.ones((size, size)))[size:-size, size:-size]
    labels, count = ndimage.label(closed)
    if count == 0:
        return 0.0
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    counted = (sizes >= _LEAST_OF_LARGEST * sizes.max())[labels]
    counted[labels == 0] = False
    box = Box.from_mask(counted)
    return float(colour[box.top : box.bottom, box.left : box.right].mean())
