"""Pairs: both images through one box, one of them absent, and what does not fit together."""

import numpy as np
import pytest
from pydantic import ValidationError

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, Margin, PairPreparation, Preparation

GREY = Frame(np.random.default_rng(0).integers(40, 200, (200, 300), dtype=np.uint8), "b-mode.png")
COLOURS = Frame(np.random.default_rng(1).integers(40, 200, (200, 300, 3), dtype=np.uint8), "elastogram.png")
BOX = Box(100, 60, 180, 120)


def _pair(**fields: object) -> PairPreparation:
    common = {"size": 64, "scan_area": False, **fields}
    return PairPreparation(
        first=Preparation.model_validate(common), second=Preparation.model_validate({**common, "colour": "rgb"})
    )


@pytest.mark.parametrize("shape", ["square", "rectangle", "own"])
def test_both_images_are_what_each_preparation_makes_of_them(shape: str) -> None:
    pair = _pair(shape=shape, size=128, margin=Margin(value=7))
    prepared = pair.prepare(GREY, COLOURS, box=BOX)
    assert prepared.pixels.dtype == np.uint8
    assert np.array_equal(prepared.pixels[..., 0], pair.first.prepare(GREY, box=BOX).pixels)
    assert np.array_equal(prepared.pixels[..., 1:], pair.second.prepare(COLOURS, box=BOX).pixels)
    assert prepared.shows("first")
    assert prepared.shows("second")


def test_an_absent_image_is_black() -> None:
    prepared = _pair().prepare(None, COLOURS, box=BOX)
    assert prepared.first is None
    assert not prepared.pixels[..., 0].any()
    assert prepared.pixels[..., 1:].any()
    assert (prepared.shows("first"), prepared.shows("second")) == (False, True)
    alone = _pair(shape="own").prepare(GREY, None, box=BOX)
    assert alone.second is None
    assert alone.pixels.shape[2] == 4
    assert not alone.pixels[..., 1:].any()


def test_an_image_without_a_lit_pixel_counts_as_absent() -> None:
    dark = Frame(np.zeros((200, 300, 3), dtype=np.uint8), "dark.png")
    prepared = _pair().prepare(GREY, dark, box=BOX)
    assert not prepared.shows("second")
    with pytest.raises(ImageError, match=r"dark\.png: nothing but black is left"):
        _pair().prepare(None, dark, box=BOX)


def test_neither_image_is_refused() -> None:
    with pytest.raises(ImageError, match="at least one of its two images"):
        _pair().prepare(None, None)


def test_images_of_two_sizes_are_refused_by_both_names() -> None:
    other = Frame(np.ones((200, 301, 3), dtype=np.uint8), "other.png")
    with pytest.raises(ImageError, match=r"other\.png has 301 x 200 .* b-mode\.png 300 x 200; .* one size"):
        _pair().prepare(GREY, other)


def test_the_second_image_can_be_the_first_with_a_wider_margin() -> None:
    first = Preparation(size=64, scan_area=False)
    pair = PairPreparation(
        first=first, second=first.model_copy(update={"margin": Margin(value=40)}), second_from="image"
    )
    prepared = pair.prepare(GREY, None, box=BOX)
    assert prepared.second is not None
    assert prepared.second.window.width == prepared.first.window.width + 80
    assert (prepared.pixels[..., 1] == prepared.pixels[..., 3]).all()
    with pytest.raises(ImageError, match=r"elastogram\.png: this preparation takes the second image from the first"):
        pair.prepare(GREY, COLOURS, box=BOX)


def test_images_of_a_shape_of_their_own_share_it_whatever_their_margins() -> None:
    pair = PairPreparation(
        first=Preparation(size=224, shape="own", scan_area=False),
        second=Preparation(size=224, shape="own", scan_area=False, colour="rgb", margin=Margin(value=50)),
    )
    prepared = pair.prepare(GREY, COLOURS, box=Box(100, 60, 190, 100))
    assert prepared.pixels.shape == (64, 96, 4)
    assert prepared.second is not None
    window = prepared.second.window
    assert window.width >= 190
    assert window.width / window.height == pytest.approx(96 / 64, rel=0.01)


def test_notes_of_both_are_told_once() -> None:
    assert _pair().prepare(GREY, COLOURS).notes == ("no nodule box: the whole frame was used",)


def test_preparations_that_do_not_fit_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="whose colour is grey"):
        PairPreparation(first=Preparation(colour="rgb"), second=Preparation())
    with pytest.raises(ValidationError, match=r"one size and shape, got 224 \(square\) and 128 \(square\)"):
        PairPreparation(first=Preparation(), second=Preparation(size=128))


def test_the_digest_tells_pairs_apart_and_survives_json() -> None:
    pairs = [_pair(), _pair(size=96), _pair().model_copy(update={"second_from": "image"})]
    assert len({pair.digest() for pair in pairs}) == 3
    for pair in pairs:
        assert PairPreparation.model_validate_json(pair.model_dump_json()).digest() == pair.digest()
