"""From tissue to a picture: speckle, point-spread function, attenuation, gain and log compression."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Preset:
    """The settings of a scanner.

    Attributes:
        focus_mm: depth where beams are narrowest.
        axial_mm, lateral_mm: standard deviation of the point-spread function at the focus.
        widening: growth of the lateral width per mm away from the focus, in mm.
        gland_grey: grey value of healthy gland.
        grey_per_db: contrast.
        black_grey: grey value of noise without signal.
        noise_db: electronic noise at the surface relative to gland; time-gain compensation lifts it with depth.
        fall_db_per_cm: attenuation that the time-gain compensation does not correct.
    """

    focus_mm: float
    axial_mm: float
    lateral_mm: float
    widening: float
    gland_grey: float
    grey_per_db: float
    black_grey: float
    noise_db: float
    fall_db_per_cm: float


def form_picture(tissue: Tissue, probe: Probe, preset: Preset, random: np.random.Generator) -> NDArray[np.uint8]:
    """The grey picture `(rows, columns)` that a probe draws of a tissue; 0 outside the scan area."""
    # Machines average neighbouring samples before compression, which fills the darkest gaps of the speckle.
    envelope = ndimage.gaussian_filter(receive(tissue, preset, random), (0.35, 0.8))
    picture = probe.scan_convert(_to_grey(_decibel(envelope + np.float32(1e-4)), preset))
    smoothed = ndimage.gaussian_filter(picture, 0.45)
    inside = probe.scan_area()
    return np.where(inside, np.clip(np.rint(smoothed), 1, 255), 0).astype(np.uint8)


def receive(tissue: Tissue, preset: Preset, random: np.random.Generator) -> Array:
    """The envelope of the echoes, 1 being the root mean square of healthy gland."""
    shape = tissue.x.shape
    weakening = np.cumsum(tissue.loss, axis=0) * np.float32(tissue.step_mm / 10)
    weakening += preset.fall_db_per_cm * np.maximum(tissue.depth - preset.focus_mm, 0) / 10
    gain = _beam_gain(tissue, random) - weakening
    scatter = random.standard_normal((2, *shape), dtype=np.float32)
    spots = random.standard_exponential(shape, dtype=np.float32)
    # A Gaussian times the root of an exponential is K-distributed; `grain` mixes it with the plain Gaussian (Rayleigh).
    spots -= 1
    spots *= tissue.grain
    spots += 1
    scatter *= np.sqrt(spots) * _amplitude(tissue.echo + gain)
    blurred = _blur(scatter, tissue, preset)
    blurred[0] += _blur_lines(tissue.line * _amplitude(gain), tissue, preset)
    noise = random.standard_normal((2, *shape), dtype=np.float32)
    noise_level = _amplitude(preset.noise_db + 2.0 * tissue.depth / 10)
    for number in range(2):
        # A Gaussian filter of width 1 leaves 1 / (2 sqrt(pi)) of the variance of white noise; each component needs 1/2.
        grainy = ndimage.gaussian_filter1d(noise[number], 1.0, axis=1)
        grainy *= noise_level * np.float32(np.pi**0.25)
        blurred[number] += grainy
    blurred *= blurred
    return np.asarray(np.sqrt(blurred[0] + blurred[1]), dtype=np.float32)


# Numpy works out several natural exponentials and logarithms at a time, but powers and logarithms of 10 one by one.
_NEPERS_PER_DB = np.float32(np.log(10) / 20)
"""The natural logarithm of the amplitude that 1 dB is."""


def _amplitude(decibel: Array) -> Array:
    return np.asarray(np.exp(decibel * _NEPERS_PER_DB), dtype=np.float32)


def _decibel(amplitude: Array) -> Array:
    return np.asarray(np.log(amplitude) / _NEPERS_PER_DB, dtype=np.float32)


def _beam_gain(tissue: Tissue, random: np.random.Generator) -> Array:
    """Differences between beams in dB: uneven coupling and contact lost at one side."""
    streaks = 1.2 * tissue.noise(random, x_mm=1.6, z_mm=12) + 1.8 * tissue.noise(random, x_mm=7.0, z_mm=60)
    lost, side = random.choice([0.0, 0.0, 12.0]), random.choice([-1, 1])
    if not lost:
        return streaks
    half = np.abs(tissue.x).max()
    return np.asarray(streaks - lost * np.exp(-((tissue.x * side / half - 1.05) ** 2) / 0.012), dtype=np.float32)


def _pixels(tissue: Tissue, preset: Preset) -> tuple[float, Array]:
    """Point-spread widths in samples: along a beam, and across beams for each depth."""
    middle = tissue.x.shape[1] // 2
    pitch = float(tissue.x[0, middle + 1] - tissue.x[0, middle])
    z = tissue.z[:, middle]
    lateral = (preset.lateral_mm + preset.widening * np.abs(z - preset.focus_mm)) / pitch
    return preset.axial_mm / tissue.step_mm, np.asarray(lateral, dtype=np.float32)


def _blur(echoes: Array, tissue: Tissue, preset: Preset) -> Array:
    """Blur by the point-spread function, whose lateral width changes with depth, keeping the power of speckle."""
    axial, lateral = _pixels(tissue, preset)
    narrow, wide = float(lateral.min()), float(lateral.max())
    share = ((lateral - narrow) / max(wide - narrow, 1e-6))[:, None]
    blurred = np.empty_like(echoes)
    for number in range(2):
        along = ndimage.gaussian_filter1d(echoes[number], axial, axis=0, truncate=3.0)
        sharp = ndimage.gaussian_filter1d(along, narrow, axis=1, truncate=3.0)
        soft = ndimage.gaussian_filter1d(along, wide, axis=1, truncate=3.0)
        # Gaussian filters of widths a and b leave 1 / (4 pi a b) of the variance of white noise; each component needs
        # 1/2.
        sharp *= (1 - share) * np.float32(np.sqrt(2 * np.pi * axial * narrow))
        soft *= share * np.float32(np.sqrt(2 * np.pi * axial * wide))
        np.add(sharp, soft, out=blurred[number])
    return blurred


def _blur_lines(line: Array, tissue: Tissue, preset: Preset) -> Array:
    """Blur smooth reflectors, which keep their amplitude."""
    axial, lateral = _pixels(tissue, preset)
    width = float(np.median(lateral))
    return np.asarray(ndimage.gaussian_filter(line, (0.7 * axial, 0.6 * width), truncate=3.0), dtype=np.float32)


def _to_grey(decibel: Array, preset: Preset) -> Array:
    """The grey map: linear for tissue and flat for noise, so that depths without echoes are uniformly dark."""
    softness = 6.0
    lift = (preset.gland_grey - preset.black_grey) / preset.grey_per_db
    # The straight part of a softplus passes through the gland's grey value at 0 dB.
    knee = np.float32(-softness * np.log(np.expm1(lift / softness)))
    above = (decibel - knee) / softness
    soft = softness * (np.maximum(above, 0) + np.log(1 + np.exp(-np.abs(above))))  # logaddexp(0, above), vectorised
    return np.asarray(preset.black_grey + preset.grey_per_db * soft, dtype=np.float32)
