"""The DICOM node under load and under kill -9: what arrives, how often, how fast. All traffic stays on this machine.

    python benchmarks/trial_node.py --instances 5000 --callers 20 --kills 10 --full-disks 2 --archive-stops 1

Scanners send small ultrasound images, each until it is acknowledged. The node (the command
`thyrosight node` with a tiny network) assesses each and sends the results to an archive that counts every C-STORE it
gets. Meanwhile the node is killed and started again, its disk is full for a while (this mounts a small one, which takes
the rights for that), and the archive is away for a while. At the end every image must have its results at the archive,
each exactly once.
"""

import argparse
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundImageStorage
from pynetdicom import AE, evt

from thyrosight.imaging import Preparation
from thyrosight.inference import OperatingPoint, save_bundle
from thyrosight.networks import create
from thyrosight.pacs.node import read_queue

ROWS, COLUMNS = 96, 128
RESULTS = {
    "report": "1.2.840.10008.5.1.4.1.1.88.22",
    "heat-map": "1.2.840.10008.5.1.4.1.1.7",
    "document": "1.2.840.10008.5.1.4.1.1.104.1",
}
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
WAIT_FOR_START = 400
DISK_FULL_SECONDS, ARCHIVE_AWAY_SECONDS = 15.0, 30.0


class Archive:
    """Counts what it is sent, and answers whether it has an object."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.port = 0
        self.start()
        self.url = f"dicom://ARCHIVE@127.0.0.1:{self.port}"

    def start(self) -> None:
        entity = AE(ae_title="ARCHIVE")
        for sop_class in (*RESULTS.values(), FIND):
            entity.add_supported_context(sop_class)
        handlers = [(evt.EVT_C_STORE, self._take), (evt.EVT_C_FIND, self._find)]
        self.server: Any = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        self.port = int(self.server.server_address[1])

    def stop(self) -> None:
        self.server.shutdown()

    def _take(self, event: Any) -> int:
        self.taken.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    def _find(self, event: Any) -> Any:
        if event.identifier.SOPInstanceUID in self.taken:
            yield 0xFF00, event.identifier
        yield 0x0000, None


class NodeProcess:
    """The command `thyrosight node`, started and killed; without a model with those that come along."""

    def __init__(self, folder: Path, model: Path | None, archive: Archive, results: str) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.folder, self.log = folder, folder.parents[1] / "node.log"
        words = ["node", "--folder", folder, "--port", self.port, "--peer", archive.url]
        words += [] if model is None else ["--model", model]
        self.command = [sys.executable, "-m", "thyrosight", *map(str, words), "--results", results, "--device", "cpu"]
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        limit = time.monotonic() + WAIT_FOR_START
        while time.monotonic() < limit:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                sys.exit(f"The node ended by itself:\n{self.log.read_text(encoding='utf-8')}")
            time.sleep(0.1)
        sys.exit(f"The node did not listen within {WAIT_FOR_START} s.")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def write_images(folder: Path, count: int) -> list[Path]:
    draw, files = np.random.default_rng(0), []
    folder.mkdir()
    for number in range(count):
        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.SOPClassUID, data.SOPInstanceUID = UltrasoundImageStorage, f"1.2.826.0.1.3680043.10.43.9.{number}"
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.StudyInstanceUID = f"1.2.826.0.1.3680043.10.43.8.{number // 20}"
        data.SeriesInstanceUID = f"{data.StudyInstanceUID}.1"
        data.PatientID, data.PatientName, data.Modality = f"P-{number // 20}", "Simulated^Image", "US"
        data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        data.PixelData = draw.integers(20, 200, (ROWS, COLUMNS), dtype=np.uint8).tobytes()
        files.append(folder / f"{number:05}.dcm")
        data.save_as(files[-1], enforce_file_format=True)
    return files


def write_model(folder: Path) -> Path:
    network, spec = create("tiny", input_size=32, seed=1)
    return save_bundle(
        folder,
        network=network,
        spec=spec,
        preparation=Preparation(size=32, crop="scan area"),
        calibration={"method": "platt", "slope": 1.0, "intercept": 0.0},
        operating_point=OperatingPoint(threshold=0.5, rule="youden", chosen_on="validation part of division-01"),
        cohort={"name": "none", "digest": "0" * 64, "label_source": "simulated", "split_kind": "patient-level"},
    ).folder


def scan(files: list[Path], port: int) -> None:
    """Send every image until it is acknowledged, ten in a connection."""
    entity, waiting = AE(ae_title="SCANNER"), list(files)
    entity.add_requested_context(UltrasoundImageStorage, ExplicitVRLittleEndian)
    while waiting:
        association = entity.associate("127.0.0.1", port, ae_title="THYROSIGHT")
        for file in waiting[:10] if association.is_established else ():
            try:
                answer = association.send_c_store(file)
            except (RuntimeError, ValueError):  # the association is gone
                break
            if answer and answer.Status == 0x0000:
                waiting.remove(file)
        if association.is_established:
            association.release()
        else:
            time.sleep(0.2)


class Scanners:
    """Callers that send their shares of the images at the same time."""

    def __init__(self, files: list[Path], port: int, callers: int) -> None:
        self.begun = time.monotonic()
        self.seconds = float("nan")
        shares = [files[place::callers] for place in range(callers)]
        self.threads = [threading.Thread(target=scan, args=(share, port), daemon=True) for share in shares]
        for thread in self.threads:
            thread.start()
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        for thread in self.threads:
            thread.join()
        self.seconds = time.monotonic() - self.begun


def fill(disk: Path, seconds: float) -> None:
    """Leave no room on a disk for a while."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:  # what is kept for later could not be written when it is closed
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                file.write(b"x" * (1 << 16))
            except OSError:
                time.sleep(0.05)
    filler.unlink()


def disturb(what: str, node: NodeProcess, archive: Archive) -> None:
    """One fault."""
    if what == "kill":
        node.kill()
        node.start()
    elif what == "full disk":
        fill(node.folder.parent, DISK_FULL_SECONDS)
    else:
        archive.stop()
        time.sleep(ARCHIVE_AWAY_SECONDS)
        archive.start()


def run(folder: Path, *, options: argparse.Namespace) -> bool:
    """Send all images while faults happen at even distances, and count what arrived."""
    instances, archive = options.instances, Archive()
    files, model = write_images(folder / "images", instances), write_model(folder / "model")
    expected = instances * len(options.results.split(","))
    node = NodeProcess(folder / "disk" / "node", model, archive, options.results)
    scanners = Scanners(files, node.port, options.callers)
    faults = ["kill"] * options.kills + ["full disk"] * options.full_disks + ["archive away"] * options.archive_stops
    random.Random(0).shuffle(faults)
    down = 0.0
    for number, what in enumerate(faults):
        while len(archive.taken) < (number + 0.5) * expected / (len(faults) + 0.5) and node.process.poll() is None:
            time.sleep(0.005)
        stopped = time.monotonic()
        disturb(what, node, archive)
        down += time.monotonic() - stopped
        print(f"{what} at {len(archive.taken)} of {expected} results", flush=True)
    counts: dict[str, int] = {}
    while counts.get("deliveries delivered", 0) < expected and node.process.poll() is None:
        time.sleep(0.2)
        counts, _ = read_queue(node.folder)
    seconds = time.monotonic() - scanners.begun
    if node.process.poll() is not None:
        print(f"THE NODE ENDED BY ITSELF:\n{node.log.read_text(encoding='utf-8')[-2000:]}")
    node.kill()
    times = Counter(archive.taken)
    twice = sum(1 for number in times.values() if number > 1)
    print(f"images {instances} of {options.callers} callers, results {options.results}, faults {dict(Counter(faults))}")
    print(f"queue: {counts}")
    print(f"results at the archive: {len(times)} of {expected}; lost {expected - len(times)}; twice {twice}")
    print(f"images acknowledged in {scanners.seconds:.1f} s ({instances / scanners.seconds:.1f} per second)")
    print(f"all done in {seconds:.1f} s, of which something was down {down:.1f} s ({instances / (seconds - down):.2f} "
          "images per second while all ran)")  # fmt: skip
    return len(times) == expected and not twice


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=100)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--callers", type=int, default=1, help="scanners that send at the same time")
    parser.add_argument("--full-disks", type=int, default=0, help="times that the node's disk is full for a while")
    parser.add_argument("--archive-stops", type=int, default=0, help="times that the archive is away for a while")
    parser.add_argument("--results", default="report")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thyrosight-trial-") as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        if options.full_disks:
            size = 1200 + options.instances // 15  # the node keeps 1 GiB free
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(disk)], check=True)
        try:
            good = run(Path(folder), options=options)
        finally:
            if options.full_disks:
                subprocess.run(["umount", "-l", str(disk)], check=False)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
