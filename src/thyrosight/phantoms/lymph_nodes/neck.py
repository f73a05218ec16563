"""Painting the neck around a lymph node: layers, vessels and bundles of muscle."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.anatomy import paint_sheet
from thyrosight.phantoms.lymph_nodes.layout import Layers, Layout, View
from thyrosight.phantoms.lymph_nodes.neighbours import Neighbour, Tube
from thyrosight.phantoms.outline import Outline
from thyrosight.phantoms.tissue import REACH, Tissue, rows_with, step_up

Array = NDArray[np.floating[Any]]

_BLOOD_DB = {"vein": -26.0, "artery": -30.0}
_MUSCLE_DB = -11.0


def paint_surroundings(tissue: Tissue, layout: Layout, random: np.random.Generator) -> None:
    """Paint everything except lymph nodes."""
    bend = 0.5 * tissue.noise(random, x_mm=14, z_mm=500)
    level = tissue.z - random.uniform(-0.06, 0.06) * tissue.x + bend * step_up(tissue.z - 2, 2)
    if layout.view == "transverse":  # the muscle is thickest in its middle
        level = level + random.uniform(0.002, 0.008) * (tissue.x - random.uniform(-8, 8)) ** 2
    _paint_space(tissue, level, layout.layers, random)
    _paint_deep_muscle(tissue, level, layout.layers, random)
    front = rows_with(level < layout.layers.space_mm + 0.4 * REACH)
    _paint_front(tissue.part(front), level[front], layout, random)
    for neighbour in layout.neighbours:
        if neighbour.kind == "muscle bundle":
            _paint_bundle(tissue, neighbour.shape, random)
        elif neighbour.kind in _BLOOD_DB:
            _paint_vessel(tissue, neighbour, random)


def _paint_space(tissue: Tissue, level: Array, layers: Layers, random: np.random.Generator) -> None:
    """Fat and loose tissue between muscle and spine, with strands and thin sheets."""
    strands = tissue.noise(random, x_mm=8, z_mm=0.8)
    lumps = 1.4 * tissue.noise(random, x_mm=2.2, z_mm=1.0) + 1.5 * tissue.noise(random, x_mm=6, z_mm=3)
    tissue.paint(np.ones_like(level), echo=-3.5 + 2.6 * strands + lumps, loss=0.3, grain=0.5)
    for share in random.uniform(0.0, 1.0, int(random.integers(3, 7))):
        middle = layers.space_mm + share * (layers.back_mm - layers.space_mm)
        wave = 0.8 * tissue.noise(random, x_mm=12, z_mm=500) + random.uniform(-0.08, 0.08) * tissue.x
        broken = np.clip(0.1 + 0.6 * tissue.noise(random, x_mm=6, z_mm=4), 0, 1.0)
        paint_sheet(tissue, level + wave - middle, strength=8, width_mm=0.25, weight=broken)


def _paint_deep_muscle(tissue: Tissue, level: Array, layers: Layers, random: np.random.Generator) -> None:
    """The scalene and prevertebral muscles behind their fascia, and sometimes the front of a vertebra."""
    distance = level + 1.0 * tissue.noise(random, x_mm=12, z_mm=500) - layers.back_mm
    rows = rows_with(distance > -0.8 * REACH)
    tissue, distance = tissue.part(rows), distance[rows]
    fibres = 2.5 * tissue.noise(random, x_mm=4, z_mm=0.6) + 2.0 * tissue.noise(random, x_mm=7, z_mm=3)
    tissue.paint(step_up(distance, 0.8), echo=_MUSCLE_DB + fibres, loss=3.0, grain=0.8)
    patches = np.clip(tissue.noise(random, x_mm=6, z_mm=3), 0, 1.4)
    paint_sheet(tissue, distance, strength=8, width_mm=0.4, weight=0.3 + 0.5 * patches)
    bone = distance - random.uniform(6, 11)
    paint_sheet(tissue, bone, strength=13, width_mm=0.6, weight=patches)
    deep = -16.0 + 4.0 * tissue.noise(random, x_mm=6, z_mm=2)
    tissue.paint(step_up(bone - 0.8, 0.8), echo=deep, loss=5.0, grain=1.0)


def _paint_front(tissue: Tissue, level: Array, layout: Layout, random: np.random.Generator) -> None:
    """Skin, fat and the sternocleidomastoid muscle between its two bright fasciae."""
    layers = layout.layers
    tissue.paint(
        step_up(layers.space_mm - level, 0.4),
        echo=_MUSCLE_DB + _fibres(tissue, layout.view, random),
        loss=0.5,
        grain=0.5,
    )
    fat = -5.0 + 3.0 * tissue.noise(random, x_mm=4, z_mm=0.6)
    tissue.paint(step_up(layers.muscle_mm - level, 0.4), echo=fat, loss=0.3, grain=0.6)
    tissue.paint(step_up(layers.fat_mm - tissue.z, 0.3), echo=-2.0 + fat * 0.2, loss=0.0)
    whole = np.clip(0.75 + 0.3 * tissue.noise(random, x_mm=6, z_mm=3), 0.1, 1.2)
    paint_sheet(tissue, level - layers.space_mm, strength=11, width_mm=0.28, weight=whole)
    paint_sheet(tissue, level - layers.muscle_mm, strength=12, width_mm=0.25, weight=whole)
    paint_sheet(tissue, tissue.z - 0.25, strength=9, width_mm=0.3, weight=np.ones_like(whole))


def _fibres(tissue: Tissue, view: View, random: np.random.Generator) -> Array:
    """The pattern of muscle in dB: long lines in a longitudinal section, short lines and dots in a transverse one."""
    length = 14.0 if view == "longitudinal" else 1.8
    lines = tissue.noise(random, x_mm=length, z_mm=0.5)
    return np.asarray(2.2 * lines + 5.0 * np.clip(lines - 1.0, 0, 1.2) + 1.0 * tissue.noise(random, x_mm=5, z_mm=2))


def _paint_bundle(tissue: Tissue, shape: Outline | Tube, random: np.random.Generator) -> None:
    """A bundle of muscle: as dark as a node and as oval, but with fibres along it."""
    tissue = _around(tissue, shape, 0.7 * REACH)
    distance = shape.distance_mm(tissue.x, tissue.z)
    lines = tissue.noise(random, x_mm=3.5, z_mm=0.5)
    fibres = 1.6 * lines + 5.0 * np.clip(lines - 0.7, 0, 1.4)
    tissue.paint(step_up(-distance, 0.7), echo=random.uniform(-11.0, -8.5) + fibres, loss=0.5, grain=0.4, line=0.0)
    broken = np.clip(0.3 + 0.4 * tissue.noise(random, x_mm=4, z_mm=3), 0, 0.9)
    paint_sheet(tissue, distance - 0.1, strength=5, width_mm=0.3, weight=broken)


def _paint_vessel(tissue: Tissue, neighbour: Neighbour, random: np.random.Generator) -> None:
    """Blood without echoes, walls that are bright at right angles to the beam, and brighter tissue behind."""
    shape = neighbour.shape
    tissue = _around(tissue, shape, 0.3 + 0.15 * 6 + 0.45 * REACH)  # its wall waves by less than 6 standard deviations
    distance = shape.distance_mm(tissue.x, tissue.z) + 0.15 * tissue.noise(random, x_mm=9, z_mm=500)
    # Reverberations between probe and front wall appear as a haze that fades behind that wall.
    haze = np.asarray(np.exp(np.clip(distance, -20, 0) / 0.9)) * (_below_middle(tissue, shape) < 0)
    blood = _BLOOD_DB[neighbour.kind] + 2.5 * tissue.noise(random, x_mm=5, z_mm=1) + random.uniform(4, 12) * haze
    tissue.paint(step_up(-distance, 0.45), echo=blood, loss=-3.0, grain=0.1, line=0.0)
    if isinstance(shape, Outline):
        across, along = (tissue.x - shape.x_mm) / shape.half_width_mm, (tissue.z - shape.z_mm) / shape.half_height_mm
        facing = (along / np.maximum(np.hypot(across, along), 1e-3)) ** 4
    else:
        facing = np.ones_like(distance)
    strength, width = (8.0, 0.4) if neighbour.kind == "artery" else (4.0, 0.25)
    broken = np.clip(0.85 + 0.25 * tissue.noise(random, x_mm=5, z_mm=3), 0.2, 1.1)
    paint_sheet(tissue, distance - 0.3, strength=strength, width_mm=width, weight=(0.2 + 0.8 * facing) * broken)


def _around(tissue: Tissue, shape: Outline | Tube, distance_mm: float) -> Tissue:
    """The part of a tissue that holds all points up to a distance from a border."""
    if isinstance(shape, Outline):
        return tissue.near(*shape.reach(distance_mm))
    return tissue.part(rows_with(shape.distance_mm(tissue.x, tissue.z) < distance_mm))


def _below_middle(tissue: Tissue, shape: Outline | Tube) -> Array:
    """Distance of each point below the middle of a vessel, in millimetres."""
    slope = shape.slope if isinstance(shape, Tube) else 0.0
    return tissue.z - shape.z_mm - slope * tissue.x
