"""Painting the inside of a simulated lymph node: cortex, hilum, fluid, thyroid-like mass and calcifications."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.anatomy import paint_sheet
from thyrosight.phantoms.lymph_nodes.lymph_node import LymphNode
from thyrosight.phantoms.nodule import paint_edge_shadows, paint_microcalcifications
from thyrosight.phantoms.tissue import REACH, Tissue, step_up

Array = NDArray[np.floating[Any]]

_WIDEST_MM = 0.6
"""Greatest width of any border of a node."""
_FLUID_DB, _FLUID_LOSS = -32.0, -4.0


def paint_lymph_node(tissue: Tissue, node: LymphNode, random: np.random.Generator) -> None:
    """Paint a node with its features over the tissue that is there."""
    everything, tissue = tissue, tissue.near(*node.outline.reach(_WIDEST_MM * REACH))
    distance = node.outline.distance_mm(tissue.x, tissue.z)
    along, across = _node_frame(tissue, node)
    texture = 1.1 * tissue.noise(random, x_mm=1.2, z_mm=0.8) + 1.0 * tissue.noise(random, x_mm=4, z_mm=3)
    small = float(np.clip((6.0 - node.short_mm) / 4.0, 0, 1))  # the beam's width would hide small nodes
    cortex = random.uniform(-15.0, -12.0) - 3.0 * small + texture
    blur = 0.4 if node.features.margin == "smooth" else 0.5
    tissue.paint(step_up(-distance, blur), echo=cortex, loss=random.uniform(-0.8, 0.3), grain=0.3, line=0.0)
    paint_edge_shadows(tissue, node.outline, distance)
    features = node.features
    if features.margin == "smooth":
        _paint_capsule(tissue, node, distance, random)
    if features.hilum == "present":
        _paint_hilum(everything, node, random)
    if features.echogenicity == "hyperechoic":
        whole = random.random() < 0.5 or features.cystic_change == "present"
        _paint_bright_mass(tissue, along, distance, random, whole=whole)
    if features.microcalcification == "present":
        _paint_microcalcifications(tissue, node, random)
    if features.cystic_change == "present":  # after the calcifications: fluid holds none
        _paint_fluid(tissue, node, (along, across), distance, random)


def _node_frame(tissue: Tissue, node: LymphNode) -> tuple[Array, Array]:
    """Position along and across the node, each as a share of half its axis: -1 to 1 inside."""
    x, z = tissue.x - node.outline.x_mm, tissue.z - node.outline.z_mm
    cosine, sine = math.cos(node.tilt), math.sin(node.tilt)
    return (x * cosine + z * sine) / (node.long_mm / 2), (z * cosine - x * sine) / (node.short_mm / 2)


def _paint_capsule(tissue: Tissue, node: LymphNode, distance: Array, random: np.random.Generator) -> None:
    """A thin border, bright at right angles to the beam."""
    steep = np.clip(1.15 - np.abs(tissue.x - node.outline.x_mm) / node.outline.half_width_mm, 0, 1) ** 0.7
    broken = np.clip(0.55 + 0.3 * tissue.noise(random, x_mm=4, z_mm=3), 0, 1)
    paint_sheet(tissue, distance - 0.12, strength=5, width_mm=0.22, weight=steep * broken)


def _paint_hilum(tissue: Tissue, node: LymphNode, random: np.random.Generator) -> None:
    """A bright band along the middle, which often reaches the border at the entry of vessels."""
    along, across = _node_frame(tissue, node)
    length, thickness = random.uniform(0.5, 0.72), random.uniform(0.26, 0.42)
    shift, bow = random.uniform(-0.12, 0.12), random.uniform(-0.3, 0.3)
    middle = across - shift - bow * along**2
    frayed = 0.12 * tissue.noise(random, x_mm=2, z_mm=0.8)
    band = step_up(1 - np.hypot(along / length, middle / thickness) + frayed, 0.5)
    if random.random() < 0.5:
        side = random.choice([-1, 1])
        stalk = step_up(0.14 - np.abs(along - random.uniform(-0.25, 0.25)), 0.12) * step_up(across * side, 0.3)
        distance = node.outline.distance_mm(tissue.x, tissue.z)
        band = np.maximum(band, 0.8 * stalk * step_up(-distance, 0.4))
    bright = random.uniform(2.0, 4.5) + 1.8 * tissue.noise(random, x_mm=2.5, z_mm=0.6)
    tissue.paint(band, echo=bright, grain=0.4)


def _paint_microcalcifications(tissue: Tissue, node: LymphNode, random: np.random.Generator) -> None:
    """Microcalcifications as in thyroid nodules; brighter inside a hyperechoic mass."""
    before = tissue.line.copy()
    paint_microcalcifications(tissue, node.outline, random)
    if node.features.echogenicity == "hyperechoic":
        tissue.line += 0.9 * (tissue.line - before)


def _paint_bright_mass(
    tissue: Tissue, along: Array, distance: Array, random: np.random.Generator, *, whole: bool
) -> None:
    """Tissue as bright and fine as thyroid, in the whole node or in a large part of it."""
    texture = 1.0 * tissue.noise(random, x_mm=1.2, z_mm=0.7) + 0.8 * tissue.noise(random, x_mm=4, z_mm=2)
    where = step_up(-distance - 0.45, 0.35)
    if not whole:
        side = random.choice([-1, 1])
        frayed = 0.25 * tissue.noise(random, x_mm=3, z_mm=2)
        where = where * step_up(side * along + random.uniform(0.0, 0.3) + frayed, 0.25)
    tissue.paint(where, echo=random.uniform(2.5, 4.5) + texture, loss=0.3, grain=0.2)


def _paint_fluid(
    tissue: Tissue, node: LymphNode, place: tuple[Array, Array], distance: Array, random: np.random.Generator
) -> None:
    """Fluid in one or two cavities or in most of the node, outside hilum, hyperechoic mass and calcifications."""
    along, across = place
    within = step_up(-distance - 0.35, 0.35)
    frayed = 0.1 * tissue.noise(random, x_mm=2.5, z_mm=2)
    side = random.choice([-1, 1])
    features = node.features
    solid_part = (features.hilum, features.microcalcification, features.echogenicity) != (
        "lost",
        "absent",
        "hypoechoic",
    )
    if random.random() < 0.4 and not solid_part:
        hollow = step_up(0.82 - np.hypot(along, across) + frayed, 0.12)
    else:
        first = np.hypot((along - 0.42 * side) / random.uniform(0.42, 0.52), across / random.uniform(0.6, 0.8))
        hollow = step_up(1 - first + frayed, 0.2)
        if random.random() < 0.5 and not solid_part:
            second = np.hypot((along + 0.45 * side) / random.uniform(0.25, 0.35), across / random.uniform(0.4, 0.65))
            hollow = np.maximum(hollow, step_up(1 - second + frayed, 0.25))
    tissue.paint(hollow * within, echo=_FLUID_DB, loss=_FLUID_LOSS, grain=0.1, line=0.0)
