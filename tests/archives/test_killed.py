"""Kill -9 of workers and of the driver: every image once, in processes and on a Ray cluster."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from tests.archives.conftest import write_image
from thyrosight.archives import assess_archive
from thyrosight.sweeps import Engine

pytestmark = [
    pytest.mark.timeout(900),  # starting processes takes long on a machine with other work
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by signal"),
]
IMAGES = 120


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(IMAGES):
        write_image(folder / f"{number:03}.png", number)
    return folder


def busy(out: Path) -> Iterator[int]:
    """Processes that are in the middle of a part."""
    for state in (out / "_run").glob("*/state.json"):
        noted = json.loads(state.read_text(encoding="utf-8"))
        if not (out / "assessments" / f"{state.parent.name}.parquet").exists():
            yield noted["process"]


@contextmanager
def killer(out: Path) -> Iterator[list[int]]:
    """Kill one worker after the first part is done."""
    killed: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            if not killed and next((out / "assessments").glob("part-*"), None) is not None:
                for process in busy(out):
                    os.kill(process, signal.SIGKILL)
                    killed.append(process)
                    break

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def check_once(out: Path) -> None:
    table = pd.read_parquet(out / "assessments")
    assert table["item"].tolist() == list(range(IMAGES)) and table["image"].is_unique
    assert table["refused"].isna().all()


@pytest.mark.parametrize("kind", ["processes", "ray"])
def test_a_worker_that_is_killed_loses_nothing(kind: str, model: Path, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if kind == "ray":
        ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'thyrosight[ray]'")
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_worker_niceness", "0")  # behind all other tests it would wait a minute
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        with killer(out) as killed:
            engine = Engine(kind, workers=2)  # type: ignore[arg-type]
            found = assess_archive([str(many)], model=model, out=out, part_rows=20, engine=engine, device="cpu")
    finally:
        if kind == "ray":
            ray.shutdown()
    assert len(killed) == 1 and not found.left
    check_once(out)


def test_a_driver_that_is_killed_goes_on_with_the_same_command(model: Path, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["predict", many, "--model", model, "--out", out, "--part-size", 20, "--device", "cpu"]
    command = [sys.executable, "-m", "thyrosight", *map(str, words), "--engine", "processes", "--workers", "1"]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while not list((out / "assessments").glob("part-*")):
        assert first.poll() is None
        time.sleep(0.01)
    first.kill()
    assert first.stdout is not None
    first.stdout.read()  # returns once no process is left that could write: the worker has ended
    done = {path.name: path.stat().st_mtime_ns for path in (out / "assessments").glob("part-*")}
    assert 0 < len(done) < 6
    assess_archive([str(many)], model=model, out=out, device="cpu")
    check_once(out)
    now = {path.name: path.stat().st_mtime_ns for path in (out / "assessments").iterdir()}
    assert now.items() > done.items()
    assert not list((out / "assessments").glob(".*"))
