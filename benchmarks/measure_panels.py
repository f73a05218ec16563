"""How well B-mode and elastogram are found in one frame, and what is taken for an elastogram that is none.

1. Phantom screens of every layout, machine and style, as they are and through JPEG of quality 60; a quarter each
   resized by 0.7 and 1.3, darker and brighter: how far the boxes are off, and how far the recovered map is from what
   the machine measured.
2. Frames that must be refused: simulated colour and power Doppler, single panels, grey screens, and pairs of panels
   from different sections or of different size.
3. Real B-mode (DDTI): single views, side by side with a copy of themselves under a simulated colour box (must be
   split); and the two different views of one frame with a colour box over one of them (must be refused).
4. Real files of pydicom and pydicom-data in which ultrasound shows colour or two views (none holds an elastogram).

    python benchmarks/measure_panels.py [DATA] [phantom frames] [OUT.json]
"""

import io
import json
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, find_panels, find_scan_area, read_frame
from thyrosight.imaging.elastography import recover_map, split_elastography
from thyrosight.imaging.elastography.colour_maps import named_map
from thyrosight.imaging.elastography.views import brightness, divided_views
from thyrosight.phantoms.elastography import LAYOUTS, SINGLE, ElastographyFrame, doppler_frame, elastography_frame
from thyrosight.statistics import proportion_interval

Pixels = NDArray[np.uint8]
SEED = 2033  # screens that were not looked at while the rules were made
WITHIN = 3  # pixels


def jpeg(pixels: Pixels, quality: int = 60) -> Pixels:
    """The pixels after JPEG compression."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(io.BytesIO(stream.getvalue())))


def resized(pixels: Pixels, factor: float) -> Pixels:
    """The pixels at another size."""
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


CHANGES: dict[str, tuple[Callable[[Pixels], Pixels], float]] = {
    "as it is": (lambda pixels: pixels, 1.0),
    "JPEG, quality 60": (jpeg, 1.0),
    "resized by 0.7": (lambda pixels: resized(pixels, 0.7), 0.7),
    "resized by 1.3": (lambda pixels: resized(pixels, 1.3), 1.3),
    "darker, by 0.7": (lambda pixels: (pixels * 0.7).astype(np.uint8), 1.0),
    "brighter, by 1.25": (lambda pixels: np.clip(pixels * 1.25, 0, 255).astype(np.uint8), 1.0),
}


def furthest(found: Box | None, true: Box | None, factor: float) -> float:
    """The largest distance of two boxes' sides in pixels of the changed frame; infinite where only one is there."""
    if found is None or true is None:
        return 0.0 if found is true else float("inf")
    sides = ("left", "top", "right", "bottom")
    return max(abs(getattr(found, side) - factor * getattr(true, side)) for side in sides)


def share(hits: int, total: int) -> str:
    """A share with Wilson's 95% interval."""
    rate = proportion_interval(hits, total, method="wilson")
    return f"{hits}/{total}: {rate.value:.3f} ({rate.low:.3f} to {rate.high:.3f})"


def phantom_boxes(count: int) -> dict[str, Any]:
    """Split every phantom frame under every change."""
    off: dict[str, list[float]] = defaultdict(list)
    parts: dict[str, list[float]] = defaultdict(list)
    maps: dict[str, list[float]] = defaultdict(list)
    scores: list[float] = []
    refused: list[str] = []
    for number in range(count):
        true = elastography_frame(SEED, number, layout=LAYOUTS[number % len(LAYOUTS)])
        names = list(CHANGES)
        for name in (*names[:2], names[2 + number // len(LAYOUTS) % 4]):
            change, factor = CHANGES[name]
            frame = Frame(change(true.pixels), f"phantom {number}, {name}")
            try:
                found = split_elastography(frame)
            except ImageError as error:
                refused.append(str(error))
                off[name].append(float("inf"))
                continue
            distances = {
                "B-mode": furthest(found.b_mode, true.b_mode_box, factor),
                "elastogram": furthest(found.elastogram, true.elastogram_box, factor),
                "colour box": furthest(found.colour_box, true.colour_box, factor),
                "colour bar": furthest(found.bar, true.bar_box, factor),
            }
            for part, distance in distances.items():
                parts[part].append(distance)
            off[name].append(max(distances[part] for part in ("B-mode", "elastogram", "colour box")))
            scores.append(found.score or 0.0)
            if factor == 1 and found.elastogram == true.elastogram_box:
                maps[name].append(map_error(frame, found, true))
        progress(number + 1, count)
    print(f"\n1. Phantom screens: all of B-mode, elastogram and colour box within {WITHIN} pixels")
    for name, distances in off.items():
        near = sum(distance <= WITHIN for distance in distances)
        error = f"; map off by {np.median(maps[name]):.3f} of the bar (median of frames)" if maps[name] else ""
        print(f"  {name:20}{share(near, len(distances))}; furthest {max(distances):.1f} px{error}")
    for part, distances in parts.items():
        print(f"  {part:20}median {np.median(distances):.1f}, furthest {max(distances):.1f} px")
    print(f"  correlation of the panels: least {min(scores):.2f}, median {np.median(scores):.2f}")
    for sentence in refused:
        print(f"  refused: {sentence}")
    return {"off": {name: [float(d) for d in off[name]] for name in off}, "least_score": min(scores)}


def map_error(frame: Frame, found: Any, true: ElastographyFrame) -> float:
    """Mean distance of the recovered map from the place on the bar that the machine measured, where both are."""
    top = "stiff" if true.look.machine.hard_on_top else "soft"
    recovered = recover_map(frame, found, bar_top=top).values  # type: ignore[arg-type]
    there = np.isfinite(recovered) & (true.measurement.signal > 0.99)
    return float(np.abs(recovered[there] - true.measurement.place[there]).mean())


def to_refuse(count: int) -> Iterator[tuple[str, Pixels]]:
    """Phantom frames that hold no registered pair."""
    for number in range(count):
        yield "colour Doppler", doppler_frame(SEED, number, kind="colour").pixels
        yield "power Doppler", doppler_frame(SEED, number, kind="power").pixels
    for number in range(count // 4):
        for layout in SINGLE:
            yield layout, elastography_frame(SEED, number, layout=layout).pixels
        yield "grey screen", elastography_frame(SEED, number, grey=True).pixels
        true = elastography_frame(SEED, number, layout=LAYOUTS[number % len(LAYOUTS)])
        yield "another section", with_other_b_mode(true, elastography_frame(SEED + 1, number).b_mode)
        small = np.asarray(
            Image.fromarray(true.b_mode).resize((true.b_mode.shape[1] * 3 // 4, true.b_mode.shape[0] * 3 // 4))
        )
        yield "B-mode of another size", with_other_b_mode(true, small, same_size=False)
        zoomed = np.asarray(
            Image.fromarray(true.b_mode).resize((true.b_mode.shape[1] * 5 // 4, true.b_mode.shape[0] * 5 // 4))
        )
        yield "B-mode zoomed", with_other_b_mode(true, zoomed[: true.b_mode.shape[0], : true.b_mode.shape[1]])


def with_other_b_mode(true: ElastographyFrame, grey: Pixels, *, same_size: bool = True) -> Pixels:
    """The screen with another picture in its B-mode panel."""
    pixels, box = true.pixels.copy(), true.b_mode_box
    assert box is not None
    pixels[box.top : box.bottom, box.left : box.right] = 0
    if same_size:
        grey = np.asarray(Image.fromarray(grey).resize((box.width, box.height), Image.Resampling.BILINEAR))
    pixels[box.top : box.top + grey.shape[0], box.left : box.left + grey.shape[1]] = grey[:, :, None]
    return pixels


def refusals(frames: Iterator[tuple[str, Pixels]], title: str) -> dict[str, Any]:
    """Count what is refused, and as what."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, pixels in frames:
        for change in (lambda same: same, jpeg):
            try:
                split_elastography(Frame(change(pixels), kind))
                kinds[kind]["ACCEPTED"] += 1
            except ImageError as error:
                kinds[kind][type(error).__name__] += 1
    print(f"\n{title} (each as it is, and through JPEG of quality 60)")
    for kind, found in kinds.items():
        total = sum(found.values())
        words = ", ".join(f"{name} {number}" for name, number in found.most_common())
        print(f"  {kind:26}accepted {share(found['ACCEPTED'], total)}; {words}")
    return {kind: dict(found) for kind, found in kinds.items()}


def real_views(data: Path) -> Iterator[tuple[str, Pixels, Box, Box, Box]]:
    """DDTI views with a colour box over a copy, and colour over one of two different views."""
    random = np.random.default_rng(SEED)
    for path in sorted((data / "ddti").glob("*.a.jpg"))[::3]:
        grey = read_frame(path).grey()
        area = find_scan_area(grey)
        views = find_panels(grey, area=area)
        left = views[0]
        if len(views) == 1 and left.width >= 160:
            part = grey[left.top : left.bottom, left.left : left.right]
            gap = int(random.integers(0, 20))
            pair = np.hstack([part, np.zeros((part.shape[0], gap), np.uint8), part])
            one, other = Box(0, 0, left.width, left.height), Box(left.width + gap, 0, pair.shape[1], left.height)
            yield "same view twice", *painted(pair, one, other, random)
        elif len(views) == 2:
            yield "two different views", *painted(grey, views[0], views[1], random)


def painted(grey: Pixels, one: Box, other: Box, random: np.random.Generator) -> tuple[Pixels, Box, Box, Box]:
    """A margin, and a colour box over `other`; with the boxes as they then lie."""
    wide, high = (round(random.uniform(0.45, 0.9) * side) for side in (other.width, other.height))
    left = other.left + int(random.integers(0, other.width - wide + 1))
    top = other.top + int(random.integers(0, other.height - high + 1))
    box = Box(left, top, left + wide, top + high)
    field = ndimage.gaussian_filter(random.normal(size=(high, wide)), 14)
    place = np.clip(0.4 + 0.25 * field / field.std(), 0, 1)
    colours = named_map(("rainbow", "jet", "blue-green-red-reversed")[int(random.integers(3))])[
        np.rint(255 * place).astype(int)
    ]
    opacity = random.uniform(0.4, 0.8)
    rgb = np.repeat(grey[:, :, None], 3, axis=2).astype(np.float32)
    part = rgb[box.top : box.bottom, box.left : box.right]
    part[:] = opacity * colours + (1 - opacity) * part
    pixels = np.pad(np.rint(rgb).astype(np.uint8), ((24, 24), (24, 24), (0, 0)))
    moved = [each.moved(columns=24, rows=24) for each in (one, other, box)]
    return pixels, moved[0], moved[1], moved[2]


def on_real_b_mode(data: Path) -> dict[str, Any]:
    """Split or refuse what was painted over real B-mode, through JPEG of quality 75."""
    off: list[float] = []
    found: Counter[str] = Counter()
    scores: list[float] = []
    for kind, pixels, one, other, box in real_views(data):
        try:
            panels = split_elastography(Frame(jpeg(pixels, 75), kind))
        except ImageError as error:
            found[f"{kind}: {type(error).__name__}"] += 1
            continue
        found[f"{kind}: split"] += 1
        if kind == "same view twice":
            scores.append(panels.score or 0.0)
            off.append(
                max(
                    furthest(panels.b_mode, one, 1),
                    furthest(panels.elastogram, other, 1),
                    furthest(panels.colour_box, box, 1),
                )
            )
    print("\n3. Real B-mode under a simulated colour box (DDTI, every third frame, JPEG of quality 75)")
    for words, number in sorted(found.items()):
        print(f"  {words:50}{number}")
    near = sum(distance <= WITHIN for distance in off)
    print(
        f"  same view twice: all boxes within {WITHIN} pixels {share(near, len(off))}; furthest {max(off):.0f} px; "
        f"least correlation {min(scores):.2f}"
    )
    return {"counts": dict(found), "off": off}


def on_real_files() -> dict[str, str]:
    """Every ultrasound file of pydicom and pydicom-data: what is said of it, and its views."""
    from pydicom import dcmread
    from pydicom.data import get_testdata_files

    said: dict[str, str] = {}
    print("\n4. Real ultrasound files of pydicom and pydicom-data (none holds an elastogram)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(set(get_testdata_files("*"))):
            try:
                if dcmread(name, stop_before_pixels=True).get("Modality") != "US":
                    continue
                frame = read_frame(name)
            except Exception:  # a damaged file, or none of DICOM: not what is measured here
                continue
            try:
                split_elastography(frame)
                verdict = "ACCEPTED"
            except ImageError as error:
                verdict = str(error).removeprefix(f"{name}: ")
            seen = divided_views(brightness(frame.rgb()), Box(0, 0, 1, 1))
            views = " | ".join(box.to_text() for box in seen)
            stated = " | ".join(box.to_text() for box in frame.scan_boxes) or "nothing"
            said[Path(name).name] = verdict
            print(f"  {Path(name).name:34}views by gap or seam {views}; the file states {stated}\n      {verdict}")
    return said


def progress(done: int, total: int) -> None:
    """A line every tenth."""
    if done % max(1, total // 10) == 0:
        print(f"  {done}/{total}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print; write the figures where a file is named."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    results: dict[str, Any] = {"phantoms": phantom_boxes(count)}
    results["refused"] = refusals(to_refuse(count // 2), "2. Phantom screens that must be refused")
    if (data / "ddti").exists():
        results["real B-mode"] = on_real_b_mode(data)
    results["real files"] = on_real_files()
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
