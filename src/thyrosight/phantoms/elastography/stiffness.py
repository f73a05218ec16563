"""The stiffness of simulated tissue: layers of the neck, and a nodule with a known mean."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.phantoms.elastography.section import Section
from thyrosight.phantoms.outline import POINTS, Outline
from thyrosight.phantoms.tissue import Tissue, ridge, step_up

Array = NDArray[np.floating[Any]]

LAYERS_KPA = {"skin": 14.0, "fat": 8.0, "muscle": 15.0, "gland": 18.0, "behind": 17.0}
"""Median Young's modulus of healthy layers, of the order of reports on shear-wave elastography; chosen, not fitted."""


def stiffness_map(section: Section, tissue: Tissue, random: np.random.Generator) -> NDArray[np.float32]:
    """Young's modulus in kPa at every pixel of the panel; the mean over the nodule is exactly the subject's.

    Layers differ between patients by a few tenths. The nodule is heterogeneous, and about one in three has a stiffer
    rim. Neither depends on the label. The stiff region has a smooth border for every margin, so that the colours do not
    reveal the margin.
    """
    healthy = _healthy_kpa(section, tissue, random)
    distance = _smoothed(section.outline).distance_mm(tissue.x, tissue.z)
    size = section.subject.size_mm
    uneven = random.uniform(0.08, 0.22) * tissue.noise(random, x_mm=max(size / 4, 1.5), z_mm=max(size / 5, 1.2))
    rim = random.uniform(0.3, 0.6) if random.random() < 1 / 3 else 0.0
    width = max(0.09 * size, 0.9)
    inner = np.exp(uneven + rim * ridge(distance + width, 1.1 * width))
    share = step_up(-distance, 0.8)
    inside = section.mask()
    outer = (1 - share) * healthy
    # The factor for which the mean over the mask, including the transition at the border, is the wanted one.
    wanted = section.subject.stiffness_kpa - float(outer[inside].mean(dtype=np.float64))
    factor = max(wanted, 0.2) / float((share * inner)[inside].mean(dtype=np.float64))
    return np.asarray(outer + factor * share * inner, dtype=np.float32)


def _healthy_kpa(section: Section, tissue: Tissue, random: np.random.Generator) -> NDArray[np.float32]:
    """The neck without the nodule."""
    neck = section.neck
    names = tuple(LAYERS_KPA)
    level = dict(zip(names, np.log(list(LAYERS_KPA.values())) + random.normal(0, 0.12, len(names)), strict=True))
    logarithm = np.full(tissue.z.shape, level["gland"], dtype=np.float32)
    for name, end in (("muscle", neck.gland_mm), ("fat", neck.muscle_mm), ("skin", neck.fat_mm)):
        logarithm += (np.float32(level[name]) - logarithm) * step_up(end - tissue.z, 0.8)
    logarithm += (np.float32(level["behind"]) - logarithm) * step_up(tissue.z - neck.back_mm, 1.2)
    logarithm += 0.13 * tissue.noise(random, x_mm=4, z_mm=2.5) + 0.10 * tissue.noise(random, x_mm=9, z_mm=6)
    return np.exp(logarithm)


def _smoothed(outline: Outline) -> Outline:
    """The outline without lobes and spikes."""
    radius = ndimage.gaussian_filter1d(outline.radius, POINTS / 14, mode="wrap")
    return replace(outline, radius=radius)
