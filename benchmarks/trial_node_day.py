"""A day of the node in half an hour: `python benchmarks/trial_node_day.py [--minutes 30] [--images 360]`.

The command `thyrosight node` with the models and results it has by default gets, at even distances, stills and loops
of several sizes and transfer syntaxes, some of them twice and some that it must refuse; between them come echoes,
queries and connections that say nothing. What the node and its helpers hold is looked at four times a second. For each
tenth of the time is printed what they hold at least, which is between images, at the median, and at most.
From the second tenth to the last, what is held between images may grow by less than 1 %; else, or where an image is
left without a result or a refusal, the exit code is 1. All traffic stays on this machine.
"""

import argparse
import contextlib
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless
from pynetdicom import AE

from thyrosight.pacs.node import read_queue

sys.path.insert(0, str(Path(__file__).parent))

from trial_node import Archive, NodeProcess

STILL, LOOP = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
SIZES = ((480, 640), (600, 800), (360, 480), (720, 960), (512, 512))
MOST_GROWTH = 0.01
LOOKS_PER_SECOND = 4
TENTHS = 10


def image(number: int) -> Dataset:
    """The image of this number: every eighth a loop, every fifth in run lengths, every twentieth without a picture."""
    draw = np.random.default_rng(number)
    rows, columns = SIZES[number % len(SIZES)]
    frames = 12 if number % 8 == 0 else 1
    grains = draw.normal(size=(frames, rows // 4, columns // 4)).repeat(4, axis=1).repeat(4, axis=2)
    down, across = np.ogrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    nodule = np.hypot(down / 0.3, across / 0.25) < 1
    pixels = (110 + 25 * grains - 70 * nodule).clip(0, 255).astype(np.uint8)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = LOOP if frames > 1 else STILL
    data.SOPInstanceUID = f"1.2.826.0.1.3680043.10.43.19.{number}"
    data.StudyInstanceUID = f"1.2.826.0.1.3680043.10.43.18.{number // 20}"
    data.SeriesInstanceUID = f"{data.StudyInstanceUID}.1"
    data.PatientID, data.PatientName, data.Modality = f"P-{number // 20}", "Simulated^Image", "US"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = rows, columns, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    if frames > 1:
        data.NumberOfFrames, data.FrameTime = frames, 50
    data.PixelData = pixels.tobytes()
    if number % 5 == 0:
        data.compress(RLELossless, generate_instance_uid=False)
    if number % 20 == 19:
        data.PixelData = data.PixelData[: len(data.PixelData) // 3]
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    return data


def call(port: int, number: int) -> None:
    """One caller's connection: an echo, an image, every seventh again, and a question about its study."""
    data, entity = image(number), AE(ae_title="SCANNER")
    entity.add_requested_context("1.2.840.10008.1.1")
    entity.add_requested_context(data.SOPClassUID, data.file_meta.TransferSyntaxUID)
    entity.add_requested_context(FIND)
    association = entity.associate("127.0.0.1", port, ae_title="THYROSIGHT")
    if not association.is_established:
        sys.exit("The node refused a connection.")
    association.send_c_echo()
    for _ in range(2 if number % 7 == 0 else 1):
        association.send_c_store(data)
    question = Dataset()
    question.QueryRetrieveLevel, question.StudyInstanceUID, question.PatientName = "STUDY", data.StudyInstanceUID, ""
    list(association.send_c_find(question, FIND))
    association.release()


def call_all(port: int, images: int, seconds: float) -> None:
    """All callers at even distances; every tenth is followed by a connection that says nothing."""
    begun, silent = time.monotonic(), []
    for number in range(images):
        time.sleep(max(0.0, begun + number * seconds / images - time.monotonic()))
        call(port, number)
        if number % 10 == 0:
            silent = [*silent[-3:], socket.create_connection(("127.0.0.1", port))]


def held(process: int) -> float:
    """Megabytes that a process and those it started hold, each page counted once in each."""
    tasks = Path(f"/proc/{process}/task")
    children = {int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()}
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in (process, *children))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor_seconds(process: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watch(node: NodeProcess, seconds: float) -> list[float]:
    """Memory of the node between images, in MB, in each tenth of a time in seconds."""
    between = []
    for tenth in range(TENTHS):
        looks: list[float] = []
        end = time.monotonic() + seconds / TENTHS
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError):  # a helper that ended just now
                looks.append(held(node.process.pid))
            time.sleep(1 / LOOKS_PER_SECOND)
        between.append(min(looks))
        middle, most = statistics.median(looks), max(looks)
        print(f"tenth {tenth + 1}: {between[-1]:.1f} MB, median {middle:.1f}, at most {most:.1f}", flush=True)
    return between


def main() -> int:
    """Run the day; 1 where memory grew or an image was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--images", type=int, default=360)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thyrosight-day-") as name:
        archive, folder = Archive(), Path(name) / "disk" / "node"
        node = NodeProcess(folder, None, archive, "report,heat-map,document")
        callers = threading.Thread(
            target=call_all, args=(node.port, asked.images, 60 * asked.minutes), daemon=True, name="callers"
        )
        callers.start()
        between = watch(node, 60 * asked.minutes)
        callers.join(60)
        limit = time.monotonic() + 120
        while (counts := read_queue(folder)[0]).get("images received", 0) and time.monotonic() < limit:
            time.sleep(1)
        used = processor_seconds(node.process.pid)
        node.kill()
    growth = between[-1] / between[1] - 1
    ended = counts.get("images assessed", 0) + counts.get("images refused", 0)
    print(f"{asked.images} images in {asked.minutes:g} min, {used:.0f} s of processor time; queue: {counts}")
    print(
        f"growth from the second tenth to the last {100 * growth:+.2f} %; at the archive {len(archive.taken)} results"
    )
    return int(growth >= MOST_GROWTH or ended != asked.images)


if __name__ == "__main__":
    sys.exit(main())
