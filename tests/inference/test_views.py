"""Several windows of one image: which part each shows, and that logits are averaged over them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import BundleError
from thyrosight.imaging import Box, Frame, Margin, Preparation
from thyrosight.inference import Predictor, load_bundle, malignancy
from thyrosight.inference.views import SINGLE, Views, prepare_views

FRAME = Frame(np.random.default_rng(0).integers(40, 200, (300, 400), dtype=np.uint8), "7.png")
NODULES = Preparation(size=32, scan_area=False)
BOX = Box(150, 100, 190, 120)
EVERYTHING = Views(around=(1.8, 3.0), least=0.25, mirrored=True)


def first_window(views: Views, box: Box | None) -> tuple[int, int]:
    """Its width and height; that of the whole scan area is always the last."""
    first, pixels = prepare_views(views, NODULES, FRAME, box=box)
    assert len(pixels) == (1 + (len(views.around) if box else 0)) * (1 + views.mirrored)
    return first.window.width, first.window.height


def test_a_window_is_so_many_times_the_longer_side_within_its_limits() -> None:
    # 1.8 x 40 = 72 pixels, but a quarter of 400 is 100; 3 x 40 = 120.
    assert first_window(EVERYTHING, BOX) == (100, 100)
    assert first_window(Views(around=(1.8,)), BOX) == (72, 72)
    assert first_window(Views(around=(3.0,)), BOX) == (120, 120)
    assert first_window(Views(around=(30.0,)), BOX) == (400, 400)  # at most the longer side of the area
    assert first_window(EVERYTHING, None) == (400, 400)


def test_each_window_is_what_preparation_makes_and_its_mirror_image_follows() -> None:
    _, pixels = prepare_views(EVERYTHING, NODULES, FRAME, box=BOX)
    expected = [
        NODULES.prepare(FRAME, box=BOX, margin=Margin(value=30)).pixels,
        NODULES.prepare(FRAME, box=BOX, margin=Margin(value=40)).pixels,
        NODULES.prepare(FRAME).pixels,
    ]
    assert np.array_equal(pixels[::2], expected)
    assert np.array_equal(pixels[1::2], np.flip(pixels[::2], axis=2))


def test_colour_is_mirrored_in_its_columns() -> None:
    coloured = Preparation(size=32, scan_area=False, colour="rgb", crop="whole frame")
    _, pixels = prepare_views(Views(mirrored=True), coloured, FRAME, box=None)
    assert pixels.shape == (2, 32, 32, 3) and np.array_equal(pixels[1], pixels[0][:, ::-1])


@given(st.integers(0, 360), st.integers(0, 260), st.integers(4, 40), st.integers(4, 40), st.floats(1, 5))
def test_no_window_leaves_its_nodule_out(left: int, top: int, width: int, height: int, around: float) -> None:
    box = Box(left, top, min(left + width, 400), min(top + height, 300))
    first, _ = prepare_views(Views(around=(around,), least=0.1), NODULES, FRAME, box=box)
    assert first.window.contains(box) and first.window.width == first.window.height


def test_logits_are_averaged_over_the_windows(save_model: Callable[..., Path], tmp_path: Path) -> None:
    bundle = load_bundle(save_model(tmp_path / "model", preparation=NODULES, views=EVERYTHING))
    assert bundle.info.views == EVERYTHING
    _, pixels = prepare_views(EVERYTHING, NODULES, FRAME, box=BOX)
    logits = bundle.session.run(pixels).logits
    assert logits is not None and len(logits) == 6 and np.ptp(logits[:, 1]) > 0
    expected = malignancy(logits.mean(axis=0)[None], bundle.info.spec)[0]
    predictor = Predictor(bundle)
    assert predictor.assess(FRAME, box=BOX).probability == pytest.approx(expected, abs=1e-6)
    # Images with and without a box show different numbers of windows, in one batch too.
    many = [one.probability for one in predictor.assess_many([FRAME, FRAME]) if not hasattr(one, "reason")]
    assert many == pytest.approx([predictor.assess(FRAME).probability] * 2, abs=1e-6)


def test_one_window_leaves_the_hash_of_a_bundle_as_it_was(save_model: Callable[..., Path], tmp_path: Path) -> None:
    one = load_bundle(save_model(tmp_path / "one"))
    assert load_bundle(save_model(tmp_path / "same", views=SINGLE)).hash == one.hash
    other = load_bundle(save_model(tmp_path / "other", views=Views(mirrored=True)))
    assert other.hash != one.hash


def test_views_that_do_not_fit_are_refused(save_model: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="numbers from 1"):
        Views(around=(0.5,))
    with pytest.raises(ValueError, match="nothing would be shown"):
        Views(whole=False)
    with pytest.raises(BundleError, match="a classifier whose preparation crops nodules"):
        save_model(tmp_path / "a", preparation=Preparation(size=32, crop="scan area"), views=EVERYTHING)
    with pytest.raises(BundleError, match="choose the shape square"):
        save_model(tmp_path / "b", preparation=Preparation(size=32, shape="rectangle"), views=EVERYTHING)
