"""Weights files: what fits is loaded, what does not is named, and nothing in a file is ever run."""

import gc
import pickle
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from safetensors.torch import save_file

from thyrosight.errors import NetworkError, OutputError
from thyrosight.files import sha256_of_file
from thyrosight.networks import build, create, load_weights, round_to_16_bits, save_weights, to_input
from thyrosight.networks.weights import read_state


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    network, _ = create("tiny")
    save_weights(network, tmp_path / "a.safetensors")
    save_weights(network.to(memory_format=torch.channels_last), tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_reading_weights_again_and_again_leaves_nothing_in_memory(tmp_path: Path) -> None:
    save_file({f"layer-{number}.weight": torch.zeros(2) for number in range(200)}, tmp_path / "a.safetensors")
    read_state(tmp_path / "a.safetensors")
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(20):
        read_state(tmp_path / "a.safetensors")
    gc.collect()
    assert sys.getallocatedblocks() - before < 200  # a name for each tensor and reading would be 4,000


def test_a_pretrained_start_keeps_the_body_and_draws_a_new_head(tmp_path: Path) -> None:
    thousand, _ = create("resnet18", input_size=32, classes=[str(number) for number in range(1000)], seed=1)
    path = tmp_path / "resnet18.pth"
    torch.save(thousand.state_dict(), path)
    one, spec = create("resnet18", input_size=32, weights=path, seed=2)
    two, _ = create("resnet18", input_size=32, weights=path, seed=3)
    assert torch.equal(one.conv1.weight, thousand.conv1.weight)
    assert torch.equal(one.layer4[1].bn2.running_var, thousand.layer4[1].bn2.running_var)
    assert one.fc.weight.shape == (2, 512)
    assert not torch.equal(one.fc.weight, two.fc.weight)
    assert spec.weights.kind == "file"
    assert spec.weights.sha256 == sha256_of_file(path)


def test_an_own_network_goes_on_with_its_own_head(tmp_path: Path) -> None:
    trained, _ = create("tiny", seed=1)
    save_weights(trained, tmp_path / "trained.safetensors")
    again, _ = create("tiny", weights=tmp_path / "trained.safetensors", seed=2)
    assert torch.equal(again.head.weight, trained.head.weight)


@pytest.mark.parametrize("key", ["state_dict", "network", "model"])
def test_wrapped_weights_are_found(tmp_path: Path, key: str) -> None:
    trained, _ = create("tiny", seed=1)
    state = {f"module.{name}": tensor for name, tensor in trained.state_dict().items()}
    torch.save({key: state, "epoch": 3}, tmp_path / "a.pt")
    again, _ = create("tiny", weights=tmp_path / "a.pt", seed=2)
    assert torch.equal(again.features[0][0].weight, trained.features[0][0].weight)


def test_the_same_tensors_under_other_names_are_taken_in_their_order(tmp_path: Path) -> None:
    trained, _ = create("tiny", classes=("a", "b", "c"), seed=1)
    renamed = OrderedDict((f"converted.{n}", tensor) for n, tensor in enumerate(trained.state_dict().values()))
    torch.save(renamed, tmp_path / "a.pt")
    again, _ = create("tiny", weights=tmp_path / "a.pt", seed=2)
    assert torch.equal(again.features[3][0].weight, trained.features[3][0].weight)
    assert again.head.weight.shape == (2, 64)


class _Harmful:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.unlink, (self.victim,)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_with_code_is_refused_and_not_run(tmp_path: Path, zipped: bool) -> None:
    victim = tmp_path / "patient.txt"
    victim.write_text("here", encoding="utf-8")
    path = tmp_path / "weights.pth"
    if zipped:
        torch.save({"weights": _Harmful(victim)}, path)
    else:
        path.write_bytes(pickle.dumps({"weights": _Harmful(victim)}))
    with pytest.raises(NetworkError, match=r"weights\.pth (holds more than tensors|is damaged)"):
        create("tiny", weights=path)
    assert victim.exists()


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
@pytest.mark.parametrize("keep", [0, 7, 1000, -1])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, keep: int) -> None:
    network, _ = create("tiny")
    path = tmp_path / name
    if name.endswith("safetensors"):
        save_weights(network, path)
    else:
        torch.save(network.state_dict(), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(NetworkError, match=rf"{name} is damaged"):
        create("tiny", weights=path)


def test_weights_of_another_architecture_say_what_is_missing(tmp_path: Path) -> None:
    save_weights(create("resnet18")[0], tmp_path / "a.safetensors")
    with pytest.raises(
        NetworkError, match=r"not those of this architecture: \d+ tensors are missing, for example feat"
    ):
        create("tiny", weights=tmp_path / "a.safetensors")


def test_loading_into_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    save_weights(create("tiny", classes=("a", "b", "c"))[0], tmp_path / "a.safetensors")
    with pytest.raises(NetworkError, match=r"head\.weight has shape \(3, 64\) instead of \(2, 64\)"):
        load_weights(create("tiny")[0], tmp_path / "a.safetensors")


def test_a_missing_file_and_a_file_without_tensors(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="neither a file nor one of none, imagenet, imagenet-if-present"):
        create("tiny", weights=tmp_path / "absent.pth")
    with pytest.raises(NetworkError, match=r"absent\.safetensors does not exist"):
        load_weights(create("tiny")[0], tmp_path / "absent.safetensors")
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(NetworkError, match=r"tensors are missing"):
        create("tiny", weights=tmp_path / "empty.safetensors")


def test_weights_are_not_written_where_a_file_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another folder"):
        save_weights(create("tiny")[0], tmp_path / "file" / "weights.safetensors")


def test_efficientnet_lite0_from_its_package_knows_a_cat_and_an_espresso() -> None:
    """281 to 285 are the domestic cats of ImageNet's classes, 967 is espresso."""
    network, spec = create("efficientnet_lite0", weights="imagenet", classes=[str(number) for number in range(1000)])
    assert spec.weights.kind == "package"
    squares = []
    for name in ("chelsea", "coffee"):
        picture = Image.fromarray(getattr(skimage.data, name)())
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        squares.append(np.asarray(picture.crop((left, top, left + side, top + side)).resize((224, 224))))
    with torch.inference_mode():
        cat, coffee = network.eval()(to_input(np.stack(squares), spec)).softmax(dim=1)
    assert cat[281:286].sum() > 0.7
    assert coffee[967] > 0.7


def test_weights_that_fit_in_16_bits_are_stored_so_and_read_back_as_they_were(tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=32, seed=1)
    save_weights(network, tmp_path / "full.safetensors")
    round_to_16_bits(network)
    save_weights(network, tmp_path / "half.safetensors")
    stored = read_state(tmp_path / "half.safetensors")
    parameters = {name for name, _ in network.named_parameters()}
    assert {name for name, tensor in stored.items() if tensor.dtype == torch.float16} == parameters
    full = read_state(tmp_path / "full.safetensors")
    assert not any(tensor.dtype == torch.float16 for tensor in full.values())
    again = build(spec)
    load_weights(again, tmp_path / "half.safetensors")
    for name, tensor in again.state_dict().items():
        assert tensor.dtype == network.state_dict()[name].dtype and torch.equal(tensor, network.state_dict()[name])


def test_weights_that_16_bits_cannot_hold_are_refused() -> None:
    network, _ = create("tiny", input_size=32)
    with torch.no_grad():
        next(iter(network.parameters())).fill_(1e6)
    with pytest.raises(NetworkError, match="hold numbers that 16 bits cannot"):
        round_to_16_bits(network)
