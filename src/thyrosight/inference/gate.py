"""The input gate: properties of an image that make its result less reliable, found before the network sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from thyrosight.imaging import Frame, Preparation, PreparedImage, ScanArea, find_panels, find_scan_area

QUALITY_FLAGS = {
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
"""Every flag that `check_input` can give, with its meaning. How the limits were chosen: docs/how-to/predict.md."""

# Limits outside the range of four public sets (see the table in docs/how-to/predict.md).
_LEAST_SIDE = 100
_LEAST_WINDOW_SHARE = 0.25
_DARK_LIGHTS = 70
_SATURATED_SHARE = 0.05
_LEAST_TEXTURE = 4.0
_COLOURED_SHARE = 0.02
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
    area = find_scan_area(frame.pixels, regions=frame.scan_boxes)
    measured = measure_frame(frame, area)
    boxed = prepared.nodule is not None
    window = max(prepared.window.width, prepared.window.height)
    enlarged = preparation.crop == "nodule" and preparation.shape != "own"  # which keeps its resolution
    raised = {
        "no nodule box": preparation.crop == "nodule" and not boxed,
        "two views": _shows_two_views(frame, prepared, preparation, area),
        "small nodule": enlarged and boxed and window < _LEAST_WINDOW_SHARE * preparation.size,
        "small image": measured.shorter_side < _LEAST_SIDE,
        "too dark": measured.lights < _DARK_LIGHTS,
        "saturated": measured.saturated > _SATURATED_SHARE,
        "almost no texture": measured.texture < _LEAST_TEXTURE,
        "colour": preparation.colour == "grey" and measured.coloured > _COLOURED_SHARE,
        "not like ultrasound": measured.anisotropy < _LEAST_ANISOTROPY or measured.speckle < _LEAST_SPECKLE,
    }
    return tuple(name for name in QUALITY_FLAGS if raised[name])


def measure_frame(frame: Frame, area: ScanArea | None = None) -> FrameMeasures:
    """Measure the scan area of a frame, found here if it is not given."""
    area = find_scan_area(frame.pixels, regions=frame.scan_boxes) if area is None else area
    box = area.box
    inside = area.mask[box.top : box.bottom, box.left : box.right]
    grey = frame.grey()[box.top : box.bottom, box.left : box.right]
    values = grey[inside]
    small, within = _resized(grey, inside)
    down, across = np.abs(np.diff(small, axis=0)), np.abs(np.diff(small, axis=1))
    fine = small - ndimage.gaussian_filter(small, 2)
    return FrameMeasures(
        shorter_side=min(box.width, box.height),
        lights=float(np.percentile(values, 95)),
        saturated=float((values >= _WHITE).mean()),
        coloured=_coloured_share(frame.pixels[box.top : box.bottom, box.left : box.right], inside),
        texture=float(fine[within].std()),
        anisotropy=_mean(down, within[1:] & within[:-1]) / max(_mean(across, within[:, 1:] & within[:, :-1]), 1e-6),
        speckle=_speckle(small, fine, within),
    )


def _resized(grey: NDArray[np.uint8], inside: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    factor = _SIDE / max(grey.shape)
    size = (max(round(grey.shape[1] * factor), 2), max(round(grey.shape[0] * factor), 2))
    small = Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR)
    within = np.asarray(Image.fromarray(inside).resize(size, Image.Resampling.NEAREST))
    return np.asarray(small, dtype=np.float32), within if within.any() else np.ones_like(within)


def _coloured_share(pixels: NDArray[np.uint8], inside: NDArray[np.bool_]) -> float:
    if pixels.ndim == 2:
        return 0.0
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return float((spread[inside] > _COLOURED).mean())


def _speckle(small: NDArray[np.float32], fine: NDArray[np.float32], within: NDArray[np.bool_]) -> float:
    brightness = ndimage.uniform_filter(small, 9)
    contrast = np.sqrt(np.maximum(ndimage.uniform_filter(fine**2, 9), 0))
    lit = within & (brightness > _LIT)
    if lit.sum() < 2 or brightness[lit].std() == 0 or contrast[lit].std() == 0:
        return 0.0
    return float(np.corrcoef(brightness[lit], contrast[lit])[0, 1])


def _mean(values: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else 0.0


def _shows_two_views(frame: Frame, prepared: PreparedImage, preparation: Preparation, area: ScanArea) -> bool:
    """Whether the part of the frame that the network saw shows two views."""
    views = find_panels(frame.pixels, area=area)
    if len(views) < 2:
        return False
    own_view = preparation.crop == "nodule" and preparation.scan_area and preparation.other_view == "hidden"
    if prepared.nodule is not None and own_view:
        return not any(step["step"] == "own view" for step in prepared.steps)
    return all(prepared.window.intersect(view) is not None for view in views)
