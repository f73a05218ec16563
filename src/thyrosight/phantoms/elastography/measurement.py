"""The measurement of stiffness: smoothed, noisy, with artefacts and holes, and relative for strain."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.imaging import Box
from thyrosight.phantoms.elastography.section import Section
from thyrosight.phantoms.tissue import Tissue, ridge, step_up

Array = NDArray[np.floating[Any]]
Style = Literal["shear-wave", "strain"]

_WEAK_ECHO_DB = -19.0  # outside the nodule nothing is measured in tissue with such weak echoes: vessels, trachea


@dataclass(frozen=True)
class Scale:
    """The scale of the colour bar: from stiffness to a place on the bar.

    Attributes:
        quantity: "kPa" for Young's modulus, "m/s" for the speed of shear waves, "strain" for soft to hard.
        top: the value at the hard end; 1 for strain.
    """

    quantity: Literal["kPa", "m/s", "strain"]
    top: float

    @property
    def text(self) -> str:
        """The range as in the table of a cohort, for example "0-100 kPa"."""
        return "soft-hard" if self.quantity == "strain" else f"0-{self.top:g} {self.quantity}"

    def place(self, log_kpa: Array, *, reference: float) -> Array:
        """Place from 0 (soft) to 1 (hard); `reference` is the logarithm of the surrounding tissue's stiffness in kPa.

        The speed of shear waves is the root of Young's modulus over three times the density of water. Strain has no
        unit: a machine spreads its colours around the tissue in the box.
        """
        if self.quantity == "strain":
            return np.asarray(np.clip(0.40 + 0.32 * (log_kpa - reference), 0, 1))
        kpa = np.exp(log_kpa)
        shown = kpa if self.quantity == "kPa" else np.sqrt(kpa / 3)
        return np.asarray(np.clip(shown / self.top, 0, 1))


@dataclass(frozen=True, eq=False)
class Measurement:
    """A measurement of stiffness, as shown in colour.

    Attributes:
        box: the colour box in the panel.
        place: place on the colour bar from 0 (soft) to 1 (hard), `(rows, columns)` of the panel.
        signal: 1 in coloured pixels, 0 in holes and outside the box.
    """

    box: Box
    place: NDArray[np.float32]
    signal: NDArray[np.float32]


def measure(
    section: Section,
    tissue: Tissue,
    kpa: Array,
    *,
    box: Box,
    scale: Scale,
    nuisance: float,
    random: np.random.Generator,
) -> Measurement:
    """Measure a stiffness map.

    Args:
        section: the examined section.
        tissue: its tissue, in which weak echoes leave holes.
        kpa: Young's modulus `(rows, columns)`.
        box: the colour box, see `draw_colour_box`.
        scale: the colour bar, of strain or of shear waves.
        nuisance: strength of noise, artefacts and holes, from 0 to 1.
        random: source of random numbers.
    """
    strain = scale.quantity == "strain"
    logarithm = ndimage.gaussian_filter(np.log(kpa), random.uniform(0.7, 1.1) / section.probe.pixel_mm)
    artefacts = _skin_artefact(tissue, random) + _pulsation(section, tissue, random)
    pressure = np.float32(random.normal(0, 0.08))  # pressure of the probe makes all tissue a little stiffer
    logarithm += nuisance * (_noise(tissue, random, strain=strain) + artefacts + pressure)
    window = (slice(box.top, box.bottom), slice(box.left, box.right))
    inside = tissue.part(*window)
    healthy = section.outline.distance_mm(inside.x, inside.z) > 1.0
    seen = logarithm[window][healthy] if healthy.any() else logarithm[window]
    signal = np.zeros(kpa.shape, dtype=np.float32)
    echo = ndimage.gaussian_filter(tissue.echo, 0.5 / section.probe.pixel_mm)[window]
    signal[window] = _signal(section, inside, echo, random, limit=2.9 if strain else 2.2, nuisance=nuisance)
    return Measurement(box, scale.place(logarithm, reference=float(np.median(seen))).astype(np.float32), signal)


def draw_colour_box(section: Section, random: np.random.Generator, *, wide: bool) -> Box:
    """A box over the nodule and tissue around it, smaller than the panel; wider for strain."""
    pixel, rows, columns = section.probe.pixel_mm, section.probe.rows, section.probe.columns
    around = section.box()
    least, most = (4.0, 10.0) if wide else (3.0, 7.0)
    left, right, above, below = random.uniform((least, least, 2.0, 2.0), (most, most, 6.0, 5.5)) / pixel
    edge = round(0.8 / pixel)
    return Box(
        max(edge, around.left - round(left)),
        max(edge, around.top - round(above)),
        min(columns - edge, around.right + round(right)),
        min(rows - edge, around.bottom + round(below)),
    )


def _noise(tissue: Tissue, random: np.random.Generator, *, strain: bool) -> Array:
    """Errors of the logarithm of stiffness, correlated over the machine's resolution and growing with depth."""
    strength = random.uniform(0.12, 0.24) if strain else random.uniform(0.10, 0.20)
    width = 3.2 if strain else 1.9  # strain is tracked along the beam, and its errors run across it
    lumps = 0.8 * tissue.noise(random, x_mm=width, z_mm=1.4) + 0.6 * tissue.noise(random, x_mm=2.2 * width, z_mm=3.5)
    return np.asarray(strength * lumps * (0.7 + tissue.z / 40))


def _skin_artefact(tissue: Tissue, random: np.random.Generator) -> Array:
    """Patches just below the skin that look stiff, because the probe presses on the tissue."""
    patches = np.clip(0.5 + 0.6 * tissue.noise(random, x_mm=7, z_mm=500), 0, 1.5)
    return np.asarray(random.uniform(0.3, 1.1) * patches * np.exp(-tissue.z / random.uniform(1.2, 2.6)))


def _pulsation(section: Section, tissue: Tissue, random: np.random.Generator) -> Array:
    """In about one image in three, a vertical band beside the nodule, too soft and too stiff, caused by pulsation."""
    outline, half = section.outline, section.probe.half_width_mm
    x = outline.x_mm + random.choice([-1, 1]) * (outline.half_width_mm + random.uniform(1.5, 5.0))
    band = ridge(tissue.x - np.float32(np.clip(x, -half, half)), random.uniform(0.8, 1.8))
    strength = random.uniform(0.25, 0.55) if random.random() < 1 / 3 else 0.0
    return np.asarray(strength * band * tissue.noise(random, x_mm=500, z_mm=3.0))


def _signal(
    section: Section, tissue: Tissue, echo: Array, random: np.random.Generator, *, limit: float, nuisance: float
) -> NDArray[np.float32]:
    """1 in coloured pixels, 0 in holes: random ones, more often at depth, and those of weak (smoothed) echoes.

    Inside the nodule echoes have no effect. Real fluid carries no shear waves; here such holes would reveal the
    composition, and the elastogram would contain information that belongs to B-mode.
    """
    chance = tissue.noise(random, x_mm=3.0, z_mm=2.2) + 0.5 * np.maximum(tissue.z - 20, 0) / 10
    within = step_up(-section.outline.distance_mm(tissue.x, tissue.z) + 1.0, 1.0)
    limit += random.uniform(-0.5, 0.6)
    hole = nuisance * step_up(chance - limit - 0.5 * within, 0.25)
    weak = step_up(_WEAK_ECHO_DB - echo, 4.0) * (1 - within)
    return np.asarray(1 - np.maximum(hole, weak), dtype=np.float32)
