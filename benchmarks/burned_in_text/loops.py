"""Loops with and without drawn text: what blanking takes from them, and what it finds in them."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from burned_in_text.drawing import compressed, draw_line
from thyrosight.imaging import Box, find_scan_area, read_frame
from thyrosight.imaging.burned_in_text import find_burned_in_text
from thyrosight.imaging.deidentify.standing_text import StandingText

Pixels = NDArray[np.uint8]
_LEAST_FRAMES, _FRAMES = 20, 24
_BRIGHT, _MOVING = 40, 4
_TRIES = 20


def speckle_loops() -> Iterator[tuple[str, list[Pixels]]]:
    """Log-compressed speckle without text, of three grains: of frames that move much, little, and hardly at all."""
    for grain in (0.8, 1.2, 2.0):
        for alike, name in ((0.0, "independent"), (0.9, "alike"), (0.999, "held still")):
            rng = np.random.default_rng(0)
            field, frames = rng.normal(size=(2, 480, 640)), []
            for _ in range(_FRAMES):
                size = np.hypot(*ndimage.gaussian_filter(field, (0, grain, grain)))
                frames.append(np.clip(100 + 85 * np.log10(size / size.mean() + 1e-3), 0, 255).astype(np.uint8))
                field = alike * field + np.sqrt(1 - alike**2) * rng.normal(size=field.shape)
            yield f"speckle, grain {grain}, {name}", frames


def sweeps(data: Path) -> Iterator[tuple[str, list[Pixels]]]:
    """Sweeps through the thyroid; rulers and marks of the scanner are in them."""
    table = pd.read_csv(data / "thyroid_cine" / "frames.csv")
    for clip, rows in table.groupby("clip"):
        if len(rows) >= _LEAST_FRAMES:
            paths = rows.sort_values("frame")["image"].iloc[:_FRAMES]
            yield f"sweep {clip}", [read_frame(data / "thyroid_cine" / path).grey() for path in paths]


def text_of(frames: list[Pixels]) -> list[Box]:
    """The boxes that are blanked in a loop."""
    text = StandingText(len(frames))
    for pixels in frames:
        text.look_at(pixels)
    return sorted(text.boxes, key=lambda box: (box.top, box.left))


def loss(frames: list[Pixels]) -> tuple[float, float, float, float]:
    """Share of bright tissue that is blanked: in the first frame as a picture, if every frame counted, now, and now of
    what is in motion, which no mark of the scanner is."""
    each = [find_burned_in_text(pixels) for pixels in frames]
    bright = find_scan_area(frames[0]).mask & (np.mean(frames, axis=0) > _BRIGHT)
    moving = bright & (np.median(np.abs(np.stack(frames).astype(int) - np.median(frames, axis=0)), axis=0) > _MOVING)

    def share(boxes: list[Box], tissue: NDArray[np.bool_] = bright) -> float:
        mask = np.zeros(bright.shape, dtype=bool)
        for box in boxes:
            mask[box.top : box.bottom, box.left : box.right] = True
        return float(mask[tissue].mean())

    now = text_of(frames)
    return share(each[0]), share([box for boxes in each for box in boxes]), share(now), share(now, moving)


def drawn_loops(
    data: Path, per_contrast: int, heights: tuple[int, int], contrasts: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, NDArray[np.bool_], list[Box], list[Box]]]:
    """A line of text that stands still in a sweep: contrast, its ink, boxes in the first frame, boxes in the loop."""
    loops = list(sweeps(data))
    for contrast in contrasts:
        draw = random.Random(f"11 {contrast}")
        done = tries = 0
        while done < per_contrast and tries < _TRIES * per_contrast:
            tries += 1
            _, frames = draw.choice(loops)
            frames = frames[:12]
            within = find_scan_area(frames[0]).box
            made = draw_line(
                frames[0], draw, height=draw.randint(*heights), contrast=draw.uniform(*contrast), within=within
            )
            if made is None or not contrast[0] <= made[1].contrast <= contrast[1]:
                continue
            pixels, line = made
            # The same letters, opaque, over the tissue of every frame.
            shown = [np.where(line.ink, pixels, one).astype(np.uint8) for one in frames]
            if draw.random() < 0.5:
                quality = draw.choice((75, 85, 90, 95))
                shown = [compressed(one, quality) for one in shown]
            done += 1
            yield f"{contrast[0]}-{contrast[1]}", line.ink, find_burned_in_text(shown[0]), text_of(shown)
