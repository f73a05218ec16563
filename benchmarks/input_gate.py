"""How often each quality flag of the input gate fires, and the range of what it measures.

Usage: python benchmarks/input_gate.py NAME=PATTERN ...
for example: python benchmarks/input_gate.py 'ddti=data/ddti/*.a.jpg' 'busi=data/busi/*/*).jpg'
"""

import sys
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from thyrosight.errors import ImageError
from thyrosight.imaging import Frame, Preparation, read_frame
from thyrosight.inference import FrameMeasures, check_input, measure_frame

SCAN = Preparation(crop="scan area")
MEASURES = [field.name for field in fields(FrameMeasures)]


def report(name: str, frames: list[Frame]) -> None:
    """Print flags and measures of one set; the second line of flags is of the same frames turned by 90 degrees."""
    print(f"\n{name}: {len(frames)} images")
    for title, shown in (("as they are", frames), ("turned", [turned(frame) for frame in frames])):
        flags = Counter(flag for frame in shown for flag in check_input(frame, SCAN.prepare(frame), SCAN))
        counts = ", ".join(f"{flag} {count} ({count / len(shown):.1%})" for flag, count in flags.most_common())
        print(f"  {title}: {counts or 'no flag'}")
    measured = [asdict(measure_frame(frame)) for frame in frames]
    for measure in MEASURES:
        low, middle, high = np.quantile([item[measure] for item in measured], [0, 0.5, 1])
        print(f"  {measure:13} least {low:8.3f}  median {middle:8.3f}  greatest {high:8.3f}")


def turned(frame: Frame) -> Frame:
    """The frame turned by 90 degrees."""
    return Frame(np.ascontiguousarray(np.rot90(frame.pixels)), frame.source)


def frames_of(pattern: str) -> list[Frame]:
    """Every image behind a pattern; what cannot be read is named."""
    path, frames = Path(pattern), []
    for file in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
        try:
            frames.append(read_frame(file))
        except ImageError as error:
            print(f"  left out: {error}")
    return frames


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for argument in sys.argv[1:]:
        name, _, pattern = argument.partition("=")
        report(name, frames_of(pattern))
