"""Structures beside a lymph node, and the search for a free place for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.lymph_nodes.lymph_node import LymphNode
from thyrosight.phantoms.outline import Outline

Array = NDArray[np.floating[Any]]
VesselKind = Literal["vein", "artery"]
Kind = Literal["vein", "artery", "muscle bundle", "second node"]

_DIRECTIONS_TRIED = 14
_LEAST_GAP_MM = 0.8


@dataclass(frozen=True)
class Tube:
    """A vessel in longitudinal section, which runs through the whole picture.

    Attributes:
        z_mm: depth of its middle in the middle of the picture.
        half_mm: half its thickness.
        slope: increase of its depth for each millimetre to the right.
    """

    z_mm: float
    half_mm: float
    slope: float

    def distance_mm(self, x: Array, z: Array) -> Array:
        """Distance from the wall in millimetres; negative inside."""
        across = np.abs(z - self.z_mm - self.slope * x) / math.hypot(1, self.slope)
        return np.asarray(across - self.half_mm, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A structure beside the node that does not belong to its mask.

    Attributes:
        kind: jugular vein, carotid artery, bundle of muscle, or second node.
        shape: its border.
        node: the second node, whose outline is `shape`.
    """

    kind: Kind
    shape: Outline | Tube
    node: LymphNode | None = None

    def moved_to(self, x_mm: float, z_mm: float) -> "Neighbour":
        """The same structure at another place; a tube keeps its place."""
        if isinstance(self.shape, Tube):
            return self
        node = self.node.moved_to(x_mm, z_mm) if self.node else None
        return replace(self, shape=node.outline if node else replace(self.shape, x_mm=x_mm, z_mm=z_mm), node=node)


def are_apart(first: Outline, second: Outline | Tube, *, gap_mm: float) -> bool:
    """Whether two borders do not overlap and are at least `gap_mm` apart."""
    if not _outside(first, second, gap_mm):
        return False
    return isinstance(second, Tube) or _outside(second, first, gap_mm)


def _outside(outline: Outline, other: Outline | Tube, gap_mm: float) -> bool:
    points = outline.points()[::8]
    return bool(other.distance_mm(points[:, 0], points[:, 1]).min() > gap_mm)


def place_beside(
    random: np.random.Generator,
    neighbour: Neighbour,
    *,
    node: Outline,
    others: Sequence[Neighbour],
    x_limit_mm: float,
    z_limits_mm: tuple[float, float],
) -> Neighbour | None:
    """Move a structure beside the node, apart from all others; None if no free place is found.

    It is moved away from the node in a random direction until it touches nothing, because vessels and nodes are close
    together. The sides of the picture may cut it.
    """
    shape = neighbour.shape
    if isinstance(shape, Tube):
        return neighbour
    top, bottom = z_limits_mm[0] + shape.half_height_mm, z_limits_mm[1] - 0.6 * shape.half_height_mm
    reach = x_limit_mm - 0.4 * shape.half_width_mm
    for _ in range(_DIRECTIONS_TRIED):
        direction = random.uniform(0, 2 * math.pi)
        spare = random.uniform(0.0, 2.5)
        start = min(node.half_width_mm, node.half_height_mm) + min(shape.half_width_mm, shape.half_height_mm)
        for pushed in np.arange(start, start + 30.0, 0.7):
            x = node.x_mm + (pushed + spare) * math.cos(direction)
            z = node.z_mm + (pushed + spare) * math.sin(direction)
            if abs(x) > reach or not top <= z <= bottom:
                break
            moved = neighbour.moved_to(x, z)
            if isinstance(moved.shape, Outline) and _is_free(moved.shape, node, others):
                return moved
    return None


def _is_free(shape: Outline, node: Outline, others: Sequence[Neighbour]) -> bool:
    borders = [node, *(other.shape for other in others)]
    return all(are_apart(shape, border, gap_mm=_LEAST_GAP_MM) for border in borders)
