"""Helper processes give what the caller's own would, and are done without where they end."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, read_frame
from thyrosight.inference import Bundle, Predictor, Refusal, Request, export_bundle, helpers, load_bundle
from thyrosight.inference.helpers import Helpers
from thyrosight.inference.ready import make_ready


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    files = [folder / f"{number}.png" for number in range(9)]
    for file in files:
        Image.fromarray(random.integers(0, 256, (60, 80), dtype=np.uint8)).save(file)
    files[3].write_bytes(b"no image")
    return files


@pytest.fixture(scope="module")
def bundle(saved: Path) -> Bundle:
    return load_bundle(saved)


@pytest.fixture
def two(bundle: Bundle) -> Iterator[Helpers]:
    with Helpers(bundle, count=2) as found:
        wait_for(found, 2)
        yield found


def wait_for(found: Helpers, count: int) -> None:
    limit = time.monotonic() + 60
    while found.up < count and time.monotonic() < limit:
        time.sleep(0.01)
    assert found.up >= count  # those that start together may be ready together


def not_here(*arguments: object) -> None:
    raise AssertionError("prepared in the caller's process")


def test_a_helper_prepares_as_the_caller_would(
    two: Helpers, bundle: Bundle, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helpers, "make_ready", not_here)
    for request in (Request(images[0]), Request(str(images[1]), Box(10, 10, 50, 40))):
        ours, theirs = make_ready(request, bundle), two.make_ready(request)
        assert np.array_equal(ours.views, theirs.views) and np.array_equal(ours.frame.pixels, theirs.frame.pixels)
        assert (ours.request, ours.notes, ours.flags, ours.prepared.window, ours.prepared.steps) == (
            theirs.request, theirs.notes, theirs.flags, theirs.prepared.window, theirs.prepared.steps,
        )  # fmt: skip
    with pytest.raises(ImageError) as error:
        two.make_ready(Request(images[3]))
    with pytest.raises(ImageError) as own:
        make_ready(Request(images[3]), bundle)
    assert str(error.value) == str(own.value)
    with pytest.raises(AssertionError, match="in the caller's process"):  # nothing has to be read
        two.make_ready(Request(read_frame(images[0])))


def test_helpers_that_end_are_done_without(two: Helpers, bundle: Bundle, images: list[Path]) -> None:
    for helper in two._all:
        helper._process.kill()
    for _ in range(3):
        assert np.array_equal(two.make_ready(Request(images[0])).views, make_ready(Request(images[0]), bundle).views)
    assert two.up == 0


def test_a_helper_that_cannot_start_keeps_nobody_waiting(
    bundle: Bundle, images: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helpers.sys, "executable", str(images[0]))
    with Helpers(bundle, count=2) as found:
        assert np.array_equal(found.make_ready(Request(images[0])).views, make_ready(Request(images[0]), bundle).views)
        assert found.up == 0


def test_no_process_is_left(bundle: Bundle) -> None:
    with Helpers(bundle, count=2) as found:
        wait_for(found, 1)
    limit = time.monotonic() + 30
    while len(found._all) < 2 and time.monotonic() < limit:  # one that was on its way ends by itself
        time.sleep(0.01)
    time.sleep(0.1)
    assert all(helper._process.poll() is not None for helper in found._all)


def test_many_images_get_what_each_gets_alone(model: Path, images: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thyrosight.inference.predictor.WORTH", 18)
    monkeypatch.setattr("thyrosight.inference.predictor.usable_cores", lambda: 4)
    random = np.random.default_rng(0)
    export_bundle(load_bundle(model, backend="torch"), images=[random.integers(0, 256, (32, 32), dtype=np.uint8)])
    predictor = Predictor(load_bundle(model))
    found = list(predictor.assess_many([*images, *images], batch_size=4))
    assert [number for number, one in enumerate(found) if isinstance(one, Refusal)] == [3, 12]
    alone = [predictor.assess(file) for number, file in enumerate(images) if number != 3]
    assert [one for one in found if not isinstance(one, Refusal)] == [*alone, *alone]
