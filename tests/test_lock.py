"""A folder's lock: it refuses a second process, names the first, and does not survive it."""

import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from thyrosight import lock
from thyrosight.errors import FolderInUseError
from thyrosight.lock import locked_folder

HOLD = """
import sys, time
from thyrosight.lock import locked_folder
with locked_folder(sys.argv[1], "study"):
    print("locked", flush=True)
    time.sleep(120)
"""


def _holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "locked\n"
    return process


def _elsewhere(folder: Path) -> Path:
    """A holder's file as a process on another machine writes it."""
    path = folder / ".lock.json"
    path.write_text(
        json.dumps({"what": "study", "host": "elsewhere", "process": 7, "since": "2026-01-02 03:04:05"}),
        encoding="utf-8",
    )
    return path


def test_a_second_process_is_told_who_holds_the_folder_and_a_killed_one_is_followed(tmp_path: Path) -> None:
    process = _holder(tmp_path)
    try:
        with pytest.raises(FolderInUseError) as refused, locked_folder(tmp_path):
            pass
    finally:
        process.kill()
        process.wait()
    since = json.loads((tmp_path / ".lock.json").read_text(encoding="utf-8"))["since"]
    assert str(refused.value) == (
        f"{tmp_path} is in use: a study has been running there since {since}, as process {process.pid} on "
        f"{platform.node()}. Wait until it has ended, or choose another folder."
    )
    with locked_folder(tmp_path):
        assert json.loads((tmp_path / ".lock.json").read_text(encoding="utf-8"))["process"] == os.getpid()
    assert os.name == "nt" or list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_children_of_a_killed_process_do_not_keep_its_lock(tmp_path: Path) -> None:
    code = HOLD.replace("120", "20").replace(
        'print("locked"', 'import os; child = os.fork()\n    if child: print("locked"'
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "locked\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10  # a child that was just born may take a moment to let go
    while True:
        try:
            with locked_folder(tmp_path):
                return
        except FolderInUseError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_second_thread_is_refused(tmp_path: Path) -> None:
    found: list[BaseException] = []

    def second() -> None:
        try:
            with locked_folder(tmp_path):
                pass
        except FolderInUseError as error:
            found.append(error)

    with locked_folder(tmp_path, "sweep"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert "a sweep has been running there" in str(found[0])
    with locked_folder(tmp_path):
        pass


def test_an_error_frees_the_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), locked_folder(tmp_path / "new"):
        raise RuntimeError
    with locked_folder(tmp_path / "new"):
        pass


def test_a_holder_on_another_machine_counts_while_its_heart_beats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_SILENCE", 1.2)
    path, ended = _elsewhere(tmp_path), threading.Event()

    def beat() -> None:
        for number in range(10_000):
            if ended.wait(0.05):
                return
            os.utime(path, (number, number))

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(FolderInUseError, match="process 7 on elsewhere"), locked_folder(tmp_path):
            pass
    finally:
        ended.set()
        thread.join()
    with locked_folder(tmp_path):  # silent now
        assert json.loads(path.read_text(encoding="utf-8"))["host"] == platform.node()


def test_without_locks_of_the_file_system_the_heartbeat_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_acquire", lambda _: False)
    monkeypatch.setattr(lock, "_SILENCE", 1.2)
    monkeypatch.setattr(lock, "_BEAT", 0.05)
    with locked_folder(tmp_path):
        with pytest.raises(FolderInUseError, match=f"process {os.getpid()}"), locked_folder(tmp_path):
            pass
        assert (tmp_path / ".lock.json").exists()
    with locked_folder(tmp_path):
        pass


@pytest.mark.parametrize(
    "launcher",
    [{"TORCHELASTIC_RUN_ID": "1", "RANK": "1"}, {"SLURM_NTASKS": "2", "SLURM_PROCID": "1"}],
    ids=["torchrun", "slurm"],
)
def test_processes_started_together_share_the_lock_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, launcher: dict[str, str]
) -> None:
    with locked_folder(tmp_path):
        for name, value in launcher.items():
            monkeypatch.setenv(name, value)
        with locked_folder(tmp_path):
            pass
        assert (tmp_path / ".lock.json").exists()
