"""Sizes in mm of what is drawn, by the rule that the whole package uses."""

from collections.abc import Mapping
from typing import Any

from thyrosight.imaging import Box
from thyrosight.imaging.regions import Region, spacing_at
from thyrosight.server.database.tables import StoredImage


def region_of(fact: Mapping[str, Any]) -> Region:
    """A region as the package knows it, from what is stored of it."""
    spacing = fact["spacing_mm"]
    return Region(
        box=Box(*fact["box"]),
        kind=fact["kind"],
        spatial_format="",
        data_type="",
        unit_x="",
        unit_y="",
        delta_x=None,
        delta_y=None,
        spacing_mm=None if spacing is None else (float(spacing[0]), float(spacing[1])),
        spacing_reason=fact["spacing_reason"],
    )


def size_of_view(image: StoredImage, box: Box) -> tuple[tuple[float, float] | None, str]:
    """Height and width in mm of a box in an image, or None; and where the spacing came from, or why there is none."""
    regions = [region_of(fact) for fact in image.facts["regions"]]
    if regions:
        spacing, reason = spacing_at(regions, box)
    else:
        stored = image.facts["spacing_mm"]
        spacing = None if stored is None else (float(stored[0]), float(stored[1]))
        reason = image.facts["spacing_reason"]
    return (None if spacing is None else (box.height * spacing[0], box.width * spacing[1])), reason
