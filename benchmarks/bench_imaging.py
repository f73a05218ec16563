"""What reading and preparing one frame costs: `python benchmarks/bench_imaging.py PICTURE...`.

Without pictures, simulated speckle frames of 500 x 315 pixels are written to a temporary folder first.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from thyrosight.imaging import Box, Preparation, find_panels, find_scan_area, read_frame


def simulated_frames(folder: Path, *, count: int = 100) -> None:
    generator = np.random.default_rng(0)
    for number in range(count):
        pixels = np.zeros((315, 500), dtype=np.uint8)
        pixels[8:309, 56:442] = np.clip(generator.rayleigh(45, (301, 386)), 0, 255)
        Image.fromarray(pixels).save(folder / f"{number}.jpg", quality=90)


def milliseconds(work: Callable[[Any], object], items: list[Any]) -> float:
    """Median milliseconds of processor time that `work` takes per item (other programs do not count)."""
    times = []
    for item in items:
        start = time.thread_time()
        work(item)
        times.append(time.thread_time() - start)
    return 1000 * float(np.median(times))


def main(paths: list[Path]) -> None:
    frames = [read_frame(path) for path in paths]
    boxes = [Box(f.columns // 3, f.rows // 3, f.columns // 2, f.rows // 2) for f in frames]
    pairs = list(zip(frames, boxes, strict=True))
    nodule, scan, plain = Preparation(), Preparation(crop="scan area"), Preparation(scan_area=False)
    print(f"{len(paths)} pictures, median milliseconds of processor time per picture")
    print(f"  read                                  {milliseconds(read_frame, paths):6.2f}")
    print(f"  find scan area                        {milliseconds(lambda f: find_scan_area(f.pixels), frames):6.2f}")
    print(f"  find scan area and views              {milliseconds(lambda f: find_panels(f.pixels), frames):6.2f}")
    print(
        f"  prepare, nodule crop                  {milliseconds(lambda p: nodule.prepare(p[0], box=p[1]), pairs):6.2f}"
    )
    print(f"  prepare, scan area crop               {milliseconds(scan.prepare, frames):6.2f}")
    print(
        f"  prepare, nodule crop, no scan area    {milliseconds(lambda p: plain.prepare(p[0], box=p[1]), pairs):6.2f}"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main([Path(name) for name in sys.argv[1:]])
    else:
        with tempfile.TemporaryDirectory() as folder:
            simulated_frames(Path(folder))
            main(sorted(Path(folder).iterdir()))
