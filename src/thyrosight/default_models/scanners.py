"""Simulated scanners: the same tissue as other machines, settings, exports and users would have shown it.

Every function takes a float32 picture of 0 to 255 `(rows, columns)` and a generator, and gives such a picture. Nothing
here looks at the label, so that nothing that is painted or changed can carry the answer.
"""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

Picture = NDArray[np.float32]
Change = Callable[[Picture, np.random.Generator], Picture]

_WORDS = ("THYROID", "LT", "RT", "L", "R", "TRANS", "SAG", "LONG", "ISTHMUS", "1", "2", "D1 1.2cm", "MI 0.9", "T", "B")


def gain_curve(picture: Picture, draw: np.random.Generator) -> Picture:
    """Gain, dynamic range and gamma of the whole picture."""
    values = np.clip(picture / 255, 0, 1) ** draw.uniform(0.6, 1.6)
    values = draw.uniform(0.7, 1.4) * (values - 0.25) + 0.25 + draw.uniform(-0.08, 0.08)
    return np.where(picture > 2, np.clip(values, 0, 1) * 255, picture).astype(np.float32)


def depth_gain(picture: Picture, draw: np.random.Generator) -> Picture:
    """Time gain compensation set otherwise, and a side of the probe in poor contact."""
    rows, columns = picture.shape
    down = np.interp(np.linspace(0, 1, rows), np.linspace(0, 1, 5), draw.uniform(0.6, 1.4, 5))
    across = np.interp(np.linspace(0, 1, columns), np.linspace(0, 1, 4), draw.uniform(0.8, 1.2, 4))
    return np.clip(picture * np.outer(down, across), 0, 255).astype(np.float32)


def sharpness(picture: Picture, draw: np.random.Generator) -> Picture:
    """A blunter picture, or edges enhanced as machines do it."""
    blurred = ndimage.gaussian_filter(picture, draw.uniform(0.4, 1.3))
    if draw.random() < 0.5:
        return np.asarray(blurred, dtype=np.float32)
    sharper = picture + draw.uniform(0.3, 1.2) * (picture - blurred)
    return np.asarray(np.clip(sharper, 0, 255), dtype=np.float32)


def resolution(picture: Picture, draw: np.random.Generator) -> Picture:
    """A small export, enlarged again."""
    rows, columns = picture.shape
    share = draw.uniform(0.4, 0.9)
    image = Image.fromarray(picture).resize((int(columns * share), int(rows * share)), Image.Resampling.BILINEAR)
    enlarged = np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC), dtype=np.float32)
    return np.clip(enlarged, np.float32(0), np.float32(255)).astype(np.float32)


def speckle(picture: Picture, draw: np.random.Generator) -> Picture:
    """Speckle of another grain, multiplied, and noise of the amplifier, added."""
    grain = draw.standard_normal(picture.shape, dtype=np.float32)
    grain = ndimage.gaussian_filter(grain, (draw.uniform(0.0, 0.8), draw.uniform(0.3, 1.4)))
    grain *= draw.uniform(0.03, 0.25) / max(float(grain.std()), 1e-6)
    noise = draw.standard_normal(picture.shape, dtype=np.float32) * draw.uniform(0, 6)
    return np.where(picture > 2, np.clip(picture * (1 + grain) + noise, 0, 255), picture).astype(np.float32)


def compression(picture: Picture, draw: np.random.Generator) -> Picture:
    """JPEG at a quality of 15 to 85."""
    stream = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(stream, "JPEG", quality=int(draw.integers(15, 85)))
    return np.asarray(Image.open(stream), dtype=np.float32)


def borders(picture: Picture, draw: np.random.Generator) -> Picture:
    """Sides blacked, as if the scan area had been cut otherwise."""
    picture = picture.copy()
    for turn in range(4):
        if draw.random() < 0.4:
            side = np.rot90(picture, turn)  # a view: what is blacked here is blacked in the picture
            side[: int(draw.uniform(0, 0.1) * side.shape[0])] = 0
    return picture


def marks(picture: Picture, draw: np.random.Generator) -> Picture:
    """Callipers, a ruler, letters or a body mark, at any place."""
    image = Image.fromarray(picture.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for paint, chance in zip(PAINTS, (0.5, 0.3, 0.35, 0.3), strict=True):
        if draw.random() < chance:
            paint(pen, image.size, draw)
    return np.asarray(image, dtype=np.float32)


def paint_callipers(pen: ImageDraw.ImageDraw, size: tuple[int, int], draw: np.random.Generator) -> None:
    """One or two pairs of callipers, numbered and dotted by chance."""
    ink, arm = int(draw.integers(150, 256)), int(draw.integers(1, 4))
    centre, dotted, style = draw.uniform(0.15, 0.85, 2) * size, draw.random() < 0.3, draw.integers(3)
    half, turn = draw.uniform(0.03, 0.25) * size[0], draw.uniform(0, np.pi)
    for axis in range(int(draw.integers(1, 3))):
        way = half * draw.uniform(0.5, 1) * np.array([np.cos(turn + axis * np.pi / 2), np.sin(turn + axis * np.pi / 2)])
        for x, y in (centre - way, centre + way):
            if style != 1:
                pen.line((x - arm, y, x + arm, y), fill=ink)
                pen.line((x, y - arm, x, y + arm), fill=ink)
            if style != 0:
                pen.line((x - arm, y - arm, x + arm, y + arm), fill=ink)
                pen.line((x - arm, y + arm, x + arm, y - arm), fill=ink)
            if draw.random() < 0.5:
                pen.text((x + arm + 1, y - 5), str(axis + 1), fill=ink, font=_FONT)
        if dotted:
            pen.point([tuple(centre + way * share) for share in np.linspace(-1, 1, int(half) // 2 + 2)], fill=ink)


def paint_ruler(pen: ImageDraw.ImageDraw, size: tuple[int, int], draw: np.random.Generator) -> None:
    """A ruler along one side."""
    ink, step, columns = int(draw.integers(100, 256)), int(draw.integers(4, 25)), size[0]
    x = int(draw.choice([draw.uniform(0, 0.08), draw.uniform(0.92, 1)]) * columns)
    top, bottom = sorted(draw.uniform(0, size[1], 2))
    if draw.random() < 0.5:
        pen.line((x, top, x, bottom), fill=ink)
    for number, y in enumerate(np.arange(top, bottom, step)):
        length = 4 if number % 5 == 0 else 2
        pen.line((x - length, y, x, y), fill=ink)


def paint_letters(pen: ImageDraw.ImageDraw, size: tuple[int, int], draw: np.random.Generator) -> None:
    """A word or number."""
    place = draw.uniform(0, 0.9, 2) * size
    pen.text((place[0], place[1]), str(draw.choice(_WORDS)), fill=int(draw.integers(120, 256)), font=_FONT)


def paint_body_mark(pen: ImageDraw.ImageDraw, size: tuple[int, int], draw: np.random.Generator) -> None:
    """A drawing of a few lines in a corner."""
    side = draw.uniform(0.06, 0.16) * size[0]
    corner = np.array([draw.choice([0.0, 1.0]) * (size[0] - side), draw.choice([0.0, 0.85, 1.0]) * (size[1] - side)])
    points = [tuple(corner + side * point) for point in draw.uniform(0, 1, (int(draw.integers(3, 9)), 2))]
    pen.line(points, fill=int(draw.integers(120, 256)), joint="curve")


PAINTS = (paint_callipers, paint_ruler, paint_letters, paint_body_mark)
"""Marks that people and machines draw into pictures."""

_FONT = ImageFont.load_default(size=8)

CHANGES: tuple[tuple[Change, float], ...] = (
    (gain_curve, 0.8),
    (depth_gain, 0.5),
    (resolution, 0.3),
    (sharpness, 0.5),
    (speckle, 0.5),
    (compression, 0.35),
    (marks, 0.4),
    (borders, 0.4),
)
"""The changes in the order in which they act, each with its chance."""


def other_scanner(picture: Picture, draw: np.random.Generator, *, strength: float = 1.0) -> Picture:
    """The picture as another machine and user would have shown it; `strength` multiplies every chance."""
    for change, chance in CHANGES:
        if draw.random() < chance * strength:
            picture = change(picture, draw)
    return picture


def with_style_of(picture: Picture, other: Picture, draw: np.random.Generator) -> Picture:
    """Blend the low frequencies of the amplitude spectrum with another picture's; the phase, and so the anatomy, stays.

    Source: Yang and Soatto, FDA, CVPR 2020; Xu et al., amplitude mix, CVPR 2021.
    """
    spectrum, donor = np.fft.rfft2(picture), np.fft.rfft2(other)
    amplitude, share = np.abs(spectrum), draw.uniform(0, 1)
    mixed = (1 - share) * amplitude + share * np.abs(donor)
    ratio = mixed / np.maximum(amplitude, 1e-3)
    result = np.fft.irfft2(spectrum * ratio, s=picture.shape)
    return np.clip(result, 0, 255).astype(np.float32)
