"""Balancing by mirrored copies: the missing number exactly, drawn from the seed, mirrored left to right."""

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.networks import create
from thyrosight.training import Augmentation, FitOptions, PreparedSet, fit
from thyrosight.training.balance import BalancedSet, draw_mirrored


def _set(labels: list[int]) -> PreparedSet:
    pixels = np.random.default_rng(0).integers(0, 256, (len(labels), 16, 16), dtype=np.uint8)
    return PreparedSet.of(pixels, labels)


def test_the_papers_numbers() -> None:
    """7160 malignant and 6400 benign images: 760 benign ones are mirrored, 14,320 are trained with."""
    labels = np.repeat([1, 0], [7160, 6400])
    drawn = draw_mirrored(labels, classes=2, seed=3)
    assert len(drawn) == len(set(drawn.tolist())) == 760
    assert set(labels[drawn]) == {0}
    assert len(labels) + len(drawn) == 14_320


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60), st.integers(0, 99))
def test_all_classes_become_as_large_as_the_largest_and_copies_are_spread_evenly(labels: list[int], seed: int) -> None:
    array = np.array(labels)
    drawn = draw_mirrored(array, classes=3, seed=seed)
    counts = np.bincount(np.concatenate([array, array[drawn]]), minlength=3)
    assert set(counts[np.bincount(array, minlength=3) > 0]) == {np.bincount(array).max()}
    for label in set(labels):
        copies = np.bincount(drawn, minlength=len(labels))[array == label]
        assert copies.max() - copies.min() <= 1
    assert np.array_equal(drawn, draw_mirrored(array, classes=3, seed=seed))


def test_other_seeds_draw_others_and_every_image_is_as_likely() -> None:
    labels = np.repeat([0, 1], [20, 25])
    times = np.zeros(20)
    for seed in range(400):
        times[draw_mirrored(labels, classes=2, seed=seed)] += 1
    assert abs(times - 100).max() < 5 * (400 * 0.25 * 0.75) ** 0.5


def test_copies_are_the_images_mirrored_left_to_right() -> None:
    images = _set([0, 1, 1, 1])
    balanced = BalancedSet.of(images, seed=1)
    assert len(balanced) == 6
    assert balanced.labels.tolist() == [0, 1, 1, 1, 0, 0]
    assert balanced.mirrored_keys == ("image-0", "image-0")
    found = balanced.batch(np.array([5, 1, 0]))
    assert np.array_equal(found[0], images.store[0][:, ::-1])
    assert np.array_equal(found[1], images.store[1])
    assert np.array_equal(found[2], images.store[0])
    assert np.array_equal(images.store, _set([0, 1, 1, 1]).store), "the images themselves stay as they were"


def test_training_with_it_is_recorded_and_repeats_itself(tmp_path: Path) -> None:
    options = FitOptions(
        epochs=2,
        batch_size=4,
        balance="mirror",
        augmentation=Augmentation.none(),
        devices=1,
        accelerator="cpu",
        precision="32",
        seed=4,
    )
    weights = []
    for name in ("one", "two"):
        network, spec = create("tiny", input_size=16, seed=2)
        validation = PreparedSet.of(np.zeros((2, 16, 16), np.uint8), [0, 1], ["a", "b"])
        train = _set([0, 1, 1, 1, 0])
        found = fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path / name)
        weights.append(found.weights.read_bytes())
    assert weights[0] == weights[1]
    assert len(found.mirrored) == 1
    assert found.mirrored[0] in {"image-0", "image-4"}
    record = json.loads((tmp_path / "one" / "training.json").read_text(encoding="utf-8"))
    assert record["mirrored"] == list(found.mirrored)


def test_a_configuration_without_balance_is_what_it_was_before_there_was_any() -> None:
    assert "balance" not in FitOptions().identity()
    assert FitOptions(balance="mirror").identity()["balance"] == "mirror"
