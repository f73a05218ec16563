"""Images of shapes of their own: stored flat, batched by shape, predicted in their order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from thyrosight.errors import NetworkError
from thyrosight.imaging import Preparation, read_frame
from thyrosight.inference import predict_logits
from thyrosight.networks import create
from thyrosight.training import Augmentation, FitOptions, PairedSet, PreparedSet, fit, predict_set, prepare_set
from thyrosight.training.order import batches_by_shape

SHAPES = [(64, 64), (64, 96), (96, 64)]


def images(number: int, *, seed: int, channels: tuple[int, ...] = ()) -> list[np.ndarray]:
    """Noise in three shapes; every second image holds a bright square."""
    random, found = np.random.default_rng(seed), []
    for index in range(number):
        pixels = random.integers(1, 120, (*SHAPES[index % 3], *channels), dtype=np.uint8)
        pixels[20:40, 20:40] += 90 * (index % 2)
        found.append(pixels)
    return found


def _set(number: int, *, seed: int) -> PreparedSet:
    return PreparedSet.of(images(number, seed=seed), np.arange(number) % 2, [f"{seed}-{n}" for n in range(number)])


@given(
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=60),
    st.integers(2, 9),
    st.integers(0, 2**33),
    st.integers(0, 9),
)
def test_every_image_is_seen_once_in_batches_of_one_shape(
    shapes: list[tuple[int, int]], size: int, seed: int, epoch: int
) -> None:
    sides = np.array(shapes)
    found = batches_by_shape(sides, size, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(found)) == list(range(len(shapes)))
    assert all(1 <= len(batch) <= size for batch in found)
    assert all((sides[batch] == sides[batch[0]]).all() for batch in found)
    # No more batches than whole ones and one rest per shape.
    assert len(found) == sum(-(-shapes.count(shape) // size) for shape in set(shapes))
    again = batches_by_shape(sides, size, seed=seed, epoch=epoch)
    assert all(np.array_equal(one, two) for one, two in zip(found, again, strict=True))


def test_the_order_changes_from_epoch_to_epoch_and_shapes_are_mixed() -> None:
    sides = np.array(SHAPES * 20)
    first, second = (batches_by_shape(sides, 4, seed=0, epoch=epoch) for epoch in (0, 1))
    assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]
    shapes = [tuple(sides[batch[0]]) for batch in first]
    assert shapes != sorted(shapes)


@pytest.mark.parametrize("cached", [False, True])
def test_images_prepared_in_their_own_shape_come_back_as_they_were(tmp_path: Path, cached: bool) -> None:
    rows, random = [], np.random.default_rng(0)
    for number, (height, width) in enumerate([(70, 100), (130, 80), (70, 100)]):
        Image.fromarray(random.integers(30, 200, (height, width), dtype=np.uint8)).save(tmp_path / f"{number}.png")
        rows.append({"key": str(number), "image": str(tmp_path / f"{number}.png"), "label": "benign", "box": ""})
    preparation = Preparation(shape="own", size=96, crop="whole frame")
    table, cache = pd.DataFrame(rows), tmp_path / "cache" if cached else None
    prepared = prepare_set(table, preparation, cache=cache)
    assert prepared.sides.tolist() == [[96, 96], [96, 64], [96, 96]]
    for index, row in enumerate(rows):
        expected = preparation.prepare(read_frame(row["image"])).pixels
        assert np.array_equal(prepared.batch(np.array([index]))[0], expected)
    assert prepare_set(table.iloc[[2, 1]], preparation, cache=cache).digest() == prepared.select(["2", "1"]).digest()
    with pytest.raises(ValueError, match="differ in shape"):
        _ = prepared.pixels


def test_a_digest_tells_shapes_apart() -> None:
    flat = np.arange(64 * 96, dtype=np.uint16).astype(np.uint8)
    sets = [PreparedSet.of([flat.reshape(shape)], [0], ["a"]) for shape in ((64, 96), (96, 64))]
    assert sets[0].digest() != sets[1].digest()


def test_predictions_come_in_the_order_of_the_images() -> None:
    network, spec = create("tiny", input_size=64, head="spp")
    prepared = _set(11, seed=0)
    seen: list[tuple[int, int]] = []
    found = predict_set(
        network, spec, prepared, batch_size=2, progress=lambda _, done, total: seen.append((done, total))
    )
    for index in range(11):
        alone = predict_logits(network, spec, prepared.batch(np.array([index])))
        assert np.allclose(found[index], alone[0], atol=1e-5)
    assert seen[-1] == (11, 11)
    assert seen == sorted(seen)
    assert predict_set(network, spec, prepared.take(np.zeros(0, dtype=np.int64))).shape == (0, 2)


def test_one_shape_predicts_what_predict_logits_does() -> None:
    network, spec = create("tiny", input_size=64)
    pixels = np.random.default_rng(0).integers(0, 255, (9, 64, 64), dtype=np.uint8)
    found = predict_set(network, spec, PreparedSet.of(pixels, [0] * 9), batch_size=4)
    assert np.array_equal(found, predict_logits(network, spec, pixels, batch_size=4))


@pytest.mark.parametrize("fusion", ["none", "late"])
def test_images_of_any_shape_are_learnt_and_repeat_to_the_byte(tmp_path: Path, fusion: str) -> None:
    channels = () if fusion == "none" else (4,)
    kind = PreparedSet if fusion == "none" else PairedSet
    train, validation = (
        kind.of(
            images(number, seed=seed, channels=channels), np.arange(number) % 2, [f"{seed}-{n}" for n in range(number)]
        )
        for number, seed in ((24, 0), (12, 1))
    )
    options = FitOptions(
        epochs=4, batch_size=4, learning_rate=3e-3, accelerator="cpu", precision="32", balance="mirror"
    )
    results = []
    for folder in ("one", "two"):
        network, spec = create("tiny", input_size=64, head="gap", fusion=fusion)
        results.append(
            fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path / folder)
        )
    assert results[0].weights.read_bytes() == results[1].weights.read_bytes()
    best = results[0].history[results[0].best_epoch - 1]
    assert best["validation_auc"] == 1.0


def test_images_that_are_too_small_or_shared_by_processes_are_refused(tmp_path: Path) -> None:
    train, validation = _set(12, seed=0), _set(6, seed=1)
    options = FitOptions(epochs=1, batch_size=4, accelerator="cpu", precision="32")
    network, spec = create("tiny", input_size=64)
    with pytest.raises(NetworkError, match="made for 64 x 64 pixels, the images were prepared at 64 x 96"):
        fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path)
    network, spec = create("tiny", input_size=64, head="gap")
    two = options.model_copy(update={"devices": 2})
    with pytest.raises(NetworkError, match="trained on in one process; choose devices 1"):
        fit(network, spec, train=train, validation=validation, options=two, folder=tmp_path)


def test_a_turn_of_a_long_image_does_not_shear() -> None:
    """A square in the middle of a picture twice as wide as high, turned by 90 degrees, is where and what it was."""
    picture = torch.zeros(1, 64, 128, dtype=torch.uint8)
    picture[0, 16:48, 48:80] = 200
    draw = {**Augmentation.none().draw(0, 0, 0), "rotation_degrees": 90.0}
    turned = Augmentation.apply(picture, [draw])[0].numpy().astype(int)
    assert np.abs(turned - picture[0].numpy().astype(int)).mean() < 0.5
    # By 45 degrees it stands on a corner: as high as wide.
    draw["rotation_degrees"] = 45.0
    rows, columns = np.nonzero(Augmentation.apply(picture, [draw])[0].numpy() > 100)
    assert np.ptp(rows) == pytest.approx(32 * 2**0.5, abs=3)
    assert np.ptp(columns) == pytest.approx(32 * 2**0.5, abs=3)
    assert (rows.mean(), columns.mean()) == (pytest.approx(31.5, abs=0.6), pytest.approx(63.5, abs=0.6))
