"""One simulated frame with its mask, as an ultrasound machine would save it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging import Box
from thyrosight.phantoms.anatomy import Neck, draw_neck, paint_neck
from thyrosight.phantoms.features import NoduleFeatures
from thyrosight.phantoms.frame import place_in_frame, write_around
from thyrosight.phantoms.image_formation import Preset, form_picture
from thyrosight.phantoms.nodule import paint_nodule
from thyrosight.phantoms.outline import Outline, draw_outline
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

_Pixel = TypeVar("_Pixel", bound=np.generic)
_DEPTHS_MM = (30.0, 35.0, 40.0, 45.0, 50.0, 60.0)


@dataclass(frozen=True)
class Site:
    """A place with one ultrasound machine: frame size, probe, settings and the text around the picture."""

    name: str
    frame_rows: int
    frame_columns: int
    picture_rows: int
    convex: float
    """Share of pictures taken with a convex probe."""
    text: float
    """Share of frames that carry machine text."""
    machine: str
    preset: Preset


SITES = (
    Site("site A", 360, 500, 320, 0.0, 0.5, "L12-5", Preset(16, 0.12, 0.21, 0.007, 92, 4.9, 22, -26, 2.8)),
    Site("site B", 400, 520, 352, 0.45, 0.8, "LC9-3", Preset(20, 0.13, 0.24, 0.009, 100, 5.2, 12, -28, 2.4)),
)
"""Sites differ in appearance, not in patients: a site has no relation to malignancy."""

EXTERNAL_SITES = (
    Site("site C", 380, 540, 340, 0.2, 0.6, "M12", Preset(18, 0.15, 0.26, 0.008, 84, 5.6, 16, -25, 3.2)),
    Site("site D", 420, 560, 368, 0.0, 0.9, "SL15", Preset(14, 0.11, 0.19, 0.006, 108, 4.4, 26, -29, 2.1)),
)
"""External hospitals: only cohorts with an external share hold their patients."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame before it is drawn: fast to compute, and the source of the exact mask."""

    features: NoduleFeatures
    site: Site
    probe: Probe
    neck: Neck
    outline: Outline
    offset: tuple[int, int]
    """Row and column of the frame where the picture begins."""
    written: bool
    """Whether the frame carries machine text."""

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel."""
        return self.probe.pixel_mm

    def mask(self) -> NDArray[np.bool_]:
        """The exact mask of the nodule: all pixels of the frame whose centre is inside the outline."""
        return self._mask

    @cached_property
    def _mask(self) -> NDArray[np.bool_]:
        return self._in_frame(self.outline.mask(*self.probe.pixels()) & self.probe.scan_area())

    def box(self) -> Box:
        """The smallest box around the mask."""
        return Box.from_mask(self.mask())

    def size_mm(self) -> float:
        """Longest diameter of the nodule in this section."""
        return self.outline.longest_diameter_mm()

    def draw(self, random: np.random.Generator) -> NDArray[np.uint8]:
        """The frame, `(rows, columns)` grey."""
        x, z, step = self.probe.beams()
        tissue = Tissue.gland(x, z, step)
        paint_neck(tissue, self.neck, self.outline, random)
        paint_nodule(tissue, self.outline, self.features, random)
        frame = self._in_frame(form_picture(tissue, self.probe, self.site.preset, random))
        if not self.written:
            return frame
        return write_around(frame, probe=self.probe, offset=self.offset, machine=self.site.machine, exam="THYROID")

    def _in_frame(self, picture: NDArray[_Pixel]) -> NDArray[_Pixel]:
        return place_in_frame(picture, shape=(self.site.frame_rows, self.site.frame_columns), offset=self.offset)


def draw_scene(
    random: np.random.Generator, *, features: NoduleFeatures, size_mm: float, site: Site, view: str
) -> Scene:
    """Draw the section of a nodule: its outline, the layers around it, and the place of the picture in the frame."""
    low, high = (1.12, 1.45) if features.shape == "taller than wide" else (0.55, 0.85)
    ratio = random.uniform(low, high)
    height = size_mm * min(1.0, ratio)
    neck = draw_neck(random, view="transverse" if view == "transverse" else "longitudinal", height_mm=height)
    probe = _choose_probe(random, site, bottom_mm=neck.gland_mm + size_mm + random.uniform(9.0, 19.0))
    z = random.uniform(neck.gland_mm + height / 2 + 1.5, neck.back_mm - height / 2 - 0.5)
    room = max(probe.half_width_mm * 0.8 - size_mm / 2, 0.0)
    x = random.uniform(-min(room, 8.0), min(room, 8.0))
    outline = draw_outline(random, size_mm=size_mm, height_to_width=ratio, margin=features.margin, x_mm=x, z_mm=z)
    spare = site.frame_columns - probe.columns
    left = int(random.integers(min(40, spare // 2), spare // 2 + 1))
    offset = ((site.frame_rows - probe.rows) // 2, left)
    return Scene(features, site, probe, neck, outline, offset, bool(random.random() < site.text))


def _choose_probe(random: np.random.Generator, site: Site, *, bottom_mm: float) -> Probe:
    """A probe and a depth that shows everything down to `bottom_mm`.

    The depth depends on the nodule's size alone, not on its shape, so that the scale of the picture reveals nothing
    else.
    """
    convex = random.random() < site.convex
    deep_enough = [depth for depth in _DEPTHS_MM if depth >= bottom_mm + (4 if convex else 0)]
    depth = deep_enough[0] if deep_enough else _DEPTHS_MM[-1]
    widest = (site.frame_columns - 60) * depth / site.picture_rows
    if not convex:
        return Probe("rectangle", depth, min(40.0, widest), site.picture_rows)
    footprint = 40.0
    while Probe("convex", depth, footprint, site.picture_rows).half_width_mm * 2 > widest:
        footprint -= 1.0
    return Probe("convex", depth, footprint, site.picture_rows)
