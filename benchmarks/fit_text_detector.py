"""Fit how much a mark looks like a letter: a small network on nine measurements, stored as JSON in the package.

Text is drawn into frames of DDTI (odd case numbers) and BUSI; the other frames are left for measuring.

    python benchmarks/fit_text_detector.py DATA [OUT.json] [frames]
"""

import random
import sys
from pathlib import Path

import numpy as np
from burned_in_text.drawing import DrawnLine, compressed, draw_line
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier

from thyrosight.files import write_json
from thyrosight.imaging import Box, find_scan_area, read_frame
from thyrosight.imaging.burned_in_text.likeness import STORED, features
from thyrosight.imaging.burned_in_text.marks import find_marks

HIDDEN = 16
HEIGHTS = (6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 24, 28, 34)
CONTRASTS = (40, 60, 80, 100, 130, 160, 200, 255)
LARGEST_USED = 48


def training_frames(data: Path) -> list[Path]:
    """Frames to draw on; none of them is used for measuring."""
    cases = [path for path in sorted(data.glob("ddti/*.a.jpg")) if int(path.name.split("_")[0]) % 2]
    breast = [path for path in sorted(data.glob("busi/*/*.jpg")) if "mask" not in path.name]
    return cases + random.Random(1).sample(breast, min(len(breast), len(cases)))


def with_block(pixels: NDArray[np.uint8], draw: random.Random, area: Box) -> tuple[NDArray[np.uint8], list[DrawnLine]]:
    """The frame with a few lines of text, alone or one below the other as in the corner of a screen."""
    frame = Box(0, 0, pixels.shape[1], pixels.shape[0])
    lines: list[DrawnLine] = []
    for _ in range(4):
        height, contrast = draw.choice(HEIGHTS), draw.choice(CONTRASTS)
        within = draw.choice((area, frame))
        for _ in range(draw.choice((1, 1, 3))):
            made = draw_line(pixels, draw, height=height, contrast=contrast, within=within)
            if made is None or any(_near(made[1].box, other.box) for other in lines):
                break
            pixels, line = made
            lines.append(line)
            below = line.box.bottom + max(1, height // 4)
            if below + height >= frame.bottom:
                break
            within = Box(max(0, line.box.left - 1), below, frame.right, min(frame.bottom, below + 2 * height))
    return pixels, lines


def _near(box: Box, other: Box) -> bool:
    return box.intersect(other) is not None


def examples(pixels: NDArray[np.uint8], lines: list[DrawnLine]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measurements of the marks of a frame, and whether each is text; marks that are partly text are left out."""
    ink = np.zeros(pixels.shape, dtype=np.float64)
    for line in lines:
        ink[line.ink] = 1
    found, truth = [np.empty((0, 9))], [np.empty(0)]
    for by in (1, 2):
        small = pixels if by == 1 else np.asarray(Image.fromarray(pixels).reduce(by))
        share = ink if by == 1 else np.asarray(Image.fromarray(ink.astype(np.float32)).reduce(by))
        total = np.pad(share, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
        for marks in find_marks(small):
            left, top, right, bottom = (edge.astype(int) for edge in (marks.left, marks.top, marks.right, marks.bottom))
            inside = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
            usable = (marks.height >= 4) & (marks.height <= LARGEST_USED) & (marks.contrast > 8)
            is_text, is_not = usable & (inside > 0.5 * marks.area), usable & (inside == 0)
            measured = features(marks)
            found += [measured[is_text], measured[is_not]]
            truth += [np.ones(is_text.sum()), np.zeros(is_not.sum())]
    return np.concatenate(found), np.concatenate(truth)


def main() -> None:
    """Fit, print how well text and tissue part, and store."""
    data = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else STORED
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 400
    draw = random.Random(11)
    paths = training_frames(data)
    tables = []
    for _ in range(number):
        grey = read_frame(draw.choice(paths)).grey()
        pixels, lines = with_block(grey, draw, find_scan_area(grey).box) if draw.random() < 0.75 else (grey, [])
        if draw.random() < 0.5:
            pixels = compressed(pixels, draw.choice((75, 85, 90, 95)))
        tables.append(examples(pixels, lines))
    cut = int(0.85 * number)
    measured, truth = (np.concatenate([table[part] for table in tables[:cut]]) for part in (0, 1))
    held, held_truth = (np.concatenate([table[part] for table in tables[cut:]]) for part in (0, 1))
    mean, scale = measured.mean(axis=0), measured.std(axis=0)
    network = MLPClassifier((HIDDEN,), alpha=1e-3, max_iter=200, early_stopping=True, random_state=0)
    network.fit((measured - mean) / scale, truth)
    shown = network.predict_proba((held - mean) / scale)[:, 1]
    print(f"{len(truth)} marks, {truth.mean():.1%} text; AUC on {len(held_truth)} held out: ", end="")
    print(f"{roc_auc_score(held_truth, shown):.4f}")
    first, second = network.coefs_
    write_json(
        out,
        {
            "first": (first / scale[:, None]).round(4).tolist(),
            "first_offset": (network.intercepts_[0] - (mean / scale) @ first).round(4).tolist(),
            "second": second[:, 0].round(4).tolist(),
            "second_offset": round(float(network.intercepts_[1][0]), 4),
        },
    )
    print(f"Written to {out}")


if __name__ == "__main__":
    main()
