"""Masks: which pixels count as marked, and masks that cannot be meant."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, nodule_boxes, read_mask


def save(path: Path, values: object, dtype: type = np.uint8) -> Path:
    Image.fromarray(np.array(values, dtype=dtype)).save(path)
    return path


def test_marked_means_brighter_than_127(tmp_path: Path) -> None:
    path = save(tmp_path / "m.png", [[0, 1, 126, 127, 128, 255]])
    assert read_mask(path).tolist() == [[False, False, False, False, True, True]]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([[0, 1, 1]], np.uint8),  # drawn with 0 and 1
        ([[0, 65535, 40000]], np.uint16),
        ([[0, 1, 1]], np.uint16),
        ([[0.0, 1.0, 0.9]], np.float32),
        ([[False, True, True]], bool),
        ([[[0, 0, 0], [255, 255, 255], [255, 255, 0]]], np.uint8),  # a yellow outline is bright enough
    ],
)
def test_depths_and_ways_to_draw(tmp_path: Path, values: object, dtype: type) -> None:
    assert read_mask(save(tmp_path / "m.tif", values, dtype)).tolist() == [[False, True, True]]


def test_an_empty_mask_is_an_answer(tmp_path: Path) -> None:
    mask = read_mask(save(tmp_path / "m.png", np.zeros((5, 6))), shape=(5, 6))
    assert mask.dtype == bool
    assert not mask.any()


def test_values_that_reach_neither_threshold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"m\.png: the brightest value of the mask is 3"):
        read_mask(save(tmp_path / "m.png", [[0, 1, 2, 3]]))


def test_a_mask_of_another_size_names_both_sizes(tmp_path: Path) -> None:
    path = save(tmp_path / "m.png", np.zeros((5, 6)))
    with pytest.raises(ImageError, match=r"m\.png: the mask has 6 x 5 pixels.*its image 5 x 6"):
        read_mask(path, shape=(6, 5))


def test_jpeg_noise_around_an_outline_does_not_move_it(tmp_path: Path) -> None:
    drawn = np.zeros((100, 120), dtype=np.uint8)
    drawn[21:67, 33:90] = 255
    Image.fromarray(drawn).save(tmp_path / "m.jpg", quality=60)
    assert nodule_boxes(read_mask(tmp_path / "m.jpg")) == [Box(33, 21, 90, 67)]


def test_real_masks_belong_to_their_images(real_data: Path) -> None:
    # Counted once over all 595 frames of DDTI: 419 with one lesion, 174 with two, 2 with three.
    counts = []
    for image in sorted((real_data / "ddti").glob("1?_?.a.jpg")):
        with Image.open(image) as picture:
            shape = (picture.height, picture.width)
        mask = read_mask(image.with_name(image.name.replace(".a.", ".b.")), shape=shape)
        counts.append(len(nodule_boxes(mask)))
    assert min(counts) >= 1
