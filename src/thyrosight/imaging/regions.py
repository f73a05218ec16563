"""Calibrated regions of an ultrasound picture: where the scanner says what is shown, and how large a pixel is there."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from thyrosight.imaging.boxes import Box

RegionKind = Literal["tissue", "colour flow", "spectral", "M-mode", "trace", "graphics", "other"]

# DICOM PS3.3 C.8.5.5.1.1, C.8.5.5.1.3 and C.8.5.5.1.15: spatial formats, data types and physical units.
SPATIAL_FORMATS: Final = {
    0: "none", 1: "two-dimensional", 2: "M-mode", 3: "spectral", 4: "waveform", 5: "graphics",
}  # fmt: skip
DATA_TYPES: Final = {
    0: "none", 1: "tissue", 2: "colour flow", 3: "pulsed-wave spectral Doppler", 4: "continuous-wave spectral Doppler",
    5: "Doppler mean trace", 6: "Doppler mode trace", 7: "Doppler maximum trace", 8: "volume trace",
    9: "volume change trace", 10: "ECG trace", 11: "pulse trace", 12: "phonocardiogram trace", 13: "grey bar",
    14: "colour bar", 15: "integrated backscatter", 16: "area trace", 17: "area change trace",
    18: "other physiological signal",
}  # fmt: skip
UNITS: Final = {
    0: "none", 1: "percent", 2: "dB", 3: "cm", 4: "s", 5: "Hz", 6: "dB/s", 7: "cm/s", 8: "cm²", 9: "cm²/s",
    10: "cm³", 11: "cm³/s", 12: "degrees",
}  # fmt: skip

# No ultrasound pixel is smaller or larger than this, in mm.
_PLAUSIBLE_MM = (1e-4, 10.0)
# Some scanners name the corner beyond the last pixel instead of the last pixel itself.
_OVERHANG = 2
# A box belongs to a region when at least this share of it lies inside: outlines may touch its border.
_LEAST_SHARE = 0.9
# A region that is a zoomed view within another one takes at most this share of it.
_ZOOMED_SHARE = 0.8
# Scanners round deltas; a difference below this share is none that a length in tenths of a millimetre shows.
_ROUNDING = 1e-3

Spacing = tuple[float, float]


class Region(BaseModel):
    """One item of the Sequence of Ultrasound Regions (DICOM PS3.3 C.8.5.5).

    Attributes:
        box: where it lies in the frame, half-open, as the file states it; it may reach outside the frame.
        kind: what it shows, in the terms of this package.
        spatial_format: in words; two-dimensional for a B-mode picture.
        data_type: in words.
        unit_x: physical unit along a row; `unit_y` along a column.
        unit_y: as `unit_x`.
        delta_x: physical units per pixel along a row, or None; `delta_y` along a column.
        delta_y: as `delta_x`.
        flags: as stored (bit 0: drawn above other regions).
        spacing_mm: millimetres per pixel as (row, column), or None where this region does not measure length.
        spacing_reason: why, or where it came from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    box: Box
    kind: RegionKind
    spatial_format: str
    data_type: str
    unit_x: str
    unit_y: str
    delta_x: float | None
    delta_y: float | None
    flags: int | None = None
    spacing_mm: Spacing | None
    spacing_reason: str


def make_region(
    box: Box,
    *,
    spatial_format: int,
    data_type: int,
    units: tuple[int, int],
    deltas: tuple[float | None, float | None],
    shape: tuple[int, int],
    flags: int | None = None,
) -> Region:
    """A region from the codes of DICOM; `units` and `deltas` are (x, y), `shape` is (rows, columns) of the frame.

    >>> region = make_region(Box(0, 0, 80, 50), spatial_format=1, data_type=1, units=(3, 3), deltas=(0.02, 0.01),
    ...                      shape=(50, 80))
    >>> region.kind, region.spacing_mm
    ('tissue', (0.1, 0.2))
    """
    kind = _kind(spatial_format, data_type)
    spacing, reason = _spacing(box, kind=kind, units=units, deltas=deltas, shape=shape)
    return Region(
        box=box,
        kind=kind,
        spatial_format=_word(SPATIAL_FORMATS, spatial_format),
        data_type=_word(DATA_TYPES, data_type),
        unit_x=_word(UNITS, units[0]),
        unit_y=_word(UNITS, units[1]),
        delta_x=deltas[0],
        delta_y=deltas[1],
        flags=flags,
        spacing_mm=spacing,
        spacing_reason=reason,
    )


def scan_boxes(regions: Sequence[Region], shape: tuple[int, ...]) -> list[Box]:
    """The parts of a frame `(rows, columns)` that tissue regions cover; empty where no region fits the frame."""
    frame = Box(0, 0, shape[1], shape[0])
    found = [region.box.intersect(frame) for region in regions if region.kind == "tissue" and fits(region.box, shape)]
    return list(dict.fromkeys(box for box in found if box is not None))


def frame_spacing(regions: Sequence[Region]) -> tuple[Spacing | None, str]:
    """The spacing that holds in the whole frame, or None and why there is none."""
    if not regions:
        return None, "the file states no calibrated ultrasound region"
    measuring = _measuring(regions)
    if not measuring:
        reasons = dict.fromkeys(f"{region.kind}: {region.spacing_reason}" for region in regions)
        return None, f"no region of the file gives a length in two directions ({'; '.join(reasons)})"
    pairs = [sorted(pair, key=lambda one: one.box.area) for pair in combinations(measuring, 2)]
    over = [
        pair for pair in pairs if _share(pair[0].box, pair[1].box) >= _LEAST_SHARE and _contradict(pair[0], pair[1])
    ]
    if over:
        return None, _contradiction(over[0])
    if any(not _same(region.spacing_mm, measuring[0].spacing_mm) for region in measuring):
        return None, f"the {len(measuring)} calibrated regions differ in spacing; it is known only inside each of them"
    return measuring[0].spacing_mm, measuring[0].spacing_reason


def spacing_at(regions: Sequence[Region], box: Box) -> tuple[Spacing | None, str]:
    """The spacing inside `box`: that of the calibrated region which holds at least nine tenths of it.

    A region that lies within another one of different spacing, and is clearly smaller, counts (a zoomed view). Regions
    of different spacing over one place contradict each other, and there is no spacing then; nor is there one where more
    than a tenth of the box reaches into a region of another spacing.
    """
    measuring = _measuring(regions)
    if not measuring:
        return frame_spacing(regions)
    holding = [region for region in measuring if _share(box, region.box) >= _LEAST_SHARE]
    if not holding:
        return None, f"the box {box.to_text()} lies outside the calibrated regions of the file"
    region = min(holding, key=lambda one: one.box.area)
    if any(_contradict(region, other) for other in holding):
        return None, _contradiction(holding)
    partly = [one for one in measuring if 1 - _LEAST_SHARE < _share(box, one.box) < _LEAST_SHARE]
    other = next((one for one in partly if not _same(one.spacing_mm, region.spacing_mm)), None)
    if other is not None:
        return None, (
            f"the box {box.to_text()} reaches into a calibrated region of another spacing ({other.box.to_text()})"
        )
    return region.spacing_mm, region.spacing_reason


def _contradict(small: Region, other: Region) -> bool:
    """Whether two regions that hold a box differ in spacing, and the smaller one is no zoomed view in the other."""
    if _same(small.spacing_mm, other.spacing_mm):
        return False
    zoomed = small.box.area <= _ZOOMED_SHARE * other.box.area and _share(small.box, other.box) >= _LEAST_SHARE
    return not zoomed


def _contradiction(regions: Sequence[Region]) -> str:
    ordered = sorted(regions, key=lambda one: (one.box.left, one.box.top, one.box.area, one.spacing_mm))
    places = "; ".join(
        f"{one.box.to_text()}: {' x '.join(f'{side:g}' for side in one.spacing_mm or ())} mm" for one in ordered
    )
    return f"{len(regions)} calibrated regions over one place contradict each other in spacing ({places} per pixel)"


def fits(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a region lies in a frame `(rows, columns)`, give or take the pixels by which scanners overshoot."""
    rows, columns = shape[:2]
    return (
        0 <= box.left < min(box.right, columns)
        and 0 <= box.top < min(box.bottom, rows)
        and box.right <= columns + _OVERHANG
        and box.bottom <= rows + _OVERHANG
    )


def _measuring(regions: Sequence[Region]) -> list[Region]:
    """Regions that measure length: tissue, and only where there is none, colour flow (it lies over the same tissue)."""
    known = [region for region in regions if region.spacing_mm is not None]
    return [region for region in known if region.kind == "tissue"] or known


def _kind(spatial_format: int, data_type: int) -> RegionKind:
    if spatial_format == 1 and data_type in (1, 2):
        return "tissue" if data_type == 1 else "colour flow"
    if spatial_format == 2:
        return "M-mode"
    if spatial_format == 3 or data_type in (3, 4):
        return "spectral"
    if spatial_format == 4 or 5 <= data_type <= 12 or data_type >= 16:
        return "trace"
    return "graphics" if spatial_format == 5 or data_type in (13, 14) else "other"


def _spacing(
    box: Box,
    *,
    kind: RegionKind,
    units: tuple[int, int],
    deltas: tuple[float | None, float | None],
    shape: tuple[int, int],
) -> tuple[Spacing | None, str]:
    if kind not in ("tissue", "colour flow"):
        return None, "it does not show lengths in two directions"
    if units != (3, 3):
        return None, f"its units are {_word(UNITS, units[0])} and {_word(UNITS, units[1])}, not cm"
    across, down = (math.nan if delta is None else abs(delta) * 10 for delta in deltas)
    if not all(_PLAUSIBLE_MM[0] <= side <= _PLAUSIBLE_MM[1] for side in (across, down)):
        return None, f"its physical deltas {deltas[0]} and {deltas[1]} cm are not those of a pixel"
    if not fits(box, shape):
        return None, (
            f"it reaches outside the frame ({box.to_text()} in {shape[1]} x {shape[0]} pixels): "
            "the picture was resized or cut after the scanner measured it"
        )
    return (down, across), f"physical deltas of the {kind} region {box.to_text()}"


def _same(one: Spacing | None, other: Spacing | None) -> bool:
    if one is None or other is None:
        return False
    return all(math.isclose(a, b, rel_tol=_ROUNDING) for a, b in zip(one, other, strict=True))


def _share(box: Box, region: Box) -> float:
    shared = box.intersect(region)
    return 0.0 if shared is None else shared.area / box.area


def _word(words: dict[int, str], code: int) -> str:
    return words.get(code, f"unknown ({code})")
