"""The section of a neck that an elastogram and its B-mode picture share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging import Box
from thyrosight.phantoms.anatomy import Neck, draw_neck, paint_neck
from thyrosight.phantoms.features import NoduleFeatures
from thyrosight.phantoms.image_formation import Preset, form_picture
from thyrosight.phantoms.nodule import paint_nodule
from thyrosight.phantoms.outline import Outline, draw_outline
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

Array = NDArray[np.floating[Any]]

FOOTPRINT_MM = 38.0
_DEPTHS_MM = (25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0)


@dataclass(frozen=True)
class Subject:
    """The nodule and view of one image.

    Attributes:
        features: features of the nodule in B-mode.
        size_mm: longer side of the box around the nodule in this section.
        stiffness_kpa: mean Young's modulus of the nodule.
        view: "transverse" or "longitudinal".
    """

    features: NoduleFeatures
    size_mm: float
    stiffness_kpa: float
    view: str


@dataclass(frozen=True, eq=False)
class Section:
    """A section before it is drawn: fast to compute, and the source of the exact mask.

    Attributes:
        subject: nodule and view.
        probe: a linear probe whose picture is one panel of the screen.
        neck: depths of the layers.
        outline: outline of the nodule.
    """

    subject: Subject
    probe: Probe
    neck: Neck
    outline: Outline

    def mask(self) -> NDArray[np.bool_]:
        """The nodule in the panel: all pixels whose centre is inside the outline."""
        return self._mask

    @cached_property
    def _mask(self) -> NDArray[np.bool_]:
        return self.outline.mask(*self.probe.pixels())

    def box(self) -> Box:
        """The smallest box around the mask."""
        return Box.from_mask(self.mask())

    def draw(self, preset: Preset, random: np.random.Generator) -> tuple[NDArray[np.uint8], Tissue]:
        """The grey panel `(rows, columns)` and the tissue that it shows, on the same grid."""
        tissue = Tissue.gland(*self.probe.beams())
        paint_neck(tissue, self.neck, self.outline, random)
        paint_nodule(tissue, self.outline, self.subject.features, random)
        return form_picture(tissue, self.probe, preset, random), tissue


def draw_section(random: np.random.Generator, subject: Subject, *, most_rows: int, most_columns: int) -> Section:
    """Draw outline and layers; the panel is as large as fits into `most_rows` by `most_columns`.

    The depth depends on the nodule's size alone, not on its shape, so that the scale of the panel reveals nothing else.
    """
    features, size = subject.features, subject.size_mm
    low, high = (1.12, 1.45) if features.shape == "taller than wide" else (0.55, 0.85)
    ratio = random.uniform(low, high)
    height = size * min(1.0, ratio)
    neck = draw_neck(
        random, view="transverse" if subject.view == "transverse" else "longitudinal", height_mm=height
    )  # fmt: skip
    bottom = neck.gland_mm + size + random.uniform(5.0, 11.0)
    depth = min((d for d in _DEPTHS_MM if d >= bottom), default=_DEPTHS_MM[-1])
    probe = _fit_probe(depth, most_rows, most_columns)
    z = random.uniform(neck.gland_mm + height / 2 + 1.0, neck.back_mm - height / 2 - 0.5)
    room = min(max(FOOTPRINT_MM / 2 - size / 2 - 4.0, 0.0), 6.0)
    x = random.uniform(-room, room)
    outline = draw_outline(random, size_mm=size, height_to_width=ratio, margin=features.margin, x_mm=x, z_mm=z)
    return Section(subject, probe, neck, outline)


def _fit_probe(depth_mm: float, most_rows: int, most_columns: int) -> Probe:
    """A linear probe whose picture has square pixels and fits."""
    rows = min(most_rows, int(most_columns * depth_mm / FOOTPRINT_MM))
    return Probe("rectangle", depth_mm, FOOTPRINT_MM, rows)
