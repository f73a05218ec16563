"""Freezing: which layers, how fast they stay, and cutting a network where they end."""

import copy
import pickle

import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import Cut, convolution_names, create, cut_frozen, freeze_convolutions
from thyrosight.networks.builders import CLASSIFIERS

IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def _learning(network: nn.Module) -> list[str]:
    return [name for name, parameter in network.named_parameters() if parameter.requires_grad]


@pytest.mark.parametrize("name", ["vgg16", "vgg16_quarter"])
def test_vgg16_has_thirteen_convolutions(name: str) -> None:
    with torch.device("meta"):
        network = CLASSIFIERS[name](2, None)
    assert len(convolution_names(network)) == 13


@pytest.mark.parametrize("count", [0, 1, 6, 13])
def test_weights_and_biases_of_the_first_convolutions_stop_learning_in_every_extractor(count: int) -> None:
    for fusion, number in (("none", 1), ("mixed", 1), ("early", 1), ("late", 2)):
        network, _ = create("vgg16_quarter", input_size=32, head="gap", fusion=fusion)
        everything = len(list(network.parameters()))
        freeze_convolutions(network, count)
        assert len(_learning(network)) == everything - 2 * count * number
        assert not [name for name in _learning(network) if count and "features.0." in name]


def test_more_layers_than_there_are_cannot_be_frozen() -> None:
    network, _ = create("tiny", fusion="late")
    for count in (-1, 5):
        with pytest.raises(NetworkError, match=f"has 4 convolution layers, so that 0 to 4 can be frozen, not {count}"):
            freeze_convolutions(network, count)


def test_frozen_batch_normalisation_stays_in_evaluation_mode_also_in_copies() -> None:
    network, _ = create("tiny")
    freeze_convolutions(network, 2)
    for twin in (network, copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        before = [stage[1].running_mean.clone() for stage in twin.features]
        twin.train()
        assert [stage[1].training for stage in twin.features] == [False, False, True, True]
        twin(IMAGES)
        moved = [not torch.equal(a, stage[1].running_mean) for a, stage in zip(before, twin.features, strict=True)]
        assert moved == [False, False, True, True]


def test_freezing_again_frees_what_was_frozen() -> None:
    network, _ = create("tiny")
    names = _learning(network)
    freeze_convolutions(network, 4)
    freeze_convolutions(network, 1)
    assert names[:3] == ["features.0.0.weight", "features.0.1.weight", "features.0.1.bias"]
    assert _learning(network) == names[3:]
    freeze_convolutions(network, 0)
    assert _learning(network) == names
    assert all(module.training for module in network.train().modules())


@pytest.mark.parametrize(
    ("name", "head", "count"),
    [
        ("vgg16_quarter", "own", 6),
        ("vgg16_quarter", "spp", 13),
        ("alexnet", "gap", 2),
        ("tiny", "own", 3),
        ("resnet18", "own", 8),
        ("efficientnet_lite0", "own", 10),
        ("googlenet", "gap", 3),
    ],
)
def test_the_frozen_start_and_the_rest_give_what_the_network_gives(name: str, head: str, count: int) -> None:
    network, spec = create(name, input_size=64, head=head)
    freeze_convolutions(network, count)
    cut = cut_frozen(network, spec)
    assert isinstance(cut, Cut)
    with torch.inference_mode():
        expected = network.eval()(IMAGES)
        assert torch.allclose(cut.rest.eval()(cut.starts[0].eval()(IMAGES)), expected, rtol=1e-4, atol=1e-5)
    assert {id(p) for p in cut.rest.parameters() if p.requires_grad} == {
        id(p) for p in network.parameters() if p.requires_grad
    }
    assert not [p for p in cut.starts[0].parameters() if p.requires_grad]
    assert next(network.parameters()) is next(cut.starts[0].parameters())  # the network itself is left whole


def test_pooling_after_the_last_frozen_layer_is_cut_off_too() -> None:
    """The stored output is four times smaller for it."""
    network, spec = create("vgg16_quarter", input_size=64)
    freeze_convolutions(network, 2)
    cut = cut_frozen(network, spec)
    assert isinstance(cut, Cut)
    assert cut.starts[0](IMAGES).shape == (2, 16, 32, 32)


@pytest.mark.parametrize(
    ("name", "options", "count", "clause"),
    [
        ("tiny", {}, 0, "no layer at the start of the network is frozen"),
        ("tiny", {"fusion": "early"}, 2, "early fusion learns the layer before them"),
        ("ynet", {}, 2, "the body of Y-Net is no chain of layers"),
        ("unet", {"head": "gap"}, 2, "the body of U-Net is no chain of layers"),
        ("googlenet", {}, 2, "with its own head, GoogLeNet"),
        ("resnet18", {}, 0, "no layer"),
    ],
)
def test_networks_that_cannot_be_cut_say_why(name: str, options: dict[str, str], count: int, clause: str) -> None:
    network, spec = create(name, **options)
    freeze_convolutions(network, count)
    found = cut_frozen(network, spec)
    assert isinstance(found, str)
    assert found.startswith(clause)


def test_a_late_fusion_is_cut_in_both_extractors() -> None:
    network, spec = create("vgg16_quarter", input_size=64, fusion="late", head="gap")
    freeze_convolutions(network, 4)
    cut = cut_frozen(network, spec)
    assert isinstance(cut, Cut)
    pairs = torch.cat([IMAGES, -IMAGES], dim=1)
    activations = torch.cat([start(images) for start, images in zip(cut.starts, (IMAGES, -IMAGES), strict=True)], dim=1)
    activations[1, activations.shape[1] // 2 :] = torch.nan
    pairs[1, 3:] = torch.nan
    with torch.inference_mode():
        assert torch.allclose(cut.rest.eval()(activations), network.eval()(pairs), atol=1e-5)
