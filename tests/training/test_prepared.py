"""Preparing a cohort once: the same pixels as by hand, nothing twice, every bad image named at once."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import open_cohort
from thyrosight.errors import CohortError, ImageError
from thyrosight.imaging import Box, Preparation, read_frame
from thyrosight.training import PreparedSet, Stopwatch, prepare_set

PREPARATION = Preparation(size=16, scan_area=False)


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    """Six images with boxes."""
    rows = []
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 50), dtype=np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        label = "malignant" if number % 3 == 0 else "benign"
        rows.append({"key": f"case-{number}", "image": str(path), "label": label, "box": f"{number},5,30,25"})
    return pd.DataFrame(rows)


def test_pixels_are_those_of_the_preparation(table: pd.DataFrame) -> None:
    prepared = prepare_set(table, PREPARATION)
    assert prepared.labels.tolist() == [1, 0, 0, 1, 0, 0]
    assert prepared.keys == tuple(table["key"])
    for number in range(6):
        expected = PREPARATION.prepare(read_frame(table["image"][number]), box=Box(number, 5, 30, 25))
        assert np.array_equal(prepared.pixels[number], expected.pixels)
        assert prepared.nodules[number] == expected.nodule
        assert prepared.notes[number] == expected.notes


def test_the_cache_gives_the_same_set_without_reading_images_again(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = prepare_set(table, PREPARATION)
    first = prepare_set(table, PREPARATION, cache=tmp_path / "cache")
    monkeypatch.setattr("thyrosight.training.filling.read_frame", None)  # calling it would fail
    again = prepare_set(table, PREPARATION, cache=tmp_path / "cache")
    assert isinstance(again.store, np.memmap)
    assert first.digest() == again.digest() == fresh.digest()
    assert again.nodules == fresh.nodules
    assert again.notes == fresh.notes


@pytest.mark.parametrize("change", ["image", "box"])
def test_a_changed_image_or_box_is_prepared_anew(table: pd.DataFrame, tmp_path: Path, change: str) -> None:
    before = prepare_set(table, PREPARATION, cache=tmp_path / "cache")
    if change == "image":
        Image.fromarray(np.zeros((40, 50), dtype=np.uint8)).save(table["image"][2])
    else:
        table.loc[2, "box"] = "10,10,20,20"
    after = prepare_set(table, PREPARATION, cache=tmp_path / "cache")
    assert [not np.array_equal(a, b) for a, b in zip(before.pixels, after.pixels, strict=True)] == [
        number == 2 for number in range(6)
    ]
    assert after.digest() == prepare_set(table, PREPARATION).digest()


def test_interrupted_preparing_goes_on_where_it_stopped(table: pd.DataFrame, tmp_path: Path) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_set(table, PREPARATION, cache=tmp_path / "cache", progress=stop)
    (store,) = (tmp_path / "cache").iterdir()
    assert (store / "pixels.u8").stat().st_size == 3 * 16 * 16
    seen: list[tuple[str, int, int]] = []
    again = prepare_set(table, PREPARATION, cache=tmp_path / "cache", progress=lambda *step: seen.append(step))
    assert (store / "pixels.u8").stat().st_size == 6 * 16 * 16
    assert seen == [("Preparing images", number, 6) for number in range(1, 7)]
    assert again.digest() == prepare_set(table, PREPARATION).digest()


def test_all_bad_images_are_named_at_once_and_the_good_ones_are_kept(table: pd.DataFrame, tmp_path: Path) -> None:
    Path(table["image"][1]).write_bytes(b"")
    Path(table["image"][2]).unlink()
    table.loc[4, "box"] = "0,0,500,20"
    with pytest.raises(ImageError) as caught:
        prepare_set(table, PREPARATION, cache=tmp_path / "cache")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("3 of 6 images cannot be used")
    assert [line.split(":")[0] for line in lines[1:]] == ["case-1", "case-2", "case-4"]
    (store,) = (tmp_path / "cache").iterdir()
    assert len((store / "index.jsonl").read_text(encoding="utf-8").splitlines()) == 3


def test_an_image_that_stands_twice_is_stored_once(table: pd.DataFrame, tmp_path: Path) -> None:
    twice = pd.concat([table, table.assign(key=table["key"] + "-copy")], ignore_index=True)
    prepared = prepare_set(twice, PREPARATION, cache=tmp_path / "cache")
    assert len(prepared.store) == 6
    assert np.array_equal(prepared.pixels[:6], prepared.pixels[6:])


def test_selecting_keeps_everything_together_and_copies_nothing(table: pd.DataFrame) -> None:
    prepared = prepare_set(table, PREPARATION)
    chosen = prepared.select(["case-5", "case-0"])
    assert chosen.store is prepared.store
    assert chosen.labels.tolist() == [0, 1]
    assert np.array_equal(chosen.pixels, prepared.pixels[[5, 0]])
    assert np.array_equal(chosen.batch(np.array([1])), prepared.pixels[[0]])
    assert chosen.nodules == (prepared.nodules[5], prepared.nodules[0])
    assert chosen.select(["case-0"]).digest() == prepared.select(["case-0"]).digest() != chosen.digest()
    with pytest.raises(CohortError, match=r"1 images were not prepared, for example case-9"):
        prepared.select(["case-0", "case-9"])


def test_another_process_maps_the_same_file(table: pd.DataFrame, tmp_path: Path) -> None:
    prepared = prepare_set(table, PREPARATION, cache=tmp_path / "cache").select(["case-4", "case-1"])
    sent = pickle.dumps(prepared)
    received = pickle.loads(sent)
    assert isinstance(received.store, np.memmap)
    assert received.digest() == prepared.digest()
    inside = PreparedSet.of(np.zeros((2, 4, 4), dtype=np.uint8), [0, 1])
    assert pickle.loads(pickle.dumps(inside)).digest() == inside.digest()


def test_labels_that_are_not_classes(table: pd.DataFrame) -> None:
    table.loc[3, "label"] = "Malign"
    with pytest.raises(CohortError, match=r"case-3: the label 'Malign' is not one of benign, malignant"):
        prepare_set(table, PREPARATION)
    with pytest.raises(CohortError, match="no image to prepare"):
        prepare_set(table.iloc[:0], PREPARATION)


def test_time_is_told_apart_by_stage(table: pd.DataFrame) -> None:
    watch = Stopwatch()
    prepare_set(table, PREPARATION, stopwatch=watch)
    assert set(watch.seconds) == {"reading", "preparing"}
    assert all(seconds > 0 for seconds in watch.seconds.values())


def test_real_images_with_masks(real_data: Path, tmp_path: Path) -> None:
    """Twelve DDTI frames: every mask gives a nodule inside the prepared square."""
    table = open_cohort(real_data / "ddti").table.iloc[:12]
    prepared = prepare_set(table, Preparation(size=64), cache=tmp_path)
    assert prepared.pixels.shape == (12, 64, 64)
    assert prepared.pixels.reshape(12, -1).std(axis=1).min() > 5
    for nodule in prepared.nodules:
        assert nodule is not None
        left, top, right, bottom = nodule
        assert -0.01 <= left < right <= 64.01
        assert -0.01 <= top < bottom <= 64.01
