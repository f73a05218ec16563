"""How much burned-in text is found, per size and contrast, on frames that were not used for fitting.

Four measurements:

1. Text drawn into the scan area of real frames (DDTI cases with even numbers, thyroid_web, thyroid_gland), half of them
   compressed as JPEG afterwards. A line counts as blanked when at least 95% of its ink is inside a box.
2. The same text drawn on the black around the scan.
3. Real text: boxes drawn by hand around every line of text in the real ultrasound files of pydicom and pydicom-data.

4. Loops: text that stands still in sweeps, in the first frame alone and in the loop.

And the price: the share of scan area blanked in the same frames without drawn text (some of them hold real marks), and
the share of bright tissue blanked in loops: speckle without any text, and sweeps with their rulers and marks.

    python benchmarks/measure_text_recall.py DATA [--lines 50] [--parts inside real] [--out OUT.json]

All parts together take about a quarter of an hour of one core; each is the same whether the others are measured or not.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from burned_in_text import loops
from burned_in_text.drawing import DrawnLine, compressed, draw_line
from numpy.typing import NDArray

from thyrosight.imaging import Box, find_scan_area, read_frame
from thyrosight.imaging.burned_in_text import find_burned_in_text
from thyrosight.imaging.deidentify.blanking import Blanker
from thyrosight.imaging.deidentify.options import Blank
from thyrosight.imaging.dicom import open_cine
from thyrosight.statistics import proportion_interval

TRUTH = Path(__file__).with_name("burned_in_text") / "real_text.json"
HEIGHTS = ((7, 8), (9, 11), (12, 16), (18, 30))
CONTRASTS = ((30, 50), (50, 80), (80, 120), (120, 255))
ENOUGH_INK = 0.95
PARTS = (*(f"inside-{place}" for place in range(len(HEIGHTS))), "black", "real",
         *(f"loops-{place}" for place in range(len(CONTRASTS))),
         *(f"price-{name}" for name in ("ddti", "thyroid_web", "thyroid_gland")), "price-of-loops")  # fmt: skip
"""Measured parts: text inside the scan area by its height, on black, real text, in loops; and the price."""


def frames(data: Path) -> dict[str, list[Path]]:
    """Frames per data set; none was used for fitting."""
    return {
        "ddti": [path for path in sorted(data.glob("ddti/*.a.jpg")) if int(path.name.split("_")[0]) % 2 == 0],
        "thyroid_web": sorted(data.glob("thyroid_web/*/*.jpg")),
        "thyroid_gland": sorted(data.glob("thyroid_gland/images/*.jpg")),
    }


def is_blanked(line: DrawnLine, boxes: list[Box]) -> bool:
    """Whether nearly all ink of a line is inside boxes."""
    covered = mask_of(boxes, line.ink.shape)
    return bool(covered[line.ink].mean() >= ENOUGH_INK)


def mask_of(boxes: list[Box], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """True inside any box."""
    mask = np.zeros(shape[:2], dtype=bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return mask


def drawn_cases(
    data: Path, per_cell: int, *, inside: bool, heights: tuple[tuple[int, int], ...] = HEIGHTS
) -> Iterator[tuple[str, str, bool]]:
    """Height, contrast and whether blanked, of lines drawn one to a frame."""
    sets = list(frames(data).values())
    for height in heights:
        draw = random.Random(f"2026 {height}")
        for contrast in CONTRASTS if inside else CONTRASTS[1:]:
            done = tries = 0
            while done < per_cell and tries < 20 * per_cell:
                tries += 1
                grey = read_frame(draw.choice(draw.choice(sets))).grey()
                within = find_scan_area(grey).box if inside else _black_part(grey)
                if within is None:
                    continue
                made = draw_line(
                    grey, draw, height=draw.randint(*height), contrast=draw.uniform(*contrast), within=within
                )
                if made is None or not contrast[0] <= made[1].contrast <= contrast[1]:
                    continue
                pixels, line = made
                if draw.random() < 0.5:
                    pixels = compressed(pixels, draw.choice((75, 85, 90, 95)))
                done += 1
                yield _range(height), _range(contrast), is_blanked(line, find_burned_in_text(pixels))


def _black_part(grey: NDArray[np.uint8]) -> Box | None:
    """The widest strip above, below or beside the scan area, if it has room for text."""
    area, rows, columns = find_scan_area(grey).box, *grey.shape
    strips = [
        edges for edges in (
            (0, 0, columns, area.top), (0, area.bottom, columns, rows),
            (0, 0, area.left, rows), (area.right, 0, columns, rows),
        ) if edges[2] - edges[0] >= 40 and edges[3] - edges[1] >= 12
    ]  # fmt: skip
    dark = [Box(*edges) for edges in strips if np.median(grey[edges[1] : edges[3], edges[0] : edges[2]]) < 30]
    return max(dark, key=lambda box: box.area, default=None)


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]}-{bounds[1]}"


def table(cases: Iterator[tuple[str, str, bool]], title: str) -> list[dict[str, object]]:
    """Print recall with Wilson's 95% interval per cell and in all; give it as records."""
    cells: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for height, contrast, blanked in cases:
        for key in ((height, contrast), ("all", contrast), (height, "all"), ("all", "all")):
            cells[key].append(blanked)
    print(f"\n{title}\n  {'capitals, px':14}{'contrast':12}{'blanked':>12}  recall (95% interval)")
    records = []
    for (height, contrast), found in sorted(
        cells.items(), key=lambda cell: (cell[0][0] == "all", len(cell[0][0]), cell[0])
    ):
        rate = proportion_interval(sum(found), len(found), method="wilson")
        print(
            f"  {height:14}{contrast:12}{sum(found):>6}/{len(found):<5}  "
            f"{rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})"
        )
        records.append({
            "measurement": title, "height": height, "contrast": contrast, "blanked": sum(found), "n": len(found),
            "recall": rate.value, "low": rate.low, "high": rate.high,
        })  # fmt: skip
    return records


def real_cases(blank: Blank) -> Iterator[tuple[str, str, bool]]:
    """Every hand-drawn box of real text: the file, what is blanked, and whether the ink of the text is covered."""
    from pydicom.data import get_testdata_file

    for name, content in json.loads(TRUTH.read_text(encoding="utf-8")).items():
        with open_cine(get_testdata_file(name)) as cine:
            frame = cine.read(0)
        blanker = Blanker((frame.rows, frame.columns), blank)
        blanker.look_at(frame, scan=True)
        covered, pixels = blanker.plan().mask, frame.pixels
        grey = pixels.max(axis=2) if pixels.ndim == 3 else pixels
        for left, top, right, bottom, text in content:
            part = grey[top:bottom, left:right].astype(int)
            # Ink differs from the paper, the level that most pixels of the box have.
            paper = int(np.bincount(part.ravel()).argmax())
            ink = np.abs(part - paper) > max(20, 0.5 * np.abs(part - paper).max())
            share = covered[top:bottom, left:right][ink].mean()
            if share < ENOUGH_INK:
                print(f"    {name}: {text!r} only {share:.0%} covered")
            yield name.removesuffix(".dcm")[:14], blank, bool(share >= ENOUGH_INK)


def price(data: Path, name: str, each: int) -> list[dict[str, object]]:
    """How much of the scan area is blanked in frames of a data set into which nothing was drawn."""
    paths, shares = frames(data)[name], []
    for path in random.Random(7).sample(paths, min(each, len(paths))):
        grey = read_frame(path).grey()
        area = find_scan_area(grey)
        shares.append(float(mask_of(find_burned_in_text(grey), grey.shape)[area.mask].mean()))
    quantile = float(np.quantile(shares, 0.95))
    touched = float(np.mean(np.array(shares) > 0))
    print(
        f"\nBlanked without drawn text (real marks and callipers among them)\n  {name:14} {len(shares):4} frames: "
        f"mean {np.mean(shares):.2%} of the scan area, 95th percentile {quantile:.2%}, largest {max(shares):.1%}; "
        f"{touched:.0%} of frames touched"
    )
    return [{
        "measurement": "price", "set": name, "n": len(shares), "mean": float(np.mean(shares)),
        "quantile95": quantile, "largest": max(shares), "touched": touched,
    }]  # fmt: skip


def loop_tables(data: Path, per_contrast: int, contrast: tuple[int, int]) -> list[dict[str, object]]:
    """Whether lines that stand in sweeps are blanked: in the first frame alone, and in the loop."""
    alone: list[tuple[str, str, bool]] = []
    within: list[tuple[str, str, bool]] = []
    for name, ink, first, loop in loops.drawn_loops(data, per_contrast, (9, 20), (contrast,)):
        for found, boxes in ((alone, first), (within, loop)):
            found.append(("9-20", name, bool(mask_of(boxes, ink.shape)[ink].mean() >= ENOUGH_INK)))
    return table(iter(alone), "Standing in a sweep, first frame alone") + table(iter(within), "The same in the loop")


def price_of_loops(data: Path) -> list[dict[str, object]]:
    """How much bright tissue is blanked in loops into which nothing was drawn."""
    print("\nBright tissue blanked in loops: first frame as a picture, if every frame counted, now; now of what moves")
    records: list[dict[str, object]] = []
    for name, frames in (*loops.speckle_loops(), *loops.sweeps(data)):
        first, each, now, moving = loops.loss(frames)
        print(f"  {name:34} {len(frames):3} frames: {first:6.1%} {each:6.1%} {now:6.1%} {moving:6.1%}", flush=True)
        record = {"first": first, "every": each, "now": now, "moving": moving}
        records.append({"measurement": "price of loops", "set": name, **record})
    return records


def measured(part: str, data: Path, per_cell: int) -> list[dict[str, object]]:
    """Measure one of `PARTS`, print it, and give it as records."""
    if part.startswith("inside"):
        height = HEIGHTS[int(part[-1])]
        return table(drawn_cases(data, per_cell, inside=True, heights=(height,)), "Drawn inside the scan area")
    if part == "black":
        return table(drawn_cases(data, per_cell, inside=False), "Drawn on the black around the scan")
    if part == "real":
        title = "Real text, boxes drawn by hand; only text found is blanked (--blank text)"
        other = "The same, with everything outside the scan blanked (the default)"
        return table(real_cases("text"), title) + table(real_cases("outside"), other)
    if part.startswith("loops"):
        return loop_tables(data, per_cell, CONTRASTS[int(part[-1])])
    if part == "price-of-loops":
        return price_of_loops(data)
    return price(data, part.removeprefix("price-"), 3 * per_cell)


def main() -> None:
    """Measure and print; write JSON where a name is given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--lines", type=int, default=50, help="of each cell")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    records = [record for part in asked.parts for record in measured(part, asked.data, asked.lines)]
    if asked.out is not None:
        asked.out.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
