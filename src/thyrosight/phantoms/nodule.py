"""The inside of a simulated nodule: composition, echogenicity, margin and calcifications."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.phantoms.features import NoduleFeatures
from thyrosight.phantoms.outline import Outline
from thyrosight.phantoms.tissue import REACH, Tissue, ridge, step_up

Array = NDArray[np.floating[Any]]

_ECHO_DB = {
    "hyperechoic": (3.5, 5.5),
    "isoechoic": (-1.2, 0.8),
    "hypoechoic": (-8.0, -6.0),
    "markedly hypoechoic": (-15.0, -12.0),
    "anechoic": (-7.0, -5.0),  # weak echoes of walls and debris in a cyst
}
WIDEST_MM = 0.75
"""Greatest width of any border or rim of a nodule that is not ill-defined."""
_FLUID_DB = -34.0
_FLUID_LOSS = -4.0


def paint_nodule(tissue: Tissue, outline: Outline, features: NoduleFeatures, random: np.random.Generator) -> None:
    """Paint a nodule with the given features over the gland."""
    blur = random.uniform(2.2, 3.2) if features.margin == "ill-defined" else random.uniform(0.35, 0.6)
    tissue = tissue.near(*outline.reach(max(blur, WIDEST_MM) * REACH))
    distance = outline.distance_mm(tissue.x, tissue.z)
    inside = step_up(-distance, blur)
    texture = 1.3 * tissue.noise(random, x_mm=1.2, z_mm=0.8) + 1.2 * tissue.noise(random, x_mm=4, z_mm=3)
    low, high = _ECHO_DB[features.echogenicity]
    tissue.paint(inside, echo=random.uniform(low, high) + texture, loss=random.uniform(-0.3, 1.2), grain=0.4, line=0.0)
    _paint_rim(tissue, outline, distance, features, random)
    fluid = _paint_fluid(tissue, outline, distance, features, random)
    paint_edge_shadows(tissue, outline, distance)
    if features.calcification == "microcalcification":
        paint_microcalcifications(tissue, outline, random)
    elif features.calcification == "macrocalcification":
        _paint_macrocalcifications(tissue, outline, random)
    elif features.calcification == "comet-tail":
        _paint_comet_tails(tissue, outline, fluid, random)


def _paint_rim(
    tissue: Tissue, outline: Outline, distance: Array, features: NoduleFeatures, random: np.random.Generator
) -> None:
    """A thin dark halo around smooth isoechoic nodules, which would be invisible otherwise."""
    faint = features.echogenicity in ("isoechoic", "hyperechoic")
    if not faint or features.margin == "ill-defined":
        return
    width = random.uniform(0.45, 0.75)
    tissue.paint(0.9 * ridge(distance, width), echo=-11.0, grain=0.2)


def _paint_fluid(
    tissue: Tissue, outline: Outline, distance: Array, features: NoduleFeatures, random: np.random.Generator
) -> Array:
    """Replace parts of the nodule by fluid; return the share of fluid at each point."""
    size = 2 * math.sqrt(outline.half_width_mm * outline.half_height_mm)
    within = step_up(-distance - 0.6, 0.5)
    if features.composition == "solid":
        return np.zeros_like(distance)
    if features.composition == "cystic":
        debris = step_up(tissue.noise(random, x_mm=size / 3, z_mm=size / 4) - 2.2, 0.4)
        fluid = step_up(-distance - 0.45, 0.4) * (1 - debris)
    elif features.composition == "mixed":
        lumps = tissue.noise(random, x_mm=size / 3, z_mm=size / 3.5)
        inner = lumps[distance < 0]
        limit = np.quantile(inner, random.uniform(0.45, 0.65)) if inner.size else 0.0
        fluid = step_up(lumps - np.float32(limit), 0.25) * within
    else:  # spongiform: more than half of the volume is tiny cysts between thin walls
        cell = float(np.clip(size / 18, 0.5, 0.9))
        lumps = tissue.noise(random, x_mm=cell * 1.3, z_mm=cell)
        fluid = 0.85 * step_up(lumps + 0.3, 0.6) * within
        tissue.paint(within * (1 - fluid), echo=3.0)
    tissue.paint(fluid, echo=_FLUID_DB, loss=_FLUID_LOSS, grain=0.1, line=0.0)
    return np.asarray(fluid, dtype=np.float32)


def paint_edge_shadows(tissue: Tissue, outline: Outline, distance: Array) -> None:
    """Edge shadows: narrow shadows below both sides of a round nodule, where sound is refracted."""
    sideways = np.abs(tissue.x - outline.x_mm) / outline.half_width_mm
    tissue.loss += 7.0 * ridge(distance, 0.6) * np.clip(sideways, 0, 1.2) ** 8


def _place(outline: Outline, random: np.random.Generator, *, reach: float) -> tuple[float, float]:
    """A random point inside the outline, within `reach` of the way to its border."""
    direction = random.uniform(0, 2 * math.pi)
    limit = outline.radius[int(direction / (2 * math.pi) * outline.radius.size)]
    radius = reach * math.sqrt(random.random()) * float(limit)
    x = outline.x_mm + outline.half_width_mm * radius * math.cos(direction)
    return x, outline.z_mm + outline.half_height_mm * radius * math.sin(direction)


def paint_microcalcifications(tissue: Tissue, outline: Outline, random: np.random.Generator) -> None:
    """Punctate bright dots under 1 mm without shadow."""
    area = math.pi * outline.half_width_mm * outline.half_height_mm
    for _ in range(int(np.clip(random.poisson(6 + area / 12), 6, 28))):
        x, z = _place(outline, random, reach=0.85)
        radius = random.uniform(0.12, 0.26)
        reach = 1.3 * REACH * radius
        part = tissue.near((x - reach, x + reach), (z - reach, z + reach))
        dot = ridge(np.hypot((part.x - x) / 1.3, part.z - z), radius)
        part.line += np.float32(random.uniform(5.0, 12.0)) * dot
        part.paint(np.clip(dot, 0, 1), echo=8.0)


def _paint_macrocalcifications(tissue: Tissue, outline: Outline, random: np.random.Generator) -> None:
    """One or two coarse calcifications: a bright bent surface with a shadow behind it."""
    size = 2 * math.sqrt(outline.half_width_mm * outline.half_height_mm)
    for _ in range(int(random.integers(1, 3))):
        x, z = _place(outline, random, reach=0.6)
        width = float(np.clip(random.uniform(0.14, 0.24) * size, 1.2, 4.0))
        half = 2 * width  # exp(-2 ** 6) is nothing
        part = tissue.near((x - half, x + half), (z - 0.45 * REACH, z + 0.48 * width + 0.6 + 0.45 * REACH))
        across, along = (part.x - x) / width, part.z - z - 0.12 * (part.x - x) ** 2 / width
        span = np.asarray(np.exp(-((across) ** 6)), dtype=np.float32)
        crust = span * ridge(along, 0.45)
        part.line += np.float32(random.uniform(7.0, 11.0)) * crust
        part.paint(np.clip(crust, 0, 1), echo=13.0, grain=0.6)
        part.loss += 230.0 * span * ridge(along - 0.6, 0.4)


def _paint_comet_tails(tissue: Tissue, outline: Outline, fluid: Array, random: np.random.Generator) -> None:
    """Bright colloid spots, each with a short tapering row of echoes below it."""
    for _ in range(int(random.integers(2, 6))):
        x, z = _place_in_fluid(outline, tissue, fluid, random)
        length = random.uniform(2.0, 4.0)
        half = 1.4 * 0.35 * REACH
        part = tissue.near((x - half, x + half), (z - half, z + length + half))
        below = part.z - z
        reach = np.clip(1 - below / length, 0, 1) * (below > -0.3)
        row = ridge(part.x - x, 0.12 + 0.25 * reach) * reach
        rings = 0.55 + 0.45 * np.cos(2 * math.pi * below / 0.55)
        part.line += np.float32(random.uniform(4.0, 6.5)) * row * rings
        part.line += np.float32(7.0) * ridge(np.hypot((part.x - x) / 1.4, below), 0.35)


def _place_in_fluid(outline: Outline, tissue: Tissue, fluid: Array, random: np.random.Generator) -> tuple[float, float]:
    """A point inside the nodule, in fluid if a few tries find some."""
    for _ in range(12):
        x, z = _place(outline, random, reach=0.75)
        nearest = np.argmin(np.abs(tissue.x - x) + np.abs(tissue.z - z))
        if fluid.flat[nearest] > 0.5:
            break
    return x, z
