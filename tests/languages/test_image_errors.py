"""Errors of `cohort check` on an image that cannot be used, in every language."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, read_frame, read_mask
from thyrosight.languages import translator


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _saved(path: Path, rows: int) -> Path:
    Image.fromarray(np.zeros((rows, 100), np.uint8)).save(path)
    return path


_TRIED: dict[str, Callable[[Path], object]] = {
    "no box": lambda _: Box.from_text("1,2,30", where="a.png"),
    "no area": lambda _: Box(30, 10, 20, 40),
    "outside": lambda _: Box(0, 0, 300, 40).require_inside((80, 100), "a.png"),
    "no file": lambda folder: read_frame(folder / "a.png"),
    "empty": lambda folder: read_frame(_written(folder / "a.png", b"")),
    "GIF": lambda folder: read_frame(_written(folder / "a.png", b"GIF89a" + bytes(50))),
    "text": lambda folder: read_frame(_written(folder / "a.png", b"no image at all")),
    "cut": lambda folder: read_frame(_written(folder / "a.png", _saved(folder / "whole.png", 80).read_bytes()[:60])),
    "size": lambda folder: read_mask(_saved(folder / "a.png", 50), shape=(80, 100)),
}


@pytest.mark.parametrize("language", ["es", "zh"])
@pytest.mark.parametrize("tried", _TRIED)
def test_nothing_of_an_image_error_is_left_in_english(tried: str, language: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as refused:
        _TRIED[tried](tmp_path)
    said = translator(language).translate(str(refused.value).replace(str(tmp_path), "images"))
    assert said.left == ()
    assert said.text != str(refused.value)
