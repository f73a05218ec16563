"""Contact sheets of split frames: the frame with its boxes, the panels, and the recovered map with its scale."""

import textwrap
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from thyrosight.cohort.split_panels.splitting import SplitFrame
from thyrosight.files import write_atomically
from thyrosight.imaging import Box
from thyrosight.imaging.elastography import StiffnessMap
from thyrosight.imaging.lettering import font_for

_FRAME, _PANEL = (500, 330), (320, 330)
_GAP, _HEAD, _SCALE = 10, 44, 70
_ROWS = 6
_BACK, _TEXT, _QUIET, _ALARM = (32, 32, 36), (245, 245, 245), (180, 180, 186), (255, 150, 110)
_B_MODE, _ELASTOGRAM, _COLOURS, _BAR = (90, 200, 255), (255, 90, 90), (110, 255, 110), (255, 210, 60)
# A neutral colour map: dark is soft, light is stiff (ends and middle of a perceptually uniform map).
_RAMP: Final = np.array([(20, 11, 53), (101, 21, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], dtype=np.float64)
_NOWHERE: Final = (64, 64, 70)
_LEGEND: Final = (
    ("B-mode", _B_MODE), ("elastogram", _ELASTOGRAM), ("colour box", _COLOURS), ("colour bar", _BAR),
)  # fmt: skip


class SheetWriter:
    """Draws frames one by one and writes a page whenever it is full; further pages get a number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._strips: list[Image.Image] = []
        self._written: list[Path] = []

    def add(self, split: SplitFrame) -> None:
        """Add a frame."""
        self._strips.append(_strip(split))
        if len(self._strips) == _ROWS:
            self._write()

    def close(self) -> list[Path]:
        """Write the last page and return all pages."""
        if self._strips:
            self._write()
        return self._written

    def _write(self) -> None:
        number = len(self._written) + 1
        path = self._path if number == 1 else self._path.with_name(f"{self._path.stem}-{number}.png")
        width, height = self._strips[0].width, sum(strip.height for strip in self._strips)
        page = Image.new("RGB", (width, 26 + height), _BACK)
        pen, left = ImageDraw.Draw(page), _GAP
        for words, colour in _LEGEND:
            pen.text((left, 5), words, fill=colour, font=font_for(14))
            left += 110
        pen.text(
            (left + 20, 5),
            "Look at every frame: do the boxes fit, do the panels show the same?",
            fill=_QUIET,
            font=font_for(14),
        )
        top = 26
        for strip in self._strips:
            page.paste(strip, (0, top))
            top += strip.height
        with write_atomically(path) as temporary:
            page.save(temporary, format="PNG")
        self._written.append(path)
        self._strips.clear()


def _strip(split: SplitFrame) -> Image.Image:
    """One frame with its boxes, and beside it its parts, or the reason why there are none."""
    width = _FRAME[0] + 3 * (_PANEL[0] + _GAP) + _SCALE + 2 * _GAP
    strip = Image.new("RGB", (width, _HEAD + _FRAME[1] + _GAP), _BACK)
    pen = ImageDraw.Draw(strip)
    pen.line((0, 0, width, 0), fill=(70, 70, 78))
    key = split.row["key"][-70:]
    pen.text((_GAP, 4), key, fill=_TEXT, font=font_for(15, key))
    left, bottom = _FRAME[0] + 2 * _GAP, _HEAD + 60
    if split.row.get("exclude"):
        pen.text((left, 4), f"LEFT OUT: {split.row['exclude']}", fill=_ALARM, font=font_for(15))
    if split.frame is not None:
        shown = _fitted(_boxed(split), _FRAME)
        strip.paste(shown, (_GAP, _HEAD))
        bottom = max(bottom, _HEAD + shown.height)
    if split.panels is None or split.frame is None:
        detail = "\n".join(textwrap.wrap(split.row.get("exclude_detail", ""), 100))
        pen.text((left, _HEAD), detail, fill=_ALARM, font=font_for(15, detail), spacing=6)
    else:
        pen.text((_GAP, 24), _summary(split), fill=_QUIET, font=font_for(13))
        bottom = max(bottom, _draw_parts(strip, split, left))
    return strip.crop((0, 0, width, bottom + _GAP))


def _draw_parts(strip: Image.Image, split: SplitFrame, left: int) -> int:
    """Draw the panels and the map from `left` on; return the lowest row used."""
    assert split.frame is not None and split.panels is not None
    pen, rgb, bottom = ImageDraw.Draw(strip), split.frame.rgb(), _HEAD
    for words, box in (("B-mode", split.panels.b_mode), ("elastogram", split.panels.elastogram)):
        pen.text((left, 24), words, fill=_QUIET, font=font_for(13))
        if box is not None:
            shown = _fitted(rgb[box.top : box.bottom, box.left : box.right], _PANEL)
            strip.paste(shown, (left, _HEAD))
            bottom = max(bottom, _HEAD + shown.height)
        left += _PANEL[0] + _GAP
    if split.stiffness is None:
        detail = "\n".join(textwrap.wrap(split.row.get("map_detail", ""), 42))
        pen.text((left, _HEAD), detail, fill=_ALARM, font=font_for(14, detail), spacing=5)
        return bottom
    _draw_map(strip, split.stiffness, left)
    return max(bottom, _HEAD + 250)


def _summary(split: SplitFrame) -> str:
    row = split.row
    score = f"correlation {row['registration']}" if row["registration"] else "registration not checked"
    return f"{row['panel_layout']}, {row['panel_order']}; {score}"


def _boxed(split: SplitFrame) -> NDArray[np.uint8]:
    assert split.frame is not None
    picture = Image.fromarray(split.frame.rgb().copy())
    if split.panels is not None:
        pen = ImageDraw.Draw(picture)
        thick = max(1, round(max(picture.size) / 400))
        parts: tuple[tuple[Box | None, tuple[int, int, int]], ...] = (
            (split.panels.b_mode, _B_MODE), (split.panels.elastogram, _ELASTOGRAM), (split.panels.colour_box, _COLOURS),
            (split.panels.bar, _BAR),
        )  # fmt: skip
        for box, colour in parts:
            if box is not None:
                pen.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=colour, width=thick)
    return np.asarray(picture)


def _draw_map(strip: Image.Image, stiffness: StiffnessMap, left: int) -> None:
    pen = ImageDraw.Draw(strip)
    pen.text((left, 24), f"recovered map ({stiffness.colour_map})", fill=_QUIET, font=font_for(13))
    place = (stiffness.values - stiffness.soft) / (stiffness.stiff - stiffness.soft)
    strip.paste(_fitted(_in_ramp(place), _PANEL), (left, _HEAD))
    at = left + _PANEL[0] + 6
    scale = _in_ramp(np.linspace(1, 0, 160)[:, None].repeat(14, axis=1))
    strip.paste(Image.fromarray(scale), (at, _HEAD + 22))
    unit = "of bar" if stiffness.unit == "share of the bar" else stiffness.unit
    pen.text((at, _HEAD + 4), f"stiff {stiffness.stiff:g}", fill=_TEXT, font=font_for(12))
    pen.text((at, _HEAD + 186), f"soft {stiffness.soft:g}\n{unit}", fill=_TEXT, font=font_for(12))
    pen.rectangle((at, _HEAD + 226, at + 13, _HEAD + 239), fill=_NOWHERE)
    pen.text((at, _HEAD + 244), "none", fill=_TEXT, font=font_for(12))


def _in_ramp(place: NDArray[np.floating]) -> NDArray[np.uint8]:
    known = np.isfinite(place)
    spots = np.linspace(0, 1, len(_RAMP))
    values = np.where(known, place, 0)
    rgb = np.stack([np.interp(values, spots, _RAMP[:, part]) for part in range(3)], axis=-1)
    rgb[~known] = _NOWHERE
    return np.rint(rgb).astype(np.uint8)


def _fitted(picture: NDArray[np.uint8], cell: tuple[int, int]) -> Image.Image:
    scale = min(cell[0] / picture.shape[1], cell[1] / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.LANCZOS)
