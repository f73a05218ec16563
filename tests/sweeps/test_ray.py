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
import torch

from thyrosight.errors import OutputError
from thyrosight.sweeps import Engine, Trial, run_sweep

TRIALS = [Trial(f"trial-{number}", {"number": number}) for number in range(3)]


def _training(pause: float) -> Callable[..., dict[str, Any]]:
    """A task that trains a tiny network; a function of its own, so that it travels to workers by value."""

    def task(parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
        import hashlib
        import time

        import numpy as np

        from thyrosight.networks import create
        from thyrosight.training import FitOptions, PreparedSet, fit

        def slowly(what: str, done: int, total: int) -> None:
            progress(what, done, total)
            time.sleep(pause)

        def images(seed: int) -> PreparedSet:
            pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 16), dtype=np.uint8)
            return PreparedSet.of(pixels, np.arange(16) % 2, [f"{seed}-{number}" for number in range(16)])

        network, spec = create("tiny", input_size=16)
        options = FitOptions(epochs=4, batch_size=4, accelerator="cpu", precision="32", seed=parameters["number"])
        trained = fit(
            network, spec, train=images(0), validation=images(1), options=options, folder=folder / "training",
            progress=slowly,
        )  # fmt: skip
        return {"weights": hashlib.sha256(trained.weights.read_bytes()).hexdigest()}

    return task


def _kill_once(folder: Path, killed: list[int]) -> None:
    """Kill the process of the first trial that has finished an epoch."""
    for _ in range(6000):
        time.sleep(0.1)
        for checkpoint in folder.glob("*/training/last.ckpt"):
            state = json.loads((checkpoint.parents[1] / "state.json").read_text(encoding="utf-8"))
            killed.append(state["process"])
            os.kill(state["process"], signal.SIGKILL)
            return


@pytest.mark.timeout(900)  # starting processes that import PyTorch takes minutes on a machine with other work
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by signal")
def test_a_cluster_that_loses_a_worker_gives_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers; one is killed in mid-training, and its trial goes on from its checkpoint in a new one."""
    ray = pytest.importorskip("ray", reason="ray is not installed: pip install 'thyrosight[ray]'")
    monkeypatch.setenv("RAY_worker_niceness", "0")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        here = run_sweep(TRIALS, _training(0), folder=tmp_path / "here")
    finally:
        torch.set_num_threads(before)
    killed: list[int] = []
    killer = threading.Thread(target=_kill_once, args=(tmp_path / "cluster", killed), daemon=True)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        killer.start()
        there = run_sweep(TRIALS, _training(0.15), folder=tmp_path / "cluster", engine=Engine("ray"))
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
        run_sweep(TRIALS, _training(0), folder=tmp_path, engine=Engine("ray"))
