"""Masks: which pixels count as marked, and masks that cannot be meant."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, Margin, Preparation, mask_in_window, nodule_boxes, read_mask


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


def test_an_outline_over_the_image_is_not_a_mask(tmp_path: Path) -> None:
    speckle = np.random.default_rng(0).rayleigh(40, (80, 90)).clip(0, 255).astype(np.uint8)
    overlay = np.stack([speckle] * 3, axis=-1)
    overlay[20:60, 30] = overlay[20:60, 70] = overlay[20, 30:70] = overlay[60, 30:70] = (255, 255, 0)
    with pytest.raises(ImageError, match=r"m\.png: this is a picture and not a mask"):
        read_mask(save(tmp_path / "m.png", overlay))


def test_real_images_are_not_taken_for_masks(real_data: Path) -> None:
    for image in sorted((real_data / "ddti").glob("1?_?.a.jpg"))[:20]:
        with pytest.raises(ImageError, match="not a mask"):
            read_mask(image)


@pytest.mark.parametrize("crop", ["scan area", "whole frame", "nodule"])
def test_a_mask_is_cut_and_resized_as_its_image(crop: str) -> None:
    """A white disc is its own mask: what is bright in the prepared image is what is marked in the prepared mask."""
    rows, columns = np.mgrid[:120, :200]
    disc = (rows - 70) ** 2 + (columns - 140) ** 2 < 30**2
    frame = Frame(np.where(disc, 255, 0).astype(np.uint8), "disc.png")
    preparation = Preparation.model_validate({"size": 64, "crop": crop, "scan_area": False})
    box = Box.from_mask(disc) if crop == "nodule" else None
    prepared = preparation.prepare(frame, box=box, margin=Margin(value=7))
    marked = mask_in_window(disc, prepared)
    assert marked.shape == (64, 64)
    assert (marked == (prepared.pixels >= 128)).all()
    # There and back: within the outline's own pixels, enlarged by the reduction.
    back = prepared.to_frame(marked.astype(np.float32), disc.shape) >= 0.5
    assert 2 * (back & disc).sum() / (back.sum() + disc.sum()) > 0.97
