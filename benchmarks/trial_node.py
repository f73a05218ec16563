"""The DICOM node under load and under kill -9: what arrives, how often, how fast. All traffic stays on this machine.

    python benchmarks/trial_node.py --instances 1000 --kills 5

A scanner (storescu of dcmtk) sends small ultrasound images, each until it is acknowledged. The node (the command
`thyrosight node` with a tiny network) assesses each and sends the results to an archive that counts every C-STORE it
gets. Meanwhile the node is killed and started again. At the end every image must have its results at the archive, each
exactly once.
"""

import argparse
import shutil
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


class Archive:
    """Counts what it is sent, and answers whether it has an object."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        entity = AE(ae_title="ARCHIVE")
        for sop_class in (*RESULTS.values(), FIND):
            entity.add_supported_context(sop_class)
        handlers = [(evt.EVT_C_STORE, self._take), (evt.EVT_C_FIND, self._find)]
        self.server: Any = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.url = f"dicom://ARCHIVE@127.0.0.1:{self.server.server_address[1]}"

    def _take(self, event: Any) -> int:
        self.taken.append(str(event.request.AffectedSOPInstanceUID))
        return 0x0000

    def _find(self, event: Any) -> Any:
        if event.identifier.SOPInstanceUID in self.taken:
            yield 0xFF00, event.identifier
        yield 0x0000, None


class NodeProcess:
    """The command `thyrosight node`, started and killed."""

    def __init__(self, folder: Path, model: Path, archive: Archive, results: str) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.folder, self.log = folder, folder.parent / "node.log"
        words = ["node", "--model", model, "--folder", folder, "--port", self.port, "--peer", archive.url]
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


def scan(files: list[Path], port: int, program: str, done: list[float]) -> None:
    """Send every image until it is acknowledged, ten in a connection; `done` gets the seconds."""
    begin = time.monotonic()
    for first in range(0, len(files), 10):
        command = [program, "-aet", "SCANNER", "-aec", "THYROSIGHT", "127.0.0.1", str(port), *files[first : first + 10]]
        while subprocess.run(command, capture_output=True, check=False).returncode:
            time.sleep(0.2)
    done.append(time.monotonic() - begin)


def run(folder: Path, *, instances: int, kills: int, results: str, program: str) -> bool:
    files, model, archive = write_images(folder / "images", instances), write_model(folder / "model"), Archive()
    expected = instances * len(results.split(","))
    node = NodeProcess(folder / "node", model, archive, results)
    begin, sent = time.monotonic(), list[float]()
    threading.Thread(target=scan, args=(files, node.port, program, sent), daemon=True).start()
    down = 0.0
    for kill in range(kills):
        while len(archive.taken) < (kill + 0.5) * expected / (kills + 0.5):
            time.sleep(0.005)
        stopped = time.monotonic()
        node.kill()
        node.start()
        down += time.monotonic() - stopped
        print(f"killed and started again at {len(archive.taken)} of {expected} results", flush=True)
    counts: dict[str, int] = {}
    while counts.get("deliveries delivered", 0) < expected and node.process.poll() is None:
        time.sleep(0.2)
        counts, _ = read_queue(node.folder)
    seconds = time.monotonic() - begin
    node.kill()
    times = Counter(archive.taken)
    twice = sum(1 for number in times.values() if number > 1)
    print(f"images {instances}, kills {kills}, results {results}")
    print(f"queue: {counts}")
    print(f"results at the archive: {len(times)} of {expected}; lost {expected - len(times)}; twice {twice}")
    print(f"images acknowledged in {sent[0]:.1f} s ({instances / sent[0]:.1f} per second)")
    print(f"all done in {seconds:.1f} s, of which the node was down {down:.1f} s ({instances / (seconds - down):.2f} "
          "images per second while it ran)")  # fmt: skip
    return len(times) == expected and not twice


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=100)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--results", default="report")
    options = parser.parse_args()
    program = shutil.which("storescu")
    if program is None:
        print("trial_node: storescu is not installed (Debian: apt-get install dcmtk); nothing measured")
        return
    with tempfile.TemporaryDirectory(prefix="thyrosight-trial-") as folder:
        good = run(Path(folder), instances=options.instances, kills=options.kills, results=options.results,
                   program=program)  # fmt: skip
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
