"""Frozen layers in training: they stay, the others move, and their cached output changes nothing but the time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from thyrosight.errors import NetworkError
from thyrosight.inference import predict_logits
from thyrosight.networks import create, freeze_convolutions
from thyrosight.training import Augmentation, FitOptions, FitResult, PairedSet, PreparedSet, fit, predict_set

FLIPS = Augmentation.none().model_copy(update={"horizontal_flip": 0.5})


def _pairs(number: int, *, seed: int, size: int = 32) -> PairedSet:
    """Noise; malignant pairs hold a brighter square, and every fifth pair lacks its second image."""
    pixels = np.random.default_rng(seed).integers(1, 120, (number, size, size, 4), dtype=np.uint8)
    labels = np.arange(number) % 2
    pixels[labels == 1, 8:20, 8:20] += 60
    pixels[::5, ..., 1:] = 0
    return PairedSet.of(pixels, labels, [f"{seed}-{index}" for index in range(number)])


def _fit(
    folder: Path, *, architecture: str = "tiny", fusion: str = "none", head: str = "own", cache: Path | None = None,
    stop_at: int | None = None, train: PairedSet | None = None, validation: PairedSet | None = None, **options: Any,
) -> tuple[FitResult, torch.nn.Module]:  # fmt: skip
    chosen = FitOptions.model_validate(
        {"epochs": 3, "batch_size": 8, "learning_rate": 3e-3, "accelerator": "cpu", "augmentation": FLIPS, **options}
    )
    sets: list[PreparedSet] = [train or _pairs(24, seed=0), validation or _pairs(10, seed=1)]
    if fusion == "none":
        sets = [part.image("first") for part in sets]
    network, spec = create(architecture, input_size=32, fusion=fusion, head=head, dropout=0.3, seed=2)

    def watch(what: str, done: int, total: int) -> None:
        if done == stop_at:
            raise KeyboardInterrupt

    result = fit(
        network,
        spec,
        train=sets[0],
        validation=sets[1],
        options=chosen,
        folder=folder,
        activations=cache,
        progress=watch,
    )
    return result, network


CASES = [
    {"freeze": 2},
    {"freeze": 4},
    {"architecture": "vgg16_quarter", "head": "gap", "freeze": 6},
    {"fusion": "late", "freeze": 2, "modality_dropout": 0.5},
    {"fusion": "mixed", "freeze": 3},
    {"fusion": "late", "freeze": 2, "precision": "bf16"},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_cache_changes_nothing(tmp_path: Path, case: dict[str, Any]) -> None:
    """But for rounding, where a convolution depends on its batch size; SGD does not blow that up as Adam does."""
    case = {**case, "optimiser": "sgd", "learning_rate": 0.01, "epochs": 2}
    cache = tmp_path / "activations"
    plain, _ = _fit(tmp_path / "plain", **case)
    filled, _ = _fit(tmp_path / "filled", cache=cache, **case)
    stored = sorted(cache.glob("*/*/*.npy"))
    times = [path.stat().st_mtime_ns for path in stored]
    read, _ = _fit(tmp_path / "read", cache=cache, **case)
    assert plain.notes == filled.notes == ()
    assert stored
    assert filled.weights.read_bytes() == read.weights.read_bytes()
    expected = load_file(plain.weights)
    for name, tensor in load_file(filled.weights).items():
        assert torch.allclose(tensor.float(), expected[name].float(), atol=1e-6), name
    assert sorted(cache.glob("*/*/*")) == stored
    assert [path.stat().st_mtime_ns for path in stored] == times  # nothing was computed again


def test_both_flips_of_each_image_are_kept_for_all_folds(tmp_path: Path) -> None:
    cache = tmp_path / "activations"
    options: dict[str, Any] = {"fusion": "late", "freeze": 2, "cache": cache, "epochs": 6}
    _fit(tmp_path / "one", **options)
    first = len(list(cache.glob("*/*/*.npy")))
    # 34 first images and 27 second ones, at most two ways each; validation is never flipped.
    assert 34 + 27 < first <= 2 * (24 + 19) + 10 + 8
    assert len(list(cache.iterdir())) == 2  # the two extractors start from different random weights
    _fit(tmp_path / "two", train=_pairs(10, seed=1), validation=_pairs(24, seed=0), **options)
    assert first < len(list(cache.glob("*/*/*.npy"))) <= 2 * (34 + 27)


def test_a_file_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "activations"
    plain, _ = _fit(tmp_path / "one", freeze=2, cache=cache)
    damaged = sorted(cache.glob("*/*/*.npy"))[3]
    damaged.write_bytes(damaged.read_bytes()[:40])
    again, _ = _fit(tmp_path / "two", freeze=2, cache=cache)
    assert again.weights.read_bytes() == plain.weights.read_bytes()
    assert len(damaged.read_bytes()) > 100


@pytest.mark.parametrize(
    ("case", "clause"),
    [
        ({"freeze": 2, "augmentation": Augmentation()}, "the augmentation shows other images in each epoch"),
        ({"freeze": 0}, "no layer at the start of the network is frozen"),
        ({"freeze": 2, "architecture": "ynet"}, "the body of Y-Net is no chain of layers"),
    ],
)
def test_where_it_cannot_be_used_training_says_so_and_goes_on(
    tmp_path: Path, case: dict[str, Any], clause: str
) -> None:
    result, _ = _fit(tmp_path / "run", cache=tmp_path / "activations", epochs=1, **case)
    (note,) = result.notes
    assert note.startswith(f"The output of frozen layers was not cached: {clause}")
    assert not (tmp_path / "activations").exists()
    assert result.history


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_frozen_layers_and_their_statistics_stay_and_all_others_move(tmp_path: Path, optimiser: str) -> None:
    """Weight decay too must leave them alone."""
    before, _ = create("tiny", input_size=32, fusion="late", dropout=0.3, seed=2)
    options = {"optimiser": optimiser, "weight_decay": 0.1, "augmentation": Augmentation(), "modality_dropout": 0.5}
    _, after = _fit(tmp_path, fusion="late", freeze=2, **options)
    for name, tensor in before.state_dict().items():
        frozen = any(f"features.{stage}." in name for stage in (0, 1))
        assert torch.equal(tensor, after.state_dict()[name]) == frozen, name
    assert all(parameter.requires_grad for parameter in after.parameters())


def test_too_many_layers_to_freeze_are_said_before_training(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="has 4 convolution layers, so that 0 to 4 can be frozen, not 5"):
        _fit(tmp_path, freeze=5)


@pytest.mark.parametrize("cached", [False, True])
def test_an_interrupted_training_of_pairs_ends_with_the_same_bytes(tmp_path: Path, cached: bool) -> None:
    case: dict[str, Any] = {"fusion": "late", "freeze": 2, "modality_dropout": 0.5}
    whole, _ = _fit(tmp_path / "whole", cache=tmp_path / "another" if cached else None, **case)
    for stop_at in (2, 5):  # in the first epoch, and in the second
        run, cache = tmp_path / f"run-{stop_at}", tmp_path / f"activations-{stop_at}" if cached else None
        with pytest.raises(KeyboardInterrupt):
            _fit(run, stop_at=stop_at, cache=cache, **case)
        resumed, network = _fit(run, cache=cache, **case)
        assert resumed.weights.read_bytes() == whole.weights.read_bytes(), stop_at
        assert not network.training


def test_what_a_hidden_image_leaves_is_learnt_by_late_fusion_alone(tmp_path: Path) -> None:
    """Only with modality dropout does the vector that stands for an absent image move away from zero."""
    whole = {part: _pairs(number, seed=seed) for part, number, seed in (("train", 24, 0), ("validation", 10, 1))}
    for part in whole.values():
        part.store[part.store == 0] = 7
    sets = {name: PairedSet.of(part.store, part.labels, part.keys) for name, part in whole.items()}
    for dropout in (0.0, 0.5):
        _, network = _fit(tmp_path / str(dropout), fusion="late", modality_dropout=dropout, **sets)
        assert bool(network.get_parameter("absent").abs().sum() > 0) == (dropout > 0)


@pytest.mark.parametrize("fusion", ["mixed", "early", "late"])
def test_pairs_are_learnt_by_every_fusion(tmp_path: Path, fusion: str) -> None:
    train, validation = _pairs(40, seed=0), _pairs(20, seed=1)
    if fusion == "early":
        train, validation = (part.take(np.flatnonzero(part.shown.all(axis=1))) for part in (train, validation))
    given = train.singles() if fusion == "mixed" else train
    result, network = _fit(
        tmp_path, fusion=fusion, train=given, validation=validation, epochs=6, modality_dropout=0.3 * (fusion == "late")
    )
    assert result.history[result.best_epoch - 1]["validation_auc"] == 1.0
    spec = create("tiny", input_size=32, fusion=fusion, dropout=0.3)[1]
    both = predict_set(network, spec, validation)
    assert np.allclose(both, predict_logits(network, spec, validation.pixels), atol=1e-5)
    if fusion == "early":
        with pytest.raises(NetworkError, match="Early fusion needs both images"):
            predict_set(network, spec, validation.only("first"))
    else:
        alone = predict_set(network, spec, validation.only("first"))
        assert np.isfinite(alone).all()
        assert not np.allclose(alone, both, atol=1e-3)


@pytest.mark.parametrize(
    ("fusion", "change", "sentence"),
    [
        ("late", {"train": "images"}, "with the fusion 'late' cannot learn from single images"),
        ("none", {"train": "pairs"}, "with the fusion 'none' cannot learn from pairs of images"),
        ("early", {}, "pairs lack an image that the fusion 'early' needs, for example 0-0"),
        ("early", {"train": "whole", "modality_dropout": 0.2}, "leave modality_dropout 0, or use late fusion"),
        (
            "none",
            {"train": "images", "modality_dropout": 0.2},
            "hides one image of a pair, and these are single images",
        ),
        ("mixed", {"train": "singles", "validation": "same"}, "are in both the training and the validation part"),
    ],
)
def test_sets_that_do_not_fit_the_network_are_refused(
    tmp_path: Path, fusion: str, change: dict[str, Any], sentence: str
) -> None:
    pairs = _pairs(12, seed=0)
    kinds: dict[str, PreparedSet] = {
        "pairs": pairs, "images": pairs.image("first"), "singles": pairs.singles(),
        "whole": pairs.take(np.flatnonzero(pairs.shown.all(axis=1))),
    }  # fmt: skip
    network, spec = create("tiny", input_size=32, fusion=fusion)
    other = _pairs(6, seed=1)
    validation = pairs if change.get("validation") else other.image("first") if fusion == "none" else other
    options = FitOptions(modality_dropout=change.get("modality_dropout", 0.0))
    train = kinds[change.get("train", "pairs")]
    with pytest.raises(NetworkError, match=sentence):
        fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path)


def test_a_network_that_was_frozen_before_stays_so(tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=32)
    freeze_convolutions(network, 2)
    first = network.get_parameter("features.0.0.weight").clone()
    sets = [_pairs(16, seed=0).image("first"), _pairs(8, seed=1).image("first")]
    options = FitOptions(epochs=1, batch_size=8, learning_rate=1e-2, accelerator="cpu", precision="32")
    fit(network, spec, train=sets[0], validation=sets[1], options=options, folder=tmp_path)
    assert torch.equal(network.get_parameter("features.0.0.weight"), first)
