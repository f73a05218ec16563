"""Shape and place of the region that a heat map highlights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label, regionprops

NoduleBox = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels of the map, as `PreparedImage.nodule` gives them."""

# scikit-image ships types without annotations for these two.
_label: Callable[..., Any] = label
_regionprops: Callable[..., Any] = regionprops

# A smaller region has no measurable shape.
SMALLEST_REGION = 9
# A rounder region has no axis that could be called its orientation.
LEAST_ECCENTRICITY = 0.5


@dataclass(frozen=True)
class RegionShape:
    """The highlighted region of one map; every feature is None where it is not defined.

    Attributes:
        area_fraction: share of the image.
        eccentricity: of the ellipse with the same second moments: 0 for a circle, towards 1 for a line.
        solidity: area over the area of its convex hull: 1 for a convex outline.
        orientation: of the long axis in degrees, 0 to 180, 0 horizontal, counter-clockwise as seen; an axis, so 179 and
            1 are 2 apart. None for a round region (eccentricity below 0.5).
        distance_to_centre: from the region's centre to the nodule's, in units of the image side.
        distance_to_nodule: from the region's centre to the nearest point of the nodule box, 0 inside it; same unit.
        heat_inside: share of the whole map's heat that lies inside the nodule box.
        regions: how many separate regions reach the threshold; the features describe the one with the most heat.
    """

    area_fraction: float | None = None
    eccentricity: float | None = None
    solidity: float | None = None
    orientation: float | None = None
    distance_to_centre: float | None = None
    distance_to_nodule: float | None = None
    heat_inside: float | None = None
    regions: int = 0

    @property
    def found(self) -> bool:
        """Whether the map highlights a region."""
        return self.regions > 0


NO_REGION = RegionShape()


def region_shape(
    heat: NDArray[Any], *, nodule: NoduleBox | None = None, threshold: float = 0.5, least_heat: float = 0.0
) -> RegionShape:
    """Describe the highlighted region of a map `(rows, columns)` of 0 or more.

    A pixel is highlighted from `threshold` times the map's own maximum on; pixels that touch, also at a corner, form a
    region, and the region with the most heat is described. There is no region where the maximum does not exceed
    `least_heat` (in the units of the map: give a share of the scale that all maps are drawn on, so that noise is not
    described as a shape) or where the region has fewer than 9 pixels.

    >>> heat = np.zeros((20, 20)); heat[5:10, 2:14] = 1.0
    >>> shape = region_shape(heat, nodule=(0, 0, 10, 20))
    >>> shape.area_fraction, round(shape.solidity, 2), round(shape.orientation), round(shape.heat_inside, 3)
    (0.15, 1.0, 0, 0.667)
    >>> region_shape(np.zeros((20, 20))).found
    False
    """
    highest = float(heat.max())
    if highest <= 0 or highest <= least_heat:
        return NO_REGION
    found = _regionprops(_label(heat >= threshold * highest, connectivity=2), intensity_image=heat)
    region = max(found, key=lambda part: float(part.image_intensity.sum()))
    if region.area < SMALLEST_REGION:
        return NO_REGION
    eccentricity = float(region.eccentricity)
    centre_distance, distance, inside = _place(heat, region.centroid, nodule)
    return RegionShape(
        area_fraction=float(region.area) / heat.size,
        eccentricity=eccentricity,
        solidity=float(region.solidity),
        orientation=_axis(region.orientation) if eccentricity >= LEAST_ECCENTRICITY else None,
        distance_to_centre=centre_distance,
        distance_to_nodule=distance,
        heat_inside=inside,
        regions=len(found),
    )


def region_shapes(
    maps: NDArray[Any], nodules: Sequence[NoduleBox | None], *, threshold: float = 0.5, least_heat: float = 0.0
) -> list[RegionShape]:
    """`region_shape` of each map of `(n, rows, columns)` with its nodule box, or None where there is none."""
    return [
        region_shape(heat, nodule=nodule, threshold=threshold, least_heat=least_heat)
        for heat, nodule in zip(maps, nodules, strict=True)
    ]


def _axis(orientation: float) -> float:
    """From scikit-image's angle (radians from the row axis) to degrees from the horizontal, as seen."""
    # The long axis runs along cos(orientation) rows downwards and sin(orientation) columns to the right.
    degrees = float(np.degrees(np.arctan2(-np.cos(orientation), np.sin(orientation)))) % 180
    return 0.0 if np.isclose(degrees, 180) else degrees


def _place(
    heat: NDArray[Any], centroid: tuple[float, float], nodule: NoduleBox | None
) -> tuple[float | None, float | None, float | None]:
    """Distance to the nodule's centre, distance to its box, and the share of heat inside it."""
    if nodule is None:
        return None, None, None
    left, top, right, bottom = nodule
    row, column = centroid[0] + 0.5, centroid[1] + 0.5  # pixel centres, in the coordinates of box edges
    side = max(heat.shape)
    to_centre = np.hypot(row - (top + bottom) / 2, column - (left + right) / 2)
    beyond = np.hypot(max(top - row, 0.0, row - bottom), max(left - column, 0.0, column - right))
    rows, columns = np.arange(heat.shape[0])[:, None] + 0.5, np.arange(heat.shape[1])[None, :] + 0.5
    inside = (rows > top) & (rows < bottom) & (columns > left) & (columns < right)
    return float(to_centre / side), float(beyond / side), float(heat[inside].sum() / heat.sum())
