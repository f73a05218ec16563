"""Positions in a section of the neck: layers, the lymph node, and structures that can be mistaken for it."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.lymph_nodes.features import draw_node_features
from thyrosight.phantoms.lymph_nodes.lymph_node import LymphNode, draw_lymph_node, ellipse
from thyrosight.phantoms.lymph_nodes.neighbours import Neighbour, Tube, VesselKind, place_beside
from thyrosight.phantoms.outline import Outline

Array = NDArray[np.floating[Any]]
View = Literal["transverse", "longitudinal"]

VEIN_SHARE, ARTERY_SHARE, BUNDLE_SHARE = 0.85, 0.6, 0.55
"""Intended frequency of each structure in a section; a structure without a free place is left out."""


@dataclass(frozen=True)
class Layers:
    """The depths at which layers begin, in millimetres from the top of the picture.

    Attributes:
        fat_mm, muscle_mm: subcutaneous fat; the sternocleidomastoid muscle.
        space_mm: the fatty space with nodes and vessels.
        back_mm: the deep muscles.
    """

    fat_mm: float
    muscle_mm: float
    space_mm: float
    back_mm: float


@dataclass(frozen=True)
class Layout:
    """All positions in one section.

    Attributes:
        view: vessels are tubes in a longitudinal section of the neck, round in a transverse one.
        layers, node, neighbours: their positions; no neighbour covers the node.
    """

    view: View
    layers: Layers
    node: LymphNode
    neighbours: tuple[Neighbour, ...]


def draw_layout(
    random: np.random.Generator, *, node: LymphNode, view: View, half_width_mm: float, second_node_share: float
) -> Layout:
    """Draw the section around a node, in a picture of the given width.

    Args:
        random: source of the positions.
        node: a node around (0, 0), which is moved to its place.
        view: view of the neck; the section through the node is always along its long axis.
        half_width_mm: half the width of the picture.
        second_node_share: frequency of a second, smaller node beside it.
    """
    fat = random.uniform(0.9, 1.5)
    muscle = fat + random.uniform(1.5, 4.5)
    space = muscle + random.uniform(4.0, 8.5)
    height = 2 * node.outline.half_height_mm
    layers = Layers(fat, muscle, space, space + max(random.uniform(15, 20), height + random.uniform(9.0, 13.0)))
    room = max(half_width_mm - 0.8 - node.outline.half_width_mm, 0.0)
    x = random.uniform(-min(room, 7.0), min(room, 7.0))
    node = node.moved_to(x, space + height / 2 + random.uniform(0.8, 3.0))
    neighbours: list[Neighbour] = []
    if view == "longitudinal":
        neighbours += _tubes(random, node)
    for neighbour in _unplaced(random, view, node, second_node_share):
        placed = place_beside(
            random,
            neighbour,
            node=node.outline,
            others=neighbours,
            x_limit_mm=half_width_mm,
            z_limits_mm=(layers.space_mm, layers.back_mm),
        )
        neighbours += [placed] if placed else []
    return Layout(view, layers, node, tuple(neighbours))


def _tubes(random: np.random.Generator, node: LymphNode) -> list[Neighbour]:
    """The jugular vein or the carotid artery along the picture, below the node; seldom both."""
    slope = random.uniform(-0.12, 0.12)
    stretch = math.hypot(1, slope)
    points = node.outline.points()
    floor = float((points[:, 1] - slope * points[:, 0]).max())
    shares: dict[VesselKind, float] = {"vein": VEIN_SHARE, "artery": ARTERY_SHARE / 2}
    tubes: list[Neighbour] = []
    for kind, share in shares.items():
        half = random.uniform(2.0, 4.2) if kind == "vein" else random.uniform(2.4, 3.3)
        gap = random.uniform(0.8, 2.5)
        if random.random() < share:
            tubes.append(Neighbour(kind, Tube(floor + (gap + half) * stretch, half, slope)))
            floor += (gap + 2 * half) * stretch
    return tubes


def _unplaced(random: np.random.Generator, view: View, node: LymphNode, second_node_share: float) -> list[Neighbour]:
    """The intended neighbours of the node, around (0, 0)."""
    found: list[Neighbour] = []
    if view == "transverse":
        wide = random.uniform(3.0, 6.5)
        vein = ellipse(wide, max(1.8, wide * random.uniform(0.45, 0.75)), tilt=random.uniform(-0.4, 0.4))
        radius = random.uniform(2.6, 3.6)
        artery = ellipse(radius, radius * random.uniform(0.88, 1.0), tilt=0.0)
        vessels: dict[VesselKind, tuple[Outline, float]] = {
            "vein": (vein, VEIN_SHARE),
            "artery": (artery, ARTERY_SHARE),
        }
        found += [Neighbour(kind, shape) for kind, (shape, share) in vessels.items() if random.random() < share]
    if random.random() < BUNDLE_SHARE:
        half = random.uniform(5.0, 8.0) if view == "longitudinal" else random.uniform(3.0, 5.5)
        shape = ellipse(half, half * random.uniform(0.32, 0.55), tilt=random.uniform(-0.3, 0.3))
        found.append(Neighbour("muscle bundle", shape))
    if random.random() < second_node_share:
        found.insert(0, _second_node(random, node))
    return found


def _second_node(random: np.random.Generator, node: LymphNode) -> Neighbour:
    """A smaller node whose features are independent of the first node's."""
    features = draw_node_features(random)
    long = max(4.6, node.long_mm * random.uniform(0.4, 0.75))
    short = long * (random.uniform(0.56, 0.8) if features.node_shape == "round" else random.uniform(0.44, 0.46))
    second = draw_lymph_node(random, features=features, long_mm=long, short_mm=short)
    return Neighbour("second node", second.outline, second)
