"""One simulated frame of a lymph node with its mask."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from thyrosight.imaging import Box
from thyrosight.phantoms.frame import place_in_frame, write_around
from thyrosight.phantoms.image_formation import Preset, form_picture
from thyrosight.phantoms.lymph_nodes.features import LymphNodeFeatures
from thyrosight.phantoms.lymph_nodes.inside import paint_lymph_node
from thyrosight.phantoms.lymph_nodes.layout import Layout, View, draw_layout
from thyrosight.phantoms.lymph_nodes.lymph_node import draw_lymph_node
from thyrosight.phantoms.lymph_nodes.neck import paint_surroundings
from thyrosight.phantoms.picture import Site
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

_Pixel = TypeVar("_Pixel", bound=np.generic)
_DEPTHS_MM = (32.0, 36.0, 40.0, 45.0, 50.0, 60.0)
_FOOTPRINT_MM = 42.0

NODE_SITES = (
    Site("machine A", 360, 500, 320, 0.0, 0.5, "L14", Preset(16, 0.11, 0.19, 0.007, 96, 4.7, 18, -28, 2.4)),
    Site("machine B", 400, 520, 352, 0.0, 0.7, "18L6", Preset(18, 0.12, 0.22, 0.008, 104, 5.0, 12, -29, 2.2)),
    Site("machine C", 380, 540, 340, 0.0, 0.6, "L12", Preset(15, 0.13, 0.24, 0.007, 88, 5.3, 20, -27, 2.6)),
    Site("machine D", 420, 560, 368, 0.0, 0.8, "EUP", Preset(17, 0.12, 0.20, 0.008, 110, 4.5, 16, -29, 2.2)),
    Site("machine E", 380, 520, 330, 0.0, 0.5, "SL15", Preset(14, 0.10, 0.18, 0.006, 92, 4.9, 24, -29, 2.8)),
)
"""Five machines with high-frequency linear probes, as in Zhao et al.; they differ in appearance alone."""


@dataclass(frozen=True, eq=False)
class NodeScene:
    """A frame before it is drawn: fast to compute, and the source of the exact mask.

    Attributes:
        site, probe: machine and picture.
        layout: all positions in the section.
        offset: row and column of the frame where the picture begins.
        written: whether the frame carries machine text.
    """

    site: Site
    probe: Probe
    layout: Layout
    offset: tuple[int, int]
    written: bool

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel."""
        return self.probe.pixel_mm

    def mask(self) -> NDArray[np.bool_]:
        """The exact mask of the node: all pixels of the frame whose centre is inside the outline."""
        return self._mask

    @cached_property
    def _mask(self) -> NDArray[np.bool_]:
        return self._in_frame(self.layout.node.outline.mask(*self.probe.pixels()))

    def box(self) -> Box:
        """The smallest box around the mask."""
        return Box.from_mask(self.mask())

    def draw(self, random: np.random.Generator) -> NDArray[np.uint8]:
        """The frame, `(rows, columns)` grey."""
        tissue = Tissue.gland(*self.probe.beams())
        paint_surroundings(tissue, self.layout, random)
        for neighbour in self.layout.neighbours:
            if neighbour.node is not None:
                paint_lymph_node(tissue, neighbour.node, random)
        paint_lymph_node(tissue, self.layout.node, random)
        frame = self._in_frame(form_picture(tissue, self.probe, self.site.preset, random))
        if not self.written:
            return frame
        return write_around(frame, probe=self.probe, offset=self.offset, machine=self.site.machine, exam="NECK")

    def _in_frame(self, picture: NDArray[_Pixel]) -> NDArray[_Pixel]:
        return place_in_frame(picture, shape=(self.site.frame_rows, self.site.frame_columns), offset=self.offset)


def draw_node_scene(
    random: np.random.Generator,
    *,
    features: LymphNodeFeatures,
    axes_mm: tuple[float, float],
    site: Site,
    view: View,
    second_node_share: float,
) -> NodeScene:
    """Draw the long-axis section of a node with about the given long and short axis."""
    node = draw_lymph_node(random, features=features, long_mm=axes_mm[0], short_mm=axes_mm[1])
    # The depth depends on the long axis alone, so that the scale of the picture does not reveal the shape.
    bottom = 0.75 * axes_mm[0] + random.uniform(22.0, 31.0)
    depth = next((one for one in _DEPTHS_MM if one >= bottom), _DEPTHS_MM[-1])
    widest = (site.frame_columns - 60) * depth / site.picture_rows
    probe = Probe("rectangle", depth, min(_FOOTPRINT_MM, widest), site.picture_rows)
    layout = draw_layout(
        random,
        node=node,
        view=view,
        half_width_mm=probe.half_width_mm,
        second_node_share=second_node_share,
    )
    spare = site.frame_columns - probe.columns
    left = int(random.integers(min(40, spare // 2), spare // 2 + 1))
    offset = ((site.frame_rows - probe.rows) // 2, left)
    return NodeScene(site, probe, layout, offset, bool(random.random() < site.text))
