"""Learning outlines: masks follow their images, losses are what they are called, training learns and resumes."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from thyrosight.cohort import open_cohort
from thyrosight.errors import CohortError, ImageError, NetworkError
from thyrosight.imaging import Preparation
from thyrosight.inference import branch_batches
from thyrosight.networks import ModelSpec, TwoBranches, create
from thyrosight.statistics import overlap
from thyrosight.training import (
    Augmentation,
    FitOptions,
    FitResult,
    MaskedSet,
    MaskLossOptions,
    PreparedSet,
    fit,
    prepare_masked_set,
)
from thyrosight.training.balance import BalancedSet
from thyrosight.training.history import EpochRecord, best_epoch
from thyrosight.training.segmentation_goal import pixel_weights, segmentation_goal
from thyrosight.training.segmentation_losses import dice_of, mask_loss

SIZE = 32
SMALL = "unet_timm:test_resnet"
"""A network that outlines, as one of the size of Y-Net does, in a tenth of the time."""
OPTIONS = FitOptions(epochs=3, batch_size=8, learning_rate=1e-2, accelerator="cpu", precision="32", devices=1)


def discs(number: int, *, seed: int) -> MaskedSet:
    """Bright discs on noise; the malignant ones hold a dark spot."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    pixels = random.integers(0, 90, (number, SIZE, SIZE), dtype=np.uint8)
    masks = np.zeros((number, SIZE, SIZE), dtype=bool)
    for index in range(number):
        distance = np.hypot(rows - random.uniform(10, 22), columns - random.uniform(10, 22))
        masks[index] = distance < random.uniform(5, 9)
        pixels[index][masks[index]] += 120
        if index % 2:
            pixels[index][distance < 3] = 0
    return MaskedSet.with_masks(pixels, masks, np.arange(number) % 2, [f"{seed}-{index}" for index in range(number)])


def train(
    folder: Path,
    *,
    architecture: str = SMALL,
    task: Any = "joint",
    progress: Any = None,
    **changes: Any,
) -> FitResult:
    """Train on discs."""
    network, spec = create(architecture, input_size=SIZE, task=task, seed=1)
    options = FitOptions.model_validate({**OPTIONS.model_dump(), **changes})
    return fit(
        network,
        spec,
        train=discs(24, seed=0),
        validation=discs(12, seed=1),
        options=options,
        folder=folder,
        progress=progress,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FitResult:
    return train(tmp_path_factory.mktemp("whole"))


# What a set holds -----------------------------------------------------------------------------------------------------


def test_a_set_gives_back_images_and_masks_and_carries_masks_along() -> None:
    whole = discs(6, seed=3)
    assert whole.pixels.shape == whole.masks.shape == (6, SIZE, SIZE)
    chosen = whole.select(["3-4", "3-1"])
    assert isinstance(chosen, MaskedSet)
    assert (chosen.masks == whole.masks[[4, 1]]).all() and (chosen.pixels == whole.pixels[[4, 1]]).all()
    assert chosen.digest() != whole.digest()
    moved = MaskedSet.with_masks(whole.pixels, np.roll(whole.masks, 1, axis=2), whole.labels, whole.keys)
    assert moved.digest() != whole.digest()


def test_colour_has_three_channels_and_a_mask() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    masks = pixels[..., 0] > 127
    made = MaskedSet.with_masks(pixels, masks, [0, 1])
    assert (made.pixels == pixels).all() and (made.masks == masks).all()


def test_mirrored_copies_mirror_their_masks() -> None:
    images = discs(5, seed=0)  # three benign, two malignant
    balanced = BalancedSet.of(images, seed=0)
    assert len(balanced) == 6
    copy = balanced.batch(np.array([5]))[0]
    source = balanced.mirrored[0]
    assert (copy[:, ::-1, 0] == images.pixels[source]).all()
    assert ((copy[:, ::-1, 1] >= 128) == images.masks[source]).all()


@cache
def outlining() -> ModelSpec:
    """The description of a network that outlines."""
    return create(SMALL, input_size=SIZE, task="segmentation")[1]


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_a_mask_goes_where_its_image_goes(epoch: int) -> None:
    """The image is its own mask: after any change of place what is bright is what is marked."""
    masks = discs(4, seed=5).masks
    itself = MaskedSet.with_masks(np.where(masks, np.uint8(255), np.uint8(0)), masks, [0, 1, 0, 1])
    augmentation = Augmentation(brightness=0, contrast=0, vertical_flip=0.5, rotation_degrees=90, scale=0.3, shift=0.3)
    goal = segmentation_goal(outlining(), FitOptions(augmentation=augmentation), itself, device=torch.device("cpu"))
    draws = [augmentation.draw(0, epoch, index) for index in range(4)]
    images, moved = goal.shown(torch.from_numpy(itself.batch(np.arange(4))), draws)
    spec = outlining()
    bright = (images[:, 0] * spec.std[0] + spec.mean[0]) * 255
    assert torch.equal(bright > 127.5, moved)


def test_grey_values_of_a_mask_are_left_alone() -> None:
    images = discs(4, seed=5)
    augmentation = Augmentation(horizontal_flip=0, rotation_degrees=0, scale=0, shift=0, brightness=0.9, contrast=0.9)
    goal = segmentation_goal(outlining(), FitOptions(augmentation=augmentation), images, device=torch.device("cpu"))
    draws = [augmentation.draw(0, 0, index) for index in range(4)]
    shown, masks = goal.shown(torch.from_numpy(images.batch(np.arange(4))), draws)
    assert (masks.numpy() == images.masks).all()
    plain, _ = goal.shown(torch.from_numpy(images.batch(np.arange(4))), [Augmentation.none().draw(0, 0, 0)] * 4)
    assert not torch.equal(shown, plain)


# From files -----------------------------------------------------------------------------------------------------------


def _write(path: Path, values: np.ndarray) -> str:
    Image.fromarray(values).save(path)
    return str(path)


@pytest.fixture
def rows(tmp_path: Path) -> pd.DataFrame:
    """An image of two lesions in two files, one with a JPEG mask, one with an empty mask."""
    random = np.random.default_rng(0)
    images = [_write(tmp_path / f"{n}.png", random.integers(40, 200, (60, 80), dtype=np.uint8)) for n in range(3)]
    left, right, empty = (np.zeros((60, 80), dtype=np.uint8) for _ in range(3))
    left[20:40, 10:30], right[20:40, 50:70] = 255, 255
    Image.fromarray(left).save(tmp_path / "jpeg.jpg", quality=60)
    masks = [
        f"{_write(tmp_path / 'left.png', left)}|{_write(tmp_path / 'right.png', right)}",
        str(tmp_path / "jpeg.jpg"),
        _write(tmp_path / "empty.png", empty),
    ]
    return pd.DataFrame(
        {"key": list("abc"), "image": images, "mask": masks, "label": ["benign", "malignant", "benign"]}
    )


WHOLE = Preparation(size=80, crop="whole frame", scan_area=False)


def test_masks_of_all_kinds_are_prepared_with_their_images(rows: pd.DataFrame, tmp_path: Path) -> None:
    made = prepare_masked_set(rows, WHOLE)
    # 80 x 60 in a square of 80: 10 rows of padding above and below.
    assert made.masks.sum(axis=(1, 2)).tolist() == [800, 400, 0]
    assert made.masks[0, 30:50, 10:30].all() and made.masks[0, 30:50, 50:70].all()
    assert (made.masks[1] == np.pad(np.asarray(Image.open(tmp_path / "left.png")) > 0, ((10, 10), (0, 0)))).all()
    assert made.labels.tolist() == [0, 1, 0]


def test_a_cache_gives_the_same_and_is_not_that_of_images_alone(rows: pd.DataFrame, tmp_path: Path) -> None:
    plain = prepare_masked_set(rows, WHOLE)
    for _ in range(2):
        cached = prepare_masked_set(rows, WHOLE, cache=tmp_path / "cache")
        assert cached.digest() == plain.digest()
    (folder,) = (tmp_path / "cache").iterdir()
    assert folder.name.endswith("-masks")


def test_every_mask_that_cannot_be_used_is_named(rows: pd.DataFrame, tmp_path: Path) -> None:
    rows.loc[0, "mask"] = _write(tmp_path / "small.png", np.zeros((30, 40), dtype=np.uint8))
    rows.loc[1, "mask"] = rows.loc[1, "image"]
    rows.loc[2, "mask"] = ""
    with pytest.raises(ImageError) as caught:
        prepare_masked_set(rows, WHOLE)
    head, *lines = str(caught.value).splitlines()
    assert head.startswith("3 of 3 images cannot be used")
    assert "a: " in lines[0] and "the mask has 40 x 30 pixels" in lines[0]
    assert "b: " in lines[1] and "this is a picture and not a mask" in lines[1]
    assert "c: " in lines[2] and "no mask to learn from" in lines[2]


def test_a_lesion_that_vanishes_is_named_and_a_cut_one_noted(rows: pd.DataFrame, tmp_path: Path) -> None:
    speck = np.zeros((60, 80), dtype=np.uint8)
    speck[30, 40] = 255
    rows.loc[0, "mask"] = _write(tmp_path / "speck.png", speck)
    with pytest.raises(ImageError, match=r"a: .*nothing is left of the lesion at 8 x 8 pixels"):
        prepare_masked_set(rows, WHOLE.model_copy(update={"size": 8}))
    rows["mask"], rows["box"] = rows.loc[1, "mask"], "20,20,30,40"
    cut = prepare_masked_set(rows, Preparation(size=80, crop="nodule", scan_area=False))
    assert cut.notes[0] == ("25% of the lesion lies outside what is shown",)


def test_outlines_alone_need_no_labels(rows: pd.DataFrame) -> None:
    assert len(prepare_masked_set(rows.drop(columns="label"), WHOLE, labelled=False)) == 3
    with pytest.raises(CohortError, match="the table is empty"):
        prepare_masked_set(rows[:0], WHOLE, labelled=False)


def test_real_masks_keep_their_area(real_data: Path) -> None:
    """DDTI at half its size: the prepared mask holds the area of the lesion to 2 %, two lesions stay two."""
    rows = open_cohort(real_data / "ddti").table[:12]
    made = prepare_masked_set(rows, Preparation(size=250, crop="whole frame", scan_area=False))
    for mask, names in zip(made.masks, rows["mask"], strict=True):
        full = np.asarray(Image.open(names).convert("L")) > 127
        assert mask.sum() * (500 / 250) ** 2 == pytest.approx(full.sum(), rel=0.02)


# Losses ---------------------------------------------------------------------------------------------------------------


def test_losses_by_hand() -> None:
    logits = torch.tensor([[[[math.log(3.0), -math.log(3.0)]]]])  # probabilities 3/4 and 1/4
    masks = torch.tensor([[[True, True]]])
    entropy = (math.log(4 / 3) + math.log(4)) / 2
    assert float(mask_loss(logits, masks, MaskLossOptions(dice=0))) == pytest.approx(entropy)
    # Focal with gamma 2: (1/4)^2 ln(4/3) and (3/4)^2 ln 4.
    focal = (math.log(4 / 3) / 16 + 9 * math.log(4) / 16) / 2
    assert float(mask_loss(logits, masks, MaskLossOptions(dice=0, gamma=2))) == pytest.approx(focal)
    # Dice: (2 * 1 + 1) / (1 + 2 + 1).
    assert float(mask_loss(logits, masks, MaskLossOptions(cross_entropy=0, dice=2))) == pytest.approx(2 * (1 - 3 / 4))
    half = torch.tensor([[[True, False]]])
    weighed = (5 * math.log(4 / 3) + 2 * math.log(4 / 3)) / 2
    assert float(mask_loss(logits, half, MaskLossOptions(dice=0), weights=(2.0, 5.0))) == pytest.approx(weighed)


def test_an_image_weighs_the_same_in_any_batch() -> None:
    images = discs(3, seed=0)
    logits = torch.randn(3, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    masks = torch.from_numpy(images.masks)
    alone = torch.cat([mask_loss(logits[i : i + 1], masks[i : i + 1], MaskLossOptions()) for i in range(3)])
    torch.testing.assert_close(mask_loss(logits, masks, MaskLossOptions()), alone)


def test_balanced_weights_give_lesion_and_surroundings_the_same_sum() -> None:
    images = discs(70, seed=0)  # more than one chunk
    outside, inside = pixel_weights("balanced", images)
    marked = images.masks.sum()
    assert inside * marked == pytest.approx(outside * (images.masks.size - marked))
    assert inside * marked + outside * (images.masks.size - marked) == pytest.approx(images.masks.size)
    nothing = MaskedSet.with_masks(images.pixels, np.zeros_like(images.masks), images.labels)
    with pytest.raises(NetworkError, match="training masks mark nothing"):
        pixel_weights("balanced", nothing)


@given(st.integers(0, 1000))
def test_dice_is_that_of_the_statistics(seed: int) -> None:
    a, b = np.random.default_rng(seed).random((2, 5, 5)) < 0.3
    found = float(dice_of(torch.from_numpy(a[None]), torch.from_numpy(b[None])))
    assert found == pytest.approx(overlap(a, b).dice, abs=1e-6)


# Training -------------------------------------------------------------------------------------------------------------


def test_joint_training_measures_both_and_learns(whole: FitResult) -> None:
    first, last = whole.history[0], whole.history[-1]
    assert last["train_loss"] < first["train_loss"]
    assert all(0 <= epoch["validation_dice"] <= 1 and epoch["validation_auc"] is not None for epoch in whole.history)


@pytest.mark.parametrize(
    ("architecture", "epochs", "loss"),
    [("ynet", 3, {"dice": 1.0}), (SMALL, 8, {"dice": 0.0, "gamma": 2.0, "lesion_weight": "balanced"})],
)
def test_outlines_are_learnt(tmp_path: Path, architecture: str, epochs: int, loss: dict[str, Any]) -> None:
    options: dict[str, Any] = {"epochs": epochs, "mask_loss": loss, "augmentation": Augmentation.none()}
    result = train(tmp_path, architecture=architecture, task="segmentation", **options)
    best = result.history[result.best_epoch - 1]
    assert best["validation_auc"] is None
    assert best["validation_dice"] == max(epoch["validation_dice"] for epoch in result.history)
    assert best["validation_dice"] > 0.75


def test_the_dice_of_training_is_that_of_the_masks_predicted(tmp_path: Path) -> None:
    network, spec = create(SMALL, input_size=SIZE, task="joint", seed=1)
    images, validation = discs(24, seed=0), discs(12, seed=1)
    result = fit(network, spec, train=images, validation=validation, options=OPTIONS, folder=tmp_path)
    assert isinstance(network, TwoBranches)
    batches = branch_batches(network, spec, validation.pixels, batch_size=5)
    masks = np.concatenate([found.mask_logits[:, 0].cpu().numpy() for _, found in batches]) > 0
    mean = np.mean([overlap(a, b).dice for a, b in zip(masks, validation.masks, strict=True)])
    assert result.history[result.best_epoch - 1]["validation_dice"] == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("batch", [2, 4, 8])
def test_an_interrupt_at_any_batch_changes_nothing(whole: FitResult, tmp_path: Path, batch: int) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if done == batch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, progress=stop)
    assert train(tmp_path).weights.read_bytes() == whole.weights.read_bytes()


def test_images_without_masks_are_refused_and_masks_where_none_are_learnt(tmp_path: Path) -> None:
    masked = discs(8, seed=0)
    plain = PreparedSet.of(masked.pixels, masked.labels, masked.keys)
    other = discs(4, seed=9)
    unmarked = PreparedSet.of(other.pixels, other.labels, other.keys)
    for name, task, images, more in ((SMALL, "joint", plain, unmarked), ("tiny", "classification", masked, other)):
        network, spec = create(name, input_size=SIZE, task=task)  # type: ignore[arg-type]
        with pytest.raises(NetworkError, match=rf"A network for {task} cannot learn from images with(out)? masks"):
            fit(network, spec, train=images, validation=more, options=OPTIONS, folder=tmp_path)


def test_the_best_epoch_counts_what_is_learnt() -> None:
    def record(epoch: int, auc: float | None, dice: float | None) -> EpochRecord:
        extra = {} if dice is None else {"validation_dice": dice}
        return EpochRecord(
            epoch=epoch, learning_rate=1.0, train_loss=1.0, validation_loss=1.0, validation_auc=auc, seconds=1.0,
            images_per_second=1.0, **extra,  # type: ignore[typeddict-item]
        )  # fmt: skip

    assert best_epoch([record(1, None, 0.7), record(2, None, 0.8), record(3, None, 0.75)]) == 2
    # Joint: the means are 0.75, 0.8 and 0.7.
    assert best_epoch([record(1, 0.7, 0.8), record(2, 0.9, 0.7), record(3, 0.5, 0.9)]) == 2
    assert best_epoch([record(1, 0.7, None), record(2, 0.9, None)]) == 2


def test_recipes_without_masks_are_what_they_were() -> None:
    assert "mask_loss" not in FitOptions().identity()
    assert "mask_loss" in FitOptions(mask_loss=MaskLossOptions(gamma=2)).identity()
