"""The store of prepared pixels: after a kill, whole images are found and half ones are made anew."""

from pathlib import Path

import numpy as np
import pytest

from thyrosight.errors import OutputError
from thyrosight.imaging import Preparation
from thyrosight.training.store import PixelStore, open_store, store_name

PREPARATION = Preparation(size=8)


def _image(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (8, 8), dtype=np.uint8)


def _fill(cache: Path, numbers: range) -> Path:
    with open_store(cache, PREPARATION) as store:
        for number in numbers:
            store.add(f"image {number}", _image(number), {"nodule": None, "notes": []})
    return cache / store_name(PREPARATION)


def _check(store: PixelStore, count: int) -> None:
    assert store.count == len(store.records) == count
    array = store.array()
    for number in range(count):
        assert np.array_equal(array[store.records[f"image {number}"]["row"]], _image(number))


def test_what_was_added_is_found_again_and_added_to(tmp_path: Path) -> None:
    _fill(tmp_path, range(3))
    _fill(tmp_path, range(3, 5))
    with open_store(tmp_path, PREPARATION) as store:
        _check(store, 5)


@pytest.mark.parametrize(
    ("file", "cut"), [("pixels.u8", 1), ("pixels.u8", 64), ("index.jsonl", 1), ("index.jsonl", 30)]
)
def test_a_half_written_image_is_made_anew(tmp_path: Path, file: str, cut: int) -> None:
    path = _fill(tmp_path, range(4)) / file
    path.write_bytes(path.read_bytes()[:-cut])
    with open_store(tmp_path, PREPARATION) as store:
        _check(store, 3)
        store.add("image 3", _image(3), {"nodule": None, "notes": []})
    with open_store(tmp_path, PREPARATION) as store:
        _check(store, 4)


def test_pixels_without_their_line_are_cut_off(tmp_path: Path) -> None:
    path = _fill(tmp_path, range(2)) / "pixels.u8"
    path.write_bytes(path.read_bytes() + bytes(100))
    with open_store(tmp_path, PREPARATION) as store:
        _check(store, 2)
    assert path.stat().st_size == 2 * 64


def test_another_preparation_or_other_code_has_another_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        store_name(PREPARATION),
        store_name(Preparation(size=9)),
        store_name(Preparation(size=8, crop="whole frame")),
    }
    other = tmp_path / "imaging"
    other.mkdir()
    (other / "__init__.py").write_text("# changed", encoding="utf-8")
    monkeypatch.setattr("thyrosight.imaging.__file__", str(other / "__init__.py"))
    assert len(names | {store_name(PREPARATION)}) == 4


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another folder"), open_store(tmp_path / "cache", PREPARATION):
        pass
