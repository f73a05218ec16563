"""Seconds add up per stage, over threads, and wait for the device where asked to."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from thyrosight.training import Stopwatch


def test_threads_add_up_and_errors_are_timed_too() -> None:
    watch = Stopwatch()

    def work(_: int) -> None:
        with watch("waiting"):
            time.sleep(0.02)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(8)))
    assert watch.seconds["waiting"] >= 8 * 0.02
    with pytest.raises(RuntimeError), watch("failing"):
        raise RuntimeError
    assert "failing" in watch.seconds


def test_the_device_is_awaited_at_both_ends() -> None:
    calls: list[int] = []
    watch = Stopwatch(settle=lambda: calls.append(1))
    with watch("stage"):
        assert len(calls) == 1
    assert len(calls) == 2
