"""The node is killed (kill -9) while it receives, assesses and sends; `benchmarks/trial_node.py` does it larger."""

import multiprocessing
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pynetdicom import AE, evt

from tests.pacs.conftest import free_port, make_assessment, tool, ultrasound
from thyrosight.imaging import read_frame
from thyrosight.pacs.node import Node, NodeSettings, parse_peer, read_queue
from thyrosight.pacs.objects import Assessed

IMAGES, KILLS = 15, 3
OUTLINES, FIND = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.2.2.1"


def _assess(path: Path) -> Assessed:
    time.sleep(0.02)
    return [(make_assessment(), read_frame(path))]


def _serve(folder: Path, port: int, peer: str) -> None:
    settings = NodeSettings("THYROSIGHT", port, folder, peers=(parse_peer(peer),), kinds=("outline",))
    for _ in range(100):  # the port of a killed program is free a moment later
        try:
            Node(settings, _assess).start()
            break
        except Exception:
            time.sleep(0.1)
    threading.Event().wait()


class CountingArchive:
    """Writes down each C-STORE that it gets, and answers whether it has an object."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        entity = AE(ae_title="ARCHIVE")
        for sop_class in (OUTLINES, FIND):
            entity.add_supported_context(sop_class)
        handlers = [(evt.EVT_C_STORE, self._take), (evt.EVT_C_FIND, self._find)]
        self.server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)

    def _take(self, event) -> int:
        data = event.dataset
        image = data.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
        self.taken.append((str(data.SOPInstanceUID), str(image.ReferencedSOPInstanceUID)))
        return 0x0000

    def _find(self, event):
        if any(uid == event.identifier.SOPInstanceUID for uid, _ in self.taken):
            yield 0xFF00, event.identifier
        yield 0x0000, None


def scan(files: list[Path], port: int, program: str) -> None:
    """Send each image until it is acknowledged, as scanners do."""
    for first in range(0, len(files), 5):
        command = [program, "-aec", "THYROSIGHT", "127.0.0.1", str(port), *files[first : first + 5]]
        while subprocess.run(command, capture_output=True, check=False).returncode:
            time.sleep(0.05)


def wait_until(done: Callable[[], bool], *, seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not done() and time.monotonic() < limit:
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a signal of unix systems")
def test_killed_at_any_moment_nothing_is_lost_and_nothing_arrives_twice(tmp_path: Path) -> None:
    program = tool("storescu", "dcmtk")
    files = [tmp_path / f"{number:03}.dcm" for number in range(IMAGES)]
    for number, path in enumerate(files):
        ultrasound(500 + number).save_as(path, enforce_file_format=True)
    archive, port, folder = CountingArchive(), free_port(), tmp_path / "node"
    url = f"dicom://ARCHIVE@127.0.0.1:{archive.server.server_address[1]}"

    def start() -> multiprocessing.process.BaseProcess:
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(folder, port, url), daemon=True)
        process.start()
        return process

    process = start()
    scanning = threading.Thread(target=scan, args=(files, port, program), daemon=True)
    scanning.start()
    try:
        for kill in range(1, KILLS + 1):
            wait_until(lambda enough=kill * IMAGES // (KILLS + 2): len(archive.taken) >= enough)
            process.kill()
            process.join()
            process = start()
        scanning.join(60)
        wait_until(lambda: read_queue(folder)[0].get("deliveries delivered") == IMAGES)
    finally:
        process.kill()
        process.join()
        archive.server.shutdown()
    assert read_queue(folder) == ({"images assessed": IMAGES, "deliveries delivered": IMAGES}, [])
    sent = {pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in files}
    assert {image for _, image in archive.taken} == sent  # none lost
    times = Counter(uid for uid, _ in archive.taken)
    assert set(times.values()) == {1}  # none twice, not even with the same identifier
