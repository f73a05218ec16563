"""Reading, preparing and checking a frame, beside Pillow alone: `python benchmarks/bench_imaging.py PICTURE...`.

Without pictures, simulated speckle frames of 560 x 360 pixels are written to a temporary folder first; large pictures
(a screenshot in colour, 16-bit grey, 4K) always are.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from thyrosight.imaging import Box, Frame, Preparation, find_panels, find_scan_area, read_frame
from thyrosight.imaging.burned_in_text import find_burned_in_text
from thyrosight.inference import check_input

NODULE, SCAN, PLAIN = Preparation(), Preparation(crop="scan area"), Preparation(scan_area=False)
REPEATS = 5


def speckle(rows: int, columns: int, around: int = 0) -> np.ndarray:
    """A picture of speckle on black."""
    picture = np.random.default_rng(0).rayleigh(45, (rows, columns)).clip(0, 255).astype(np.uint8)
    return np.pad(picture, around)


def simulated_frames(folder: Path, *, count: int = 30) -> None:
    for number in range(count):
        picture = np.roll(speckle(300, 440, 30), number, axis=1)
        Image.fromarray(np.repeat(picture[:, :, None], 3, axis=2)).save(folder / f"{number:02d}.jpg", quality=90)


def large_frames(folder: Path) -> dict[str, Path]:
    """A viewer's screen in colour, a 16-bit frame, and a 4K screen."""
    screen = np.zeros((1080, 1920, 3), dtype=np.uint8)
    screen[..., :] = (20, 24, 30)
    screen[140:940, 400:1500] = np.pad(speckle(780, 1080), 10)[:, :, None]
    deep = speckle(900, 1200, 60).astype(np.uint16) * 257
    pictures = {
        "1920 x 1080, colour": Image.fromarray(screen),
        "3840 x 2160, colour": Image.fromarray(screen.repeat(2, axis=0).repeat(2, axis=1)),
        "1320 x 1020, 16 bits": Image.fromarray(deep),
    }
    paths = {name: folder / f"{number}.png" for number, name in enumerate(pictures)}
    for name, picture in pictures.items():
        picture.save(paths[name], compress_level=1)
    return paths


def milliseconds(work: Callable[[Any], object], items: list[Any]) -> float:
    """Median over items of the least milliseconds of processor time that `work` takes (other programs do not count)."""
    times = []
    for item in items:
        least = float("inf")
        for _ in range(REPEATS):
            start = time.thread_time()
            work(item)
            least = min(least, time.thread_time() - start)
        times.append(least)
    return 1000 * float(np.median(times))


def by_pillow(path: Path) -> object:
    """Decode, make grey and resize to the same size, with nothing found or checked."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((SCAN.size, SCAN.size), Image.Resampling.BILINEAR))


def afresh(frame: Frame) -> Frame:
    """The frame without what was found in it before."""
    return Frame(frame.pixels, frame.source, regions=frame.regions)


def checked(frame: Frame) -> object:
    frame = afresh(frame)
    return check_input(frame, SCAN.prepare(frame), SCAN)


def in_all(path: Path) -> object:
    return checked(read_frame(path))


def main(paths: list[Path]) -> None:
    frames = [read_frame(path) for path in paths]
    boxes = [Box(f.columns // 3, f.rows // 3, f.columns // 2, f.rows // 2) for f in frames]
    pairs = list(zip(frames, boxes, strict=True))
    reading, preparing = milliseconds(read_frame, paths), milliseconds(lambda f: SCAN.prepare(afresh(f)), frames)
    both = milliseconds(checked, frames)
    pillow, whole = milliseconds(by_pillow, paths), milliseconds(in_all, paths)
    rows = {
        "read": reading,
        "prepare the scan area at 224": preparing,
        "check (scan area and views known)": both - preparing,
        "read, prepare and check": whole,
        "Pillow alone: decode, grey, resize": pillow,
        "find scan area": milliseconds(lambda f: find_scan_area(f.pixels), frames),
        "find scan area and views": milliseconds(lambda f: find_panels(f.pixels), frames),
        "prepare, nodule crop": milliseconds(lambda p: NODULE.prepare(afresh(p[0]), box=p[1]), pairs),
        "prepare, nodule crop, no scan area": milliseconds(lambda p: PLAIN.prepare(p[0], box=p[1]), pairs),
        "find burned-in text": milliseconds(lambda f: find_burned_in_text(f.pixels), frames[:10]),
    }
    print(f"{len(paths)} pictures, milliseconds of processor time per picture (median; least of {REPEATS})")
    for name, took in rows.items():
        print(f"  {name:38}{took:7.2f}   {took / pillow:5.1f} x Pillow alone")


def large() -> None:
    print("large pictures, milliseconds of processor time")
    with tempfile.TemporaryDirectory() as folder:
        for name, path in large_frames(Path(folder)).items():
            frame = read_frame(path)
            millions = frame.rows * frame.columns / 1e6
            reading, rest, pillow = (
                milliseconds(read_frame, [path]), milliseconds(checked, [frame]), milliseconds(by_pillow, [path]),
            )  # fmt: skip
            print(
                f"  {name:22}read {reading:6.1f}, prepare and check {rest:6.1f} ({rest / millions:.1f} per million "
                f"pixels), Pillow alone {pillow:6.1f}"
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main([Path(name) for name in sys.argv[1:]])
    else:
        with tempfile.TemporaryDirectory() as folder:
            simulated_frames(Path(folder))
            main(sorted(Path(folder).iterdir()))
    large()
