"""One suite over every registered network: what holds for one holds for all."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import (
    ModelSpec,
    architectures,
    convolution_names,
    create,
    create_empty,
    find_architecture,
    freeze_convolutions,
    heat_map_layer,
    load_network,
    save_weights,
)
from thyrosight.networks.assembly import body_in
from thyrosight.networks.builders import CLASSIFIERS, WITH_MASKS

Network = tuple[nn.Module, ModelSpec]


OF_TIMM = ["timm:test_resnet", "timm:test_convnext", "timm:test_efficientnet", "unet_timm:test_resnet"]
"""A sample: networks that timm has for tests, of its large families."""


@pytest.fixture(scope="module", params=[*architectures(), *OF_TIMM])
def made(request: pytest.FixtureRequest) -> Network:
    """Each network once, at its smallest size, with three classes so that a hidden assumption of two shows."""
    smallest = find_architecture(request.param).smallest_size
    return create(request.param, input_size=smallest, classes=("a", "b", "c"), seed=5)


def test_every_registered_network_has_one_builder() -> None:
    drawing = {name for name, entry in architectures().items() if entry.draws_masks}
    assert WITH_MASKS.keys() == drawing
    assert CLASSIFIERS.keys() == architectures().keys() - drawing


def test_an_empty_network_has_the_tensors_of_a_drawn_one(made: Network) -> None:
    network, spec = made
    empty, told = create_empty(spec.architecture, input_size=spec.input_size, classes=spec.classes)
    assert told == spec
    drawn = {name: one.shape for name, one in network.state_dict().items()}
    assert {name: one.shape for name, one in empty.state_dict().items()} == drawn
    assert all(one.is_meta for one in empty.parameters())


def _images(number: int, size: int) -> torch.Tensor:
    return torch.randn(number, 3, size, size, generator=torch.Generator().manual_seed(1))


def _logits(output: object) -> list[torch.Tensor]:
    return [output] if isinstance(output, torch.Tensor) else list(output)  # type: ignore[call-overload]


def test_training_reaches_the_first_layer(made: Network) -> None:
    network, spec = made
    outputs = _logits(network.train()(_images(2, spec.input_size)))
    assert all(logits.shape == (2, 3) for logits in outputs)
    assert len(outputs) == {"inception_v3": 2, "googlenet": 3}.get(spec.architecture, 1)
    sum(logits.square().sum() for logits in outputs).backward()
    gradients = [parameter.grad for parameter in network.parameters()]
    assert all(gradient is not None and torch.isfinite(gradient).all() for gradient in gradients)
    assert gradients[0].abs().sum() > 0
    network.zero_grad()


@pytest.mark.parametrize("larger", [0, 13])
def test_one_image_of_any_size_gives_plain_logits(made: Network, larger: int) -> None:
    network, spec = made
    with torch.inference_mode():
        logits = network.eval()(_images(1, spec.input_size + larger))
    assert isinstance(logits, torch.Tensor)
    assert logits.shape == (1, 3)


def test_an_image_is_judged_alike_alone_and_in_company(made: Network) -> None:
    network, spec = made
    images = _images(3, spec.input_size)
    with torch.inference_mode():
        together = network.eval()(images)
        alone = torch.cat([network(image[None]) for image in images])
    # Logits of an untrained network can be huge: what may differ is rounding, relative to them.
    assert float((together - alone).abs().max()) < 1e-4 * max(1.0, float(together.abs().max()))


def test_heat_map_layer_is_the_last_spatial_map(made: Network) -> None:
    network, spec = made
    size = 2 * max(spec.input_size, 32)
    seen: list[torch.Tensor] = []
    hook = heat_map_layer(network, spec.architecture).register_forward_hook(lambda _, __, output: seen.append(output))
    with torch.inference_mode():
        network.eval()(_images(1, size))
    hook.remove()
    assert len(seen) == 1
    assert seen[0].ndim == 4
    rows, columns = seen[0].shape[2:]
    assert 2 <= rows == columns < size


def test_the_spec_builds_what_the_file_fits(made: Network, tmp_path: Path) -> None:
    network, spec = made
    path = tmp_path / "weights.safetensors"
    save_weights(network, path)
    before = torch.random.get_rng_state()
    again = load_network(ModelSpec.model_validate_json(spec.model_dump_json()), path)
    path.unlink()  # half a gigabyte for VGG16
    assert torch.equal(torch.random.get_rng_state(), before)  # nothing was drawn
    assert not any(one.is_meta for one in again.buffers())
    images = _images(1, spec.input_size)
    with torch.inference_mode():
        assert torch.equal(again.eval()(images), network.eval()(images))


def test_the_seed_decides_every_weight() -> None:
    for name in ("tiny", "resnet18", "efficientnet_lite0"):
        size = find_architecture(name).smallest_size
        one, two, other = (create(name, input_size=size, seed=seed)[0].state_dict() for seed in (3, 3, 4))
        assert all(torch.equal(one[key], two[key]) for key in one)
        assert not all(torch.equal(one[key], other[key]) for key in one)


def test_creating_a_network_draws_nothing_from_the_global_generator() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    create("tiny", seed=9)
    assert torch.equal(torch.rand(3), expected)


def test_too_small_an_image_is_refused_by_name_and_size() -> None:
    with pytest.raises(NetworkError, match=r"Inception-v3 needs images of at least 75 x 75 pixels, got 64"):
        create("inception_v3", input_size=64)
    with pytest.raises(NetworkError, match=r"Inception-v3 needs images of at least 75 x 75 pixels, got 64"):
        create_empty("inception_v3", input_size=64)


def test_an_unknown_network_lists_the_known_ones() -> None:
    with pytest.raises(NetworkError, match=r"no network resnet19; known are resnet18, .*tiny"):
        create("resnet19")


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "inception_v3", "efficientnet_lite0", "tiny"])
def test_dropout_acts_in_training_alone(name: str, cheap: None) -> None:
    size = find_architecture(name).smallest_size
    network, spec = create(name, input_size=size, dropout=0.9)
    assert spec.dropout == 0.9
    # Batch normalisation would change from call to call too: only dropout is left in training mode.
    for module in network.eval().modules():
        if not isinstance(module, nn.BatchNorm2d) and not list(module.children()):
            module.training = True
    if name == "efficientnet_lite0":
        network.training = True
    images = _images(1, size)
    with torch.inference_mode():
        assert not torch.equal(_logits(network(images))[0], _logits(network(images))[0])
        network.eval()
        assert torch.equal(network(images), network(images))


def test_inception_reads_its_original_map_unchanged_at_299_pixels() -> None:
    network, _ = create("inception_v3", seed=0)
    seen: list[tuple[int, int]] = []
    network.AuxLogits.conv0.register_forward_hook(lambda _, inputs, __: seen.append(tuple(inputs[0].shape[2:])))
    with torch.inference_mode():
        for size in (299, 224, 75):
            network.train()(_images(2, size))
    assert seen == [(5, 5)] * 3


# Every network with each head, each fusion, and frozen layers.

ALL = [(head, fusion) for head in ("own", "spp", "gap") for fusion in ("none", "mixed", "early", "late")]
EACH = [("spp", "none"), ("own", "late"), ("gap", "early"), ("gap", "mixed")]
"""Each head and each fusion once: large networks take seconds to build."""


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing hundreds of millions of weights would take minutes; large layers get one value, which they hold once, and
    small hidden ones."""
    monkeypatch.setattr("thyrosight.networks.heads._MOST_UNITS", 16)
    for name in ("normal_", "kaiming_uniform_", "kaiming_normal_", "trunc_normal_"):
        _make_cheap(monkeypatch, name)


def _make_cheap(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    draw = getattr(nn.init, name)

    def fill(tensor: torch.Tensor, *arguments: Any, **options: Any) -> torch.Tensor:
        if tensor.numel() <= 300_000:
            return draw(tensor, *arguments, **options)
        tensor.data = torch.full((), 1e-3, device=tensor.device).expand(tensor.shape)
        return tensor

    monkeypatch.setattr(nn.init, name, fill)


@pytest.mark.parametrize("name", [*architectures(), *OF_TIMM])
def test_every_head_and_fusion_gives_logits(name: str, cheap: None) -> None:
    size = find_architecture(name).smallest_size
    images = _images(2, size)
    pairs = torch.cat([images, -images], dim=1)
    for head, fusion in ALL if name in ("tiny", "vgg16_quarter") else EACH:
        network, spec = create(name, input_size=size, classes=("a", "b", "c"), head=head, fusion=fusion)
        assert ModelSpec.model_validate_json(spec.model_dump_json()) == spec
        given = images if fusion == "none" else pairs
        network.eval()
        with torch.inference_mode():
            logits = network(given)
            assert logits.shape == (2, 3)
            assert torch.isfinite(logits).all()
            if head != "own":
                assert network(torch.cat([given, given], dim=3)).shape == (2, 3)
        layer = heat_map_layer(network, name, image="first" if fusion == "late" else None)
        assert any(layer is module for module in network.modules())


def test_the_body_gives_what_the_last_stage_of_the_network_gives(made: Network) -> None:
    network, spec = made
    seen: list[torch.Tensor] = []
    body = body_in(network, find_architecture(spec.architecture))
    hook = heat_map_layer(network, spec.architecture).register_forward_hook(lambda _, __, output: seen.append(output))
    images = _images(1, spec.input_size + 5)
    with torch.inference_mode():
        network.eval()(images)
        hook.remove()
        found = body.eval()(images)
    assert float((found - seen[0]).abs().max()) <= 1e-4 * float(seen[0].abs().max())
    assert body.state_dict().keys() <= network.state_dict().keys()


def test_convolutions_are_listed_in_the_order_in_which_an_image_passes_them(made: Network) -> None:
    network, spec = made
    passed: list[str] = []
    hooks = [
        module.register_forward_hook(lambda _, __, ___, name=name: passed.append(name))
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.inference_mode():
        network.eval()(_images(1, spec.input_size))
    for hook in hooks:
        hook.remove()
    assert list(convolution_names(network)) == passed


def test_frozen_convolutions_and_their_statistics_stay_and_the_others_move(made: Network) -> None:
    network, spec = made
    names = convolution_names(network)
    frozen = names[: len(names) // 2 + 1]
    before = {name: tensor.clone() for name, tensor in network.state_dict().items() if "running_" in name}
    freeze_convolutions(network, len(frozen))
    outputs = _logits(network.train()(_images(2, spec.input_size)))
    sum(logits.square().sum() for logits in outputs).backward()
    assert [name for name in names if network.get_submodule(name).weight.grad is None] == list(frozen)
    after = network.state_dict()
    still = {name for name in before if torch.equal(before[name], after[name])}
    of_body = [name for name in before if "running_mean" in name and not name.startswith(("AuxLogits", "aux1", "aux2"))]
    if len(of_body) == len(names):  # each convolution has a batch normalisation of its own
        assert len(still.intersection(of_body)) == len(frozen)
    else:  # none has one, or (in Y-Net) some share one
        assert 0 < len(still.intersection(of_body)) < len(of_body) or not of_body
    freeze_convolutions(network, 0)
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert all(module.training for module in network.train().modules())
    network.zero_grad()
    network.load_state_dict(before, strict=False)
