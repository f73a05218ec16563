"""Drawn frames with an elastogram, whose panels and stiffness are known."""

import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from thyrosight.imaging import Box, Frame

ANCHORS = {
    "rainbow": [(0, 0, 255), (0, 255, 255), (0, 255, 0), (255, 255, 0), (255, 0, 0)],
    "jet": [(0, 0, 130), (0, 0, 255), (0, 255, 255), (255, 255, 0), (255, 0, 0), (130, 0, 0)],
    "hot": [(0, 0, 0), (230, 0, 0), (255, 230, 0), (255, 255, 255)],
    "blue-green-red": [(0, 0, 255), (0, 255, 0), (255, 0, 0)],
}


@dataclass(frozen=True)
class Drawn:
    """A drawn frame and its truth; boxes as left, top, right, bottom."""

    pixels: NDArray[np.uint8]
    b_mode: Box
    elastogram: Box
    colour_box: Box
    bar: Box | None
    stiffness: NDArray[np.float64]  # 0 to 1, of the panel; NaN where there is no colour

    @property
    def frame(self) -> Frame:
        return Frame(self.pixels, "drawn.png")


def b_mode(seed: int, rows: int = 300, columns: int = 260) -> NDArray[np.float64]:
    """Layered speckle with a dark nodule, correlated sideways as a beam makes it."""
    random = np.random.default_rng(seed)
    speckle = np.hypot(*ndimage.gaussian_filter(random.normal(size=(2, rows, columns)), (0, 1.0, 2.2)))
    y, x = np.mgrid[:rows, :columns]
    slow = ndimage.gaussian_filter(random.normal(size=(rows, columns)), 12)
    level = 1 + 0.35 * np.sin(y / (11 + seed % 5)) + 0.5 * slow / slow.std()
    centre = rows * random.uniform(0.4, 0.6), columns * random.uniform(0.4, 0.6)
    level *= np.where(((y - centre[0]) / 45) ** 2 + ((x - centre[1]) / 60) ** 2 < 1, 0.35, 1.0)
    return np.clip(speckle / speckle.mean() * 70 * np.maximum(level, 0.05), 0, 255)


def stiffness(seed: int, rows: int, columns: int) -> NDArray[np.float64]:
    """A smooth map from 0 to 1."""
    random = np.random.default_rng(seed + 1000)
    field = ndimage.gaussian_filter(random.normal(size=(rows, columns)), 16, mode="wrap")
    return np.clip(0.4 + 0.25 * field / field.std(), 0.02, 0.98)


def colours(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    anchors = np.array(ANCHORS[name], dtype=np.float64)
    places = np.linspace(0, 1, len(anchors))
    return np.stack([np.interp(values, places, anchors[:, part]) for part in range(3)], axis=-1)


def draw(
    *,
    seed: int = 0,
    layout: str = "side by side",
    elastogram_first: bool = False,
    opacity: float = 0.5,
    part: float = 0.6,
    colour_map: str = "rainbow",
    gap: int = 12,
    bar: bool = True,
    text: bool = True,
    dropouts: bool = False,
    other: NDArray[np.float64] | None = None,
    outline: bool = False,
) -> Drawn:
    """One frame; `part` is the share of the panel's sides that the colour box takes, `other` replaces the B-mode."""
    grey = b_mode(seed)
    rows, columns = grey.shape
    random = np.random.default_rng(seed + 7)
    high, wide = round(part * rows), round(part * columns)
    top, left = random.integers(0, rows - high + 1), random.integers(0, columns - wide + 1)
    box = Box(int(left), int(top), int(left + wide), int(top + high))
    values = stiffness(seed, rows, columns)
    shown = np.zeros((rows, columns), dtype=bool)
    shown[box.top : box.bottom, box.left : box.right] = True
    if dropouts:
        holes = ndimage.gaussian_filter(random.normal(size=(rows, columns)), 14, mode="wrap")
        shown &= holes < 0.9 * holes.std()
    panel = np.repeat(grey[:, :, None], 3, axis=2)
    panel[shown] = opacity * colours(colour_map, values[shown]) + (1 - opacity) * panel[shown]
    plain = np.repeat((grey if other is None else other)[:, :, None], 3, axis=2)
    if outline:
        plain[box.top, box.left : box.right] = plain[box.bottom - 1, box.left : box.right] = (230, 230, 120)
        plain[box.top : box.bottom, box.left] = plain[box.top : box.bottom, box.right - 1] = (230, 230, 120)
    margin_top, margin_left = 48, 70
    step = (columns + gap, 0) if layout == "side by side" else (0, rows + gap)
    canvas = np.zeros((margin_top + 2 * rows + 60, margin_left + 2 * columns + 120, 3))
    beside = layout == "side by side"
    canvas = canvas[: margin_top + rows + 60] if beside else canvas[:, : margin_left + columns + 120]
    first = Box(margin_left, margin_top, margin_left + columns, margin_top + rows)
    e_box = first if elastogram_first else first.moved(columns=step[0], rows=step[1])
    b_box = first.moved(columns=step[0], rows=step[1]) if elastogram_first else first
    canvas[e_box.top : e_box.bottom, e_box.left : e_box.right] = panel
    canvas[b_box.top : b_box.top + plain.shape[0], b_box.left : b_box.left + plain.shape[1]] = plain
    bar_box = None
    if bar:
        bar_box = Box(canvas.shape[1] - 60, e_box.top + 30, canvas.shape[1] - 44, e_box.top + 190)
        ramp = colours(colour_map, np.linspace(1, 0, bar_box.height))[:, None]
        canvas[bar_box.top : bar_box.bottom, bar_box.left : bar_box.right] = ramp
    picture = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    if text:
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
        pen.text((6, 6), "GENERAL HOSPITAL   L12-5  TIs 0.3", fill=(230, 230, 230), font=font)
        pen.text((4, 120), "2D\nGn 55\nDR 60", fill=(120, 200, 230), font=font)
        pen.text((canvas.shape[1] - 40, e_box.top + 24), "100\nkPa", fill=(240, 240, 240), font=font)
    truth = np.where(shown, values, np.nan)
    return Drawn(
        np.asarray(picture), b_box, e_box, box.moved(columns=e_box.left, rows=e_box.top), bar_box, truth
    )  # fmt: skip


def jpeg(pixels: NDArray[np.uint8], quality: int = 60) -> NDArray[np.uint8]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(io.BytesIO(stream.getvalue())))


def scaled(drawn: Drawn, factor: float) -> Drawn:
    """The frame resized, with its boxes."""

    def box(one: Box | None) -> Box | None:
        if one is None:
            return None
        return Box(*(round(side * factor) for side in (one.left, one.top, one.right, one.bottom)))

    picture = Image.fromarray(drawn.pixels)
    size = (round(picture.width * factor), round(picture.height * factor))
    pixels = np.asarray(picture.resize(size, Image.Resampling.BILINEAR))
    changed: dict[str, Any] = {
        name: box(getattr(drawn, name)) for name in ("b_mode", "elastogram", "colour_box", "bar")
    }  # fmt: skip
    return replace(drawn, pixels=pixels, **changed)
