"""Sweeps in several processes: lost ones are replaced, and trials that keep failing are reported."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from thyrosight.errors import NetworkError
from thyrosight.sweeps import Engine, Trial, run_sweep


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


def sleep(parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
    """A task that does not end by itself within a test."""
    (folder / "started").touch()
    time.sleep(900)
    return {}


@pytest.mark.timeout(600)
def test_workers_end_with_a_main_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.sweeps.test_processes import sleep; "
        "from thyrosight.sweeps import Engine, Trial, run_sweep; "
        "run_sweep([Trial('a', {})], sleep, folder=Path(sys.argv[1]), engine=Engine('processes', workers=1))"
    )
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    main = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    while not (tmp_path / "a" / "started").exists():
        assert main.poll() is None
        time.sleep(0.1)
    main.kill()
    assert main.stdout is not None
    assert main.stdout.read() == b""  # returns once no process is left that could write: the worker has ended


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
