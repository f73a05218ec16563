"""Networks of timm: any classifier, any encoder of a U-Net, their weights, and what cannot be had of some."""

import copy
import hashlib
import pickle
from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save_file

from thyrosight.errors import NetworkError
from thyrosight.networks import (
    Branches,
    ModelSpec,
    architectures,
    build,
    create,
    find_architecture,
    heat_map_layer,
    imagenet,
    imagenet_if_present,
    load_weights,
    save_weights,
)
from thyrosight.networks.assembly import body_in
from thyrosight.networks.timm_entries import timm_architecture

ENCODERS = [
    "test_resnet",
    "test_convnext",
    "test_efficientnet",
    "test_nfnet",
    "test_byobnet",
    "test_mambaout",
    "test_vit",
]


def _images(size: int, number: int = 2) -> torch.Tensor:
    return torch.randn(number, 3, size, size, generator=torch.Generator().manual_seed(1))


def _given_by_timm(name: str, path: Path) -> dict[str, torch.Tensor]:
    """Weights for a thousand classes as timm publishes them, in a file."""
    torch.manual_seed(3)
    state = timm.create_model(name, pretrained=False).state_dict()
    save_file({key: tensor.contiguous() for key, tensor in state.items()}, path)
    return dict(state)


def test_the_entry_is_timms_own_record() -> None:
    entry, record = find_architecture("timm:resnet50.a1_in1k"), timm.get_pretrained_cfg("resnet50.a1_in1k")
    assert (entry.mean, entry.std, entry.default_size) == (record.mean, record.std, 224)
    assert entry.licence == "apache-2.0 (timm)"
    assert entry.heads == ("fc",)
    assert entry.heat_map_layer == "layer4"
    assert entry.imagenet == "hf-hub:timm/resnet50.a1_in1k"
    assert find_architecture("timm:inception_v4").smallest_size == 96
    assert "timm:resnet50.a1_in1k" not in architectures()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("timm:resnet51", r"timm \S+ knows no network 'resnet51'; did you mean resnet51q or "),
        ("unet_timm:zzzzz", r"knows no network 'zzzzz'; timm.list_models\(\) lists"),
        ("timm:resnet18.best", "timm knows no weights 'best' of resnet18; known are a1_in1k, "),
        ("timm:test_mambaout.best", "knows no weights 'best' of test_mambaout; there are none"),
        ("resnet19", "and timm:NAME for any of timm"),
    ],
)
def test_an_unknown_name_is_one_sentence_with_near_ones(name: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence) as caught:
        create(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["test_resnet", "test_convnext", "test_vit"])
def test_weights_from_a_file_fill_the_classifier_but_for_its_head(name: str, tmp_path: Path) -> None:
    given = _given_by_timm(name, tmp_path / "given.safetensors")
    network, spec = create(f"timm:{name}", weights=tmp_path / "given.safetensors", input_size=160)
    own, heads = network.state_dict(), find_architecture(f"timm:{name}").heads
    for key, tensor in own.items():
        if key.rpartition(".")[0] not in heads:
            assert torch.equal(tensor, given[key])
    assert own[f"{heads[0]}.weight"].shape[0] == 2
    assert spec.weights.kind == "file"
    features = network.eval().forward_features(_images(160))
    reference = timm.create_model(name, pretrained=False)
    reference.load_state_dict(given)
    assert torch.equal(features, reference.eval().forward_features(_images(160)))


@pytest.mark.parametrize("name", [name for name in ENCODERS if name != "test_mambaout"])  # timm has none of that one
def test_imagenet_weights_fill_the_encoder_of_a_unet(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THYROSIGHT_WEIGHTS", str(tmp_path))
    path = tmp_path / f"{str(find_architecture(f'unet_timm:{name}').imagenet).rpartition('/')[2]}.safetensors"
    _given_by_timm(name, path)
    network, spec = create(f"unet_timm:{name}", weights="imagenet", input_size=160, task="joint")
    reference = timm.create_model(
        name, pretrained=True, features_only=True, pretrained_cfg_overlay={"file": str(path), "custom_load": False}
    )
    for one, other in zip(network.eval().encoder(_images(160)), reference.eval()(_images(160)), strict=True):
        assert torch.equal(one, other)
    assert spec.weights.licence == "apache-2.0 (timm)"
    assert spec.weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ENCODERS)
def test_a_unet_on_any_encoder_draws_and_learns(name: str) -> None:
    network, spec = create(f"unet_timm:{name}", input_size=160, task="joint", classes=("a", "b", "c"))
    output = network.train()(_images(160))
    assert isinstance(output, Branches)
    assert output.logits is not None
    assert output.mask_logits is not None
    assert output.logits.shape == (2, 3)
    assert output.mask_logits.shape == (2, 1, 160, 160)
    (output.logits.square().sum() + output.mask_logits.square().sum()).backward()
    first = next(parameter for parameter in network.encoder.parameters())
    assert first.grad is not None
    assert first.grad.abs().sum() > 0
    seen: list[torch.Tensor] = []
    heat_map_layer(network, spec.architecture).register_forward_hook(lambda _, __, maps: seen.append(maps))
    network.eval()(_images(160))
    assert seen[0].ndim == 4
    assert min(seen[0].shape[2:]) > 1


def test_the_package_of_efficientnet_lite0_serves_its_name_in_timm_too() -> None:
    ours, theirs = (
        create(name, weights="imagenet")[0] for name in ("efficientnet_lite0", "timm:tf_efficientnet_lite0")
    )
    for (key, one), (_, other) in zip(ours.state_dict().items(), theirs.state_dict().items(), strict=True):
        assert torch.equal(one, other), key


def test_downloads_are_looked_up_in_our_folder_then_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THYROSIGHT_WEIGHTS", str(tmp_path / "ours"))
    entry = find_architecture("timm:test_resnet")
    asked: list[tuple[str, str]] = []
    cached: list[str | None] = [None]

    def look_up(repository: str, file: str) -> str | None:
        asked.append((repository, file))
        return cached[0]

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", look_up)
    assert imagenet_if_present(entry) is None
    assert asked == [("timm/test_resnet.r160_in1k", "model.safetensors")]
    cached[0] = str(tmp_path / "cached")
    _given_by_timm("test_resnet", tmp_path / "cached")
    found = imagenet_if_present(entry)
    assert found is not None
    assert found.path == tmp_path / "cached"
    assert found.origin.url == "https://huggingface.co/timm/test_resnet.r160_in1k/resolve/main/model.safetensors"
    (tmp_path / "ours").mkdir()
    _given_by_timm("test_resnet", tmp_path / "ours" / "test_resnet.r160_in1k.safetensors")
    found = imagenet_if_present(entry)
    assert found is not None
    assert found.path.parent == tmp_path / "ours"


def test_a_download_comes_from_the_hub_into_our_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THYROSIGHT_WEIGHTS", str(tmp_path / "ours"))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    given = _given_by_timm("test_resnet", tmp_path / "there.safetensors")
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_url", lambda repository, file: (tmp_path / "there.safetensors").as_uri()
    )
    found = imagenet(find_architecture("timm:test_resnet"))
    assert found.path == tmp_path / "ours" / "test_resnet.r160_in1k.safetensors"
    network, _ = create("timm:test_resnet", weights="imagenet", input_size=32)
    assert torch.equal(network.state_dict()["conv1.0.weight"], given["conv1.0.weight"])
    found.path.unlink()
    monkeypatch.setattr(huggingface_hub, "hf_hub_url", lambda repository, file: (tmp_path / "absent").as_uri())
    with pytest.raises(NetworkError, match=r"could not be downloaded .* place the file test_resnet\.r160_in1k"):
        imagenet(find_architecture("timm:test_resnet"))


def test_networks_of_a_fixed_size_refuse_others_and_the_heads_for_any_size() -> None:
    assert create("timm:test_vit", input_size=160)[1].input_size == 160
    for options in ({"input_size": 224}, {"input_size": 160, "head": "gap"}):
        with pytest.raises(NetworkError, match="test_vit takes images of 160 x 160 pixels and has its own head"):
            create("timm:test_vit", **options)  # type: ignore[arg-type]


def test_what_a_network_without_maps_cannot_do_is_said() -> None:
    network, spec = create("timm:test_vit", input_size=160)
    with pytest.raises(NetworkError, match="no map of rows and columns, so that it has no heat maps"):
        heat_map_layer(network, spec.architecture)
    with pytest.raises(NetworkError, match="which the heads spp and gap read"):
        create("timm:test_mambaout", input_size=64, head="gap")
    with pytest.raises(NetworkError, match=r"draws no masks; choose one of .*unet_timm:NAME"):
        create("timm:test_resnet", input_size=64, task="segmentation")
    with pytest.raises(NetworkError, match="does not end in one fully connected layer"):
        create("timm:dla34", input_size=64, fusion="late")


def test_a_network_that_gives_timm_no_maps_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    make = timm.create_model

    def refuse(name: str, **options: object) -> object:
        if options.get("features_only"):
            raise RuntimeError("features_only not implemented")
        return make(name, **options)

    find_architecture("unet_timm:test_resnet")
    monkeypatch.setattr(timm, "create_model", refuse)
    with pytest.raises(NetworkError, match=r"no maps of test_resnet for a U-Net \(features_only not implemented\)"):
        create("unet_timm:test_resnet", input_size=64)


@pytest.mark.parametrize("name", ["timm:test_convnext", "unet_timm:test_convnext"])
def test_spec_and_weights_build_it_again(name: str, tmp_path: Path) -> None:
    network, spec = create(name, input_size=64)
    save_weights(network, tmp_path / "weights.safetensors")
    again = build(ModelSpec.model_validate_json(spec.model_dump_json()))
    load_weights(again, tmp_path / "weights.safetensors")
    with torch.inference_mode():
        assert torch.equal(network.eval()(_images(64)), again.eval()(_images(64)))


def test_a_body_can_be_copied_and_sent_to_another_process() -> None:
    network, _ = create("timm:test_resnet", input_size=64, head="gap")
    images = _images(64)
    with torch.inference_mode():
        expected = network.eval()(images)
        for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
            other.head[1].weight.zero_()
            other.body.conv1[0].weight.zero_()
            assert torch.equal(network(images), expected)
            assert not torch.equal(other(images), expected)


def test_the_body_leaves_the_network_as_it_is() -> None:
    network, spec = create("timm:test_resnet", input_size=64)
    before = network.eval()(_images(64))
    body = body_in(network, timm_architecture(spec.architecture))
    assert torch.equal(body(_images(64)), network.forward_features(_images(64)))
    assert torch.equal(network(_images(64)), before)
