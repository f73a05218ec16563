"""Reading, preparation and input gate make of known frames what they always made: the same pixels, steps and flags.

Bundles record a preparation and trust that it stays what it was. The values of golden_inputs.json were made before
these steps were made fast; `python test_golden_inputs.py golden_inputs.json` writes them anew, which needs a reason.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from thyrosight.imaging import Box, Frame, Margin, Preparation, find_panels, find_scan_area, read_frame
from thyrosight.inference import check_input, measure_frame
from thyrosight.phantoms.cohort import phantom_images
from thyrosight.phantoms.elastography import LAYOUTS, doppler_frame, elastography_frame

Pixels = NDArray[np.uint8]

PREPARATIONS = {
    "nodule": Preparation(margin=Margin(value=0.25, unit="fraction")),
    "scan area": Preparation(crop="scan area", size=128),
    "rgb": Preparation(crop="scan area", colour="rgb", size=96),
    "mirrored": Preparation(crop="scan area", padding="reflect"),
    "own": Preparation(crop="scan area", shape="own", size=448),
    "stretched": Preparation(crop="scan area", contrast="stretch"),
    "whole": Preparation(crop="whole frame", scan_area=False),
}


def speckle(rows: int, columns: int, seed: int) -> Pixels:
    """Noise with the lateral correlation of a beam, in whole numbers."""
    noise = np.random.default_rng(seed).integers(0, 80, (rows, columns + 4), dtype=np.int64)
    wide = sum(noise[:, start : start + columns] for start in range(5)) // 4
    return np.asarray(wide + 20 * (np.arange(rows)[:, None] // (17 + seed) % 2), dtype=np.uint8)


def linear() -> Pixels:
    """A rectangle on video black, with a bar, ticks and a dim bottom."""
    picture = np.full((360, 560), 16, dtype=np.uint8)
    picture[30:300, 90:470] = 16 + speckle(270, 380, 1)
    picture[300:312, 90:470] += speckle(12, 380, 2) // 40
    picture[60:250, 20:28] = 200
    picture[40:320:20, 472:478] = 180
    return picture


def fan(*, above: int = 60, rows: int = 420) -> Pixels:
    """A curved probe's picture, its centre so far above the frame."""
    y, x = np.mgrid[:rows, :600]
    far = (x - 300) ** 2 + (y + above) ** 2
    inside = (far > (above + 20) ** 2) & (far < (above + rows - 30) ** 2) & (np.abs(x - 300) * 10 < 6 * (y + above))
    return np.where(inside, speckle(rows, 600, 3), 0).astype(np.uint8)


def two_views(gap: int = 0, height: int = 300) -> Pixels:
    """Views of different texture side by side on black."""
    left, right = speckle(300, 250, 4), speckle(300, 260, 9)
    right[height:] = 0
    return np.pad(np.hstack([left, np.zeros((300, gap), dtype=np.uint8), right]), 20)


def tinted() -> Pixels:
    """A viewer's screen in colour: bars, a white line around the picture, a coloured box."""
    picture = np.full((540, 960, 3), (30, 40, 60), dtype=np.uint8)
    picture[100:460, 200:760] = np.pad(speckle(340, 540, 5), 10, constant_values=255)[:, :, None]
    picture[200:260, 400:480, 0] |= 128
    return picture


def screen(number: int) -> Pixels:
    return elastography_frame(5, number, layout=LAYOUTS[number % len(LAYOUTS)]).pixels


def thyroid(number: int) -> Pixels:
    image = next(islice(phantom_images(7), number, None))
    return image.scene(7).draw(np.random.default_rng([7, number]))


BUILT: dict[str, Callable[[], Pixels]] = {
    "linear": linear,
    "curved": fan,
    "sector": partial(fan, above=-10),
    "large fan": partial(fan, above=200, rows=600),
    "two views": two_views,
    "two views with a gap": partial(two_views, gap=12, height=220),
    "tinted screen": tinted,
    "speckle alone": partial(speckle, 200, 320, 6),
    "noise": lambda: np.random.default_rng(0).integers(0, 256, (97, 131), dtype=np.uint8),
    "black": lambda: np.zeros((60, 80), dtype=np.uint8),
    "thyroid 0": partial(thyroid, 0),
    "thyroid 3": partial(thyroid, 3),
    "elastogram 0": partial(screen, 0),
    "elastogram 1": partial(screen, 1),
    "colour Doppler": lambda: doppler_frame(5, 0, kind="colour").pixels,
}
DICOM = (
    "OBXXXX1A.dcm", "US1_UNCR.dcm", "color-px.dcm", "color3d_jpeg_baseline.dcm", "examples_palette.dcm",
    "examples_rgb_color.dcm", "examples_ybr_color.dcm", "gdcm-US-ALOKA-16.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm",
)  # fmt: skip
NAMES = (*BUILT, *DICOM)


def frame_of(name: str) -> Frame | None:
    """The frame; None where pydicom's example files are not installed."""
    if name in BUILT:
        return Frame(BUILT[name](), name)
    path = get_testdata_file(name, download=False)
    return None if path is None else read_frame(str(path))


def digest(values: NDArray[Any]) -> str:
    text = f"{values.shape} {values.dtype}".encode()
    return hashlib.sha256(text + np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def made_of(frame: Frame) -> dict[str, Any]:
    """Scan area, views, measures, and for each preparation the pixels, steps and flags."""
    area = find_scan_area(frame.pixels, regions=frame.scan_boxes)
    made: dict[str, Any] = {
        "pixels": digest(frame.pixels),
        "area": [area.kind, area.box.to_text(), digest(area.mask)],
        "views": [view.to_text() for view in find_panels(frame.pixels, area=area)],
        "measures": asdict(measure_frame(frame)),
    }
    width, height = frame.columns, frame.rows
    box = Box(width // 3, height // 3, width // 2, height // 2)
    for name, preparation in PREPARATIONS.items():
        for where, given in ((name, None), (f"{name}, box", box)):
            if given is not None and name != "nodule":
                continue
            prepared = preparation.prepare(frame, box=given)
            steps = json.loads(json.dumps(prepared.steps))
            flags = list(check_input(frame, prepared, preparation))
            made[where] = [digest(prepared.pixels), steps, list(prepared.notes), flags]
    return made


GOLDEN = json.loads(Path(__file__).with_name("golden_inputs.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_known_frames_stay_what_they_were(name: str) -> None:
    frame, expected = frame_of(name), GOLDEN[name]
    if frame is None:
        pytest.skip("pydicom-data is not installed")
    if digest(frame.pixels) != expected["pixels"]:
        pytest.skip("other versions of the libraries make another frame here")
    made = made_of(frame)
    assert made.pop("measures") == pytest.approx(expected["measures"], rel=1e-5, abs=1e-5)
    assert made == {key: value for key, value in expected.items() if key != "measures"}


if __name__ == "__main__":
    frames = {name: frame_of(name) for name in NAMES}
    values = {name: made_of(frame) for name, frame in frames.items() if frame is not None}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())
    Path(sys.argv[1]).write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
