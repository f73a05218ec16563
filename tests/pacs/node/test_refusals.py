"""An acknowledged image that is not assessed is never met with silence."""

import subprocess
import sys
import time
from pathlib import Path

import pydicom
import pytest

from tests.pacs.conftest import Archive, send, tool, ultrasound
from thyrosight.inference import RESEARCH_USE
from thyrosight.pacs import as_source
from thyrosight.pacs.node import parse_peer, read_queue
from thyrosight.pacs.refusal_report import refusal_report


def black(number: int = 1):
    data = ultrasound(number)
    data.PixelData = bytes(len(data.PixelData))
    return data


def test_queue_names_object_caller_and_reason(run_node) -> None:
    node = run_node()
    assert send(node.port, black()) == [0x0000] and node.wait_until_idle(20)
    _, problems = read_queue(node.settings.folder)
    assert problems == [(black().SOPInstanceUID, "from SCANNER, not assessed: the file is black.")]


def test_report_of_a_refusal_reaches_the_archive(run_node, archive: Archive) -> None:
    peer = parse_peer(f"dicom://{archive.title}@127.0.0.1:{archive.dicom}")
    node = run_node(peers=(peer,), report_refusals=True)
    assert send(node.port, black(777)) == [0x0000] and node.wait_until_idle(20)
    (path,) = node.store.results.iterdir()
    sent = pydicom.dcmread(path)
    assert sent.SOPInstanceUID in [item["SOPInstanceUID"] for item in archive.stored()]
    texts = [item.TextValue for item in sent.ContentSequence if item.ValueType == "TEXT"]
    assert texts == ["Not assessed: the file is black.", RESEARCH_USE]
    assert sent.PatientID == "P-1" and sent.StudyInstanceUID == ultrasound().StudyInstanceUID


@pytest.mark.parametrize("frames", [None, 3])
def test_report_of_a_refusal_is_valid_for_dicom3tools(tmp_path: Path, frames: int | None) -> None:
    program = tool("dciodvfy", "dicom3tools")
    refusal_report(as_source(ultrasound(frames=frames), "scan.dcm"), "it is black.").save_as(tmp_path / "report.dcm")
    said = subprocess.run([program, tmp_path / "report.dcm"], capture_output=True, text=True, check=False).stderr
    assert "Error" not in said and "Warning" not in said


def test_program_is_run_once_for_each_refusal_and_again_until_it_succeeds(run_node, tmp_path: Path, caplog) -> None:
    program = tmp_path / "tell.py"
    program.write_text(
        "import sys, pathlib\n"
        f"told = pathlib.Path({str(tmp_path / 'told.txt')!r})\n"
        "if not told.exists():\n"
        "    told.write_text('')\n"
        "    sys.exit(1)\n"
        "told.write_text(told.read_text() + '|'.join(sys.argv[1:]) + '\\n')\n"
    )
    node = run_node(on_refusal=(sys.executable, str(program)))
    assert send(node.port, black(1), black(2), ultrasound(3)) == [0x0000] * 3 and node.wait_until_idle(20)
    for _ in range(100):
        if node.store.untold() is None:
            break
        time.sleep(0.1)
    said = (tmp_path / "told.txt").read_text().splitlines()
    assert said == [f"{black(number).SOPInstanceUID}|SCANNER|the file is black." for number in (1, 2)]
    assert any("was not told of" in message for message in caplog.messages)
