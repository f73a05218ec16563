"""The neck around a nodule: skin, fat, strap muscle, gland, trachea, carotid artery and the muscles behind them."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.outline import Outline
from thyrosight.phantoms.tissue import REACH, Tissue, ridge, rows_with, step_up

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Neck:
    """The depths of the layers, in millimetres from the top of the picture.

    Attributes:
        view: a transverse section shows trachea and carotid artery, a longitudinal one only layers.
        fat_mm, muscle_mm, gland_mm: depths at which subcutaneous fat, strap muscle and gland begin.
        back_mm: depth at which the gland ends.
        side: 1 if the trachea is to the right of the picture, -1 if to the left.
    """

    view: Literal["transverse", "longitudinal"]
    fat_mm: float
    muscle_mm: float
    gland_mm: float
    back_mm: float
    side: int


def draw_neck(random: np.random.Generator, *, view: Literal["transverse", "longitudinal"], height_mm: float) -> Neck:
    """Draw the layers around a nodule of the given height, which fits inside the gland."""
    fat = random.uniform(1.0, 1.8)
    muscle = fat + random.uniform(1.2, 3.5)
    gland = muscle + random.uniform(2.0, 4.5)
    thickness = max(random.uniform(13, 19), height_mm + random.uniform(3.0, 6.0))
    return Neck(view, fat, muscle, gland, gland + thickness, int(random.choice([-1, 1])))


def paint_neck(tissue: Tissue, neck: Neck, nodule: Outline, random: np.random.Generator) -> None:
    """Paint everything except the nodule."""
    parenchyma = 2.0 * tissue.noise(random, x_mm=1.4, z_mm=0.6) + 1.6 * tissue.noise(random, x_mm=5, z_mm=3)
    tissue.echo += parenchyma
    bend = 0.5 * tissue.noise(random, x_mm=14, z_mm=500)
    tilt = random.uniform(-0.05, 0.05)
    dome = 0.0 if neck.view == "longitudinal" else random.uniform(0.0, 0.006)
    level = tissue.z - tilt * tissue.x - dome * tissue.x**2
    _paint_behind(tissue, neck, nodule, level, random)
    if neck.view == "transverse":
        _paint_trachea(tissue, neck, nodule, random)
        _paint_carotid(tissue, neck, nodule, random)
    level += bend * step_up(tissue.z - 2, 2)
    front = rows_with(level < neck.gland_mm + 0.5 * REACH)
    _paint_front(tissue.part(front), neck, level[front], random)


def _paint_front(tissue: Tissue, neck: Neck, level: Array, random: np.random.Generator) -> None:
    """Skin, fat and strap muscle with the bright sheets between them."""
    strands = tissue.noise(random, x_mm=6, z_mm=0.45)
    tissue.paint(step_up(neck.gland_mm - level, 0.5), echo=-8.0 + 3.5 * strands, loss=0.5, grain=0.5)
    fat = -5.0 + 3.5 * tissue.noise(random, x_mm=4, z_mm=0.6)
    tissue.paint(step_up(neck.muscle_mm - level, 0.4), echo=fat, loss=0.3, grain=0.6)
    tissue.paint(step_up(neck.fat_mm - tissue.z, 0.4), echo=-3.0 + 1.5 * strands, loss=0.0)
    broken = np.clip(0.75 + 0.35 * tissue.noise(random, x_mm=5, z_mm=3), 0.1, 1.3)
    paint_sheet(tissue, level - neck.gland_mm, strength=12, width_mm=0.28, weight=broken)
    paint_sheet(tissue, level - neck.muscle_mm, strength=14, width_mm=0.28, weight=broken)
    for share in random.uniform(0.15, 0.85, int(random.integers(1, 4))):
        middle = neck.muscle_mm + share * (neck.gland_mm - neck.muscle_mm)
        sheet = np.clip(0.3 + 0.5 * tissue.noise(random, x_mm=8, z_mm=500), 0, 1.2)
        paint_sheet(tissue, level + 0.04 * tissue.x * (share - 0.5) - middle, strength=10, width_mm=0.2, weight=sheet)
    paint_sheet(tissue, tissue.z - 0.25, strength=9, width_mm=0.3, weight=np.ones_like(broken))


def paint_sheet(tissue: Tissue, distance: Array, *, strength: float, width_mm: float, weight: Array) -> None:
    """A thin bright layer, part smooth reflector and part dense scatterers; `strength` is in dB above the gland."""
    rows = rows_with(np.abs(distance) < REACH * width_mm)
    shape = ridge(distance[rows], width_mm) * weight[rows]
    part = tissue.part(rows)
    part.paint(np.clip(shape, 0, 1), echo=strength - 2.0, grain=0.3)
    part.line += np.float32(0.9 * 10 ** (strength / 20)) * shape


def _paint_behind(tissue: Tissue, neck: Neck, nodule: Outline, level: Array, random: np.random.Generator) -> None:
    """The prevertebral muscles and fascia behind the gland."""
    thickness = neck.back_mm - neck.gland_mm
    wave = 0.8 * tissue.noise(random, x_mm=12, z_mm=500)
    distance = level + wave - neck.back_mm
    if neck.view == "transverse":  # the lobe thins towards its sides, but not in front of the nodule
        half = tissue.x[tissue.x.shape[0] // 2, -1]
        away = np.maximum(np.abs(tissue.x - nodule.x_mm) - nodule.half_width_mm, 0)
        distance = distance + 0.5 * thickness * np.minimum((away / half) ** 2, 1.5)
    rows = rows_with(distance > -0.7 * REACH)
    tissue, distance = tissue.part(rows), distance[rows]
    muscle = -10.0 + 3.0 * tissue.noise(random, x_mm=5, z_mm=0.7) + 4.5 * tissue.noise(random, x_mm=7, z_mm=3)
    tissue.paint(step_up(distance, 0.7), echo=muscle, loss=4.0, grain=1.0)
    patches = np.clip(tissue.noise(random, x_mm=5, z_mm=3), 0, 1.6)
    paint_sheet(tissue, distance - 0.2, strength=9, width_mm=0.45, weight=0.35 + 0.65 * patches)
    bone = distance - random.uniform(5, 9)
    paint_sheet(tissue, bone, strength=14, width_mm=0.5, weight=patches)
    deep = -14.0 + 5.0 * tissue.noise(random, x_mm=6, z_mm=2)
    tissue.paint(step_up(bone - 0.8, 0.8), echo=deep, loss=5.0, grain=1.0)


def _paint_trachea(tissue: Tissue, neck: Neck, nodule: Outline, random: np.random.Generator) -> None:
    """The front wall of the trachea: a bright arc with air behind it, which echoes the wall again and again."""
    radius = random.uniform(8.0, 10.0)
    x = neck.side * random.uniform(17.0, 22.0)
    z = neck.gland_mm + radius + random.uniform(1.5, 4.0)
    if neck.side * (x - nodule.x_mm) - radius < nodule.half_width_mm + 1.0 or random.random() < 0.2:
        return
    outer = radius + 0.8 * REACH
    tissue = tissue.near((x - outer, x + outer), (z - outer, z + outer))
    distance = np.hypot(tissue.x - x, tissue.z - z) - radius
    upper = step_up(z - tissue.z, 4.0)
    air = step_up(-distance, 0.8)
    depth = np.maximum(-distance, 0)
    echoes = -10.0 - 1.6 * depth + 5.0 * np.cos(2 * math.pi * depth / 1.9)
    tissue.paint(air, echo=echoes, loss=1.5, grain=0.8, line=0.0)
    paint_sheet(tissue, distance + 0.4, strength=12, width_mm=0.45, weight=upper)
    paint_sheet(tissue, distance - 1.2, strength=3, width_mm=0.3, weight=0.7 * upper)


def _paint_carotid(tissue: Tissue, neck: Neck, nodule: Outline, random: np.random.Generator) -> None:
    """The carotid artery: a dark round lumen with bright walls in front and behind."""
    radius = random.uniform(2.6, 3.6)
    x = -neck.side * random.uniform(14.0, 18.0)
    z = random.uniform(neck.gland_mm + 5.0, max(neck.back_mm - 2.0, neck.gland_mm + 6.0))
    if abs(x - nodule.x_mm) - radius < nodule.half_width_mm + 1.0 or random.random() < 0.15:
        return
    outer = radius + 0.3 + 0.5 * REACH
    tissue = tissue.near((x - outer, x + outer), (z - outer, z + outer))
    offset_x, offset_z = tissue.x - x, tissue.z - z
    distance = np.hypot(offset_x, offset_z * random.uniform(1.0, 1.25)) - radius
    tissue.paint(step_up(-distance, 0.5), echo=-27.0, loss=-3.5, grain=0.1, line=0.0)
    facing = (offset_z / np.maximum(np.hypot(offset_x, offset_z), 1e-3)) ** 4
    paint_sheet(tissue, distance - 0.3, strength=7, width_mm=0.4, weight=0.25 + 0.75 * facing)
