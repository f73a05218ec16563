"""Reading, preparing and checking a picture, beside what other libraries need to decode, grey and resize it.

Ours finds the scan area and the views, cuts and resizes, and measures what the input gate judges; the others find and
check nothing. On both sides the C library keeps freed memory, as it does when `predict` works on many images.
Milliseconds of processor time per picture: of each picture the least of five turns, of these the median. With
simulated frames (JPEG, 500 x 360 pixels), or those that DATA names; large pictures are always simulated.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benches.pictures import own_pictures, pictures
from benches.predict import readers
from benches.row import Row, named
from thyrosight.imaging import Box, Frame, Preparation, read_frame
from thyrosight.inference import check_input
from thyrosight.memory import keep_freed_memory

NODULE, SCAN = Preparation(), Preparation(crop="scan area")
IMAGES, TURNS, AIM = 40, 5, 3.0
Item = TypeVar("Item")


def speckle(rows: int, columns: int, around: int = 0) -> NDArray[np.uint8]:
    """A picture of speckle on black."""
    picture = np.random.default_rng(0).rayleigh(45, (rows, columns)).clip(0, 255).astype(np.uint8)
    return np.pad(picture, around)


def as_jpeg(files: list[Path], folder: Path) -> list[Path]:
    """The pictures in colour as archives store them."""
    paths = []
    for file in files:
        paths.append(folder / f"{file.stem}.jpg")
        with Image.open(file) as picture:
            picture.convert("RGB").save(paths[-1], quality=90)
    return paths


def large_pictures(folder: Path) -> dict[str, Path]:
    """A viewer's screen in colour, a 16-bit frame, and a 4K screen."""
    screen = np.zeros((1080, 1920, 3), dtype=np.uint8)
    screen[..., :] = (20, 24, 30)
    screen[140:940, 400:1500] = np.pad(speckle(780, 1080), 10)[:, :, None]
    deep = speckle(900, 1200, 60).astype(np.uint16) * 257
    shown = {
        "1920 x 1080, colour": Image.fromarray(screen),
        "3840 x 2160, colour": Image.fromarray(screen.repeat(2, axis=0).repeat(2, axis=1)),
        "1320 x 1020, 16 bits": Image.fromarray(deep),
    }
    paths = {name: folder / f"{number}.png" for number, name in enumerate(shown)}
    for name, picture in shown.items():
        picture.save(paths[name], compress_level=1)
    return paths


def milliseconds(works: Mapping[str, Callable[[Item], object]], items: list[Item]) -> dict[str, float]:
    """Median over items of the least milliseconds of this thread's time that each work takes, in turn."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for item in items:
        least = dict.fromkeys(works, float("inf"))
        for _ in range(TURNS):
            for name, work in works.items():
                start = time.thread_time()
                work(item)
                least[name] = min(least[name], time.thread_time() - start)
        for name, took in least.items():
            times[name].append(took)
    return {name: 1000 * float(np.median(took)) for name, took in times.items()}


def by_pillow(path: Path) -> object:
    """Decode, make grey and resize."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((SCAN.size, SCAN.size), Image.Resampling.BILINEAR))


def afresh(frame: Frame) -> Frame:
    """The frame without what was found in it before."""
    return Frame(frame.pixels, frame.source, regions=frame.regions)


def ready(path: Path) -> object:
    """Read, prepare and check."""
    frame = read_frame(path)
    return check_input(frame, SCAN.prepare(frame), SCAN)


def whole(paths: list[Path], kind: str) -> list[Row]:
    """All of it, beside each alternative."""
    pillow = named("Pillow", "pillow")
    works: dict[str, Callable[[Path], object]] = {pillow: by_pillow, **readers()}
    times = milliseconds({"ours": ready, **works}, paths)
    return [
        Row(f"read, prepare, check {kind}", times["ours"], "ms", f"{name}: decode, grey, resize", times[name],
            limit=AIM if name == pillow else None)
        for name in works
    ]  # fmt: skip


def parts(paths: list[Path]) -> list[Row]:
    """Time of each part of it, and of a nodule's crop."""
    frames = [read_frame(path) for path in paths]
    boxes = [Box(f.columns // 3, f.rows // 3, f.columns // 2, f.rows // 2) for f in frames]
    reading = milliseconds({"": read_frame}, paths)[""]
    preparing, both = milliseconds(
        {
            "preparing": lambda frame: SCAN.prepare(afresh(frame)),
            "both": lambda frame: check_input(frame := afresh(frame), SCAN.prepare(frame), SCAN),
        },
        frames,
    ).values()
    nodule = milliseconds(
        {"": lambda pair: NODULE.prepare(afresh(pair[0]), box=pair[1])}, list(zip(frames, boxes, strict=True))
    )[""]
    none = "none: a part of the rows above"
    return [
        Row("of it reading", reading, "ms", none),
        Row("of it preparing (scan area at 224 pixels)", preparing, "ms", none),
        Row("of it checking", both - preparing, "ms", none),
        Row("preparing the crop of a nodule instead", nodule, "ms", "none"),
    ]


def rows() -> list[Row]:
    """Measure usual and large pictures."""
    keep_freed_memory()  # as `predict` does before it reads many images
    files, kind = pictures(IMAGES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = files if own_pictures() else as_jpeg(files, folder)
        found = [*whole(paths, kind), *parts(paths)]
        for size, path in large_pictures(folder).items():
            times = milliseconds({"ours": ready, "Pillow": by_pillow}, [path])
            what = f"read, prepare, check {size}"
            found.append(
                Row(what, times["ours"], "ms", f"{named('Pillow', 'pillow')}: decode, grey, resize", times["Pillow"])
            )
        return found
