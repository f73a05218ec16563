"""Does memory grow with use? `python benchmarks/trial_memory.py [--pictures 10000] [--frames 10000] [--only anew]`.

One process assesses the same few pictures again and again with the models that come along, kept or loaded anew each
time, and reads a long loop frame by frame. What it holds is taken after a tenth of the work and at the end; growth of
1 % and more is a fault, and the exit code is 1.
"""

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from thyrosight.memory import give_back_freed_memory, share_one_heap

MOST_GROWTH = 0.01
PARTS = ("reading", "risk", "anew", "loop")


def held() -> float:
    """Megabytes that this process holds now, without freed memory that the C library keeps for what comes next."""
    gc.collect()
    give_back_freed_memory()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def trial(name: str, count: int, work: Callable[[int], None]) -> bool:
    """Do `count` pieces of work, and say what is held after a tenth of them and after all; True if that grew."""
    begun, after_a_tenth = time.monotonic(), 0.0
    for number in range(count):
        work(number)
        if number == count // 10:
            after_a_tenth = held()
    at_the_end = held()
    growth = at_the_end / after_a_tenth - 1
    seconds = time.monotonic() - begun
    print(
        f"{name}: {count:,} in {seconds:.0f} s; {after_a_tenth:.1f} MB after a tenth, {at_the_end:.1f} MB at the end,"
        f" growth {100 * growth:+.2f} %",
        flush=True,
    )
    return growth >= MOST_GROWTH


def pictures(folder: Path) -> list[Path]:
    """Twenty pictures of several sizes."""
    draw, files = np.random.default_rng(0), []
    for number in range(20):
        rows, columns = 200 + 40 * (number % 5), 300 + 30 * (number % 4)
        noise = draw.normal(90, 30, (rows, columns)).clip(0, 255).astype(np.uint8)
        files.append(folder / f"{number}.png")
        Image.fromarray(noise).save(files[-1])
    return files


def loop(path: Path, frames: int) -> Path:
    """An uncompressed loop of small frames."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.3.4", "US"
    data.PatientID, data.PatientName, data.NumberOfFrames = "7", "Test^Loop", frames
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 96, 128, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = np.random.default_rng(1).integers(0, 255, (frames, 96, 128), dtype=np.uint8).tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def main() -> int:
    """Run the trials; 1 where memory grew."""
    from thyrosight import assess
    from thyrosight.imaging import open_cine, read_frame
    from thyrosight.inference import Predictor, load_bundle, shipped

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some of the trials")
    asked = parser.parse_args()
    share_one_heap()  # as the node and the server do
    with tempfile.TemporaryDirectory() as name:
        files = pictures(Path(name))
        predictor = Predictor(load_bundle(shipped.shipped_model("default-risk")))
        grew = []
        if "reading" in asked.only:
            grew.append(trial("reading pictures", asked.pictures, lambda n: read_frame(files[n % 20]) and None))
        if "risk" in asked.only:
            grew.append(trial("the risk model", asked.pictures, lambda n: predictor.assess(files[n % 20]) and None))
        if "anew" in asked.only:
            name_of = "finder and risk model, loaded anew each time"
            grew.append(trial(name_of, asked.pictures // 10, lambda n: assess(files[n % 20]) and None))
        if "loop" in asked.only:
            with open_cine(loop(Path(name) / "loop.dcm", asked.frames)) as cine:
                grew.append(trial("frames of one loop", asked.frames, lambda n: cine.read(n) and None))
    return int(any(grew))


if __name__ == "__main__":
    sys.exit(main())
