"""Fusions: what each does with both images, and with one."""

from pathlib import Path

import numpy as np
import pytest
import torch

from thyrosight.errors import NetworkError
from thyrosight.networks import ModelSpec, create, heat_map_layer, new_layers, save_weights, to_input
from thyrosight.networks.assembly import extractors
from thyrosight.networks.fusion import EarlyFusion, LateFusion, MixedFusion
from thyrosight.networks.heads import Headed

ONE, TWO = (torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
PAIRS = torch.cat([ONE, TWO], dim=1)


def _absent(pairs: torch.Tensor, *, first: tuple[int, ...] = (), second: tuple[int, ...] = ()) -> torch.Tensor:
    changed = pairs.clone()
    changed[list(first), :3] = torch.nan
    changed[list(second), 3:] = torch.nan
    return changed


def test_mixed_fusion_averages_the_logits_of_the_images_that_are_there() -> None:
    network, _ = create("tiny", input_size=32, fusion="mixed")
    assert isinstance(network, MixedFusion)
    with torch.inference_mode():
        one, two = (network.eval().backbone(images) for images in (ONE, TWO))
        found = network(_absent(PAIRS, first=(1,), second=(2,)))
    assert torch.allclose(found, torch.stack([(one[0] + two[0]) / 2, two[1], one[2]]), atol=1e-6)


def test_early_fusion_starts_as_the_average_of_both_images_and_needs_both() -> None:
    network, _ = create("tiny", input_size=32, fusion="early")
    assert isinstance(network, EarlyFusion)
    with torch.inference_mode():
        assert torch.allclose(network.eval()(PAIRS), network.backbone((ONE + TWO) / 2), atol=1e-5)
        with pytest.raises(NetworkError, match="Early fusion needs both images of a pair, and one is absent"):
            network(_absent(PAIRS, second=(0,)))


def test_late_fusion_classifies_both_vectors_side_by_side_or_what_it_learnt_for_an_absent_one() -> None:
    network, _ = create("tiny", input_size=32, fusion="late")
    assert isinstance(network, LateFusion)
    with torch.inference_mode():
        network.absent.copy_(torch.arange(128.0).view(2, 64))
        first, second = network.eval().first(ONE), network.second(TWO)
        second[1], first[2] = network.absent[1], network.absent[0]
        expected = network.classifier(torch.cat([first, second], dim=1))
        assert torch.allclose(network(_absent(PAIRS, second=(1,), first=(2,))), expected, atol=1e-5)


@pytest.mark.parametrize("fusion", ["mixed", "late"])
def test_a_pair_of_nothing_is_refused(fusion: str) -> None:
    network, _ = create("tiny", input_size=32, fusion=fusion)
    with pytest.raises(NetworkError, match="neither of its two images"):
        network(_absent(PAIRS, first=(1,), second=(1,)))


def test_absent_images_leave_no_trace_in_the_statistics_of_training() -> None:
    network, _ = create("tiny", input_size=32, fusion="late")
    alone, _ = create("tiny", input_size=32, fusion="late")
    assert isinstance(network, LateFusion)
    assert isinstance(alone, LateFusion)
    network.train()(_absent(PAIRS, second=(0,))).sum().backward()
    alone.train().second(TWO[1:])
    for name, tensor in alone.second.state_dict().items():
        assert torch.equal(tensor, network.second.state_dict()[name])
    assert network.absent.grad is not None
    assert network.absent.grad[0].abs().sum() == 0
    assert network.absent.grad[1].abs().sum() > 0


def test_one_image_among_absent_ones_can_be_trained_on_whatever_its_size() -> None:
    """At 16 pixels the last map is one pixel, on which batch normalisation cannot train with one image."""
    network, _ = create("tiny", input_size=16, fusion="late")
    logits = network.train()(_absent(PAIRS[..., :16, :16], second=(0, 1)))
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("head", ["own", "spp", "gap"])
@pytest.mark.parametrize("fusion", ["none", "mixed", "early", "late"])
def test_weights_of_the_plain_network_start_every_fusion_and_head(tmp_path: Path, fusion: str, head: str) -> None:
    plain, _ = create("vgg16_quarter", input_size=32, seed=5)
    save_weights(plain, tmp_path / "plain.safetensors")
    options = {"input_size": 32, "fusion": fusion, "head": head, "seed": 9}
    network, spec = create("vgg16_quarter", weights=tmp_path / "plain.safetensors", **options)
    assert spec.weights.name == "plain.safetensors"
    given = plain.state_dict()
    for extractor in extractors(network).values():
        body = (extractor.body if isinstance(extractor, Headed) else extractor).state_dict()
        assert {"features.0.weight", "features.28.bias"} <= body.keys()
        assert all(torch.equal(tensor, given[name]) for name, tensor in body.items())
    assert ("classifier.0.weight" in body) == (head == "own")
    # What it has learnt itself is taken up whole, the new layers too.
    save_weights(network, tmp_path / "own.safetensors")
    again, _ = create("vgg16_quarter", weights=tmp_path / "own.safetensors", **{**options, "seed": 1})
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in network.state_dict().items())


def test_the_two_extractors_of_new_networks_differ() -> None:
    network, _ = create("tiny", fusion="late")
    assert isinstance(network, LateFusion)
    assert not torch.equal(network.first.get_parameter("features.0.0.weight"), network.second.features[0][0].weight)


@pytest.mark.parametrize("fusion", ["none", "mixed", "early", "late"])
@pytest.mark.parametrize("head", ["own", "spp", "gap"])
def test_new_layers_name_parameters_that_exist_and_leave_the_body_out(fusion: str, head: str) -> None:
    network, spec = create("vgg16_quarter", input_size=32, fusion=fusion, head=head)
    names = [name for name, _ in network.named_parameters()]
    new = [name for name in names if any(f"{name}.".startswith(f"{layer}.") for layer in new_layers(spec))]
    assert new
    assert not [name for name in new if "features" in name]
    assert (any("absent" in name for name in new)) == (fusion == "late")


def test_a_late_fusion_has_a_heat_map_layer_for_each_image() -> None:
    network, _ = create("tiny", fusion="late")
    assert isinstance(network, LateFusion)
    assert heat_map_layer(network, "tiny", image="second") is network.second.get_submodule("features")
    with pytest.raises(NetworkError, match="two last convolutional stages; name one with image='first'"):
        heat_map_layer(network, "tiny")
    with pytest.raises(NetworkError, match="one last convolutional stage"):
        heat_map_layer(create("tiny", fusion="early")[0], "tiny", image="first")


def test_a_network_that_draws_masks_takes_one_image() -> None:
    with pytest.raises(NetworkError, match="draws masks of one image with its own head"):
        create("unet", task="joint", fusion="late")


def _spec(**fields: object) -> ModelSpec:
    return ModelSpec.model_validate(
        {"architecture": "tiny", "input_size": 32, "mean": (0.5,) * 3, "std": (0.5,) * 3, **fields}
    )


def test_pairs_become_six_channels_and_dark_images_are_absent() -> None:
    pixels = np.zeros((3, 32, 32, 4), dtype=np.uint8)
    pixels[0, ..., 0], pixels[0, ..., 2] = 255, 51
    pixels[1, 4, 4, 0] = 1
    pixels[2, 4, 4, 3] = 1
    batch = to_input(pixels, _spec(fusion="late"))
    assert batch.shape == (3, 6, 32, 32)
    assert batch.dtype == torch.float32
    assert batch[0, :, 0, 0].tolist() == pytest.approx([1, 1, 1, -1, -0.6, -1])
    assert batch.isnan().all(dim=(2, 3)).tolist() == [[False] * 6, [False] * 3 + [True] * 3, [True] * 3 + [False] * 3]


def test_pixels_that_do_not_fit_the_fusion_or_the_head_are_refused() -> None:
    pairs, images = np.ones((2, 96, 64, 4), dtype=np.uint8), np.ones((2, 96, 64), dtype=np.uint8)
    assert to_input(images, _spec(head="gap")).shape == (2, 3, 96, 64)
    assert to_input(pairs, _spec(head="spp", fusion="early")).shape == (2, 6, 96, 64)
    with pytest.raises(NetworkError, match=r"takes uint8 pixels of shape \(n, 32, 32, 4\), got uint8 \(2, 96, 64, 4\)"):
        to_input(pairs, _spec(fusion="late"))
    with pytest.raises(NetworkError, match=r"or with any sides from 64 on, got uint8 \(2, 96, 40\)"):
        to_input(images[..., :40], _spec(head="gap"))
    with pytest.raises(NetworkError, match=r"\(n, 32, 32, 4\).*prepare pairs at size 32"):
        to_input(images[:, :32, :32], _spec(fusion="late"))
