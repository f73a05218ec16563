"""Many images at once: in order, bounded, stopped at once, and with the results of one after the other."""

import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.inference import Predictor, Refusal, export_bundle, load_bundle
from thyrosight.inference.pipeline import in_batches, one_at_a_time, threads_for
from thyrosight.inference.session import Lane, Outputs


def test_results_keep_their_order_and_memory_its_bound() -> None:
    begun: list[int] = []

    def slow_at_first(number: int) -> int:
        begun.append(number)
        time.sleep(0.02 if number % 4 == 0 else 0)
        return number

    batches = in_batches(slow_at_first, range(40), batch_size=4, workers=3)
    assert next(batches) == [0, 1, 2, 3]
    time.sleep(0.1)
    assert max(begun) < 8  # two batches, and no more, before the caller comes back
    assert [one for batch in batches for one in batch] == list(range(4, 40))


@pytest.mark.parametrize("stop", ["caller", "work"])
def test_what_has_not_begun_is_left_when_it_stops(stop: str) -> None:
    begun: list[int] = []
    before = threading.active_count()

    def work(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        if stop == "work" and number == 2:
            raise KeyboardInterrupt
        return number

    batches = in_batches(work, range(1000), batch_size=50, workers=2)
    if stop == "caller":
        next(batches)
        batches.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            next(batches)
    count = len(begun)
    time.sleep(0.05)
    assert len(begun) == count < 100
    assert threading.active_count() <= before


def test_no_more_threads_run_the_network_than_its_lane_has() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def run(pixels: np.ndarray) -> Outputs:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1
        return Outputs(None, None)

    lane = Lane(run, 2)
    assert threads_for(lane) == 3
    list(in_batches(one_at_a_time(lane), [np.zeros((2, 2), np.uint8)] * 12, batch_size=6, workers=6))
    assert most == 2


@pytest.mark.parametrize("threads", [1, 3])
def test_a_folder_gives_what_its_images_give_one_by_one(saved: Path, tmp_path: Path, threads: int) -> None:
    folder = Path(shutil.copytree(saved, tmp_path / "model"))
    random = np.random.default_rng(0)
    export_bundle(load_bundle(folder, backend="torch"), images=[random.integers(0, 256, (32, 32), dtype=np.uint8)])
    files = []
    for number in range(21):
        files.append(tmp_path / f"{number}.png")
        Image.fromarray(random.integers(0, 256, (60, 80), dtype=np.uint8)).save(files[-1])
    files[7].write_bytes(b"no image")
    predictor = Predictor(load_bundle(folder, threads=threads))
    seen: list[int] = []
    found = list(predictor.assess_many(files, batch_size=4, progress=lambda _, done, total: seen.append(done)))
    assert seen == [4, 8, 12, 16, 20, 21]
    assert [one.image for one in found] == [str(file) for file in files]
    assert [number for number, one in enumerate(found) if isinstance(one, Refusal)] == [7]
    alone = [predictor.assess(file) for file in files if file != files[7]]
    assert [one for one in found if not isinstance(one, Refusal)] == alone
