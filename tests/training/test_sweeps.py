"""Sweeps: every trial once, resumed from its folder, failures told, the same on a cluster that loses workers."""

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

from thyrosight.errors import NetworkError, OutputError
from thyrosight.training.sweeps import Engine, Trial, run_sweep

TRIALS = [Trial(f"trial-{number}", {"number": number, "more": {"list": [1, number]}}) for number in range(3)]


def _counting(calls: list[str], *, stop_at: str = "", fail_at: str = "") -> Callable[..., dict[str, Any]]:
    def task(parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
        calls.append(folder.name)
        progress("Counting", 1, 2)
        if folder.name == stop_at:
            raise KeyboardInterrupt
        if folder.name == fail_at:
            raise NetworkError("It diverged; choose a smaller learning rate.")
        return {"square": parameters["number"] ** 2, "curve": [1, 2]}

    return task


def test_trials_run_once_and_are_taken_over(tmp_path: Path) -> None:
    calls: list[str] = []
    seen: list[tuple[str, int, int]] = []
    first = run_sweep(TRIALS, _counting(calls), folder=tmp_path, progress=lambda *step: seen.append(step))
    again = run_sweep(TRIALS, _counting(calls), folder=tmp_path)
    assert calls == [trial.name for trial in TRIALS]
    assert [outcome.result["square"] for outcome in first] == [0, 1, 4]
    assert again == first
    assert ("trial-1, counting", 1, 2) in seen
    assert seen[-1] == ("Trials", 3, 3)
    row = first[2].row()
    assert (row["number"], row["more.list"], row["square"], row["starts"]) == (2, "[1, 2]", 4, 1)
    assert "curve" not in row


def test_what_a_result_depends_on_makes_a_trial_new(tmp_path: Path) -> None:
    calls: list[str] = []
    run_sweep(TRIALS[:2], _counting(calls), folder=tmp_path, identity={"cohort": "a"})
    run_sweep(TRIALS[:2], _counting(calls), folder=tmp_path, identity={"cohort": "b"})
    changed = [Trial("trial-0", {"number": 5}), TRIALS[1]]
    (five, one) = run_sweep(changed, _counting(calls), folder=tmp_path, identity={"cohort": "b"})
    assert calls == ["trial-0", "trial-1", "trial-0", "trial-1", "trial-0"]
    assert (five.result["square"], one.result["square"]) == (25, 1)


def test_an_interrupted_sweep_goes_on_and_counts_the_starts(tmp_path: Path) -> None:
    calls: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run_sweep(TRIALS, _counting(calls, stop_at="trial-1"), folder=tmp_path)
    outcomes = run_sweep(TRIALS, _counting(calls), folder=tmp_path)
    assert calls == ["trial-0", "trial-1", "trial-1", "trial-2"]
    assert [outcome.starts for outcome in outcomes] == [1, 2, 1]


def test_a_failed_trial_is_told_and_tried_again(tmp_path: Path) -> None:
    calls: list[str] = []
    outcomes = run_sweep(TRIALS, _counting(calls, fail_at="trial-1"), folder=tmp_path)
    assert [outcome.status for outcome in outcomes] == ["finished", "failed", "finished"]
    assert outcomes[1].row()["error"] == "It diverged; choose a smaller learning rate."
    assert "square" not in outcomes[1].row()
    assert run_sweep(TRIALS, _counting(calls), folder=tmp_path)[1].status == "finished"


def test_a_damaged_record_is_no_finished_trial(tmp_path: Path) -> None:
    calls: list[str] = []
    run_sweep(TRIALS, _counting(calls), folder=tmp_path)
    path = tmp_path / "trial-2" / "trial.json"
    path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert run_sweep(TRIALS, _counting(calls), folder=tmp_path)[2].result["square"] == 4
    assert calls[-1] == "trial-2"


def test_names_must_differ(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different names"):
        run_sweep([TRIALS[0], TRIALS[0]], _counting([]), folder=tmp_path)


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
        options = FitOptions(epochs=4, batch_size=4, accelerator="cpu", seed=parameters["number"])
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
        run_sweep(TRIALS, _counting([]), folder=tmp_path, engine=Engine("ray"))


def square_or_die(
    parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """A task that a fresh interpreter can import; its process is lost as often as it is told to be."""
    progress("Counting", 1, 1)
    died = folder / "died"
    count = len(died.read_text(encoding="utf-8")) if died.exists() else 0
    if count < parameters.get("losses", 0):
        died.write_text("x" * (count + 1), encoding="utf-8")
        os._exit(1)
    if parameters.get("wrong"):
        raise NetworkError("It diverged; choose a smaller learning rate.")
    return {"square": parameters["number"] ** 2}


@pytest.mark.timeout(600)
def test_processes_that_are_lost_are_replaced_and_what_keeps_failing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # where this very module is found
    trials = [
        Trial("a", {"number": 2, "losses": 1}),
        Trial("b", {"number": 3}),
        Trial("c", {"number": 4, "losses": 9}),
        Trial("d", {"number": 5, "wrong": True}),
    ]
    seen: list[tuple[str, int, int]] = []
    outcomes = run_sweep(
        trials, square_or_die, folder=tmp_path, engine=Engine("processes", workers=2, retries=1),
        progress=lambda *step: seen.append(step),
    )  # fmt: skip
    assert [outcome.result.get("square") for outcome in outcomes] == [4, 9, None, None]
    assert [outcome.starts for outcome in outcomes[:2]] == [2, 1]
    assert "lost 2 times" in outcomes[2].error
    assert outcomes[3].error == "It diverged; choose a smaller learning rate."
    assert seen[-1] == ("Trials", 4, 4)
    assert {outcome.threads for outcome in outcomes[:2]} == {1}
