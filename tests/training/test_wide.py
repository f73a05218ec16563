"""Random margins: cut as prepared, drawn from three numbers, stored once, resumed to the byte."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.errors import ImageError, NetworkError
from thyrosight.imaging import Margin, Preparation
from thyrosight.networks import create
from thyrosight.training import Augmentation, FitOptions, PreparedSet, fit, prepare_set

PREPARATION = Preparation(size=16, scan_area=False, margin=Margin(value=10))
OPTIONS = FitOptions(
    epochs=3,
    batch_size=4,
    learning_rate=1e-3,
    accelerator="cpu",
    precision="32",
    augmentation=Augmentation(margin_range=(0, 20)),
)


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    """Twelve images; the last one has no box."""
    rows = []
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (60, 70), dtype=np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        label = "malignant" if number % 2 else "benign"
        box = f"{10 + number},20,{30 + number},35" if number < 11 else None
        rows.append({"key": f"case-{number}", "image": str(path), "label": label, "box": box})
    return pd.DataFrame(rows)


def _by_hand(table: pd.DataFrame, margin: float) -> np.ndarray:
    return prepare_set(table, PREPARATION.model_copy(update={"margin": Margin(value=margin)})).pixels


@pytest.mark.parametrize("cached", [False, True])
def test_a_drawn_margin_shows_what_preparation_with_that_margin_does(
    table: pd.DataFrame, tmp_path: Path, cached: bool
) -> None:
    prepared = prepare_set(table, PREPARATION, margins=(0, 20), cache=tmp_path / "cache" if cached else None)
    assert np.array_equal(prepared.pixels, _by_hand(table, 10))  # without a draw nothing is different
    drawn = prepared.batch(np.arange(12), margins=[0, 20] * 6)
    assert np.array_equal(drawn[::2], _by_hand(table, 0)[::2])
    assert np.array_equal(drawn[1::2], _by_hand(table, 20)[1::2])
    backwards = prepared.select(reversed(prepared.keys)).batch(np.array([0, 3]), margins=[7, 7])
    assert np.array_equal(backwards, _by_hand(table, 7)[[11, 8]])


def test_the_cache_keeps_wide_crops_and_can_be_sent(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare_set(table, PREPARATION, margins=(0, 20), cache=tmp_path / "cache")
    expected = _by_hand(table, 3.5)
    monkeypatch.setattr("thyrosight.training.filling.read_frame", None)  # calling it would fail
    again = prepare_set(table, PREPARATION, margins=(0, 20), cache=tmp_path / "cache")
    sent = pickle.loads(pickle.dumps(again))
    assert len(pickle.dumps(again)) < 20_000
    for other in (again, sent):
        assert other.digest() == first.digest()
        assert np.array_equal(other.batch(np.arange(12), margins=[3.5] * 12), expected)


def test_the_digest_knows_the_range_and_what_lies_beyond_the_fixed_margin(table: pd.DataFrame) -> None:
    plain, wide = prepare_set(table, PREPARATION), prepare_set(table, PREPARATION, margins=(0, 20))
    other = prepare_set(table, PREPARATION, margins=(0, 15))
    with Image.open(table["image"][0]) as image:
        pixels = np.array(image)
    pixels[30, 45] ^= 255  # 15 pixels right of the first box: outside the fixed margin, inside the range
    Image.fromarray(pixels).save(table["image"][0])
    changed = prepare_set(table, PREPARATION, margins=(0, 20))
    assert np.array_equal(changed.pixels, wide.pixels)
    assert len({plain.digest(), wide.digest(), other.digest(), changed.digest()}) == 4


def test_margins_are_drawn_evenly_and_apart_from_the_other_changes() -> None:
    augmentation = Augmentation(margin_range=(20, 100))
    margins = np.array(augmentation.draw_margins(5, 2, range(4000)))
    assert margins.min() >= 20
    assert margins.max() < 100
    assert margins.mean() == pytest.approx(60, abs=5 * 80 / 12**0.5 / 4000**0.5)
    assert augmentation.draw_margins(5, 2, [17])[0] == margins[17]
    assert augmentation.draw_margins(5, 3, [17])[0] != margins[17]
    draws = [augmentation.draw(5, 2, index) for index in range(4000)]
    assert draws == [Augmentation().draw(5, 2, index) for index in range(4000)]
    turned = [draw["rotation_degrees"] for draw in draws]
    assert abs(np.corrcoef(margins, turned)[0, 1]) < 5 / 4000**0.5
    assert Augmentation().draw_margins(5, 2, [0]) is None


def test_without_a_range_a_recipe_reads_as_it_always_did() -> None:
    assert "margin_range" not in FitOptions().model_dump(mode="json")["augmentation"]
    assert OPTIONS.model_dump(mode="json")["augmentation"]["margin_range"] == [0, 20]
    assert FitOptions.model_validate(OPTIONS.model_dump(mode="json")) == OPTIONS
    for wrong in ((20, 10), (-1, 5), (0, float("inf")), (float("nan"), 3)):
        with pytest.raises(ValueError, match="smaller one first"):
            Augmentation(margin_range=wrong)


def _train(prepared: PreparedSet, folder: Path, *, options: FitOptions = OPTIONS, stop_at: int | None = None) -> bytes:
    def watch(what: str, done: int, total: int) -> None:
        if done == stop_at:
            raise KeyboardInterrupt

    network, spec = create("tiny", input_size=16, dropout=0.5)
    train, validation = prepared.select(prepared.keys[:8]), prepared.select(prepared.keys[8:])
    result = fit(network, spec, train=train, validation=validation, options=options, folder=folder, progress=watch)
    return result.weights.read_bytes()


def test_an_interrupted_training_ends_with_the_same_bytes(table: pd.DataFrame, tmp_path: Path) -> None:
    prepared = prepare_set(table, PREPARATION, margins=(0, 20), cache=tmp_path / "cache")
    whole = _train(prepared, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        _train(prepared, tmp_path / "stopped", stop_at=5)
    assert _train(prepared, tmp_path / "stopped") == whole
    fixed = OPTIONS.model_copy(update={"augmentation": Augmentation()})
    assert _train(prepared, tmp_path / "fixed", options=fixed) != whole


def test_margins_that_were_not_prepared_are_refused(table: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="margins from 0 to 20, and none were prepared"):
        _train(prepare_set(table, PREPARATION), tmp_path)
    with pytest.raises(NetworkError, match="and those from 0 to 15 were prepared"):
        _train(prepare_set(table, PREPARATION, margins=(0, 15)), tmp_path)
    with pytest.raises(ImageError, match="needs the crop 'nodule'"):
        prepare_set(table, Preparation(size=16, crop="scan area"), margins=(0, 15))
