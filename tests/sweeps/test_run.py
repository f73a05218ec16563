"""Sweeps: every trial runs once, resumes from its folder, and reports its failure."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from thyrosight.errors import FolderInUseError, NetworkError
from thyrosight.sweeps import Trial, run_sweep

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


def test_a_second_sweep_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    def task(parameters: Mapping[str, Any], folder: Path, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
        return {"refused": _refused(tmp_path)}

    assert [outcome.result for outcome in run_sweep(TRIALS[:1], task, folder=tmp_path)] == [{"refused": True}]
    assert not _refused(tmp_path)


def _refused(folder: Path) -> bool:
    try:
        run_sweep([], _counting([]), folder=folder)
    except FolderInUseError as error:
        return "a sweep has been running there" in str(error)
    return False


def test_names_must_differ(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different names"):
        run_sweep([TRIALS[0], TRIALS[0]], _counting([]), folder=tmp_path)
