"""The input gate: properties of an image that make its result less reliable, found before the network sees it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.imaging import Frame, Preparation, PreparedImage
from thyrosight.imaging.counting import quantile_of_histogram
from thyrosight.imaging.crops import resize
from thyrosight.imaging.panels import parts_of, shows_two_views
from thyrosight.imaging.scan_area import narrowed_scan, scan_area_of
from thyrosight.imaging.smoothing import local_mean, smoothed
from thyrosight.inference.familiarity import UNLIKE

NO_NODULE_FOUND = "no nodule found"
QUALITY_FLAGS = {
    UNLIKE: "the network finds nothing in it like the images it was trained on: its answer may mean nothing",
    NO_NODULE_FOUND: "no nodule was found in this image; the risk is that of the whole scan area and says little",
    "no nodule box": "the model was trained on crops of nodules and saw the whole scan area instead; give a box",
    "two views": "two views side by side were shown to the network as one image; give a box, or cut one view out",
    "small nodule": "the nodule's crop was enlarged more than four times; fine texture cannot be seen",
    "small image": "the scan area is less than 100 pixels high or wide",
    "too dark": "even the brightest twentieth of the scan area is dark; check gain and export",
    "saturated": "more than 5 % of the scan area is pure white; check gain and export",
    "almost no texture": "the image is blurred, over-compressed or empty",
    "colour": "coloured pixels (Doppler, elastogram, a photograph) were turned to grey levels",
    "not like ultrasound": "the texture is not that of ultrasound speckle, or the image is rotated by 90 degrees",
}
"""Every flag of an image, with its meaning; all but the first two come from `check_input`.

How the limits were chosen: docs/how-to/predict.md.
"""

# Limits outside the range of four public sets (see the table in docs/how-to/predict.md).
_LEAST_SIDE = 100
_LEAST_WINDOW_SHARE = 0.25
_DARK_LIGHTS = 70
_SATURATED_SHARE = 0.05
_LEAST_TEXTURE = 4.0
_COLOURED_SHARE = 0.005  # the simulated colour Doppler frame of the tests has 0.014
# Speckle is finer along the beam than across it, and grows with brightness. Photographs and print do neither.
_LEAST_ANISOTROPY = 1.15
_LEAST_SPECKLE = -0.1

_SIDE = 224
_WHITE = 250
_COLOURED = 30
_LIT = 15


@dataclass(frozen=True)
class FrameMeasures:
    """Measurements of the scan area of a frame, which is resized so that its longer side has 224 pixels.

    Attributes:
        shorter_side: of the scan area in pixels of the frame.
        lights: 95th percentile of the grey levels.
        saturated: share of grey levels of 250 and above.
        coloured: share of pixels whose channels differ by more than 30.
        texture: standard deviation of the grey levels after their local mean (Gaussian, 2 pixels) is taken away.
        anisotropy: mean absolute difference of neighbours in a column over that of neighbours in a row.
        speckle: correlation of local contrast with local brightness (9 x 9 pixels, where it is lit).
    """

    shorter_side: int
    lights: float
    saturated: float
    coloured: float
    texture: float
    anisotropy: float
    speckle: float


def check_input(frame: Frame, prepared: PreparedImage, preparation: Preparation) -> tuple[str, ...]:
    """Names of the `QUALITY_FLAGS` that a frame and its preparation raise, in the order listed there.

    A flag never changes the result; it says that the image differs from those the model was trained on.
    """
    measured = measure_frame(frame)
    boxed = prepared.nodule is not None
    window = max(prepared.window.width, prepared.window.height)
    enlarged = preparation.crop == "nodule" and preparation.shape != "own"  # which keeps its resolution
    raised = {
        "no nodule box": preparation.crop == "nodule" and not boxed,
        "two views": _shows_two_views(frame, prepared, preparation),
        "small nodule": enlarged and boxed and window < _LEAST_WINDOW_SHARE * preparation.size,
        "small image": measured.shorter_side < _LEAST_SIDE,
        "too dark": measured.lights < _DARK_LIGHTS,
        "saturated": measured.saturated > _SATURATED_SHARE,
        "almost no texture": measured.texture < _LEAST_TEXTURE,
        "colour": preparation.colour == "grey" and measured.coloured > _COLOURED_SHARE,
        "not like ultrasound": measured.anisotropy < _LEAST_ANISOTROPY or measured.speckle < _LEAST_SPECKLE,
    }
    return tuple(name for name in QUALITY_FLAGS if raised.get(name))


def measure_frame(frame: Frame) -> FrameMeasures:
    """Measure the scan area of a frame."""
    area = scan_area_of(frame)
    box = area.box
    mask = None if area.fills_box else area.mask[box.top : box.bottom, box.left : box.right]
    levels = _levels(frame.grey()[box.top : box.bottom, box.left : box.right], mask)
    factor = _SIDE / max(box.height, box.width)
    rows, columns = (max(round(side * factor), 2) for side in (box.height, box.width))
    small = resize(narrowed_scan(frame, columns), (rows, columns))
    within = None if mask is None else _mask_resized(mask, (rows, columns))
    values = small.astype(np.float32)
    fine = values - smoothed(values)
    return FrameMeasures(
        shorter_side=min(box.width, box.height),
        lights=quantile_of_histogram(levels, 0.95),
        saturated=float(levels[_WHITE:].sum() / levels.sum()),
        coloured=_coloured_share(frame.pixels[box.top : box.bottom, box.left : box.right], mask),
        texture=float(_within(fine, within).std()),
        anisotropy=_mean_step(small, within) / max(_mean_step(small.T, None if within is None else within.T), 1e-6),
        speckle=_speckle(small, fine, within),
    )


def _levels(grey: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """How many pixels have each grey level."""
    if mask is None:
        return np.array(Image.fromarray(grey).histogram())
    # Outside is made black and not counted: several times faster than counting inside a mask.
    levels = np.array(Image.fromarray(grey * mask).histogram())
    levels[0] -= mask.size - np.count_nonzero(mask)
    return levels


def _mask_resized(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """The mask in (rows, columns); None where nothing is left of it."""
    picture = Image.fromarray(mask.view(np.uint8)).resize(shape[::-1], Image.Resampling.NEAREST)
    within = np.asarray(picture).view(bool)
    return within if within.any() else None


def _coloured_share(pixels: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> float:
    if pixels.ndim == 2:
        return 0.0
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return float((_within(spread, mask) > _COLOURED).mean())


def _mean_step(small: NDArray[np.uint8], within: NDArray[np.bool_] | None) -> float:
    """The mean absolute difference of neighbours in a column."""
    steps = np.maximum(small[1:], small[:-1]) - np.minimum(small[1:], small[:-1])
    values = _within(steps, None if within is None else within[1:] & within[:-1])
    return float(values.sum(dtype=np.uint32) / values.size) if values.size else 0.0


def _speckle(small: NDArray[np.uint8], fine: NDArray[np.float32], within: NDArray[np.bool_] | None) -> float:
    brightness, contrast = local_mean(small, 9), np.sqrt(local_mean(fine * fine, 9))
    lit = brightness > _LIT if within is None else within & (brightness > _LIT)
    if not lit.all():
        brightness, contrast = brightness[lit], contrast[lit]
    if brightness.size < 2 or np.ptp(brightness) == 0 or np.ptp(contrast) == 0:
        return 0.0
    one, other = ((values - values.mean()).ravel() for values in (brightness, contrast))
    return float(_product(one, other) / np.sqrt(_product(one, one) * _product(other, other)))


def _product(one: NDArray[np.float32], other: NDArray[np.float32]) -> np.float32:
    # Not numpy's own product: its library wakes threads for it, which take milliseconds to come on a busy machine.
    return np.float32(np.einsum("i,i->", one, other))


def _within(values: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
    return values if mask is None else values[mask]


def _shows_two_views(frame: Frame, prepared: PreparedImage, preparation: Preparation) -> bool:
    """Whether the part of the frame that the network saw shows two views."""
    own_view = preparation.crop == "nodule" and preparation.scan_area and preparation.other_view == "hidden"
    if prepared.nodule is not None and own_view:
        return len(parts_of(frame)) > 1 and not any(step["step"] == "own view" for step in prepared.steps)
    return shows_two_views(frame, prepared.window)
