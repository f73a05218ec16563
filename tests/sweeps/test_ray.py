"""Sweeps on a Ray cluster: the numbers of one process, also when a worker is lost."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from thyrosight.errors import OutputError
from thyrosight.sweeps import Engine, Trial, run_sweep

TRIALS = [Trial(f"trial-{number}", {"number": number}) for number in range(3)]


def _counting(pause: float) -> Callable[..., dict[str, Any]]:
    """A task that adds numbers and notes each step, to go on from there; a function of its own, so that it travels to
    workers by value. That a training goes on from its checkpoint with the same bytes is tested where it is done."""

    def task(parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
        import json
        import time

        steps, note = 6, folder / "steps.jsonl"
        done = [json.loads(line) for line in note.read_text().splitlines()] if note.exists() else []
        for step in range(len(done), steps):
            time.sleep(pause)
            done.append((done[-1] if done else parameters["number"]) * 3 + step)
            with note.open("a") as file:
                file.write(f"{done[-1]}\n")
            progress("adding", step + 1, steps)
        return {"sum": sum(done), "steps": len(note.read_text().splitlines())}

    return task


def _kill_once(folder: Path, killed: list[int]) -> None:
    """Kill the process of the first trial that has done a step."""
    for _ in range(60_000):
        time.sleep(0.01)
        for note in folder.glob("*/steps.jsonl"):
            state = json.loads((note.parent / "state.json").read_text(encoding="utf-8"))
            killed.append(state["process"])
            os.kill(state["process"], signal.SIGKILL)
            return


@pytest.mark.timeout(900)  # starting a cluster takes minutes on a machine with other work
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by signal")
def test_a_cluster_that_loses_a_worker_gives_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers; one is killed in the middle of a trial, which goes on from its last step in a new one."""
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'thyrosight[ray]'")
    monkeypatch.setenv("RAY_worker_niceness", "0")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    here = run_sweep(TRIALS, _counting(0), folder=tmp_path / "here")
    killed: list[int] = []
    killer = threading.Thread(target=_kill_once, args=(tmp_path / "cluster", killed), daemon=True)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        killer.start()
        there = run_sweep(TRIALS, _counting(0.3), folder=tmp_path / "cluster", engine=Engine("ray"))
    finally:
        ray.shutdown()
        killer.join()
    assert len(killed) == 1
    assert [outcome.result for outcome in there] == [outcome.result for outcome in here]
    assert sorted(outcome.starts for outcome in there) == [1, 1, 2]
    assert {outcome.threads for outcome in there} == {1}


def test_without_ray_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(OutputError, match=r"pip install 'thyrosight\[ray\]'"):
        run_sweep(TRIALS, _counting(0), folder=tmp_path, engine=Engine("ray"))
